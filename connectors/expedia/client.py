"""Asking QuickConnect: bookings to fetch and confirm, counts, restrictions and prices to send. No words of ours."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from connectors.batches import pushed_in_batches
from connectors.calls import Call, Limits, Response
from connectors.errors import FixCredentials, FixMapping, RequestRefused
from connectors.expedia import answers, compose, retrieval, shapes, updates
from connectors.expedia.compose import Confirmation
from connectors.expedia.updates import Part
from connectors.http import HttpClient
from connectors.pages import Told, follow
from connectors.ports import Account, Capabilities, Credentials, Page, Ports
from connectors.protocols.safe_xml import children, told
from connectors.protocols.wsse import Login
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.queues import Pulled, Taken

# A restriction says five things at most, and a message of more than 3,000 things is refused whole.
PUSH_CAP: Final = 500
MOST_BOOKINGS: Final = 125
MOST_CONFIRMATIONS: Final = 10
LONGEST_OUR_REF: Final = 50
LONGEST_LOOK_BACK: Final = timedelta(days=30)

CAPABILITIES: Final = Capabilities(
    datasets=frozenset({"reservations"}),
    page_cap=MOST_BOOKINGS,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    longest_window=LONGEST_LOOK_BACK,
    cadence_seconds=60,
    acknowledges=True,
    # A booking for today reverts to e-mail after half an hour, others later.
    acknowledge_seconds=1800,
    pushes=frozenset(KINDS),
    push_cap=PUSH_CAP,
)
BASE_URL: Final = "https://services.expediapartnercentral.com"
EVENTS: Final = {
    shapes.BOOK: "booking.created",
    shapes.MODIFY: "booking.modified",
    shapes.CANCEL: "booking.cancelled",
}
# 10102: a newer version waits and will be fetched; 10103: this one was confirmed before.
_HARMLESS_WARNINGS: Final = frozenset({"10102", "10103"})
_XML: Final = "text/xml; charset=utf-8"
_RETRIEVE, _CONFIRM, _UPDATE = "/eqc/br", "/eqc/bc", "/eqc/ar"


class Client:
    """One hotel's account: a BookingQueue, a ReservationSource for the last 30 days, and a sink for all three kinds."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports) -> None:
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            msg = f"{account.source}: state username and password of QuickConnect"
            raise FixCredentials(msg)
        if not account.hotel_ref:
            msg = f"state the hotel's Expedia id in integration {account.source}"
            raise FixMapping(msg)
        self._login, self._hotel_ref = Login(username, password), account.hotel_ref
        options = account.options
        self._stay_kind = str(options.get("stay_length", updates.BY_ARRIVAL))
        # One connection a hotel, which their side keeps open for a minute.
        limits = Limits(deadline_seconds=120.0, read_seconds=65.0, burst=1)
        limits = limits._replace(
            deadline_seconds=float(options.get("deadline_seconds", limits.deadline_seconds)),
            per_second=float(options.get("calls_per_second", 2.0)),
        )
        self._http = HttpClient(str(options.get("base_url") or BASE_URL), account=account, ports=ports, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def waiting(self) -> Sequence[Pulled]:
        """Give the bookings nobody confirmed yet, oldest first; the first version of a booking before its next."""
        response = self._ask(_RETRIEVE, "retrieve", compose.unconfirmed(self._login, self._hotel_ref))
        return tuple(_pulled(each) for each in retrieval.cut(_answer(response)))

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Confirm bookings under our number, ten a message; one that was refused takes no other along."""
        refused: set[str] = set()
        for hotel_ref, group in groupby(sorted(taken), key=lambda each: each.receipt.split("/")[0]):
            confirmed = [_confirmation(each) for each in group]
            for start in range(0, len(confirmed), MOST_CONFIRMATIONS):
                refused |= self._confirm(hotel_ref, confirmed[start : start + MOST_CONFIRMATIONS])
        if refused:
            msg = f"confirm: not taken for some bookings ({', '.join(sorted(refused))})"
            raise RequestRefused(msg)

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:  # noqa: ARG002 they look back from now
        """Yield one page: the newest version of all bookings changed since, 30 days back at most.

        Raises RequestRefused for an earlier beginning, and where the answer is full, since what is left out is not told.
        """
        for page in self._page(self._recent(since)):
            _check_whole(page.row_count)
            yield page

    def changed(self, since: datetime, until: datetime) -> Sequence[Pulled]:  # noqa: ARG002 they look back from now
        """Give the newest version of all bookings changed since, oldest first; raises as `reservations` does."""
        found = retrieval.cut(_answer(self._ask(_RETRIEVE, "retrieve", self._recent(since))))
        _check_whole(len(found))
        return tuple(map(_pulled, found))

    def booking(self, ref: str) -> Page:
        """Give the newest version of one booking, by Expedia's number."""
        return next(self._page(compose.one_booking(self._login, self._hotel_ref, ref)))

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts."""
        return self._pushed(rows, lambda some: (updates.parts(some, compose.counted), []), idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions; without a rate plan only a closure of the room type can be said."""
        return self._pushed(rows, lambda some: updates.restriction_parts(some, self._stay_kind), idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices: what Expedia has agreed with the hotel they are (sell, net or lowest), per room or occupancy."""
        return self._pushed(rows, lambda some: (updates.parts(some, compose.priced), []), idempotency_key)

    def _pushed(
        self,
        rows: Sequence[Any],
        write: Callable[[Sequence[Any]], tuple[list[Part], list[RefusedCell]]],
        idempotency_key: str,
    ) -> Pushed:
        def send(some: Sequence[Any], _key: str) -> Pushed:
            written, refused = write(some)
            unknown = self._update(some, written)
            return Pushed(tuple(sorted({*refused, *(RefusedCell(*each) for each in unknown.items())})))

        return pushed_in_batches(rows, PUSH_CAP, send, idempotency_key=idempotency_key)

    def _update(self, rows: Sequence[Any], written: Sequence[Part]) -> dict[int, str]:
        """Send updates and give position -> code of the rows not taken; unknown codes are left out, the rest is sent."""
        if not written:
            return {}
        body = compose.updates(self._login, self._hotel_ref, [part.element for part in written])
        root = answers.read(self._ask(_UPDATE, "update", body).body, "AvailRateUpdateRS")
        unknown = updates.refused_by_error(rows, answers.errors(root))
        rest = [part for part in written if not unknown.keys() & set(part.run.positions)]
        if unknown and len(rest) < len(written):
            return unknown | self._update(rows, rest)
        done = answers.success(root, "update")
        return updates.refused_by_warning(rows, updates.warnings(done))

    def _recent(self, since: datetime) -> bytes:
        age = datetime.now(UTC) - since
        if age > LONGEST_LOOK_BACK:
            msg = f"retrieve: Expedia looks back {LONGEST_LOOK_BACK.days} days at most"
            raise RequestRefused(msg)
        return compose.recent(self._login, self._hotel_ref, max(1, -(-age // timedelta(days=1))))

    def _page(self, content: bytes) -> Iterator[Page]:
        response = self._ask(_RETRIEVE, "retrieve", content)
        return follow(lambda _: Told(response, sum(1 for _ in retrieval.bookings(_answer(response)))))

    def _confirm(self, hotel_ref: str, confirmed: Sequence[Confirmation]) -> set[str]:
        body = compose.confirmations(self._login, hotel_ref, confirmed, datetime.now(UTC))
        root = answers.read(self._ask(_CONFIRM, "confirm", body).body, "BookingConfirmRS")
        done = answers.success(root, "confirm")
        return {told(each, "code") or "unknown" for each in children(done, "Warning")} - _HARMLESS_WARNINGS

    def _ask(self, path: str, endpoint_code: str, content: bytes) -> Response:
        # All of it may be said twice: a fetched booking comes again, a confirmation and a state change nothing.
        call = Call("POST", path, endpoint_code, content=content, media_type=_XML, is_repeatable=True)
        return self._http.send(call)


def _check_whole(count: int) -> None:
    if count >= MOST_BOOKINGS:
        msg = f"retrieve: {MOST_BOOKINGS} bookings, so there may be more: ask from a later instant"
        raise RequestRefused(msg)


def _answer(response: Response) -> Any:
    root = answers.read(response.body, retrieval.ANSWER)
    answers.success(root, "retrieve", "Bookings")
    return root


def _pulled(each: retrieval.Cut) -> Pulled:
    return Pulled(
        event_id=f"{each.ref}-{each.kind}-{each.made_at}",
        event_type=EVENTS.get(each.kind, "booking.modified"),
        body=each.body,
        hotel_ref=each.hotel_ref,
        receipt="/".join((each.hotel_ref or "", each.kind, each.ref)),
    )


def _confirmation(taken: Taken) -> Confirmation:
    _, kind, ref = taken.receipt.split("/", 2)
    return Confirmation(ref, kind, taken.our_ref[:LONGEST_OUR_REF])


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one hotel. Settings: `base_url`, `stay_length` (`arrival`, `stay_through`), `calls_per_second`, `deadline_seconds`."""
    return Client(account, credentials, ports)

"""Asking the vendor: the bookings of a window, and counts, restrictions and prices for all its channels. No mapping."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from connectors.batches import Cell, pushed_in_batches
from connectors.calls import Call, Limits, Response
from connectors.errors import FixCredentials, FixMapping, VendorChangedShape
from connectors.http import HttpClient
from connectors.myallocator.allocations import Allocation, counted, outcome, priced, restricted
from connectors.myallocator.answers import check, errors, success
from connectors.myallocator.shapes import Answer, BookingList, ChannelStatus, Update, UpdateStatus
from connectors.ports import Account, Capabilities, Credentials, Page, Ports
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.texts import ref

CAPABILITIES: Final = Capabilities(
    datasets=frozenset({"reservations"}),
    page_cap=10_000,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    longest_window=timedelta(days=31),
    # The vendor asks for no more than two calls an hour; bookings come by callback.
    cadence_seconds=1800,
    naive_zone="utc",
    tells_totals=True,
    pushes=frozenset(KINDS),
    push_cap=1000,
)
_METHODS: Final = "/pms/v201408/json/"
_SECOND: Final = timedelta(seconds=1)
Told = TypeVar("Told", bound=Answer)


class Client:
    """One property's account: a ReservationSource and a sink of all three kinds."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        base_url = account.options.get("base_url")
        if not base_url or not account.hotel_ref:
            msg = f"state base_url in the settings and the vendor's property id of integration {account.source}"
            raise FixMapping(msg)
        self._who = _who(account, credentials)
        self._channels = list(account.options.get("channels", ["all"]))
        self._http = HttpClient(base_url, account=account, ports=ports, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield all bookings changed in [since, until), in one page.

        A second page would be found by counting rows, and a booking that changes meanwhile would move the others.
        """
        asked = {
            "ModificationStartDateTime": _stamp(since),
            # The vendor knows whole seconds: the one that has begun is asked for too.
            "ModificationEndDateTime": _stamp(until + _SECOND - timedelta(microseconds=1)),
            "Options": {"SortBy": "ModificationDate", "IncludeCount": True},
        }
        response = self._asked("BookingList", asked)
        answer = _read(response, BookingList, "BookingList")
        if answer.bookings is None:
            msg = "the answer has no list 'Bookings'"
            raise VendorChangedShape(msg)
        yield Page(
            number=1,
            body=response.body,
            media_type=response.media_type,
            received_sha256=sha256(response.body).digest(),
            row_count=len(answer.bookings),
            expected_count=int(answer.count) if answer.count is not None else None,
            is_last=True,
            request_id=response.request_id,
        )

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts by room type."""
        return self._pushed(rows, counted, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions by room type, and by rate plan where one is meant."""
        return self._pushed(rows, restricted, idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices of rooms; the vendor has none by the number of guests."""
        return self._pushed(rows, priced, idempotency_key)

    def update_status(self, provider_ref: str) -> Mapping[str, str]:
        """Tell how an update that was taken fares with each channel: `done`, `waiting`, or the codes of its errors."""
        response = self._asked("ARIUpdateStatus", {"UpdateId": provider_ref})
        answer = _read(response, UpdateStatus, "ARIUpdateStatus")
        return {code: _fate(status) for code, status in sorted(answer.channels.items())}

    def _pushed(
        self,
        rows: Sequence[Cell],
        told: Callable[[Sequence[Any]], tuple[list[Allocation], list[RefusedCell]]],
        idempotency_key: str,
    ) -> Pushed:
        def send(some: Sequence[Cell], _key: str) -> Pushed:
            allocations, unsaid = told(some)
            if not allocations:
                return Pushed(tuple(unsaid))
            content = {
                "Channels": self._channels,
                # Stored at once, sent on by the vendor: an open connection per channel would be worth less.
                "Options": {"QueryForStatus": True, "IgnoreInvalidRooms": True},
                "Allocations": [each.content for each in allocations],
            }
            response = self._asked("ARIUpdate", content)
            return outcome(allocations, unsaid, response.decode(Update))

        return pushed_in_batches(rows, CAPABILITIES.push_cap, send, idempotency_key=idempotency_key)

    def _asked(self, method: str, content: Mapping[str, Any]) -> Response:
        body = msgspec.json.encode({**self._who, **content})
        # Reading changes nothing, and an update says the same state however often it comes.
        return self._http.send(Call("POST", _METHODS + method, method, content=body, is_repeatable=True))


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: `base_url`, `channels`, `calls_per_second`, `deadline_seconds`."""
    options, usual = account.options, Limits(per_second=1.0, burst=5)
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _read(response: Response, shape: type[Told], endpoint_code: str) -> Told:
    answer = response.decode(shape)
    check(answer, endpoint_code)
    return answer


def _who(account: Account, credentials: Credentials) -> dict[str, str]:
    """Give the fields that go with every request: the vendor's account of us, and the hotel's of them."""
    named = {
        "Auth/VendorId": credentials.get("vendor_id", ""),
        "Auth/VendorPassword": credentials.get("vendor_password", ""),
    }
    if credentials.get("user_token"):
        named["Auth/UserToken"] = credentials["user_token"]
    else:
        named |= {
            "Auth/UserId": credentials.get("user_id", ""),
            "Auth/UserPassword": credentials.get("user_password", ""),
        }
    if not all(named.values()):
        msg = f"{account.source}: state vendor_id, vendor_password and user_token, or user_id and user_password"
        raise FixCredentials(msg)
    return {**named, "Auth/PropertyId": account.hotel_ref}


def _fate(status: ChannelStatus) -> str:
    if (ref(status.parts) or "0") != "0":
        return "waiting"
    return "done" if success(status) == "true" else "; ".join(error.code for error in errors(status)) or "failed"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

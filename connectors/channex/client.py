"""Asking the vendor: the feed of revisions, acknowledgements, availability, restrictions and prices. No mapping."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import quote

import msgspec

from connectors.auth import header_key
from connectors.batches import Cell, pushed_in_batches
from connectors.calls import Call, Limits, Response
from connectors.channex.shapes import Feed, Head, Item, Named, PushAnswer
from connectors.channex.values import Change, counted, outcome, priced, restricted
from connectors.errors import ConnectorError, FixCredentials, FixMapping, VendorChangedShape
from connectors.http import HttpClient
from connectors.json_rows import NOT_JSON
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.queues import Pulled, Taken

CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=100,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=60,
    naive_zone="utc",
    acknowledges=True,
    acknowledge_seconds=1800,
    hints_by_webhook=True,
    pushes=frozenset(KINDS),
    # A message may have 10 MB; the longest change has about 350 bytes. Fifty plans for 500 days go out in one.
    push_cap=25_000,
)
_FEED: Final = "/api/v1/booking_revisions/feed"
_AVAILABILITY: Final = "/api/v1/availability"
_RESTRICTIONS: Final = "/api/v1/restrictions"
# Ten messages a minute and property, of each of the two kinds: five at once and one each twelve seconds.
_PUSHES_PER_SECOND: Final = 5 / 60
_PUSH_BURST: Final = 5


class Client:
    """One property's account: a BookingQueue, and a sink of all three kinds."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        base_url, key = account.options.get("base_url"), credentials.get("api_key")
        if not base_url or not account.hotel_ref:
            msg = f"state base_url in the settings and the vendor's property id of integration {account.source}"
            raise FixMapping(msg)
        if not key:
            msg = f"{account.source}: state api_key"
            raise FixCredentials(msg)
        self._hotel_ref = account.hotel_ref

        def opened(bucket: str | None = None) -> HttpClient:
            paced = (
                limits._replace(per_second=_PUSHES_PER_SECOND, burst=_PUSH_BURST, bucket=bucket) if bucket else limits
            )
            return HttpClient(
                base_url, account=account, ports=ports, auth=header_key("user-api-key", key), limits=paced
            )

        self._http = opened()
        self._pushing = {path: opened(f"{path}:{account.hotel_ref}") for path in (_AVAILABILITY, _RESTRICTIONS)}

    def close(self) -> None:
        """Close the connections."""
        for http in (self._http, *self._pushing.values()):
            http.close()

    def waiting(self) -> Sequence[Pulled]:
        """Give the oldest revisions that are not acknowledged, at most a page of them."""
        asked = {
            "filter[property_id]": self._hotel_ref,
            "order[inserted_at]": "asc",
            "pagination[page]": "1",
            "pagination[limit]": str(CAPABILITIES.page_cap),
        }
        response = self._http.get(_FEED, "booking_feed", asked)
        feed = response.decode(Feed)
        most = feed.meta.limit or CAPABILITIES.page_cap
        if feed.meta.total is not None and len(feed.data) < min(feed.meta.total, most):
            msg = "the feed counts more revisions than it shows"
            raise VendorChangedShape(msg)
        return tuple(map(_pulled, feed.data))

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Acknowledge each revision; one that fails keeps no other from it, the first failure is raised at the end."""
        failures: list[ConnectorError] = []
        for each in taken:
            if not each.receipt:
                continue  # a revision without an id cannot be named
            try:
                self._acknowledge(each.receipt)
            except ConnectorError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts by room type."""

        def send(some: Sequence[Availability], _key: str) -> Pushed:
            return self._sent(_AVAILABILITY, "push_availability", counted(self._hotel_ref, some))

        return _batched(rows, send, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions by rate plan; a row of a room type without a plan is refused, the vendor has none."""

        def send(some: Sequence[Restriction], _key: str) -> Pushed:
            changes, unsaid = restricted(self._hotel_ref, some)
            told = self._sent(_RESTRICTIONS, "push_restrictions", changes)
            return Pushed(_sorted((*unsaid, *told.refused)), told.provider_ref)

        return _batched(rows, send, idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices by rate plan, of the room or for each number of guests."""

        def send(some: Sequence[Price], _key: str) -> Pushed:
            return self._sent(_RESTRICTIONS, "push_rates", priced(self._hotel_ref, some))

        return _batched(rows, send, idempotency_key)

    def _acknowledge(self, revision_id: str) -> None:
        path = f"/api/v1/booking_revisions/{quote(revision_id, safe='')}/ack"
        self._http.send(Call("POST", path, "acknowledge", is_repeatable=True))

    def _sent(self, path: str, code: str, changes: Sequence[Change]) -> Pushed:
        if not changes:
            return Pushed()
        body = msgspec.json.encode({"values": [change.value for change in changes]})
        # Whatever came through twice says the same state twice.
        call = Call("POST", path, code, content=body, is_repeatable=True)
        response: Response = self._pushing[path].send(call)
        return outcome(changes, response.decode(PushAnswer))


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: `base_url`, `calls_per_second`, `deadline_seconds`."""
    options, usual = account.options, Limits(per_second=20.0)
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _batched(rows: Sequence[Cell], send: Callable[[Sequence[Cell], str], Pushed], idempotency_key: str) -> Pushed:
    return pushed_in_batches(rows, CAPABILITIES.push_cap, send, idempotency_key=idempotency_key)


def _sorted(cells: Sequence[RefusedCell]) -> tuple[RefusedCell, ...]:
    first = {cell.position: cell for cell in reversed(cells)}
    return tuple(first[position] for position in sorted(first))


def _pulled(raw: msgspec.Raw) -> Pulled:
    """Take one revision out of the feed, in the shape in which it can be asked for by itself."""
    body = b'{"data":' + bytes(raw) + b"}"
    receipt = _named(raw).id or ""
    event_id = receipt or sha256(body).hexdigest()
    try:
        head = msgspec.json.decode(msgspec.json.decode(raw, type=Item).attributes, type=Head)
    except NOT_JSON:
        return Pulled(event_id, "booking.unreadable", body, None, receipt)
    return Pulled(event_id, f"booking.{head.status or 'changed'}", body, head.property_id, receipt)


def _named(raw: msgspec.Raw) -> Named:
    """Read an entry's id by itself: what else it says may be unreadable, and is stored and acknowledged all the same."""
    try:
        return msgspec.json.decode(raw, type=Named)
    except NOT_JSON:
        return Named()

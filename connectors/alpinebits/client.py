"""Asking an AlpineBits server: what both can, which guest requests wait, that they are stored; counts, prices, rooms. No mapping."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.alpinebits.free_rooms import counts_action, free_rooms
from connectors.alpinebits.handshake import (
    CONFIRM,
    HEAD,
    INVENTORY,
    PING,
    RATE_PLANS,
    READ,
    VERSIONS,
    Agreed,
    agreed,
    asked,
    ours,
)
from connectors.alpinebits.inventory import room_categories
from connectors.alpinebits.mapping import DIALECT, unique_ids
from connectors.alpinebits.multipart import written
from connectors.alpinebits.rate_plans import Sorted, prices, restrictions, sendable_prices, sendable_restrictions
from connectors.auth import basic
from connectors.batches import Cell, pushed_in_batches
from connectors.calls import Call, Limits
from connectors.errors import FixCredentials, FixMapping, RequestRefused
from connectors.http import HttpClient
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.protocols.opentravel.compose_ari import Composed
from connectors.protocols.opentravel.compose_requests import Selection, Stored, notif_report, read_request
from connectors.protocols.opentravel.compose_xml import Element, Hotel
from connectors.protocols.opentravel.outcomes import check, outcome
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.safe_xml import parse, serialised
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.queues import Pulled, Taken
from hotel.rooms import RoomType

CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=1000,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=300,
    acknowledges=True,
    pushes=frozenset(KINDS),
    push_cap=2000,
)
CLIENT: Final = "night-audit"
# A warning of this type remarks on something that was taken; any other says that not all of it was.
_ADVISORY: Final = "11"
_ENDPOINTS: Final = {
    PING: "handshake",
    READ: "guest_requests",
    CONFIRM: "acknowledge",
    RATE_PLANS: "rate_plans",
    INVENTORY: "inventory",
}


class Client:
    """One hotel's account at a server: a BookingQueue, and a sink of all three kinds."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        options, address = account.options, urlsplit(account.options.get("base_url", ""))
        if not address.netloc or not account.hotel_ref:
            msg = f"state base_url in the settings and the hotel code of integration {account.source}"
            raise FixMapping(msg)
        if not credentials.get("username") or not credentials.get("password"):
            msg = f"{account.source}: state username and password"
            raise FixCredentials(msg)
        self._path = options.get("path") or address.path
        self._client_id = options.get("client_id", CLIENT)
        self._hotel = Hotel(account.hotel_ref, options.get("hotel_name"))
        self._is_complete = bool(options.get("complete_sets", False))
        self._usual_occupancy = int(options.get("standard_occupancy", 0))
        self._agreed = _pinned(options.get("protocol_version"))
        auth = basic(credentials["username"], credentials["password"])
        origin = f"{address.scheme}://{address.netloc}"
        self._http = HttpClient(origin, account=account, ports=ports, auth=auth, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def handshake(self) -> Agreed:
        """Say what we can, hear what of it the server can, and keep to the newest version both know."""
        for version in VERSIONS:
            try:
                answer = self._sent(PING, asked(ours()), version)
            except RequestRefused as refusal:
                if refusal.status is None:
                    raise
                continue  # a server may turn down a version it does not know before it reads anything
            check(outcome(answer))
            found = agreed(parse(answer))
            if found is not None:
                return found
            break
        msg = f"the server knows none of the versions {', '.join(VERSIONS)}"
        raise RequestRefused(msg)

    def waiting(self) -> Sequence[Pulled]:
        """Give the guest requests that are not confirmed yet."""
        answer = self._told(READ, read_request(HEAD, self._hotel, Selection(None)))
        return tuple(_named(each) for each in split(answer, DIALECT))

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Confirm requests by kind and number, as they came."""
        stored = [Stored((_unique_id(each.receipt),)) for each in taken if each.receipt]
        if not stored:
            return
        check(outcome(self._told(CONFIRM, notif_report(HEAD, stored))))

    def push_inventory(
        self, rows: Sequence[Availability], *, idempotency_key: str, is_complete: bool | None = None
    ) -> Pushed:
        """Send counts by category; `is_complete`: these are all there are (None: as the settings say)."""
        version = self._session().version
        action = counts_action(version)
        whole = self._is_complete if is_complete is None else is_complete
        self._check_deltas(action, is_complete=whole)

        def composed(some: Sequence[Availability]) -> Composed:
            return free_rooms(version, self._hotel, some, is_complete=whole)

        if whole:
            # A second complete set would take back the first.
            return self._push(action, rows, composed)
        return self._in_batches(action, rows, composed, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions as overlays of rate plans."""
        return self._overlay(rows, sendable_restrictions(rows), restrictions, idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices as overlays of rate plans."""

        def composed(hotel: Hotel, some: Sequence[Price]) -> Composed:
            return prices(hotel, some, self._usual_occupancy)

        return self._overlay(rows, sendable_prices(rows, self._usual_occupancy), composed, idempotency_key)

    def push_room_types(self, rows: Sequence[RoomType], *, language: str = "en") -> None:
        """Send all room categories; raises FixMapping where one has no known occupancy."""
        unknown = [row.room_type_code for row in rows if not row.occupancy_count]
        if unknown:
            msg = f"state the occupancy of room types {', '.join(unknown)}"
            raise FixMapping(msg)
        check(outcome(self._told(INVENTORY, room_categories(self._hotel, rows, language))))

    def _overlay(
        self, rows: Sequence[Cell], found: Sorted, compose: Callable[[Hotel, Any], Composed], idempotency_key: str
    ) -> Pushed:
        self._check_deltas(RATE_PLANS, is_complete=False)
        good = [rows[place] for place in found.places]
        pushed = self._in_batches(RATE_PLANS, good, lambda some: compose(self._hotel, some), idempotency_key)
        refused = [cell._replace(position=found.places[cell.position]) for cell in pushed.refused]
        return Pushed(tuple(sorted((*found.refused, *refused), key=lambda cell: cell.position)))

    def _in_batches(
        self, action: str, rows: Sequence[Cell], compose: Callable[[Any], Composed], idempotency_key: str
    ) -> Pushed:
        def send(some: Sequence[Cell], _key: str) -> Pushed:
            return self._push(action, some, compose)

        return pushed_in_batches(rows, CAPABILITIES.push_cap, send, idempotency_key=idempotency_key)

    def _push(self, action: str, rows: Sequence[Cell], compose: Callable[[Any], Composed]) -> Pushed:
        """Send rows; a warning that is no advice says that not all was taken, and of no row that it was (law 14)."""
        told = check(outcome(self._told(action, compose(rows).element)))
        problems = [each for each in told.warnings if each.type != _ADVISORY]
        if not problems:
            return Pushed()
        code = f"warning_{problems[0].type or 'unknown'}"
        return Pushed(tuple(RefusedCell(place, code) for place in range(len(rows))))

    def _check_deltas(self, action: str, *, is_complete: bool) -> None:
        if not is_complete and not self._session().takes_deltas(action):
            msg = f"the server takes complete sets only for {action}: state complete_sets"
            raise FixMapping(msg)

    def _session(self) -> Agreed:
        if self._agreed is None:
            self._agreed = self.handshake()
        return self._agreed

    def _told(self, action: str, message: Element) -> bytes:
        session = self._session()
        if action != CONFIRM and not session.can(action):
            msg = f"the server cannot do {action} in version {session.version}"
            raise RequestRefused(msg)
        return self._sent(action, message, session.version)

    def _sent(self, action: str, message: Element, version: str) -> bytes:
        media_type, content = written(action, serialised(message))
        headers = {
            "X-AlpineBits-ClientProtocolVersion": version,
            "X-AlpineBits-ClientID": self._client_id,
            "Accept": "application/xml",
        }
        code = _ENDPOINTS.get(action, "free_rooms")
        # Reading changes nothing, confirming twice neither, and counts and prices are states.
        call = Call("POST", self._path, code, {}, content, media_type, headers, is_repeatable=True)
        body = self._http.send(call).body
        if body.startswith(b"ERROR"):
            msg = f"{code}: the server answered with an error in plain text"
            raise RequestRefused(msg)
        return body


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: see the README."""
    options, usual = account.options, Limits(per_second=2.0, burst=5)
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _pinned(version: str | None) -> Agreed | None:
    if version is None:
        return None
    if version not in VERSIONS:
        msg = f"protocol_version is one of {', '.join(VERSIONS)}"
        raise FixMapping(msg)
    return Agreed(version)


def _named(pulled: Pulled) -> Pulled:
    named = unique_ids(parse(pulled.body))
    # A request that nobody can name cannot be confirmed; it is stored and refused.
    return pulled._replace(receipt=":".join(named[0]) if named else "")


def _unique_id(receipt: str) -> tuple[str, str, str | None]:
    kind, _, ref = receipt.partition(":")
    return kind, ref, None

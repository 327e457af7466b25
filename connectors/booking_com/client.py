"""Asking Booking.com: what waits in its two queues, what we have taken, what it may sell. No words of ours."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from connectors.auth import basic
from connectors.batches import pushed_in_batches
from connectors.booking_com import updates
from connectors.booking_com.queues import CHANGED, NEW, QUEUES, Queue, receipt_of, told
from connectors.calls import Call, Limits
from connectors.errors import ConnectorError, FixCredentials, FixMapping, RequestRefused
from connectors.http import HttpClient
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.protocols.opentravel.compose_ari import Composed
from connectors.protocols.opentravel.outcomes import check, outcome
from connectors.protocols.safe_xml import serialised
from connectors.pushes import KINDS, Availability, Price, Pushed, Restriction
from connectors.queues import Pulled, Taken

# A message may have 1,000 entries, and a restriction says five things at most.
PUSH_CAP: Final = 200
MOST_TOLD: Final = 200
MOST_RECEIPTS: Final = 100
CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=MOST_TOLD,
    versions={"reservations": "received", "guests": "received"},
    cadence_seconds=20,
    naive_zone="utc",
    acknowledges=True,
    acknowledge_seconds=1800,
    pushes=frozenset(KINDS),
    push_cap=PUSH_CAP,
)
BOOKINGS_URL: Final = "https://secure-supply-xml.booking.com"
SUPPLY_URL: Final = "https://supply-xml.booking.com"
# Between an acknowledgement and the next question of a queue five seconds must pass; a little more for the way there.
_SECONDS_BETWEEN: Final = 5.5
_UPDATES_PER_SECOND: Final = 75 / 60
_COUNTS, _PRICES = "/hotels/ota/OTA_HotelAvailNotif", "/hotels/ota/OTA_HotelRateAmountNotif"
# From this version on an answer says which entries were not taken, and a room type can be closed.
_HEADERS: Final = {"Accept-Version": "1.1"}
_XML: Final = "application/xml"


class Client:
    """One hotel's account: a BookingQueue that can also tell changed bookings again, and a sink for all three kinds."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports) -> None:
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            msg = f"{account.source}: state username and password of the machine account"
            raise FixCredentials(msg)
        if not account.hotel_ref:
            msg = f"state the hotel's Booking.com id in integration {account.source}"
            raise FixMapping(msg)
        self._hotel_ref, options = account.hotel_ref, account.options
        auth, own = basic(username, password), str(options.get("base_url") or "")
        usual = Limits()._replace(deadline_seconds=float(options.get("deadline_seconds", 90.0)))

        def opened(url: str, per_second: float, burst: int, bucket: str) -> HttpClient:
            paced = usual._replace(per_second=per_second, burst=burst, bucket=bucket)
            return HttpClient(own or url, account=account, ports=ports, auth=auth, limits=paced)

        self._queues = {
            queue.name: opened(BOOKINGS_URL, 1 / _SECONDS_BETWEEN, 1, f"{queue.endpoint_code}:{account.hotel_ref}")
            for queue in QUEUES
        }
        self._supply = opened(SUPPLY_URL, float(options.get("updates_per_second", _UPDATES_PER_SECOND)), 5, "updates")

    def close(self) -> None:
        """Close the connections."""
        for http in (self._supply, *self._queues.values()):
            http.close()

    def waiting(self) -> Sequence[Pulled]:
        """Give what is new, then what was changed or cancelled; a queue that fails keeps back the other's no message."""
        found: list[Pulled] = []
        failures: list[ConnectorError] = []
        for queue in QUEUES:
            try:
                found += self._asked(queue)
            except ConnectorError as error:
                failures.append(error)
        if failures and not found:
            raise failures[0]
        return tuple(found)

    def changed(self, since: datetime, until: datetime) -> Sequence[Pulled]:  # noqa: ARG002 they look from an instant to now
        """Give what was booked or changed since: of each booking the last thing that happened to it.

        Raises RequestRefused where an answer is full, since what is left out is not told.
        """
        window = {"last_change": since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), "limit": str(MOST_TOLD)}
        new, changed = (self._asked(queue, window) for queue in (NEW, CHANGED))
        if max(len(new), len(changed)) >= MOST_TOLD:
            msg = f"changed: {MOST_TOLD} bookings, so there may be more: ask from a later instant"
            raise RequestRefused(msg)
        # Told after its change, a new booking would undo it.
        later = {each.receipt.partition("/")[2] for each in changed}
        return (*(each for each in new if each.receipt.partition("/")[2] not in later), *changed)

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Take bookings out of their queues, a hundred a message; the first that fails is raised at the end."""
        failures: list[ConnectorError] = []
        for queue in QUEUES:
            refs = [ref for each in taken if (ref := each.receipt.removeprefix(f"{queue.name}/")) != each.receipt]
            for some in _parts([ref for ref in dict.fromkeys(refs) if ref]):
                try:
                    self._take_out(queue, some)
                except ConnectorError as error:
                    failures.append(error)
        if failures:
            raise failures[0]

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts per room type."""
        return self._pushed(rows, _COUNTS, "push_availability", updates.counts, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions; without a rate plan only a closure of the room type can be said."""

        def send(some: Sequence[Restriction], _key: str) -> Pushed:
            said = updates.sayable(some)
            refused = self._sent(said.rows, said.places, _COUNTS, "push_restrictions", updates.restrictions)
            return Pushed(tuple(sorted({*said.refused, *refused})))

        return pushed_in_batches(rows, PUSH_CAP, send, idempotency_key=idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices per room or for a number of guests, in the currency Booking.com keeps for the hotel."""
        return self._pushed(rows, _PRICES, "push_rates", updates.prices, idempotency_key)

    def _asked(self, queue: Queue, window: dict[str, str] | None = None) -> list[Pulled]:
        asked = {"hotel_ids": self._hotel_ref, **(window or {})}
        return list(told(queue, self._queues[queue.name].get(queue.path, queue.endpoint_code, asked).body))

    def _take_out(self, queue: Queue, refs: Sequence[str]) -> None:
        body = receipt_of(queue, refs, datetime.now(UTC))
        # Taken out twice it is out as well.
        call = Call("POST", queue.path, "acknowledge", content=body, media_type=_XML, is_repeatable=True)
        check(outcome(self._queues[queue.name].send(call).body))

    def _pushed(
        self,
        rows: Sequence[Any],
        path: str,
        endpoint_code: str,
        write: Callable[[Sequence[Any], datetime], Composed],
        idempotency_key: str,
    ) -> Pushed:
        def send(some: Sequence[Any], _key: str) -> Pushed:
            return Pushed(tuple(self._sent(some, range(len(some)), path, endpoint_code, write)))

        return pushed_in_batches(rows, PUSH_CAP, send, idempotency_key=idempotency_key)

    def _sent(
        self,
        rows: Sequence[Any],
        places: Sequence[int],
        path: str,
        endpoint_code: str,
        write: Callable[[Sequence[Any], datetime], Composed],
    ) -> list[Any]:
        if not rows:
            return []
        composed = write(rows, datetime.now(UTC))
        body = serialised(composed.element)
        # Said twice it is the same state.
        call = Call("POST", path, endpoint_code, content=body, media_type=_XML, headers=_HEADERS, is_repeatable=True)
        return updates.refused(outcome(self._supply.send(call).body), composed, places)


def _parts(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(refs), MOST_RECEIPTS):
        yield refs[start : start + MOST_RECEIPTS]


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one hotel. Settings: `base_url` (of all endpoints), `updates_per_second`, `deadline_seconds`."""
    return Client(account, credentials, ports)

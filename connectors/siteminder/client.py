"""Asking pmsXchange: what is undelivered, what we have taken, what may be sold. No words of ours."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from connectors.batches import pushed_in_batches
from connectors.calls import Call, Limits
from connectors.errors import ConnectorError, FixCredentials, FixMapping
from connectors.http import HttpClient
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.protocols.opentravel.compose_requests import Stored, notif_report, read_request
from connectors.protocols.opentravel.compose_xml import Element, Head, Hotel, Requestor
from connectors.protocols.opentravel.heads import heads
from connectors.protocols.opentravel.outcomes import check, outcome
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.soap import SOAP_11, action_headers, media_type, wrap
from connectors.protocols.wsse import Login, text_token
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.queues import Pulled, Taken
from connectors.siteminder import updates
from connectors.siteminder.mapping import DIALECT

PUSH_CAP: Final = 500
MOST_REPORTED: Final = 50
# SiteMinder wants to be asked every two to five minutes, never more and never less often.
READ_SECONDS: Final = 120
CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=500,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=READ_SECONDS,
    acknowledges=True,
    pushes=frozenset(KINDS),
    push_cap=PUSH_CAP,
)
_MESSAGE: Final = ("16", "MESSAGE_UNIQUE_ID")
_RESERVATION: Final = ("14", None)
_PMS: Final = "22"
_DEADLINE_SECONDS: Final = 90.0

Write = Callable[[Head, Hotel, Sequence[Any]], Element]


class Client:
    """One hotel's account: a BookingQueue, and a sink for all three kinds. `clock` counts seconds and never goes back."""

    capabilities = CAPABILITIES

    def __init__(
        self, account: Account, credentials: Credentials, ports: Ports, clock: Callable[[], float] = time.monotonic
    ) -> None:
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            msg = f"{account.source}: state username and password of pmsXchange"
            raise FixCredentials(msg)
        options = account.options
        base_url, pms_code = options.get("base_url"), options.get("pms_code")
        if not base_url or not pms_code or not account.hotel_ref:
            msg = f"state base_url, pms_code and the hotel's SiteMinder code in integration {account.source}"
            raise FixMapping(msg)
        self._login, self._hotel, self._clock = Login(username, password), Hotel(account.hotel_ref), clock
        self._requestor = Requestor(str(pms_code), _PMS)
        self._path = str(options.get("path") or f"/webservices/{pms_code}")
        self._sells_stay_through = bool(options.get("sells_stay_through", False))
        limits = Limits(deadline_seconds=float(options.get("deadline_seconds", _DEADLINE_SECONDS)))
        reading = limits._replace(per_second=1 / READ_SECONDS, burst=1, bucket=f"read:{account.hotel_ref}")
        self._reading = HttpClient(str(base_url), account=account, ports=ports, limits=reading)
        self._http = HttpClient(str(base_url), account=account, ports=ports, limits=limits)
        self._told: list[Pulled] = []
        self._read_at: float | None = None

    def close(self) -> None:
        """Close the connections."""
        self._reading.close()
        self._http.close()

    def waiting(self) -> Sequence[Pulled]:
        """Give what is undelivered, all of it; asked again within two minutes, what of it was not acknowledged since."""
        if self._read_at is None or self._clock() - self._read_at >= READ_SECONDS:
            body = self._ask(self._reading, "read", read_request(self._head(), self._hotel))
            self._told = [_named(each) for each in split(body, DIALECT)]
            self._read_at = self._clock()
        return tuple(self._told)

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Report messages as delivered under our numbers, fifty a report; the first that fails is raised at the end."""
        failures: list[ConnectorError] = []
        for start in range(0, len(taken), MOST_REPORTED):
            some = taken[start : start + MOST_REPORTED]
            try:
                self._report(some)
            except ConnectorError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts per room type."""
        return self._pushed(rows, "push_availability", updates.counts, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions, apart from counts; each kind is independent of the others."""

        def send(some: Sequence[Restriction], _key: str) -> Pushed:
            said = updates.sayable(some, sells_stay_through=self._sells_stay_through)
            refused = self._sent(said.rows, "push_restrictions", updates.restrictions)
            placed = [cell._replace(position=said.places[cell.position]) for cell in refused]
            return Pushed(tuple(sorted({*said.refused, *placed})))

        return pushed_in_batches(rows, PUSH_CAP, send, idempotency_key=idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices per room or for numbers of guests."""
        return self._pushed(rows, "push_rates", updates.prices, idempotency_key)

    def _pushed(self, rows: Sequence[Any], endpoint_code: str, write: Write, idempotency_key: str) -> Pushed:
        def send(some: Sequence[Any], _key: str) -> Pushed:
            return Pushed(tuple(self._sent(some, endpoint_code, write)))

        return pushed_in_batches(rows, PUSH_CAP, send, idempotency_key=idempotency_key)

    def _sent(self, rows: Sequence[Any], endpoint_code: str, write: Write) -> list[RefusedCell]:
        if not rows:
            return []

        def send(some: Sequence[Any]) -> Any:
            return outcome(self._ask(self._http, endpoint_code, write(self._head(), self._hotel, some)))

        return updates.isolated(rows, send)

    def _report(self, some: Sequence[Taken]) -> None:
        stored = [_stored(each) for each in some if each.receipt]
        if not stored:
            return  # a message without any number cannot be named
        bare = self._head()._replace(requestor=None)
        check(outcome(self._ask(self._http, "acknowledge", notif_report(bare, stored))))
        done = {each.receipt for each in some}
        self._told = [each for each in self._told if each.receipt not in done]

    def _head(self) -> Head:
        sent_at = datetime.now(UTC).replace(microsecond=0)
        return Head(uuid4().hex, sent_at, target=None, requestor=self._requestor)

    def _ask(self, http: HttpClient, endpoint_code: str, payload: Element) -> bytes:
        # All of it may be said twice: undelivered messages come again, a report and a state change nothing.
        body = wrap(payload, SOAP_11, text_token(self._login))
        headers = action_headers(SOAP_11)
        call = Call("POST", self._path, endpoint_code, {}, body, media_type(SOAP_11), headers, is_repeatable=True)
        return http.send(call).body


def _named(pulled: Pulled) -> Pulled:
    """Give a message the number that acknowledges it: its own, else its booking's."""
    (facts,) = heads(pulled.body, DIALECT) or (None,)
    if facts is not None and facts.message_id:
        return pulled._replace(receipt=f"{_MESSAGE[0]}/{facts.message_id}")
    ref = facts.source_ref if facts is not None else None
    return pulled._replace(receipt=f"{_RESERVATION[0]}/{ref}" if ref else "")


def _stored(taken: Taken) -> Stored:
    kind, _, ref = taken.receipt.partition("/")
    context = _MESSAGE[1] if kind == _MESSAGE[0] else _RESERVATION[1]
    return Stored(((kind, ref, context),), taken.our_ref)


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one hotel. Settings: `base_url`, `pms_code`, `path`, `sells_stay_through`, `deadline_seconds`."""
    return Client(account, credentials, ports)

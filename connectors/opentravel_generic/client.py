"""Asking a partner by its settings: bookings that wait, their confirmation, counts, restrictions, prices. No mapping."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from connectors.batches import Cell, pushed_in_batches
from connectors.calls import Limits
from connectors.errors import FixMapping
from connectors.opentravel_generic.caller import Caller
from connectors.opentravel_generic.queue import confirmation, named, question
from connectors.opentravel_generic.settings import GET, INVENTORY, NOTHING, Push, Settings, merged, settings_of
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.protocols.opentravel.compose_ari import (
    Composed,
    avail_counts,
    avail_restrictions,
    inventory_counts,
    rate_amounts,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.outcomes import Complaint, Outcome, check, outcome
from connectors.protocols.opentravel.splitting import split
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from connectors.queues import Pulled, Taken

CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=1000,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=180,
    acknowledges=True,
    pushes=frozenset(KINDS),
    push_cap=500,
)
# A warning of this type remarks on something that was taken.
_ADVISORY: Final = "11"
_LONGEST_TOKEN: Final = 128


class Client:
    """One hotel's account at a partner: a BookingQueue, and a sink of the kinds its settings have a table for."""

    capabilities = CAPABILITIES

    def __init__(
        self, settings: Settings, account: Account, credentials: Credentials, ports: Ports, limits: Limits
    ) -> None:
        self._settings = settings
        self._caller = Caller(settings, account, credentials, ports, limits)
        parts = (settings.pull, settings.acknowledge, settings.counts, settings.restrictions, settings.rates)
        for part in parts:
            if part is not None:
                self._caller.check_keys(part.endpoint)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def waiting(self) -> Sequence[Pulled]:
        """Give the bookings that wait; none from a partner that only pushes."""
        pull, dialect = self._settings.pull, self._settings.dialect
        if pull is None:
            return ()
        if pull.message == GET:
            answer = self._caller.get(pull.endpoint, "bookings")
        else:
            asked = question(self._caller.head(pull.endpoint), self._caller.hotel, pull)
            answer = self._caller.send(pull.endpoint, "bookings", asked)
        return tuple(named(each, dialect) for each in split(answer, dialect))

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Confirm bookings by the numbers they came with."""
        style = self._settings.acknowledge
        if style is None or style.message == NOTHING:
            return
        is_proof = "requestor" in self._caller.auth_of(style.endpoint)
        for start in range(0, len(taken), style.at_once):
            head = self._caller.head(style.endpoint)
            told = confirmation(head, taken[start : start + style.at_once], style, is_proof=is_proof)
            check(outcome(self._caller.send(style.endpoint, "acknowledge", told)))

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send counts, as booking limits or as inventory."""
        push = self._settings.counts

        def compose(head: Head, hotel: Hotel, some: Sequence[Availability], style: Any) -> Composed:
            if push and push.message == INVENTORY:
                return inventory_counts(head, hotel, some)
            return avail_counts(head, hotel, some, style)

        return self._in_batches("counts", push, rows, compose, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions, each in an entry of its own."""
        return self._in_batches("restrictions", self._settings.restrictions, rows, avail_restrictions, idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices."""
        return self._in_batches("rates", self._settings.rates, rows, rate_amounts, idempotency_key)

    def _in_batches(
        self, name: str, push: Push | None, rows: Sequence[Cell], compose: Callable[..., Composed], idempotency_key: str
    ) -> Pushed:
        if push is None:
            msg = f"this partner takes no {name}: state the table [{name}] in the settings, or send none"
            raise FixMapping(msg)

        def send(some: Sequence[Cell], key: str) -> Pushed:
            head = self._caller.head(push.endpoint, key[-_LONGEST_TOKEN:])
            composed = compose(head, self._caller.hotel, some, push.style)
            told = check(outcome(self._caller.send(push.endpoint, name, composed.element)))
            return self._verdict(told, composed, len(some))

        return pushed_in_batches(rows, push.cells, send, idempotency_key=idempotency_key)

    def _verdict(self, told: Outcome, composed: Composed, row_count: int) -> Pushed:
        """Say which rows a warning means: those of the entry it names, all of them where it names none (law 14)."""
        problems = [each for each in told.warnings if each.type != _ADVISORY]
        if not self._settings.warnings_refuse:
            return Pushed()
        refused: dict[int, str] = {}
        for each in problems:
            for place in _places(each, composed, row_count):
                refused.setdefault(place, f"warning_{each.code or each.type or 'unknown'}")
        return Pushed(tuple(RefusedCell(place, refused[place]) for place in sorted(refused)))


def _places(complaint: Complaint, composed: Composed, row_count: int) -> Sequence[int]:
    record = complaint.record or ""
    if record.isdecimal() and 1 <= int(record) <= len(composed.positions):
        return composed.positions[int(record) - 1]
    return range(row_count)


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: see the README."""
    told, usual = merged(account.options), Limits(per_second=2.0, burst=5)
    limits = usual._replace(
        deadline_seconds=float(told.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(told.get("calls_per_second", usual.per_second)),
    )
    return Client(settings_of(account.options), account, credentials, ports, limits)

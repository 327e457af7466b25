"""Read messages again that are stuck: today's mapping and suite decide anew, by the ordinary way in."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Engine

from hotel.loads import MessageReplaySummary, ReplayedMessage
from hotel.reservations import Reservation
from operations import replay_quarantine
from operations.codebooks import BooksAndKinds
from operations.import_waiting import import_waiting
from operations.messages import read_messages
from storage.quarantine import OpenRow, open_rows
from storage.replaying import (
    MessageState,
    arrivals,
    held_messages,
    messages,
    send_back,
    states,
    stuck_messages,
)

INBOX: Final = "inbox"
QUARANTINE: Final = "quarantine"
BOTH: Final = "both"
# Others may be at work on the messages; where they come to no end the operator sees that they wait.
PATIENCE_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.2
_WAITING: Final = frozenset({"received", "processing", "failed"})
Booking = tuple[str, date | None]


class MessageChoice(NamedTuple):
    """Which messages are meant; what is given narrows the choice. `reason`: an error code, a status, a reason of a row.

    `origin`: those stuck in the inbox, those of which rows are held in quarantine, or both. `with_done`: also those that
    came to a good end.
    """

    ids: Sequence[int] = ()
    reason: str | None = None
    source: str | None = None
    property_id: str | None = None
    received_since: datetime | None = None
    received_until: datetime | None = None
    origin: str = BOTH
    with_done: bool = False


def replay_messages(house: Engine, choice: MessageChoice, *, flow_run_id: str | None = None) -> MessageReplaySummary:
    """Send stuck messages back and import them, replay held rows, and say of each message what became of it.

    A message whose body is pruned stays as it is. Replaying twice changes nothing more.
    """
    sent = _send_back(house, choice) if choice.origin in {INBOX, BOTH} else {}
    import_to_the_end(house, [inbox_id for inbox_id, before in sent.items() if before.has_body])
    held = _held_rows(house, choice, sent) if choice.origin in {QUARANTINE, BOTH} else {}
    if held:
        ids = [row.quarantine_id for rows in held.values() for row in rows]
        replay_quarantine.replay_quarantine(house, replay_quarantine.Choice(ids=ids), flow_run_id=flow_run_id)
    reasons = {
        inbox_id: ", ".join(sorted({code for row in rows for code in row.reasons})) for inbox_id, rows in held.items()
    }
    reasons |= {inbox_id: _reason(before) for inbox_id, before in sent.items()}
    return _summary(house, reasons)


def _send_back(house: Engine, choice: MessageChoice) -> dict[int, MessageState]:
    wanted = {name: value for name, value in choice._asdict().items() if name != "origin"}
    with house.begin() as connection:
        chosen = {each.inbox_id: each for each in stuck_messages(connection, **wanted)}
        send_back(connection, list(chosen))
    return chosen


def import_to_the_end(house: Engine, ids: Sequence[int]) -> None:
    """Import until these messages are over, whoever imports them; gives up after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while time.monotonic() < deadline:
        with house.connect() as connection:
            if not any(each.status in _WAITING for each in states(connection, ids).values()):
                return
        if not import_waiting(house):
            pause.wait(POLL_SECONDS)


def _held_rows(house: Engine, choice: MessageChoice, sent: dict[int, MessageState]) -> dict[int, list[OpenRow]]:
    """Give the held rows of messages that are meant, but of those sent back just now: they were read anew."""
    with house.connect() as connection:
        rows = open_rows(
            connection, reason=choice.reason, source=choice.source, property_id=choice.property_id,
            received_since=choice.received_since,
        )  # fmt: skip
    found: dict[int, list[OpenRow]] = {}
    for row in rows:
        kind, number, *_ = row.raw_ref.split(":")
        is_early = choice.received_until is None or row.first_seen_at < choice.received_until
        if kind == "i" and int(number) not in sent and is_early and (not choice.ids or int(number) in choice.ids):
            found.setdefault(int(number), []).append(row)
    return found


def _summary(house: Engine, reasons: dict[int, str]) -> MessageReplaySummary:
    ids = sorted(reasons)
    with house.connect() as connection:
        now, held = states(connection, ids), held_messages(connection, ids)
    bookings = _bookings(house, ids)
    told = [_told(now[inbox_id], reasons[inbox_id], bookings.get(inbox_id), inbox_id in held) for inbox_id in ids]
    return MessageReplaySummary(tuple(told))


def _told(now: MessageState, reason_before: str, booking: Booking | None, is_held: bool) -> ReplayedMessage:  # noqa: FBT001
    ref, arrival_on = booking or (None, None)
    result = now.outcome or now.status if now.status == "done" else _reason(now)
    is_open = is_held or now.status != "done"
    return ReplayedMessage(now.inbox_id, now.source, reason_before, result, ref, arrival_on, is_open)


def _reason(state: MessageState) -> str:
    return state.error_code or state.outcome or state.status


def _bookings(house: Engine, ids: Sequence[int]) -> dict[int, Booking]:
    """Tell which booking each message is about, as today's mapping reads it; nothing of those nobody can read."""
    with house.connect() as connection:
        read = read_messages(messages(connection, ids), BooksAndKinds(connection))
        keys: dict[int, tuple[str, str, str]] = {}
        told: dict[int, date | None] = {}
        for number, incoming in enumerate(read.rows.incoming):
            if isinstance(row := incoming.row, Reservation):
                keys.setdefault(read.rows.sequence(number), (row.source, row.property_id, row.source_ref))
                told.setdefault(read.rows.sequence(number), row.arrival_on)
        for each in read.waiting:
            keys.setdefault(each.inbox_id, (each.source, each.property_id, each.source_ref))
            told.setdefault(each.inbox_id, each.arrival_on)
        known = arrivals(connection, sorted(set(keys.values())))
    return {inbox_id: (key[2], told[inbox_id] or known.get(key)) for inbox_id, key in keys.items()}

"""What became of messages once their rows are loaded: an outcome for each message, a state for each booking."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from hotel.incoming import CANCEL
from hotel.reservations import Reservation
from operations.loading import Loaded, Rows
from storage.booking_states import FAILED, PENDING, SYNCED, Key, note_bookings
from storage.classify import BENEATH_CANCEL, CHANGED, NEW, REWRITTEN, STALE
from storage.codebooks import Unmapped, note_unmapped
from storage.inbox import mark
from storage.waiting import WaitingBooking, end_waiting, give_up_holds, wait

OUTCOMES: Final = {NEW: "new", CHANGED: "modified", REWRITTEN: "modified", BENEATH_CANCEL: "modified", STALE: "stale"}


def finish(connection: Connection, done: Sequence[int], loaded: Loaded) -> list[WaitingBooking]:
    """Mark messages whose rows are loaded, end their waiting, and say of each booking whether we agree on it.

    Gives the bookings that held a room of the house while they waited, and hold none any more.
    """
    for outcome, ids in _outcomes(done, loaded).items():
        mark(connection, ids, "done", outcome=outcome)
    let_go = [*end_waiting(connection, done), *give_up_holds(connection, dict(_bookings(loaded.rows)))]
    note_bookings(connection, _states(loaded))
    return let_go


def hold_back(connection: Connection, bookings: Sequence[WaitingBooking]) -> None:
    """Let bookings wait for a mapping: the codes are queued, the guest who arrives first comes first."""
    if not bookings:
        return
    by_source: defaultdict[str, list[Unmapped]] = defaultdict(list)
    for booking, code in wait(connection, bookings):
        raw_ref = f"i:{booking.inbox_id}"
        unmapped = Unmapped(booking.property_id, code.field, code.ref, raw_ref, booking.arrival_on)
        by_source[booking.source].append(unmapped)
    for source, found in sorted(by_source.items()):
        note_unmapped(connection, source, found)
    ids = sorted({booking.inbox_id for booking in bookings})
    mark(connection, ids, "waiting_mapping", error_code="unmapped")
    waits = ((each.source, each.property_id, each.source_ref) for each in bookings)
    note_bookings(connection, dict.fromkeys(waits, (PENDING, "waiting_mapping")))


def _outcomes(done: Sequence[int], loaded: Loaded) -> dict[str, list[int]]:
    """Sort the messages by what each did to the house."""
    rows = loaded.rows
    outcomes = dict.fromkeys(done, "unchanged")
    numbers = loaded.fates.frames.parent["row_number"].to_pylist()
    for number, letter in zip(numbers, loaded.fates.letters.tolist(), strict=True):
        is_cancel = rows.incoming[number].action == CANCEL and letter in {NEW, CHANGED, REWRITTEN}
        outcomes[rows.sequence(number)] = "cancelled" if is_cancel else OUTCOMES.get(letter, "unchanged")
    for number in loaded.held_rows:
        outcomes[rows.sequence(number)] = "quarantined"
    for _, inbox_id in rows.refused:
        outcomes[inbox_id] = "quarantined"
    sorted_out: defaultdict[str, list[int]] = defaultdict(list)
    for inbox_id, outcome in sorted(outcomes.items()):
        sorted_out[outcome].append(inbox_id)
    return sorted_out


def _bookings(rows: Rows) -> Iterator[tuple[Key, int]]:
    """Yield the key of each booking that was understood, and its message; of several messages the last counts."""
    for number, incoming in enumerate(rows.incoming):
        if isinstance(incoming.row, Reservation):
            yield (incoming.row.source, incoming.row.property_id, incoming.row.source_ref), rows.sequence(number)


def _states(loaded: Loaded) -> dict[Key, tuple[str, str | None]]:
    rows = loaded.rows
    states: dict[Key, tuple[str, str | None]] = {
        (row.source, row.property_id, row.source_ref): (FAILED, row.reasons[0].code if row.reasons else None)
        for row, _ in rows.refused
    }
    held = [rows.incoming[number].row for number in loaded.held_rows]
    failed = {row[:3] for row in held if isinstance(row, Reservation)}
    for key, _ in _bookings(rows):
        states[key] = (FAILED, "held_by_the_gate") if key in failed else (SYNCED, None)
    return states

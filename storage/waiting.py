"""Bookings whose room or rate code nobody has mapped: their message waits in the inbox, and a room of the house is held.

`ops.wake_waiting`, a trigger of the mapping tables, sends the messages back once their codes are mapped.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.incoming import UnmappedCode
from storage.engine import driver
from storage.enqueueing import enqueue_house

Key = tuple[str, str, str]


class WaitingBooking(NamedTuple):
    """One booking of a message that waits; `is_inventory_held` False where it holds no room anyway."""

    inbox_id: int
    source: str
    property_id: str
    source_ref: str
    codes: tuple[UnmappedCode, ...]
    arrival_on: date | None
    departure_on: date | None
    room_count: int = 1
    is_inventory_held: bool = True


def lock_mappings(connection: Connection, sources: Iterable[str]) -> None:
    """Keep anybody from mapping codes of these sources unseen, until the transaction ends."""
    for source in sorted(set(sources)):
        connection.execute(text("SELECT ops.lock_mappings(:source)"), {"source": source})


def wait(connection: Connection, bookings: Sequence[WaitingBooking]) -> list[tuple[WaitingBooking, UnmappedCode]]:
    """Note that bookings wait, and give each with every code it did not wait for before."""
    known = _known(connection, {booking.inbox_id for booking in bookings})
    for booking in sorted(bookings, key=lambda each: (each.inbox_id, each.property_id, each.source_ref)):
        connection.execute(text(_WAIT), _values(booking))
    give_up_holds(connection, {(each.source, each.property_id, each.source_ref): each.inbox_id for each in bookings})
    return [
        (booking, code)
        for booking in bookings
        for code in dict.fromkeys(booking.codes)
        if _shown(code) not in known.get((booking.inbox_id, booking.property_id, booking.source_ref), ())
    ]


def tell_channels(connection: Connection, bookings: Sequence[WaitingBooking]) -> None:
    """Let channels be told of the dates on which these bookings hold a room of the house, or held one till now.

    The last thing of the transaction.
    """
    cursor = driver(connection).cursor()
    for booking in sorted(bookings, key=lambda each: (each.property_id, each.inbox_id)):
        if booking.is_inventory_held and booking.arrival_on and booking.departure_on:
            last_on = max(booking.arrival_on, booking.departure_on - timedelta(days=1))
            enqueue_house(cursor, booking.property_id, booking.arrival_on, last_on, f"i:{booking.inbox_id}")


def end_waiting(connection: Connection, inbox_ids: Sequence[int]) -> list[WaitingBooking]:
    """Note that messages wait no longer, whatever became of them; give the bookings whose hold has ended with it."""
    query = "DELETE FROM ops.waiting_bookings w WHERE inbox_id = ANY(:ids) RETURNING " + _HELD
    return _held(connection, query, {"ids": list(inbox_ids)})


def give_up_holds(connection: Connection, newer: dict[Key, int]) -> list[WaitingBooking]:
    """Let older waiting messages of these bookings hold no room any more: a later message says what holds. Gives those."""
    if not newer:
        return []
    keys = [list(part) for part in zip(*newer, strict=True)]
    values = dict(zip(("sources", "properties", "refs"), keys, strict=True)) | {"ids": list(newer.values())}
    return _held(connection, _GIVE_UP, values)


def _held(connection: Connection, query: str, values: dict[str, Any]) -> list[WaitingBooking]:
    rows = connection.execute(text(query), values)
    return [WaitingBooking(codes=(), **row) for row in rows.mappings() if row["is_inventory_held"]]


def _known(connection: Connection, inbox_ids: Iterable[int]) -> dict[tuple[int, str, str], list[str]]:
    query = "SELECT inbox_id, property_id, source_ref, codes FROM ops.waiting_bookings WHERE inbox_id = ANY(:ids)"
    rows = connection.execute(text(query), {"ids": list(inbox_ids)})
    return {(row.inbox_id, row.property_id, row.source_ref): row.codes for row in rows}


def _values(booking: WaitingBooking) -> dict[str, Any]:
    return booking._asdict() | {"codes": [_shown(code) for code in dict.fromkeys(booking.codes)]}


def _shown(code: UnmappedCode) -> str:
    return f"{code.field}:{code.ref}"


_HELD: Final = "inbox_id, source, property_id, source_ref, arrival_on, departure_on, room_count, is_inventory_held"
_WAIT: Final = """
INSERT INTO ops.waiting_bookings (
    inbox_id, source, property_id, source_ref, codes, arrival_on, departure_on, room_count, is_inventory_held)
VALUES (:inbox_id, :source, :property_id, :source_ref, :codes, :arrival_on, :departure_on, :room_count, :is_inventory_held)
ON CONFLICT (inbox_id, property_id, source_ref) DO UPDATE SET codes = excluded.codes
"""
_GIVE_UP: Final = """
UPDATE ops.waiting_bookings w SET is_inventory_held = false
FROM unnest(CAST(:sources AS text[]), CAST(:properties AS text[]), CAST(:refs AS text[]), CAST(:ids AS bigint[]))
    AS n(source, property_id, source_ref, inbox_id)
WHERE (w.source, w.property_id, w.source_ref) = (n.source, n.property_id, n.source_ref) AND w.inbox_id < n.inbox_id
    AND w.is_inventory_held
RETURNING w.inbox_id, w.source, w.property_id, w.source_ref, w.arrival_on, w.departure_on, w.room_count,
    true AS is_inventory_held
"""

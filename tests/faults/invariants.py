"""What must hold after any faults: the database says of every booking what the fold says, and nothing is left behind."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from tests.faults.fold import LOST, Booking, Key, Room, Told, fold

RECORD_SOURCE: Final = "sandbox_pms"

_BOOKINGS: Final = """
SELECT source, property_id, source_ref, status, source_version, total_minor, special_request_count, is_of_record,
    channel_ref
FROM core.reservations WHERE NOT is_tombstone
"""
_ROOMS: Final = "SELECT source, property_id, source_ref, room_ref, status, room_type_code FROM core.reservation_rooms"
_NIGHTS: Final = """
SELECT source, property_id, source_ref, room_ref, stay_on::text, price_minor, room_revenue_minor FROM core.room_nights
"""
_CHANGES: Final = """
SELECT source, property_id, source_ref, sum(room_night_delta_count)::bigint, sum(revenue_delta_minor)::bigint
FROM core.reservation_changes GROUP BY source, property_id, source_ref
"""
_INVENTORY: Final = """
SELECT property_id, room_type_code, stay_on::text, sold_count + coalesce(house_use_count, 0) FROM core.inventory
WHERE source = 'derived' AND sold_count + coalesce(house_use_count, 0) <> 0
"""
_LEFT_BEHIND: Final = {
    "message not done": "SELECT source, inbox_id::text, status || coalesce(' ' || error_code, '') FROM raw.inbox WHERE status <> 'done'",
    "attempt counted": "SELECT inbox_id::text, attempts_count::text FROM raw.inbox_attempts",
    "row quarantined": "SELECT source_ref, reasons::text FROM ops.quarantine WHERE status = 'open'",
    # The server has other databases, in which others work.
    "lock held": """
        SELECT locktype, mode FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND datname = current_database()
    """,
    "transaction open": """
        SELECT application_name FROM pg_stat_activity
        WHERE state LIKE 'idle in transaction%' AND datname = current_database()
    """,
}


class Stored(NamedTuple):
    """What the database holds of one booking."""

    booking: Booking
    is_of_record: bool
    channel_ref: str | None


def broken(url: str, messages: Sequence[Told]) -> dict[str, list[str]]:
    """Compare a drained database with the fold of all messages it received; kind of damage -> its places, none if sound."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    expected = fold(messages)
    with psycopg.connect(url, autocommit=True) as connection:
        stored = _stored(connection)
        changes = {row[:3]: row[3:] for row in connection.execute(_CHANGES)}
        inventory: Counter[tuple[str, ...]] = Counter({row[:3]: row[3] for row in connection.execute(_INVENTORY)})
        for kind, query in _LEFT_BEHIND.items():
            found[kind] += [" ".join(row) for row in connection.execute(query.encode())]
    found["booking lost"] += [" ".join(key) for key in expected.keys() - stored.keys()]
    found["booking from nowhere"] += [" ".join(key) for key in stored.keys() - expected.keys()]
    for key in expected.keys() & stored.keys():
        if difference := _difference(expected[key], stored[key].booking):
            found["booking differs"].append(f"{' '.join(key)}: {difference}")
    for key in stored:
        held = stored[key].booking.held
        if changes.get(key, (0, 0)) != held:
            found["changes do not add up"].append(f"{' '.join(key)}: {changes.get(key)} for {held}")
    found["counted twice"] += _counted_twice(stored)
    found["inventory differs"] += [str(cell) for cell in (_cells(stored) - inventory) | (inventory - _cells(stored))]
    return {kind: places for kind, places in sorted(found.items()) if places}


def _stored(connection: psycopg.Connection[Any]) -> dict[Key, Stored]:
    nights: defaultdict[tuple[str, ...], dict[str, tuple[int, int]]] = defaultdict(dict)
    for *place, stay_on, price, revenue in connection.execute(_NIGHTS):
        nights[tuple(place)][stay_on] = (price, revenue)
    rooms: defaultdict[Key, dict[str, Room]] = defaultdict(dict)
    for source, property_id, ref, room_ref, status, room_type in connection.execute(_ROOMS):
        told = nights[source, property_id, ref, room_ref]
        rooms[source, property_id, ref][room_ref] = Room(status, room_type, told)
    return {
        (source, property_id, ref): Stored(
            Booking(status, version, total or 0, requests, rooms[source, property_id, ref]), is_of_record, channel_ref
        )
        for source, property_id, ref, status, version, total, requests, is_of_record, channel_ref in connection.execute(
            _BOOKINGS
        )
    }


def _difference(expected: Booking, stored: Booking) -> str:
    """Say what differs first. Nights of a lost room may stay from before: they are the value that was lost."""
    for name in ("status", "version", "total_minor", "request_count", "held"):
        told, kept = getattr(expected, name), getattr(stored, name)
        if told != kept:
            return f"{name} {kept} for {told}"
    if expected.live_rooms != stored.live_rooms:
        return f"rooms {stored.live_rooms} for {expected.live_rooms}"
    lost = expected.rooms.keys() - expected.live_rooms.keys()
    return "" if all(stored.rooms[ref].status in LOST for ref in lost) else "a lost room came back"


def _counted_twice(stored: dict[Key, Stored]) -> list[str]:
    """Find copies that count beside their record (law 17), and records that do not count."""
    records = {
        (property_id, each.channel_ref)
        for (source, property_id, _), each in stored.items()
        if source == RECORD_SOURCE and each.channel_ref
    }
    return [
        " ".join(key)
        for key, each in stored.items()
        if each.is_of_record != (key[0] == RECORD_SOURCE or (key[1], each.channel_ref) not in records)
    ]


def _cells(stored: dict[Key, Stored]) -> Counter[tuple[str, ...]]:
    return Counter(
        (key[1], room.room_type, stay_on)
        for key, each in stored.items()
        if each.is_of_record and each.booking.status not in LOST and each.booking.status != "waitlisted"
        for room in each.booking.live_rooms.values()
        for stay_on in room.nights
    )

"""What bookings hold, before and after a write: the one source of what changed and of the inventory's counts.

`pg_temp.holdings` has a line per night that counts, signed: what was held before with minus, what is held after with
plus. Added up by booking it is the change (`storage.changes`), added up by cell the inventory's (`storage.inventory`).
Its `number` is that of the touched booking: how many rows agree on a key of three the planner cannot guess.
"""

from typing import Any, Final

import psycopg
import pyarrow as pa

from storage.copying import stage
from storage.planning import analyze, is_many

_TEXT: Final = pa.string()
_INT: Final = pa.int64()
_KEY: Final = [("source", _TEXT), ("property_id", _TEXT), ("source_ref", _TEXT)]
_TOUCHED: Final = pa.schema(
    [
        ("number", _INT),
        *_KEY,
        ("source_version", _INT),
        ("received_seq", _INT),
        ("status", _TEXT),
        ("is_tombstone", pa.bool_()),
    ]
)
_HOLDINGS: Final = pa.schema(
    [
        ("number", _INT),
        ("property_id", _TEXT),
        ("room_type_code", _TEXT),
        ("stay_on", pa.date32()),
        *((name, _INT) for name in ("night", "revenue_minor", "sold", "complimentary", "house_use", "tentative")),
    ]
)


def note_before(cursor: psycopg.Cursor[Any], *, is_first: bool) -> None:
    """Note which bookings are about to be written, how they stand and what they hold; they are locked already."""
    start_holdings(cursor)
    stage(cursor, "touched", _TOUCHED.empty_table())
    touched_count = cursor.execute(_TOUCH).rowcount
    if is_many(touched_count):
        analyze(cursor, "pg_temp.touched")
    if not is_first:
        cursor.execute(_HOLD, {"sign": -1})


def start_holdings(cursor: psycopg.Cursor[Any]) -> None:
    """Empty the note of what is held."""
    stage(cursor, "holdings", _HOLDINGS.empty_table())


def note_after(cursor: psycopg.Cursor[Any]) -> None:
    """Note what the touched bookings hold now."""
    if is_many(cursor.execute(_HOLD, {"sign": 1}).rowcount):
        analyze(cursor, "pg_temp.holdings")


# A booking and its cancel may come in one batch: the change is one, of the newer version.
_TOUCH: Final = """
INSERT INTO pg_temp.touched
SELECT DISTINCT ON (source, property_id, source_ref)
    s.row_number, source, property_id, source_ref, s.source_version, s.received_seq, t.status, t.is_tombstone
FROM pg_temp.reservations_rows s LEFT JOIN core.reservations t USING (source, property_id, source_ref)
ORDER BY source, property_id, source_ref, s.source_version DESC, s.received_seq DESC
"""
# On the books: confirmed, in house or checked out, the room not lost (K-12). Sold counts complimentary nights, not house
# use. Only the copy of record holds inventory; an option (`waitlisted` and held) is tentative.
HELD: Final = """
SELECT x.number, r.property_id, n.room_type_code, n.stay_on,
    {sign} * (NOT is_tentative)::int,
    {sign} * CASE WHEN NOT is_tentative AND n.currency = r.currency THEN n.room_revenue_minor ELSE 0 END,
    {sign} * (counts AND NOT is_tentative AND n.use IN ('sold', 'complimentary'))::int,
    {sign} * (counts AND NOT is_tentative AND n.use = 'complimentary')::int,
    {sign} * (counts AND NOT is_tentative AND n.use = 'house_use')::int,
    {sign} * (counts AND is_tentative)::int
FROM {bookings} x
JOIN core.reservations r USING (source, property_id, source_ref)
JOIN core.reservation_rooms m USING (source, property_id, source_ref)
JOIN core.room_nights n USING (source, property_id, source_ref, room_ref)
CROSS JOIN LATERAL (SELECT r.status = 'waitlisted' AS is_tentative, {counts} AS counts) AS how
WHERE (r.status IN ('confirmed', 'in_house', 'checked_out') OR r.status = 'waitlisted' AND r.is_inventory_held)
    AND m.status NOT IN ('cancelled', 'no_show')
    AND n.use IN ('sold', 'complimentary', 'house_use')
"""
_HOLD: Final = "INSERT INTO pg_temp.holdings " + HELD.format(
    sign="%(sign)s", bookings="pg_temp.touched", counts="r.is_of_record"
)

"""What was accepted although it cannot all be true: dates sold beyond the rooms there are, copies that disagree.

Both are noted in the transaction that wrote the bookings, after `inventory.refresh_inventory`: nobody sees the one without
the other. A conflict that is gone closes by itself; one a person has accepted stays accepted.
"""

from typing import Any, Final

import psycopg
from sqlalchemy import Connection, text

from hotel.loads import OpenConflict


def note_overbooking(cursor: psycopg.Cursor[Any]) -> int:
    """Open, raise or close the conflict of every cell of today or later whose count has moved; give how many are open.

    Per room type against its rooms and overbooking limit, and for the house as a whole (room type empty) against all its
    rooms, bookings that wait for a mapping included: an upgrade may help where a type is full, not where the house is.
    """
    row = cursor.execute(_OVERBOOKED).fetchone()
    return int(row[0]) if row else 0


def note_copies(cursor: psycopg.Cursor[Any]) -> None:
    """Open or close the conflict of every copy just linked: does it agree with its record on dates, status, total."""
    cursor.execute(_COPIES)


def open_conflicts(connection: Connection, limit: int) -> tuple[OpenConflict, ...]:
    """List open conflicts, the date that comes first first, then those without a date, the oldest first."""
    query = f"""
        SELECT {", ".join(OpenConflict._fields)} FROM ops.conflicts WHERE status = 'open'
        ORDER BY stay_on, opened_at, conflict_id LIMIT :most
    """
    return tuple(OpenConflict(*row) for row in connection.execute(text(query), {"most": limit}))


_OVERBOOKED: Final = """
WITH moved AS MATERIALIZED (
    SELECT h.property_id, h.room_type_code, h.stay_on, sum(h.sold + h.house_use) AS by_count,
        (array_agg(h.number ORDER BY h.number DESC) FILTER (WHERE h.sold + h.house_use > 0))[1] AS number
    FROM pg_temp.holdings h JOIN core.properties p USING (property_id)
    WHERE h.stay_on >= (now() AT TIME ZONE p.time_zone)::date
    GROUP BY h.property_id, h.room_type_code, h.stay_on HAVING sum(h.sold + h.house_use) <> 0
), houses AS (
    SELECT property_id, stay_on, sum(by_count) AS by_count, max(number) AS number
    FROM moved GROUP BY property_id, stay_on
), cells AS (
    SELECT m.*, -(i.available_count + coalesce(i.overbooking_limit_count, 0)) AS over_count
    FROM moved m JOIN core.inventory i USING (property_id, room_type_code, stay_on)
    WHERE i.source = 'derived' AND i.available_count IS NOT NULL
    UNION ALL
    SELECT d.property_id, '', d.stay_on, d.by_count, d.number,
        sum(coalesce(i.sold_count, 0) + coalesce(i.house_use_count, 0)) + (
            SELECT coalesce(sum(w.room_count), 0) FROM ops.waiting_bookings w
            WHERE w.property_id = d.property_id AND w.is_inventory_held
                AND w.arrival_on <= d.stay_on AND w.departure_on > d.stay_on
        ) - p.room_count
    FROM houses d
    JOIN core.properties p USING (property_id)
    JOIN core.inventory i ON i.source = 'derived' AND i.property_id = d.property_id AND i.stay_on = d.stay_on
    WHERE p.room_count IS NOT NULL
    GROUP BY d.property_id, d.stay_on, d.by_count, d.number, p.room_count
), closed AS (
    UPDATE ops.conflicts c SET status = 'resolved', closed_at = now()
    FROM cells WHERE c.status = 'open' AND c.kind = 'overbooking' AND cells.over_count <= 0
        AND (c.property_id, c.room_type_code, c.stay_on) = (cells.property_id, cells.room_type_code, cells.stay_on)
), opened AS (
    INSERT INTO ops.conflicts AS c (kind, property_id, room_type_code, stay_on, source, source_ref, over_count)
    SELECT 'overbooking', cells.property_id, cells.room_type_code, cells.stay_on, t.source, t.source_ref, cells.over_count
    FROM cells LEFT JOIN pg_temp.touched t USING (number)
    WHERE cells.over_count > 0 AND (cells.by_count > 0 OR EXISTS (
        SELECT FROM ops.conflicts k WHERE k.status = 'open' AND k.kind = 'overbooking'
            AND (k.property_id, k.room_type_code, k.stay_on) = (cells.property_id, cells.room_type_code, cells.stay_on)))
    ORDER BY cells.property_id COLLATE "C", cells.room_type_code COLLATE "C", cells.stay_on
    ON CONFLICT (property_id, room_type_code, stay_on) WHERE status = 'open' AND kind = 'overbooking' DO UPDATE
    SET over_count = excluded.over_count, seen_at = now(),
        source = CASE WHEN excluded.over_count > c.over_count THEN excluded.source ELSE c.source END,
        source_ref = CASE WHEN excluded.over_count > c.over_count THEN excluded.source_ref ELSE c.source_ref END
    RETURNING 1
)
SELECT count(*) FROM opened
"""
_COPIES: Final = """
WITH copies AS (
    SELECT source, property_id, source_ref, bool_or(is_other) AS is_other,
        coalesce(total_minor <> sum(record_total_minor), false) AS is_other_price
    FROM pg_temp.copies GROUP BY source, property_id, source_ref, total_minor
), told AS (
    SELECT source, property_id, source_ref, kind,
        CASE kind WHEN 'copy_differs' THEN is_other ELSE is_other_price END AS differs
    FROM copies CROSS JOIN (VALUES ('copy_differs'), ('price_differs')) AS k(kind)
), closed AS (
    UPDATE ops.conflicts c SET status = 'resolved', closed_at = now()
    FROM told t WHERE c.status = 'open' AND NOT t.differs
        AND (c.kind, c.property_id, c.source, c.source_ref) = (t.kind, t.property_id, t.source, t.source_ref)
)
INSERT INTO ops.conflicts (kind, property_id, source, source_ref)
SELECT kind, property_id, source, source_ref FROM told WHERE differs
ORDER BY kind, property_id COLLATE "C", source COLLATE "C", source_ref COLLATE "C"
ON CONFLICT (kind, property_id, source, source_ref) WHERE status = 'open' AND kind <> 'overbooking'
DO UPDATE SET seen_at = now()
"""

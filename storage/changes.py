"""The change log of reservations: who moved how many nights and how much, when. It cannot be rebuilt later."""

from typing import Any, Final

import psycopg


def record_changes(cursor: psycopg.Cursor[Any], *, load_id: int) -> None:
    """Append one change for each touched booking, with what it added to the books or took from them."""
    cursor.execute(_RECORD, {"load_id": load_id})


# The business date: as the PMS last told it, else by the property's clock (`hotel.properties.business_date`).
# Added up apart: joined to bookings by a key of three the planner expects one row, and would add up anew for each.
_RECORD: Final = """
WITH moved AS MATERIALIZED (
    SELECT x.*, coalesce(h.nights, 0) AS nights, coalesce(h.revenue_minor, 0) AS revenue_minor
    FROM pg_temp.touched x LEFT JOIN (
        SELECT number, sum(night) AS nights, sum(revenue_minor) AS revenue_minor FROM pg_temp.holdings GROUP BY number
    ) h USING (number)
)
INSERT INTO core.reservation_changes (
    source, property_id, source_ref, source_version, received_seq, kind, business_on, from_status, to_status,
    room_night_delta_count, revenue_delta_minor, currency, load_id)
SELECT source, property_id, source_ref, x.source_version, x.received_seq,
    CASE
        WHEN x.status IS NULL THEN CASE WHEN r.is_tombstone THEN 'cancelled' ELSE 'created' END
        WHEN x.is_tombstone AND NOT r.is_tombstone THEN 'created'
        WHEN x.status = r.status THEN 'modified'
        WHEN r.status IN ('cancelled', 'no_show') THEN r.status
        WHEN x.status IN ('cancelled', 'no_show') THEN 'reinstated'
        WHEN r.status = 'in_house' THEN 'checked_in'
        WHEN r.status = 'checked_out' THEN 'checked_out'
        ELSE 'modified'
    END,
    CASE p.business_on_kind
        WHEN 'pms' THEN p.business_on
        WHEN 'clock' THEN (now() AT TIME ZONE p.time_zone - p.day_rolls_at)::date
    END,
    x.status, r.status, x.nights, x.revenue_minor, r.currency, %(load_id)s
FROM moved x
JOIN core.reservations r USING (source, property_id, source_ref)
LEFT JOIN core.properties p USING (property_id)
"""

"""What a report's pick-up is read from: the date's snapshot, the one before it, and what changed in between."""

from typing import Final

from storage.snapshots import COUNTS, DAYS_BACK, NIGHTS, RECONSTRUCTED, STATUS, on_the_books

# A longer stay never passes the gate, so nobody in house on a date arrived earlier than this.
LONGEST_STAY_NIGHTS: Final = 365

# The date's own snapshot and the latest one before it, each in its newest version.
_PAIR: Final = """
    (SELECT * FROM core.on_the_books_snapshots
     WHERE property_id = %(property_id)s AND snapshot_on = %(business_on)s ORDER BY version DESC LIMIT 1)
    UNION ALL
    (SELECT * FROM core.on_the_books_snapshots
     WHERE property_id = %(property_id)s AND snapshot_on < %(business_on)s
     ORDER BY snapshot_on DESC, version DESC LIMIT 1)
"""

SNAPSHOT_PAIR: Final = f"SELECT snapshot_on, kind, horizon_on FROM ({_PAIR}) AS pair ORDER BY snapshot_on"

ON_THE_BOOKS: Final = f"""
SELECT snapshot_on, stay_on, currency, sum(room_count)::bigint, sum(room_revenue_minor)::bigint
FROM ({_PAIR}) AS pair JOIN core.on_the_books USING (property_id, snapshot_on, version)
GROUP BY snapshot_on, stay_on, currency ORDER BY snapshot_on, stay_on, currency
"""

_IS_ON: Final = on_the_books(RECONSTRUCTED, "between_them.after_on")
_WAS_ON: Final = on_the_books(RECONSTRUCTED, "between_them.before_on")

# A record that takes over from its channel copy is not new: the copy was, when it came.
_TAKEN_OVER: Final = """
    SELECT FROM links AS of_copy
    JOIN core.reservation_changes AS copy
      ON (copy.source, copy.source_ref) = (of_copy.source, of_copy.source_ref) AND copy.property_id = c.property_id
    WHERE (of_copy.record_source, of_copy.record_ref) = (c.source, c.source_ref) AND copy.change_id < c.change_id
"""

# Between captured snapshots the change log tells; between reconstructed ones the bookings' own dates do.
CHANGES: Final = f"""
WITH between_them AS (
    SELECT min(snapshot_on) AS before_on, max(snapshot_on) AS after_on, min(horizon_on) AS horizon_on,
           (array_agg(taken_at ORDER BY snapshot_on))[1] AS before_at,
           (array_agg(taken_at ORDER BY snapshot_on))[2] AS after_at,
           bool_and(kind = 'reconstructed') AS are_reconstructed
    FROM ({_PAIR}) AS pair HAVING count(*) = 2
), touched AS MATERIALIZED (
    SELECT source, property_id, source_ref FROM between_them, core.reservations
    WHERE are_reconstructed AND property_id = %(property_id)s AND booked_on > before_on AND booked_on <= after_on
    UNION
    SELECT source, property_id, source_ref FROM between_them, core.reservations
    WHERE are_reconstructed AND property_id = %(property_id)s AND cancelled_on > before_on AND cancelled_on <= after_on
    UNION
    SELECT source, property_id, source_ref FROM between_them, core.reservations
    WHERE are_reconstructed AND property_id = %(property_id)s AND is_of_record
      AND arrival_on BETWEEN before_on - {LONGEST_STAY_NIGHTS} AND after_on
      AND (status = 'no_show' AND coalesce(no_show_on, arrival_on) > before_on
           OR status = 'checked_out' AND checked_out_on < departure_on AND departure_on > before_on)
), links AS (
    SELECT source, source_ref, record_source, record_ref, min(linked_at) AS linked_at FROM core.reservation_links
    WHERE property_id = %(property_id)s GROUP BY source, source_ref, record_source, record_ref
), changes AS (
    SELECT c.kind, c.currency, c.room_night_delta_count AS room_count, c.revenue_delta_minor AS minor
    FROM between_them
    JOIN core.reservation_changes AS c
      ON c.property_id = %(property_id)s AND c.changed_at > before_at AND c.changed_at <= after_at
    JOIN core.reservations AS r USING (source, property_id, source_ref)
    LEFT JOIN links AS l USING (source, source_ref)
    WHERE NOT are_reconstructed AND (r.is_of_record OR c.changed_at < l.linked_at)
      AND NOT (c.kind = 'created' AND EXISTS ({_TAKEN_OVER}))
    UNION ALL
    SELECT CASE WHEN {_IS_ON} THEN CASE WHEN r.booked_on > before_on THEN 'created' ELSE 'modified' END
                WHEN {STATUS} IN ('cancelled', 'no_show') THEN 'cancelled' ELSE 'modified' END,
           n.currency, CASE WHEN {_IS_ON} THEN 1 ELSE -1 END,
           CASE WHEN {_IS_ON} THEN n.room_revenue_minor ELSE -n.room_revenue_minor END
    FROM between_them CROSS JOIN touched JOIN ({NIGHTS.strip()}) USING (source, property_id, source_ref)
    WHERE n.stay_on BETWEEN after_on - {DAYS_BACK} AND between_them.horizon_on
      AND {COUNTS} AND {_IS_ON} <> {_WAS_ON}
)
SELECT kind, currency, sum(room_count)::bigint, sum(minor)::bigint
FROM changes GROUP BY kind, currency ORDER BY kind, currency
"""

"""Snapshots of what is on the books (K-12): append-only, numbered by version, equal content written once.

`captured` counts statuses as they are now; `reconstructed` goes back to a past date by `booked_on`, `cancelled_on`,
the no-show and the check-out date: what was modified in between cannot be rebuilt, and the label says so.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from hotel.loads import SnapshotSummary

CAPTURED: Final = "captured"
RECONSTRUCTED: Final = "reconstructed"
DAYS_BACK: Final = 31
DAYS_AHEAD: Final = 500

# A night with its room and its booking, of record and in use; law 17.
NIGHTS: Final = """
core.room_nights AS n
JOIN core.reservation_rooms AS rm USING (source, property_id, source_ref, room_ref)
JOIN core.reservations AS r USING (source, property_id, source_ref)
"""
COUNTS: Final = """
r.is_of_record AND NOT r.is_tombstone AND NOT r.is_deleted AND NOT rm.is_deleted AND NOT n.is_deleted
AND n.use IN ('sold', 'complimentary', 'house_use')
"""
# A room has the status of its own unless the whole booking is lost or waits.
STATUS: Final = "CASE WHEN r.status IN ('cancelled', 'no_show', 'waitlisted') THEN r.status ELSE rm.status END"

# Is a night on the books at the close of a date? Confirmed, in house and, before that date, checked out.
_FIRM: Final = {
    CAPTURED: f"{STATUS} IN ('confirmed', 'in_house') OR {STATUS} = 'checked_out' AND n.stay_on < {{on}}",
    RECONSTRUCTED: f"""
        r.booked_on <= {{on}} AND CASE {STATUS}
            WHEN 'cancelled' THEN coalesce(rm.cancelled_on, r.cancelled_on) > {{on}}
            WHEN 'no_show' THEN coalesce(r.no_show_on, r.arrival_on) > {{on}}
            WHEN 'checked_out' THEN n.stay_on < {{on}} OR coalesce(r.checked_out_on, rm.departure_on) > {{on}}
            ELSE {STATUS} <> 'waitlisted'
        END
    """,
}
# Tentative is counted as it is now, so a past date has none.
_TENTATIVE: Final = {CAPTURED: f"{STATUS} = 'waitlisted' AND r.is_inventory_held", RECONSTRUCTED: "false"}

_TAKE: Final = """
WITH cells AS MATERIALIZED (
    SELECT stay_on, room_type_code, market_segment_code, channel_code, currency,
           count(*) FILTER (WHERE is_firm)::int AS room_count,
           count(*) FILTER (WHERE is_firm AND use = 'complimentary')::int AS complimentary_count,
           coalesce(sum(room_revenue_minor) FILTER (WHERE is_firm), 0)::bigint AS room_revenue_minor,
           count(*) FILTER (WHERE is_firm AND stay_on = arrival_on)::int AS arrival_count,
           coalesce(sum(adult_count) FILTER (WHERE is_firm), 0)::int AS adult_count,
           coalesce(sum(child_count) FILTER (WHERE is_firm), 0)::int AS child_count,
           count(*) FILTER (WHERE NOT is_firm)::int AS tentative_count, 0 AS blocked_count
    FROM (
        SELECT n.stay_on, n.room_type_code, n.use, n.currency, n.room_revenue_minor, rm.arrival_on,
               coalesce(n.market_segment_code, r.market_segment_code, 'none') AS market_segment_code,
               coalesce(r.channel_code, 'none') AS channel_code,
               coalesce(n.adult_count, rm.adult_count) AS adult_count,
               coalesce(n.child_count, rm.child_count) AS child_count,
               {firm} AS is_firm, ({tentative}) AS is_tentative
        FROM {nights}
        WHERE n.property_id = :property_id AND n.stay_on BETWEEN :first_on AND :horizon_on AND {counts}
    ) AS night
    WHERE is_firm OR is_tentative
    GROUP BY stay_on, room_type_code, market_segment_code, channel_code, currency
), content AS (
    SELECT count(*)::int AS row_count, coalesce(sum(room_count), 0)::int AS room_night_count,
           sha256(convert_to(coalesce(string_agg(
               cells::text, E'\\n' ORDER BY stay_on, room_type_code COLLATE "C", market_segment_code COLLATE "C",
               channel_code COLLATE "C", currency COLLATE "C"), ''), 'UTF8')) AS sha256
    FROM cells
), money AS (
    SELECT coalesce(jsonb_object_agg(currency, minor), '{{}}') AS total_minor
    FROM (SELECT currency, sum(room_revenue_minor)::bigint AS minor FROM cells GROUP BY currency) AS by_currency
), latest AS (
    SELECT version, kind, sha256 FROM core.on_the_books_snapshots
    WHERE property_id = :property_id AND snapshot_on = :snapshot_on ORDER BY version DESC LIMIT 1
), header AS (
    INSERT INTO core.on_the_books_snapshots (property_id, snapshot_on, version, kind, is_final, taken_at, horizon_on,
                                             row_count, room_night_count, total_minor, sha256)
    SELECT :property_id, :snapshot_on, coalesce((SELECT version FROM latest), 0) + 1, :kind, :is_final, :taken_at,
           :horizon_on, row_count, room_night_count, total_minor, sha256
    FROM content, money
    WHERE NOT EXISTS (SELECT FROM latest WHERE latest.sha256 = content.sha256 AND latest.kind = :kind)
    RETURNING property_id, snapshot_on, version
)
INSERT INTO core.on_the_books (property_id, snapshot_on, version, stay_on, room_type_code, market_segment_code,
                               channel_code, currency, room_count, complimentary_count, room_revenue_minor,
                               arrival_count, adult_count, child_count, tentative_count, blocked_count)
SELECT header.*, cells.* FROM header, cells
ORDER BY stay_on, room_type_code, market_segment_code, channel_code, currency
"""

_SUMMARY: Final = """
SELECT s.property_id, s.snapshot_on, s.version, s.kind, s.room_night_count, s.total_minor,
       s.room_night_count - before.room_night_count AS change_count,
       s.snapshot_on - before.snapshot_on - 1 AS gap_day_count, encode(s.sha256, 'hex') AS sha256
FROM core.on_the_books_snapshots AS s
LEFT JOIN LATERAL (
    SELECT snapshot_on, room_night_count FROM core.on_the_books_snapshots AS b
    WHERE b.property_id = s.property_id AND b.snapshot_on < s.snapshot_on
    ORDER BY b.snapshot_on DESC, b.version DESC LIMIT 1
) AS before ON true
WHERE s.property_id = :property_id AND s.snapshot_on = :snapshot_on ORDER BY s.version DESC LIMIT 1
"""


def on_the_books(kind: str, on: str) -> str:
    """Make the condition that a night of `NIGHTS` is on the books of a date; `on` is an SQL expression."""
    return f"({_FIRM[kind].format(on=on)}) IS TRUE"


def take_snapshot(
    connection: Connection, property_id: str, snapshot_on: date, *, kind: str, taken_at: datetime, is_final: bool = True
) -> SnapshotSummary:
    """Write what a property has on the books of a date, 31 days back to 500 ahead, in the caller's transaction.

    The same content as the date's latest version is a no-op; other content becomes the next version. `change_count`
    is in room nights to the snapshot before, `gap_day_count` the days without one between them.
    """
    values = {
        "property_id": property_id,
        "snapshot_on": snapshot_on,
        "kind": kind,
        "is_final": is_final,
        "taken_at": taken_at,
        "first_on": snapshot_on - timedelta(days=DAYS_BACK),
        "horizon_on": snapshot_on + timedelta(days=DAYS_AHEAD),
    }
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('snapshot:' || :property_id, 0))")
    connection.execute(lock, {"property_id": property_id})
    before = _latest_version(connection, values)
    parts = {
        "firm": on_the_books(kind, ":snapshot_on"),
        "tentative": _TENTATIVE[kind],
        "nights": NIGHTS,
        "counts": COUNTS,
    }
    connection.execute(text(_TAKE.format(**parts)), values)
    row = connection.execute(text(_SUMMARY), values).one()
    return SnapshotSummary(**row._asdict(), is_new=row.version != before)


def _latest_version(connection: Connection, values: dict[str, Any]) -> int | None:
    query = """
        SELECT max(version) FROM core.on_the_books_snapshots
        WHERE property_id = :property_id AND snapshot_on = :snapshot_on
    """
    version: int | None = connection.scalar(text(query), values)
    return version

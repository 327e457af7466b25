"""The frames of a daily report: a property's nights and rooms around a date, its snapshots, what waits.

Every query reads records of record only (law 17), by index, in key order. A room's status is its own unless the
whole booking is lost; the columns are those of `hotel.report_frames`.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, text

from hotel.figures import report_spans
from hotel.properties import Property, business_date
from hotel.report_frames import CHANGES, INVENTORY, NIGHTS, ON_THE_BOOKS, QUARANTINE, ROOMS, SNAPSHOTS
from storage import pace
from storage.reading import read_frame
from storage.snapshots import STATUS

NIGHTS_BACK: Final = 31  # the trend, and the night before the first of the month
# No index is by the date a booking was marked no-show: it is looked for among arrivals of so many days before.
NO_SHOW_DAYS_BACK: Final = 31

_OF_RECORD: Final = "r.is_of_record AND NOT r.is_tombstone AND NOT r.is_deleted AND NOT rm.is_deleted"
_ADULTS: Final = "coalesce({night}rm.adult_count, CASE WHEN r.room_count = 1 THEN r.adult_count END)"
_CHILDREN: Final = "coalesce({night}rm.child_count, CASE WHEN r.room_count = 1 THEN r.child_count END)"
_INFANTS: Final = "coalesce(rm.infant_count, CASE WHEN r.room_count = 1 THEN r.infant_count END, 0)"


def _persons(*, adults: str, children: str) -> str:
    return f"coalesce({adults}, 0) + coalesce({children}, 0) + {_INFANTS}, ({adults} + {children}) IS NOT NULL"


def _in_months(column: str, *, days_back: int = 0) -> str:
    """Make the condition that a date lies in the month to date, this year's or last year's, or shortly before it."""
    return (
        f"({column} BETWEEN %(month_first_on)s::date - {days_back} AND %(last_on)s"
        f" OR {column} BETWEEN %(month_before_first_on)s::date - {days_back} AND %(last_before_on)s)"
    )


# Materialized: the planner takes the windows for wider than they are and would join whole tables first.
_NIGHTS: Final = f"""
WITH window_nights AS MATERIALIZED (
    SELECT * FROM core.room_nights
    WHERE property_id = %(property_id)s AND NOT is_deleted
      AND (stay_on BETWEEN %(first_on)s AND %(last_on)s OR stay_on BETWEEN %(first_before_on)s AND %(last_before_on)s)
)
SELECT n.stay_on, {STATUS}, n.use, n.room_type_code, coalesce(n.market_segment_code, r.market_segment_code),
       r.channel_code, n.currency, n.price_minor, n.room_revenue_minor, n.is_tax_included, n.tax_minor,
       {_persons(adults=_ADULTS.format(night="n.adult_count, "), children=_CHILDREN.format(night="n.child_count, "))}
FROM window_nights AS n
JOIN core.reservation_rooms AS rm USING (source, property_id, source_ref, room_ref)
JOIN core.reservations AS r USING (source, property_id, source_ref)
WHERE {_OF_RECORD} AND {STATUS} IN ('confirmed', 'in_house', 'checked_out')
ORDER BY n.stay_on, n.source COLLATE "C", n.source_ref COLLATE "C", n.room_ref COLLATE "C"
"""

_ROOM_COLUMNS: Final = ", ".join(
    f"rm.{name}"
    for name in (
        "source", "property_id", "source_ref", "room_ref", "status", "room_type_code", "rate_plan_code", "arrival_on",
        "departure_on", "cancelled_on", "currency", "total_minor", "tax_minor", "is_tax_included", "adult_count",
        "child_count", "infant_count", "is_deleted",
    )
)  # fmt: skip

_ROOMS: Final = f"""
WITH touched AS MATERIALIZED (
    SELECT {_ROOM_COLUMNS} FROM core.reservation_rooms AS rm
    WHERE property_id = %(property_id)s
      AND ({_in_months("arrival_on")} OR {_in_months("departure_on")} OR {_in_months("cancelled_on")})
    UNION
    SELECT {_ROOM_COLUMNS}
    FROM core.reservations AS r JOIN core.reservation_rooms AS rm USING (source, property_id, source_ref)
    WHERE r.property_id = %(property_id)s AND {_in_months("r.cancelled_on")}
    UNION
    SELECT {_ROOM_COLUMNS}
    FROM core.reservations AS r JOIN core.reservation_rooms AS rm USING (source, property_id, source_ref)
    WHERE r.property_id = %(property_id)s AND r.is_of_record AND r.status = 'no_show' AND {_in_months("r.no_show_on")}
      AND {_in_months("r.arrival_on", days_back=NO_SHOW_DAYS_BACK)}
)
SELECT r.source || ':' || r.source_ref, r.status, {STATUS}, rm.arrival_on, rm.departure_on,
       coalesce(rm.cancelled_on, r.cancelled_on), r.no_show_on, n.is_counted,
       coalesce(r.guarantee_code = 'non_refundable', false) OR coalesce(NOT p.is_refundable, false),
       rm.room_type_code, r.market_segment_code, r.channel_code, coalesce(rm.currency, r.currency),
       rm.total_minor, rm.tax_minor, rm.is_tax_included, n.night_count, n.value_minor,
       {_persons(adults=_ADULTS.format(night=""), children=_CHILDREN.format(night=""))}
FROM touched AS rm
JOIN core.reservations AS r USING (source, property_id, source_ref)
LEFT JOIN core.rate_plans AS p ON p.property_id = rm.property_id AND p.rate_plan_code = rm.rate_plan_code
CROSS JOIN LATERAL (
    SELECT count(*) AS night_count, coalesce(sum(room_revenue_minor), 0)::bigint AS value_minor,
           coalesce(bool_and(use NOT IN ('share', 'pseudo')), true) AS is_counted
    FROM core.room_nights AS night
    WHERE (night.source, night.property_id, night.source_ref, night.room_ref)
        = (rm.source, rm.property_id, rm.source_ref, rm.room_ref) AND NOT night.is_deleted
) AS n
WHERE {_OF_RECORD}
ORDER BY r.source COLLATE "C", r.source_ref COLLATE "C", rm.room_ref COLLATE "C"
"""

# The PMS's own counts; what we derive from bookings does not know how many rooms there are.
_INVENTORY: Final = f"""
SELECT i.stay_on,
       CASE WHEN bool_and(i.physical_count IS NOT NULL) THEN sum(i.physical_count)::bigint END,
       CASE WHEN bool_and(i.out_of_order_count IS NOT NULL) THEN sum(i.out_of_order_count)::bigint END
FROM core.inventory AS i
JOIN core.properties AS p ON p.property_id = i.property_id AND p.of_record_source = i.source
LEFT JOIN core.room_types AS t ON t.property_id = i.property_id AND t.room_type_code = i.room_type_code
WHERE i.property_id = %(property_id)s AND {_in_months("i.stay_on")} AND NOT coalesce(t.is_pseudo, false)
GROUP BY i.stay_on ORDER BY i.stay_on
"""

_QUARANTINE: Final = """
SELECT q.reasons[1], q.currency, q.room_night_count, q.amount_minor,
       CASE WHEN q.room_night_count > 0 THEN day.room_night_count ELSE 0 END,
       CASE WHEN q.room_night_count > 0 THEN day.amount_minor ELSE 0 END,
       coalesce(q.row ->> 'status' IN ('confirmed', 'in_house', 'checked_out'), false) OR q.room_night_count > 0,
       q.room_night_count = 0 OR jsonb_path_exists(q.row, '$.rooms[*].nights[*].stay_on')
FROM ops.quarantine AS q
JOIN core.properties AS p ON p.property_id = q.property_id AND coalesce(p.of_record_source, q.source) = q.source
CROSS JOIN LATERAL (
    SELECT count(*) AS room_night_count, coalesce(sum((night ->> 'price_minor')::bigint), 0)::bigint AS amount_minor
    FROM jsonb_path_query(q.row, '$.rooms[*].nights[*]') AS night
    WHERE night ->> 'stay_on' = %(business_on)s::date::text
) AS day
WHERE q.property_id = %(property_id)s AND q.dataset = 'reservations' AND q.status = 'open'
ORDER BY q.quarantine_id
"""


def daily_frames(connection: Connection, property_id: str, business_on: date) -> dict[str, Any]:
    """Read what one property's report of one date needs; the keys are the fields of `reconciliation.DailyFrames`."""
    values = _values(property_id, business_on)

    def read(query: str, schema: dict[str, str]) -> pd.DataFrame:
        return read_frame(connection, query, values, schema)

    return {
        "nights": read(_NIGHTS, NIGHTS),
        "rooms": read(_ROOMS, ROOMS),
        "inventory": read(_INVENTORY, INVENTORY),
        "snapshots": read(pace.SNAPSHOT_PAIR, SNAPSHOTS),
        "on_the_books": read(pace.ON_THE_BOOKS, ON_THE_BOOKS),
        "changes": read(pace.CHANGES, CHANGES),
        "quarantine": read(_QUARANTINE, QUARANTINE),
        "loaded_from": loaded_from(connection, property_id),
    }


def _values(property_id: str, business_on: date) -> dict[str, Any]:
    day, month, day_before, month_before = report_spans(business_on)
    trend = timedelta(days=NIGHTS_BACK)
    return {
        "property_id": property_id,
        "business_on": business_on,
        "month_first_on": month.first_on,
        "first_on": day.first_on - trend,
        "last_on": day.last_on,
        "month_before_first_on": month_before.first_on,
        "first_before_on": min(day_before.first_on - trend, month_before.first_on),
        "last_before_on": max(day_before.last_on, month_before.last_on),
    }


def loaded_from(connection: Connection, property_id: str) -> date | None:
    """Give the first arrival a property has on record, None where nothing is loaded."""
    query = "SELECT min(arrival_on) FROM core.reservations WHERE property_id = :property_id AND is_of_record"
    first: date | None = connection.scalar(text(query), {"property_id": property_id})
    return first


def last_closed_on(connection: Connection, house: Property, instant: datetime) -> date | None:
    """Give a property's last closed business date at an instant (K-24), None where none has closed.

    A day on record as closed counts first; else the day before the business date the PMS told or the clock shows.
    """
    query = "SELECT max(business_on) FROM ops.business_days WHERE property_id = :property_id AND status = 'closed'"
    told: date | None = connection.scalar(text(query), {"property_id": house.property_id})
    current = business_date(house, instant)
    known = [day for day in (told, current and current - timedelta(days=1)) if day]
    return max(known, default=None)

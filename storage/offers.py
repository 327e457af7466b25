"""What a hotel offers for dates: rooms that may be sold, prices and restrictions, room types and rate plans by name.

Counts and prices are those that channels are told (`storage.selling`): one query says how many rooms are left.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.rooms import Rate, RatePlan, RoomType
from storage.engine import driver
from storage.selling import SELLABLE, TELLERS


class Cell(NamedTuple):
    """Rooms of a type that may be sold on a date; None: nobody told how many there are (law 13)."""

    room_type_code: str
    stay_on: date
    available_count: int | None


def cells(connection: Connection, property_id: str, first_on: date, until_on: date) -> list[Cell]:
    """Count what may be sold in [first_on, until_on), by room type and date; types given up have none left."""
    given = {"property_id": property_id, "first_on": first_on, "until_on": until_on}
    with driver(connection).cursor() as cursor:
        return [Cell(*row) for row in cursor.execute(_CELLS, given)]


def prices(
    connection: Connection,
    property_id: str,
    first_on: date,
    until_on: date,
    *,
    room_types: Sequence[str] = (),
    rate_plans: Sequence[str] = (),
) -> list[Rate]:
    """Give prices and restrictions of [first_on, until_on), of all room types and rate plans or of those named.

    The departure date itself is not among them; whether a plan lets guests leave on it is that date's to say.
    """
    given = {
        "property_id": property_id, "first_on": first_on, "until_on": until_on, "types": list(room_types),
        "plans": list(rate_plans),
    }  # fmt: skip
    with driver(connection).cursor() as cursor:
        return [Rate(*row) for row in cursor.execute(_PRICES, given)]


def room_types(connection: Connection, property_id: str) -> list[RoomType]:
    """List what a hotel sells, by code: types it told of, and codes that are only priced or counted, named by the code."""
    rows = connection.execute(text(_TYPES), {"property_id": property_id}).mappings()
    return [
        RoomType(**dict(row) | {"amenities": None if row["amenities"] is None else tuple(row["amenities"])})
        for row in rows
    ]


def rate_plans(connection: Connection, property_id: str) -> dict[str, RatePlan]:
    """Give the rate plans a hotel told of by their code."""
    query = f"""
        SELECT {", ".join(RatePlan._fields)} FROM core.rate_plans
        WHERE property_id = :property_id AND NOT is_deleted ORDER BY rate_plan_code
    """
    rows = connection.execute(text(query), {"property_id": property_id}).mappings()
    return {row["rate_plan_code"]: RatePlan(**row) for row in rows}


_CELLS: Final = f"""
WITH RECURSIVE day AS MATERIALIZED (
    SELECT %(property_id)s::text AS property_id, %(first_on)s::date + n AS stay_on
    FROM generate_series(0, %(until_on)s::date - %(first_on)s::date - 1) n
), {SELLABLE}
SELECT room_type_code, stay_on, available_count FROM sellable ORDER BY room_type_code COLLATE "C", stay_on
"""
_PRICES: Final = f"""
SELECT {", ".join(f"r.{name}" for name in Rate._fields)}
FROM {TELLERS} t JOIN core.rates r USING (source, property_id)
WHERE t.property_id = %(property_id)s AND NOT r.is_deleted
    AND r.stay_on >= %(first_on)s AND r.stay_on < %(until_on)s
    AND (%(types)s::text[] = '{{}}' OR r.room_type_code = ANY(%(types)s))
    AND (%(plans)s::text[] = '{{}}' OR r.rate_plan_code = ANY(%(plans)s))
    AND r.room_type_code NOT IN ('none', 'unmapped') AND r.rate_plan_code NOT IN ('none', 'unmapped')
ORDER BY r.rate_plan_code COLLATE "C", r.room_type_code COLLATE "C", r.stay_on, r.occupancy_count
"""
# Codes are found by hopping through the keys: reading every price of a property would cost a request tens of milliseconds.
_TYPES: Final = f"""
WITH RECURSIVE told AS (
    SELECT {", ".join(RoomType._fields)}, is_deleted FROM core.room_types WHERE property_id = :property_id
), teller AS MATERIALIZED (
    SELECT source FROM {TELLERS} t WHERE property_id = :property_id
), priced AS (
    (SELECT r.rate_plan_code, r.room_type_code FROM core.rates r
        WHERE r.source = (SELECT source FROM teller) AND r.property_id = :property_id
        ORDER BY r.rate_plan_code, r.room_type_code LIMIT 1)
    UNION ALL
    SELECT n.rate_plan_code, n.room_type_code FROM priced p CROSS JOIN LATERAL (
        SELECT r.rate_plan_code, r.room_type_code FROM core.rates r
        WHERE r.source = (SELECT source FROM teller) AND r.property_id = :property_id
            AND (r.rate_plan_code, r.room_type_code) > (p.rate_plan_code, p.room_type_code)
        ORDER BY r.rate_plan_code, r.room_type_code LIMIT 1) n
), counted AS (
    SELECT min(room_type_code) AS room_type_code FROM core.inventory
        WHERE source = 'derived' AND property_id = :property_id
    UNION ALL
    SELECT (SELECT min(v.room_type_code) FROM core.inventory v WHERE v.source = 'derived'
        AND v.property_id = :property_id AND v.room_type_code > c.room_type_code)
    FROM counted c WHERE c.room_type_code IS NOT NULL
), known AS (
    SELECT room_type_code FROM priced UNION SELECT room_type_code FROM counted WHERE room_type_code IS NOT NULL
)
SELECT {", ".join(RoomType._fields)} FROM told WHERE is_active AND NOT is_pseudo AND NOT is_deleted
UNION ALL
SELECT :property_id, room_type_code, room_type_code, {", ".join(["NULL"] * 3)}, false, true, NULL, NULL, NULL, NULL
FROM known WHERE room_type_code NOT IN ('none', 'unmapped') AND room_type_code NOT IN (SELECT room_type_code FROM told)
ORDER BY room_type_code
"""

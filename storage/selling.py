"""What may be sold as it is now, always the whole state (law 12): counts per room type and date, prices per rate plan.

`SELLABLE` is the one place that says how many rooms are left; what is told to channels and what decides whether they
must be told anew both read it.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.codebook import ANY_PROPERTY
from hotel.rooms import Rate
from storage.engine import driver

# After a CTE `day` (property_id, stay_on), in a WITH RECURSIVE: `sellable`, a line per type the house has and date.
#   own_count   rooms of the type less those taken; NULL where nobody told how many there are; nought for a type given up
#   rest_count  rooms of the house less all taken, bookings that wait for a mapping included; NULL where not known
# Types are found by hopping through the key: reading every cell of a property would cost a webhook milliseconds. Nights
# of no type or an unmapped one are rooms of the house, but nothing that can be sold.
SELLABLE: Final = """
types AS (
    SELECT d.property_id, (SELECT min(v.room_type_code) FROM core.inventory v
        WHERE v.source = 'derived' AND v.property_id = d.property_id) AS room_type_code
    FROM (SELECT DISTINCT property_id FROM day) d
    UNION ALL
    SELECT t.property_id, (SELECT min(v.room_type_code) FROM core.inventory v
        WHERE v.source = 'derived' AND v.property_id = t.property_id AND v.room_type_code > t.room_type_code)
    FROM types t WHERE t.room_type_code IS NOT NULL
), kinds AS (
    SELECT property_id, room_type_code FROM types WHERE room_type_code IS NOT NULL
    UNION SELECT k.property_id, k.room_type_code FROM core.room_types k WHERE k.property_id IN (SELECT property_id FROM day)
), houses AS MATERIALIZED (
    SELECT d.property_id, d.stay_on, coalesce(p.room_count, (
            SELECT CASE WHEN bool_and(k.room_count IS NOT NULL) THEN sum(k.room_count) END FROM core.room_types k
            WHERE k.property_id = d.property_id AND NOT k.is_pseudo AND k.is_active
        )) - (
            SELECT coalesce(sum(w.room_count), 0) FROM ops.waiting_bookings w
            WHERE w.property_id = d.property_id AND w.is_inventory_held
                AND w.arrival_on <= d.stay_on AND w.departure_on > d.stay_on
        ) AS room_count
    FROM day d JOIN core.properties p USING (property_id)
), sellable AS (
    SELECT property_id, room_type_code, stay_on, physical_count, own_count, rest_count,
        CASE WHEN own_count IS NOT NULL THEN greatest(0, least(own_count, rest_count))::int END AS available_count
    FROM (
        SELECT h.property_id, k.room_type_code, h.stay_on, n.physical_count, t.is_pseudo,
            CASE WHEN NOT t.is_active OR t.is_deleted THEN 0 ELSE n.physical_count - n.taken_count END AS own_count,
            h.room_count - sum(n.taken_count) OVER (PARTITION BY h.property_id, h.stay_on) AS rest_count
        FROM houses h
        JOIN kinds k USING (property_id)
        LEFT JOIN core.room_types t ON (t.property_id, t.room_type_code) = (h.property_id, k.room_type_code)
        LEFT JOIN core.inventory v ON v.source = 'derived' AND v.property_id = h.property_id
            AND v.room_type_code = k.room_type_code AND v.stay_on = h.stay_on
        CROSS JOIN LATERAL (
            SELECT coalesce(v.physical_count, t.room_count) AS physical_count,
                coalesce(v.sold_count, 0) + coalesce(v.house_use_count, 0) + coalesce(v.out_of_order_count, 0) AS taken_count
        ) n
    ) counted
    WHERE is_pseudo IS NOT TRUE AND room_type_code NOT IN ('none', 'unmapped')
)"""

# Whose prices are a property's, (property_id, source): never those of a channel that is told ours.
TELLERS: Final = """(
    SELECT p.property_id, t.source FROM core.properties p CROSS JOIN LATERAL (
        SELECT c.source FROM (
            SELECT p.of_record_source AS source, 0 AS place WHERE p.of_record_source IS NOT NULL
            UNION ALL
            SELECT i.source, 1 FROM ops.integrations i
            WHERE i.property_id IN (p.property_id, '*') AND NOT i.pushes && ARRAY['rates', 'restrictions']
        ) c
        WHERE EXISTS (SELECT FROM core.rates r WHERE r.source = c.source AND r.property_id = p.property_id)
        ORDER BY c.place, c.source COLLATE "C" LIMIT 1
    ) t
)"""

Place = tuple[str, date]
RatePlace = tuple[str, str, date]


class Count(NamedTuple):
    """Rooms of a type that may be sold on a date, and how many there are; None: nobody told (law 13)."""

    available_count: int | None
    physical_count: int | None


def counts(connection: Connection, property_id: str, places: Iterable[Place]) -> dict[Place, Count]:
    """Count what may be sold of (room type, date) of one property; a type nobody knows has no count."""
    wanted = list(dict.fromkeys(places))
    values = {"property_id": property_id, "types": [each[0] for each in wanted], "days": [each[1] for each in wanted]}
    with driver(connection).cursor() as cursor:
        return {(row[0], row[1]): Count(*row[2:]) for row in cursor.execute(_COUNTS, values)}


def rates(connection: Connection, property_id: str, places: Iterable[RatePlace]) -> dict[RatePlace, list[Rate]]:
    """Give the stored prices and restrictions of (rate plan, room type, date), those of each occupancy in its order.

    They are those of one source: the property's source of record where it tells prices, else the first that does and is
    not told ours.
    """
    wanted = list(dict.fromkeys(places))
    values = {
        "property_id": property_id,
        "plans": [each[0] for each in wanted],
        "types": [each[1] for each in wanted],
        "days": [each[2] for each in wanted],
    }
    found: dict[RatePlace, list[Rate]] = {}
    with driver(connection).cursor() as cursor:
        for row in cursor.execute(_RATES, values):
            rate = Rate(*row)
            found.setdefault((rate.rate_plan_code, rate.room_type_code, rate.stay_on), []).append(rate)
    return found


def markups(connection: Connection, source: str, property_id: str) -> dict[str, Decimal]:
    """Give what a channel's rate plans cost more than ours, by its code: 0.15 is 15 %. The property's own word counts."""
    query = """
        SELECT DISTINCT ON (rate_plan_ref) rate_plan_ref, coalesce(markup_rate, 0) FROM ops.rate_plan_mappings
        WHERE source = :source AND property_id IN (:property_id, :any) ORDER BY rate_plan_ref, property_id = :any
    """
    given = {"source": source, "property_id": property_id, "any": ANY_PROPERTY}
    return {ref: rate for ref, rate in connection.execute(text(query), given) if rate}


_COUNTS: Final = f"""
WITH RECURSIVE cell AS MATERIALIZED (
    SELECT * FROM unnest(%(types)s::text[], %(days)s::date[]) AS c(room_type_code, stay_on)
), day AS MATERIALIZED (
    SELECT DISTINCT %(property_id)s::text AS property_id, stay_on FROM cell
), {SELLABLE}
SELECT room_type_code, stay_on, s.available_count, s.physical_count
FROM cell LEFT JOIN sellable s USING (room_type_code, stay_on)
"""
_RATES: Final = f"""
SELECT {", ".join(f"r.{name}" for name in Rate._fields)}
FROM {TELLERS} t
CROSS JOIN unnest(%(plans)s::text[], %(types)s::text[], %(days)s::date[]) AS c(rate_plan_code, room_type_code, stay_on)
JOIN core.rates r USING (source, property_id, rate_plan_code, room_type_code, stay_on)
WHERE t.property_id = %(property_id)s AND NOT r.is_deleted ORDER BY r.occupancy_count
"""

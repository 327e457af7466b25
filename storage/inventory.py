"""The inventory we derive from the nights of records of record: source `derived`, one line per room type and date.

Only under `storage.links.settle`, which holds a property's cells for one transaction at a time.
"""

from typing import Any, Final

import psycopg

from storage.holdings import HELD, start_holdings


def refresh_inventory(cursor: psycopg.Cursor[Any], *, load_id: int) -> int:
    """Add what `pg_temp.holdings` says to the cells it touches; give the number of cells written.

    A load pays for the nights it touched, however many others its cells count. `recount_inventory` must find nothing.
    """
    return cursor.execute(_ADD, {"load_id": load_id}).rowcount


def recount_inventory(cursor: psycopg.Cursor[Any], property_id: str, *, load_id: int) -> int:
    """Count a property's inventory from its nights again, as after a change of its rooms; give the cells that changed."""
    start_holdings(cursor)
    cursor.execute(_ALL, {"property_id": property_id})
    return refresh_inventory(cursor, load_id=load_id)


# What is known of physical rooms is today's room type; nobody tells out of order, blocks or overbooking yet: NULL.
_ADD: Final = """
INSERT INTO core.inventory AS t (
    source, property_id, room_type_code, stay_on, physical_count, sold_count, complimentary_count, house_use_count,
    tentative_count, available_count, source_version, received_seq, load_id, raw_ref, row_hash)
SELECT 'derived', h.property_id, h.room_type_code, h.stay_on, now.*, now.physical - now.sold - now.house_use,
    %(load_id)s, %(load_id)s, %(load_id)s, 'derived', decode(md5(now::text), 'hex')
FROM (
    SELECT property_id, room_type_code, stay_on, sum(sold) AS sold, sum(complimentary) AS complimentary,
        sum(house_use) AS house_use, sum(tentative) AS tentative
    FROM pg_temp.holdings GROUP BY property_id, room_type_code, stay_on
) h
LEFT JOIN core.room_types kind
    ON (kind.property_id, kind.room_type_code) = (h.property_id, h.room_type_code)
LEFT JOIN core.inventory was ON was.source = 'derived' AND was.property_id = h.property_id
    AND was.room_type_code = h.room_type_code AND was.stay_on = h.stay_on
CROSS JOIN LATERAL (
    SELECT kind.room_count AS physical,
        (coalesce(was.sold_count, 0) + h.sold)::int AS sold,
        (coalesce(was.complimentary_count, 0) + h.complimentary)::int AS complimentary,
        (coalesce(was.house_use_count, 0) + h.house_use)::int AS house_use,
        (coalesce(was.tentative_count, 0) + h.tentative)::int AS tentative
) AS now
ORDER BY h.property_id COLLATE "C", h.room_type_code COLLATE "C", h.stay_on
ON CONFLICT (source, property_id, room_type_code, stay_on) DO UPDATE SET
    physical_count = excluded.physical_count, sold_count = excluded.sold_count,
    complimentary_count = excluded.complimentary_count, house_use_count = excluded.house_use_count,
    tentative_count = excluded.tentative_count, available_count = excluded.available_count, read_at = now(),
    source_version = excluded.source_version, received_seq = excluded.received_seq, load_id = excluded.load_id,
    row_hash = excluded.row_hash, loaded_at = now(), changed_at = now()
WHERE t.row_hash <> excluded.row_hash
"""
# What it should be, minus what it is: the same sum as of any other load.
_ALL: Final = (
    "INSERT INTO pg_temp.holdings "
    + HELD.format(
        sign="1",
        bookings="""(
            SELECT NULL::bigint AS number, source, property_id, source_ref
            FROM core.reservations WHERE property_id = %(property_id)s)""",
        counts="r.is_of_record",
    )
    + """
UNION ALL
SELECT NULL, property_id, room_type_code, stay_on, 0, 0, -coalesce(sold_count, 0), -coalesce(complimentary_count, 0),
    -coalesce(house_use_count, 0), -coalesce(tentative_count, 0)
FROM core.inventory WHERE source = 'derived' AND property_id = %(property_id)s
"""
)

"""One stay counts once (law 17): the channel's copy is tied to the property's copy of record, whichever came first."""

from typing import Any, Final, NamedTuple

import psycopg
import pyarrow as pa

from storage.copying import stage
from storage.holdings import HELD
from storage.planning import analyze, is_many
from storage.upserting import ConcurrentLoadError

_KEY: Final = [(name, pa.string()) for name in ("source", "property_id", "source_ref")]
_COPIES: Final = pa.schema(
    [
        *_KEY,
        ("record_source", pa.string()),
        ("record_ref", pa.string()),
        ("is_other", pa.bool_()),
        ("total_minor", pa.int64()),
        ("record_total_minor", pa.int64()),
    ]
)


class Links(NamedTuple):
    """What linking the touched bookings came to.

    `linked_count`: copies that have their record; `not_linked_count`: touched copies of a property with a record source
    that have none (they stay of record); `difference_count`: linked copies that disagree with their record on dates,
    status or total.
    """

    linked_count: int
    not_linked_count: int
    difference_count: int


def settle(cursor: psycopg.Cursor[Any]) -> None:
    """Let one transaction at a time link and count the properties of the touched bookings, until it commits.

    Of two that write the two copies of a stay at once, the later one sees the other's. Taken after the rows are
    written, so that a long batch holds up the messages of its property for its last step only.
    """
    cursor.execute(_SETTLE)


def lock_copies(cursor: psycopg.Cursor[Any]) -> None:
    """Wait for whoever is writing a copy of a touched record, and keep others from it; before `settle`.

    For loads that are long to do again: whoever holds a copy then waits for us to settle, so we cannot wait for him.
    """
    cursor.execute(_LOCK_COPIES)


def link_copies(cursor: psycopg.Cursor[Any]) -> Links:
    """Tie touched copies to their records and touched records to their copies; only the record counts from here on.

    Copy and record agree on property and channel reference, and on the channel where both name one. The n-th room of the
    copy is the n-th of its records: a PMS may keep each room as a booking of its own. Raises ConcurrentLoadError where
    another transaction is writing a copy that would have to give way: run the transaction again.
    """
    stage(cursor, "copies", _COPIES.empty_table())
    found_count = cursor.execute(_FIND).rowcount
    if is_many(found_count):
        analyze(cursor, "pg_temp.copies")
    if found_count:
        stage(cursor, "yielded", pa.schema(_KEY).empty_table())
        cursor.execute(_LINK)
        cursor.execute(_YIELD)
        if cursor.execute(_IS_LEFT).fetchone():
            msg = "another transaction is writing a copy of what we write"
            raise ConcurrentLoadError(msg)
        cursor.execute(_UNCOUNT)
    row = cursor.execute(_COUNT).fetchone()
    return Links(*row) if row else Links(0, 0, 0)


# hashtextextended spreads the properties over the 64-bit space of advisory locks; the word keeps other uses apart.
_SETTLE: Final = """
SELECT count(pg_advisory_xact_lock(number)) FROM (
    SELECT DISTINCT hashtextextended('settle ' || property_id, 0) AS number FROM pg_temp.touched ORDER BY number
) locks
"""
_AGREE: Final = """
    {b}.property_id = {a}.property_id AND {b}.channel_ref = {a}.channel_ref
    AND coalesce(nullif(nullif({b}.channel_code, 'none'), 'unmapped')
        = nullif(nullif({a}.channel_code, 'none'), 'unmapped'), true)
"""
_FIND: Final = f"""
INSERT INTO pg_temp.copies
WITH mine AS (
    SELECT r.source, r.property_id, r.source_ref, r.channel_code, r.channel_ref, p.of_record_source
    FROM pg_temp.touched x
    JOIN core.reservations r USING (source, property_id, source_ref)
    JOIN core.properties p USING (property_id)
    WHERE p.of_record_source IS NOT NULL AND r.channel_ref IS NOT NULL
), found AS (
    SELECT source, property_id, source_ref, of_record_source FROM mine WHERE source <> of_record_source
    UNION
    SELECT copy.source, copy.property_id, copy.source_ref, of_record_source
    FROM mine JOIN core.reservations copy ON {_AGREE.format(a="mine", b="copy")} AND copy.source <> of_record_source
    WHERE mine.source = of_record_source
)
SELECT copy.source, copy.property_id, copy.source_ref, record.source, record.source_ref,
    (copy.arrival_on, copy.departure_on, copy.status)
        IS DISTINCT FROM (record.arrival_on, record.departure_on, record.status),
    copy.total_minor, record.total_minor
FROM found JOIN core.reservations copy USING (source, property_id, source_ref)
JOIN core.reservations record ON {_AGREE.format(a="copy", b="record")} AND record.source = of_record_source
"""
# A booking without rooms (a tombstone) is linked as a whole: room `*`. What a person linked stays as it is.
_LINK: Final = """
INSERT INTO core.reservation_links AS t (
    source, property_id, source_ref, room_ref, record_source, record_ref, record_room_ref, method)
SELECT source, property_id, source_ref, coalesce(copy.room_ref, '*'), record.record_source, record.record_ref,
    record.room_ref, 'channel_ref'
FROM (
    SELECT source, property_id, source_ref, room_ref, row_number() OVER (
        PARTITION BY source, property_id, source_ref
        ORDER BY coalesce(m.status IN ('cancelled', 'no_show'), false), room_ref) AS place
    FROM (SELECT DISTINCT source, property_id, source_ref FROM pg_temp.copies) c
    LEFT JOIN core.reservation_rooms m USING (source, property_id, source_ref)
) copy
JOIN (
    SELECT c.source, c.property_id, c.source_ref, record_source, record_ref, room_ref, row_number() OVER (
        PARTITION BY c.source, c.property_id, c.source_ref
        ORDER BY coalesce(m.status IN ('cancelled', 'no_show'), false), record_ref, room_ref) AS place
    FROM pg_temp.copies c
    LEFT JOIN core.reservation_rooms m ON (m.source, m.property_id, m.source_ref)
        = (c.record_source, c.property_id, c.record_ref)
) record USING (source, property_id, source_ref, place)
ON CONFLICT (source, property_id, source_ref, room_ref) DO UPDATE SET
    record_source = excluded.record_source, record_ref = excluded.record_ref,
    record_room_ref = excluded.record_room_ref, linked_at = now()
WHERE t.method = 'channel_ref' AND (t.record_source, t.record_ref, t.record_room_ref)
    IS DISTINCT FROM (excluded.record_source, excluded.record_ref, excluded.record_room_ref)
"""
_LOCK_COPIES: Final = f"""
SELECT FROM core.reservations copy
WHERE copy.is_of_record AND EXISTS (
    SELECT FROM pg_temp.touched x
    JOIN core.reservations mine USING (source, property_id, source_ref)
    JOIN core.properties p USING (property_id)
    WHERE mine.source = p.of_record_source AND copy.source <> p.of_record_source AND {_AGREE.format(a="mine", b="copy")})
ORDER BY source COLLATE "C", property_id COLLATE "C", source_ref COLLATE "C" FOR NO KEY UPDATE
"""
# Nobody waits for a copy here: who is writing it may wait for us to settle. It is not left to him either: where he is
# killed, or finds that there is nothing to write, nobody would ever see to it.
_YIELD: Final = """
WITH yielding AS (
    SELECT source, property_id, source_ref
    FROM core.reservations t
    WHERE is_of_record AND EXISTS (
        SELECT FROM pg_temp.copies c
        WHERE (c.source, c.property_id, c.source_ref) = (t.source, t.property_id, t.source_ref))
    FOR NO KEY UPDATE SKIP LOCKED
), yielded AS (
    UPDATE core.reservations t SET is_of_record = false FROM yielding y
    WHERE (t.source, t.property_id, t.source_ref) = (y.source, y.property_id, y.source_ref)
    RETURNING t.source, t.property_id, t.source_ref
)
INSERT INTO pg_temp.yielded SELECT source, property_id, source_ref FROM yielded
"""
_IS_LEFT: Final = """
SELECT true FROM core.reservations t JOIN pg_temp.copies c USING (source, property_id, source_ref) WHERE t.is_of_record LIMIT 1
"""
# Touched copies are noted after this as what they are now; the others must give back what they held till now.
_UNCOUNT: Final = "INSERT INTO pg_temp.holdings " + HELD.format(
    sign="-1",
    bookings="""(
        SELECT NULL::bigint AS number, * FROM (
            TABLE pg_temp.yielded EXCEPT SELECT source, property_id, source_ref FROM pg_temp.touched
        ) untouched)""",
    counts="true",
)
_COUNT: Final = """
SELECT count(*), (
        SELECT count(*) FROM pg_temp.touched x JOIN core.properties p USING (property_id)
        WHERE p.of_record_source <> x.source AND NOT EXISTS (
            SELECT FROM pg_temp.copies c
            WHERE (c.source, c.property_id, c.source_ref) = (x.source, x.property_id, x.source_ref))
    ), count(*) FILTER (WHERE differs)
FROM (
    SELECT bool_or(is_other) OR total_minor <> sum(record_total_minor) AS differs
    FROM pg_temp.copies GROUP BY source, property_id, source_ref, total_minor
) copy
"""

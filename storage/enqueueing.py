"""What must be told to channels anew: a row of the outbox, in the transaction that changed it.

A row names a thing, never a number: what is told of it is read when it is sent. So a thing waits once per channel, however
often it changes meanwhile; the row counts how often that was.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg
import pyarrow as pa

from storage.copying import stage
from storage.selling import SELLABLE, TELLERS

AVAILABILITY: Final = "availability"
RESTRICTIONS: Final = "restrictions"
RATES: Final = "rates"
KINDS: Final = (AVAILABILITY, RESTRICTIONS, RATES)
DAYS_AHEAD: Final = 500
_CHANGED_RATES: Final = ("source", "property_id", "rate_plan_code", "room_type_code", "stay_on", "is_stop_sell")


class Stretch(NamedTuple):
    """What is told from scratch: of one property, to one channel or to all (`*`), both dates included.

    `first_on` None: from the property's today on, which it never goes behind; `last_on` None: as far as is sold ahead.
    """

    property_id: str
    channel: str = "*"
    first_on: date | None = None
    last_on: date | None = None
    kinds: Sequence[str] = KINDS


def enqueue_changed_cells(cursor: psycopg.Cursor[Any], load_id: int) -> int:
    """Let every channel be told of the cells whose rooms the load took or gave back; give the number of rows.

    To be called under `storage.links.settle`, once the inventory is written, as late as its transaction allows. Where the
    house as a whole is what is short, its other types change with the one that was sold. The channel that sold is told
    like all others (docs/decisions/0010).
    """
    if not _is_anybody_told(cursor, (AVAILABILITY,)):
        return 0
    # The loader forbids hash joins for a handful of rows; the house's cells are never that few.
    before = cursor.execute("SELECT current_setting('enable_hashjoin'), set_config('enable_hashjoin', 'on', true)")
    row = before.fetchone()
    count = cursor.execute(_CELLS_CHANGED, {"caused_by": f"load:{load_id}"}).rowcount
    cursor.execute("SELECT set_config('enable_hashjoin', %s, true)", [row[0] if row else "on"])
    return count


def enqueue_changed_rates(cursor: psycopg.Cursor[Any], frame: pa.Table, load_id: int) -> int:
    """Let every channel be told of prices and restrictions just written, rows of the dataset `rates`; give the rows."""
    if not _is_anybody_told(cursor, (RATES, RESTRICTIONS)):
        return 0
    stage(cursor, "changed_rates", frame.select(_CHANGED_RATES))
    return cursor.execute(_RATES_CHANGED, {"caused_by": f"load:{load_id}"}).rowcount


def enqueue_house(cursor: psycopg.Cursor[Any], property_id: str, first_on: date, last_on: date, caused_by: str) -> int:
    """Let every channel be told of all room types of these dates: something took or gave back rooms of no type.

    The last thing of its transaction: it holds up the property's loads till the commit.
    """
    given = Stretch(property_id, first_on=first_on, last_on=last_on)
    return cursor.execute(_CELLS_OF_DATES, given._asdict() | {"caused_by": caused_by}).rowcount


def enqueue_stretch(cursor: psycopg.Cursor[Any], stretch: Stretch, caused_by: str) -> int:
    """Let channels be told everything of a stretch; give the rows. Waits for the load of the property that is at work."""
    settle = "SELECT pg_advisory_xact_lock(hashtextextended('settle ' || %s, 0))"
    cursor.execute(settle, [stretch.property_id])
    given = stretch._asdict() | {"kinds": list(stretch.kinds), "caused_by": caused_by}
    count = cursor.execute(_CELLS_OF_DATES, given).rowcount if AVAILABILITY in stretch.kinds else 0
    return count + (
        cursor.execute(_RATES_OF_DATES, given).rowcount if {RATES, RESTRICTIONS} & set(stretch.kinds) else 0
    )


def _is_anybody_told(cursor: psycopg.Cursor[Any], kinds: Sequence[str]) -> bool:
    query = "SELECT EXISTS (SELECT FROM ops.integrations WHERE pushes && %s::text[] AND went_live_on IS NOT NULL)"
    row = cursor.execute(query, [list(kinds)]).fetchone()
    return bool(row and row[0])


# Of a relation `told` (property_id, kind, room_type_code, rate_plan_code, stay_on, is_closed, source) to every account
# that is told this kind, for dates it is live for that are not over. An account in maintenance is told all of it after.
# Byte order, as everywhere: two transactions must not wait for each other in a circle.
_TO_CHANNELS: Final = """
INSERT INTO ops.outbox AS o (destination, kind, property_id, dedupe_key, payload, priority, expires_at, caused_by)
SELECT i.source, t.kind, t.property_id, k.dedupe_key, jsonb_strip_nulls(jsonb_build_object(
        'room_type', t.room_type_code, 'rate_plan', t.rate_plan_code, 'stay_on', t.stay_on)),
    CASE WHEN t.is_closed THEN 0 ELSE 5 END, (t.stay_on + 1)::timestamp AT TIME ZONE p.time_zone, %(caused_by)s
FROM told t
JOIN core.properties p USING (property_id)
JOIN ops.integrations i ON i.property_id = t.property_id AND t.kind = ANY(i.pushes) AND i.status <> 'maintenance'
    AND t.stay_on >= i.went_live_on AND i.source IS DISTINCT FROM t.source
    AND NOT coalesce(i.settings -> 'not_sold' ? t.room_type_code, false)
CROSS JOIN LATERAL (
    SELECT concat_ws(':', t.kind, t.property_id, {room_type}, {rate_plan}, t.stay_on) AS dedupe_key
) k
WHERE t.stay_on >= (now() AT TIME ZONE p.time_zone)::date {condition}
ORDER BY i.source COLLATE "C", k.dedupe_key COLLATE "C"
ON CONFLICT (destination, dedupe_key) WHERE status = 'pending' DO UPDATE
SET coalesced_count = o.coalesced_count + 1, priority = least(o.priority, excluded.priority), caused_by = excluded.caused_by
"""
# A code with the separator in it must not make the key of another thing.
_ESCAPED: Final = {
    name: f"replace(replace(t.{name}_code, '%%', '%%25'), ':', '%%3A')" for name in ("room_type", "rate_plan")
}
_TO_ALL: Final = _TO_CHANNELS.format(condition="", **_ESCAPED)
_TO_ONE_OR_ALL: Final = _TO_CHANNELS.format(condition="AND %(channel)s IN ('*', i.source)", **_ESCAPED)

_CELLS_CHANGED: Final = f"""
WITH RECURSIVE changed AS MATERIALIZED (
    SELECT h.property_id, h.room_type_code, h.stay_on, sum(h.sold + h.house_use)::int AS by_count
    FROM pg_temp.holdings h JOIN core.properties p USING (property_id)
    WHERE h.stay_on >= (now() AT TIME ZONE p.time_zone)::date AND EXISTS (
        SELECT FROM ops.integrations i WHERE i.property_id = h.property_id AND 'availability' = ANY(i.pushes))
    GROUP BY h.property_id, h.room_type_code, h.stay_on HAVING sum(h.sold + h.house_use) <> 0
), day AS MATERIALIZED (
    SELECT property_id, stay_on, sum(by_count) AS by_count FROM changed GROUP BY property_id, stay_on
), {SELLABLE}, told AS (
    SELECT property_id, 'availability' AS kind, room_type_code, NULL AS rate_plan_code, stay_on,
        s.available_count = 0 AS is_closed, NULL AS source
    FROM sellable s
    JOIN day d USING (property_id, stay_on)
    LEFT JOIN changed c USING (property_id, room_type_code, stay_on)
    WHERE c.by_count IS NOT NULL OR s.own_count IS NOT NULL
        AND greatest(0, least(s.own_count, s.rest_count)) <> greatest(0, least(s.own_count, s.rest_count + d.by_count))
) {_TO_ALL}
"""
# The first and the last date of a stretch, by the property's own calendar.
_DATES: Final = f"""
    SELECT property_id, greatest(coalesce(%(first_on)s::date, today), today) AS first_on,
        coalesce(%(last_on)s::date, today + {DAYS_AHEAD}) AS last_on
    FROM core.properties CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE time_zone)::date AS today) clock
    WHERE property_id = %(property_id)s
"""
_CELLS_OF_DATES: Final = f"""
WITH RECURSIVE day AS MATERIALIZED (
    SELECT property_id, first_on + n AS stay_on FROM ({_DATES}) d, generate_series(0, d.last_on - d.first_on) n
), {SELLABLE}, told AS (
    SELECT property_id, 'availability' AS kind, room_type_code, NULL AS rate_plan_code, stay_on,
        available_count = 0 AS is_closed, NULL AS source
    FROM sellable
) {_TO_ONE_OR_ALL}
"""
_RATES_TOLD: Final = """
    SELECT r.property_id, k.kind, r.room_type_code, r.rate_plan_code, r.stay_on,
        coalesce(bool_or(k.kind = 'restrictions' AND r.is_stop_sell), false) AS is_closed, r.source
    FROM {rates} JOIN {tellers} t USING (property_id, source)
    CROSS JOIN (VALUES ('restrictions'), ('rates')) AS k(kind)
    WHERE {condition} AND r.room_type_code NOT IN ('none', 'unmapped') AND r.rate_plan_code NOT IN ('none', 'unmapped')
    GROUP BY r.property_id, k.kind, r.room_type_code, r.rate_plan_code, r.stay_on, r.source
"""
_RATES_CHANGED: Final = f"""
WITH told AS (
    {_RATES_TOLD.format(rates="pg_temp.changed_rates r", tellers=TELLERS, condition="true")}
) {_TO_ALL}
"""
_RATES_OF_DATES: Final = f"""
WITH dates AS ({_DATES}), told AS (
    {
    _RATES_TOLD.format(
        rates="(SELECT r.* FROM core.rates r JOIN dates d USING (property_id) WHERE r.stay_on BETWEEN first_on AND last_on) r",
        tellers=TELLERS,
        condition="k.kind = ANY(%(kinds)s) AND NOT r.is_deleted",
    )
}
) {_TO_ONE_OR_ALL}
"""

"""Write reservations as a tree: the booking first, then what its message covers of rooms and nights (law 6).

Every row here belongs to a booking whose line this transaction has just locked or inserted, so rooms and nights need no
version check of their own. A cancel touches the booking's line and nothing else.
"""

from functools import cache
from typing import Any, Final, NamedTuple

import psycopg
import pyarrow as pa
from psycopg import sql

from storage.classify import told_beneath_a_cancel
from storage.copying import stage
from storage.frames import CARDS, EXTRAS, NIGHTS, RESERVATIONS, ROOMS, TABLES, TAXES
from storage.tables import core
from storage.upserting import TAIL, Written, content, names, ordered, values, written

STAGED: Final = "reservations_rows"
_KEY: Final = core.reservations.primary_key.columns.keys()
_FEES: Final = ("cancellation_fee_minor", "no_show_fee_minor", "is_fee_waived")
# What only the newest message says: an older one that arrives beneath a cancel leaves these as they are.
_NEWEST_ONLY: Final = {
    "status",
    "is_inventory_held",
    "cancelled_at",
    "cancelled_on",
    *_FEES,
    "source_version",
    "received_seq",
    "source_updated_at",
    "raw_ref",
    "row_hash",
}
# What belongs to a booking by its key, and what names each among the booking's own.
_OWN_KEYS: Final = {
    ROOMS: ["room_ref"],
    NIGHTS: ["room_ref", "stay_on"],
    TAXES: ["room_ref", "stay_on", "tax_code"],
    EXTRAS: ["extra_ref"],
    CARDS: ["card_ref"],
}
_CHILD_TAIL: Final = [name for name in TAIL if name != "warnings"]


class Told(NamedTuple):
    """Rows of bookings written: by messages that told them, by messages that only cancelled them."""

    told: Written
    cancelled: Written


def stage_stays(cursor: psycopg.Cursor[Any], frames: dict[str, pa.Table]) -> None:
    """Stage the frames; what belongs to a reservation takes key and tail from its line."""
    columns = ["row_number", *_KEY, *content(core.reservations), *TAIL, "action", "covers"]
    stage(cursor, STAGED, frames[RESERVATIONS].select(columns))
    for name, own in _OWN_KEYS.items():
        stage(cursor, f"{name}_rows", frames[name].select(["row_number", *own, *content(TABLES[name])]))


def lock_stored(cursor: psycopg.Cursor[Any]) -> None:
    """Lock those of the staged bookings that are stored already, before it is read what they hold."""
    cursor.execute(_LOCK)


def write_stays(cursor: psycopg.Cursor[Any], *, load_id: int, is_first: bool, has_cancels: bool) -> Told:
    """Write what is staged. `is_first`: none of these bookings is stored, so nothing of them is to be dropped."""
    told = written(cursor, _reservations(), load_id=load_id)
    cursor.execute(_children(ROOMS), {"load_id": load_id})
    if not is_first:
        cursor.execute(_DROP_ROOMS, {"load_id": load_id})
        for drop in (_DROP_NIGHTS, _DROP_TAXES, _DROP_EXTRAS, _DROP_CARDS):
            cursor.execute(drop)
    for name in (NIGHTS, TAXES, EXTRAS):
        cursor.execute(_children(name), {"load_id": load_id})
    cursor.execute(_cards(), {"load_id": load_id})
    return Told(told, written(cursor, _cancels(), load_id=load_id) if has_cancels else Written(0, 0))


@cache
def _reservations() -> sql.Composed:
    columns = [*content(core.reservations), *TAIL]
    return sql.SQL(_WRITE_RESERVATIONS).format(
        columns=names(columns),
        values=values(columns),
        assignments=sql.SQL(", ").join(
            sql.SQL(_IF_NEWER if column in _NEWEST_ONLY else "{0} = excluded.{0}").format(sql.Identifier(column))
            for column in columns
        ),
        order=ordered(core.reservations, "s"),
    )


@cache
def _children(name: str) -> sql.Composed:
    columns = content(TABLES[name])
    # The line of a room moves with the version that told it. What else is told as it is stored is not written again: a
    # check-in rewrites a booking's line, not its nights.
    unless = "" if name == ROOMS else "WHERE ({stored}) IS DISTINCT FROM ({told})"
    return sql.SQL(_WRITE_CHILDREN + unless).format(
        table=sql.Identifier(name),
        rows=sql.Identifier(f"{name}_rows"),
        own=names(_OWN_KEYS[name]),
        staged_own=names(_OWN_KEYS[name], "s"),
        columns=names([*columns, *_CHILD_TAIL]),
        values=sql.SQL(", ").join([values(columns), values(_CHILD_TAIL, "p")]),
        assignments=_taken([*columns, *_CHILD_TAIL]),
        stored=names(columns, "t"),
        told=names(columns, "excluded"),
    )


@cache
def _cards() -> sql.Composed:
    columns = content(core.virtual_cards)
    return sql.SQL(_WRITE_CARDS).format(
        columns=names([*columns, *_CHILD_TAIL]),
        values=sql.SQL(", ").join([values(columns), values(_CHILD_TAIL, "p")]),
        assignments=_taken([*columns, *_CHILD_TAIL]),
        stored=names(columns, "t"),
        told=names(columns, "excluded"),
    )


@cache
def _cancels() -> sql.Composed:
    said = ["status", "cancelled_at", "cancelled_on", *_FEES, *_CHILD_TAIL]
    columns = [*said, "is_inventory_held", "channel_code", "channel_ref", "group_ref", "currency"]
    return sql.SQL(_WRITE_CANCELS).format(
        columns=names(columns),
        values=values([*said]),
        assignments=_taken([*said, "is_inventory_held"]),
        order=ordered(core.reservations, "s"),
    )


def _taken(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in columns)


_LOCK: Final = """
SELECT count(*) FROM (
    SELECT FROM core.reservations t JOIN pg_temp.reservations_rows s USING (source, property_id, source_ref)
    ORDER BY source COLLATE "C", property_id COLLATE "C", source_ref COLLATE "C"
    FOR NO KEY UPDATE OF t
) locked
"""
_NEWER: Final = "(t.source_version, t.received_seq) < (excluded.source_version, excluded.received_seq)"
_IF_NEWER: Final = f"{{0}} = CASE WHEN {_NEWER} THEN excluded.{{0}} ELSE t.{{0}} END"
_COUNTED: Final = """
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
_WRITE_RESERVATIONS: Final = f"""
WITH written AS (
    INSERT INTO core.reservations AS t (source, property_id, source_ref, {{columns}}, load_id)
    SELECT s.source, s.property_id, s.source_ref, {{values}}, %(load_id)s
    FROM pg_temp.reservations_rows s WHERE s.action <> 'cancel' ORDER BY {{order}}
    ON CONFLICT (source, property_id, source_ref) DO UPDATE
    SET {{assignments}}, is_tombstone = false, is_deleted = false,
        load_id = excluded.load_id, loaded_at = now(), changed_at = now()
    WHERE {_NEWER} OR {told_beneath_a_cancel("excluded", "t")}
    {_COUNTED}
"""
_WRITE_CHILDREN: Final = """
INSERT INTO core.{table} AS t (source, property_id, source_ref, {own}, {columns}, load_id)
SELECT p.source, p.property_id, p.source_ref, {staged_own}, {values}, %(load_id)s
FROM pg_temp.{rows} s JOIN pg_temp.reservations_rows p USING (row_number)
ON CONFLICT (source, property_id, source_ref, {own}) DO UPDATE
SET {assignments}, is_deleted = false, load_id = excluded.load_id, loaded_at = now(), changed_at = now()
"""
_WRITE_CARDS: Final = """
INSERT INTO core.virtual_cards AS t (source, property_id, card_ref, reservation_ref, {columns}, load_id)
SELECT p.source, p.property_id, s.card_ref, p.source_ref, {values}, %(load_id)s
FROM pg_temp.virtual_cards_rows s JOIN pg_temp.reservations_rows p USING (row_number)
ON CONFLICT (source, property_id, card_ref) DO UPDATE
SET {assignments}, is_deleted = false, load_id = excluded.load_id, loaded_at = now(), changed_at = now()
WHERE ({stored}) IS DISTINCT FROM ({told})
"""
_DROP_ROOMS: Final = """
UPDATE core.reservation_rooms r
SET status = 'cancelled', load_id = %(load_id)s, loaded_at = now(), changed_at = now()
FROM pg_temp.reservations_rows p
WHERE p.action <> 'cancel' AND p.covers = 'reservation'
    AND (r.source, r.property_id, r.source_ref) = (p.source, p.property_id, p.source_ref)
    AND r.status NOT IN ('cancelled', 'no_show')
    AND NOT EXISTS (
        SELECT FROM pg_temp.reservation_rooms_rows s WHERE (s.row_number, s.room_ref) = (p.row_number, r.room_ref))
"""
# Nights of a lost room stay: they are the value that was lost.
_DROP_NIGHTS: Final = """
DELETE FROM core.room_nights n
USING pg_temp.reservations_rows p JOIN pg_temp.reservation_rooms_rows s USING (row_number)
WHERE (n.source, n.property_id, n.source_ref, n.room_ref) = (p.source, p.property_id, p.source_ref, s.room_ref)
    AND p.status NOT IN ('cancelled', 'no_show') AND s.status NOT IN ('cancelled', 'no_show')
    AND NOT EXISTS (
        SELECT FROM pg_temp.room_nights_rows told
        WHERE (told.row_number, told.room_ref, told.stay_on) = (p.row_number, n.room_ref, n.stay_on))
"""
_DROP_TAXES: Final = """
DELETE FROM core.room_night_taxes x
USING pg_temp.reservations_rows p JOIN pg_temp.room_nights_rows s USING (row_number)
WHERE (x.source, x.property_id, x.source_ref, x.room_ref, x.stay_on)
        = (p.source, p.property_id, p.source_ref, s.room_ref, s.stay_on)
    AND NOT EXISTS (
        SELECT FROM pg_temp.room_night_taxes_rows told
        WHERE (told.row_number, told.room_ref, told.stay_on, told.tax_code)
            = (p.row_number, x.room_ref, x.stay_on, x.tax_code))
"""
_DROP_EXTRAS: Final = """
DELETE FROM core.reservation_extras x
USING pg_temp.reservations_rows p
WHERE p.action <> 'cancel' AND p.covers = 'reservation'
    AND (x.source, x.property_id, x.source_ref) = (p.source, p.property_id, p.source_ref)
    AND NOT EXISTS (
        SELECT FROM pg_temp.reservation_extras_rows told
        WHERE (told.row_number, told.extra_ref) = (p.row_number, x.extra_ref))
"""
# A card that was charged is a fact of ours by then.
_DROP_CARDS: Final = """
DELETE FROM core.virtual_cards x
USING pg_temp.reservations_rows p
WHERE p.action <> 'cancel' AND p.covers = 'reservation' AND x.charged_minor IS NULL
    AND (x.property_id, x.source, x.reservation_ref) = (p.property_id, p.source, p.source_ref)
    AND NOT EXISTS (
        SELECT FROM pg_temp.virtual_cards_rows told
        WHERE (told.row_number, told.card_ref) = (p.row_number, x.card_ref))
"""
# A booking that is not known yet leaves a tombstone: its key, its channel's number, that it is cancelled and when.
# At the version just written beside it the cancel is the later one of its batch.
_WRITE_CANCELS: Final = f"""
WITH written AS (
    INSERT INTO core.reservations AS t (source, property_id, source_ref, {{columns}}, is_tombstone, load_id)
    SELECT s.source, s.property_id, s.source_ref, {{values}}, false, s.channel_code, s.channel_ref, s.group_ref,
        s.currency, true, %(load_id)s
    FROM pg_temp.reservations_rows s WHERE s.action = 'cancel' ORDER BY {{order}}
    ON CONFLICT (source, property_id, source_ref) DO UPDATE
    SET {{assignments}}, is_deleted = false, load_id = excluded.load_id, loaded_at = now(), changed_at = now()
    WHERE {_NEWER.replace("<", "<=")}
    {_COUNTED}
"""

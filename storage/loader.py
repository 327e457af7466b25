"""The one loader: rows that have a verdict into `core`, inside the caller's transaction, as often as it is called.

A batch of one property, in one transaction (a webhook micro-batch does the same without `lock`):

    with engine.begin() as connection:
        lock(connection, "reservations", property_id)
        read = frames("reservations", incoming, received_seq=batch_id)      # newest version of each key
        fates = classify(connection, read)                                  # what it would do to what is stored
        verdict = judge("reservations", fates.to_judge(), batch_id=..., facts=..., house=...)
        load_id = reserve_load(connection)
        counts = write(connection, verdict.passed, fates, load_id=load_id)  # rooms, nights, changes, links, inventory
        advance_versions(connection, fates, load_id=load_id)                # same content, newer version
        hold(connection, held, load_id=load_id)                             # refused by the mapping or the gate
        supersede(connection, fates, held)                                  # a good version ends an older bad one
        record_load(connection, load)
        advance_watermark(connection, ...)

`storage.retrying.in_transaction` runs such a function again when another transaction got in its way.
"""

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from sqlalchemy import Connection, Table

from hotel.incoming import CANCEL
from hotel.passed import PassedBatch
from storage.changes import record_changes
from storage.classify import BENEATH_CANCEL, CHANGED, NEW, REWRITTEN, STALE, UNCHANGED, VERSION_ONLY, Fates, classify
from storage.confirmations import enqueue_confirmations
from storage.conflicts import note_copies, note_overbooking
from storage.copying import stage
from storage.engine import driver
from storage.enqueueing import enqueue_changed_cells, enqueue_changed_rates
from storage.frames import GUESTS, RATES, RESERVATIONS, ROOMS, TABLES
from storage.guest_links import link_guests
from storage.holdings import note_after, note_before
from storage.inventory import refresh_inventory
from storage.links import Links, link_copies, lock_copies, settle
from storage.overlay import lock_stored, stage_stays, write_stays
from storage.planning import analyze, analyze_unknown, is_many, planned_for
from storage.upserting import ConcurrentLoadError, Written, insert_first, names, ordered, upsert

__all__ = ["ConcurrentLoadError", "Counts", "NotThatBatchError", "advance_versions", "classify", "lock", "write"]

# So many rows none of which is stored: worth a road of their own, and news to the planner.
_FIRST_LOAD: Final = 10_000
_STAYS: Final = ("core.reservations", "core.reservation_rooms", "core.room_nights")


class NotThatBatchError(ValueError):
    """What should be written is not what was classified and judged: a fault of the caller, nothing is written."""


class Counts(NamedTuple):
    """What became of a batch's rows. `inserted_count + updated_count` rows were written; `rewritten_count` of them anew.

    `unchanged_count` includes rows of which only the version moved; `repeated_count` rows were told twice in the batch.
    """

    inserted_count: int
    updated_count: int
    unchanged_count: int
    stale_count: int
    rewritten_count: int
    repeated_count: int
    links: Links = Links(0, 0, 0)


def lock(connection: Connection, dataset: str, property_id: str) -> None:
    """Let one batch of a dataset and property load at a time, until the transaction ends. Webhooks do not take it."""
    statement = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
    driver(connection).execute(statement, [f"load {dataset} {property_id}"])


def write(connection: Connection, passed: PassedBatch, fates: Fates, *, load_id: int) -> Counts:
    """Write what passed the gate of what `classify` found new or changed, and all that follows from it.

    Raises ConcurrentLoadError where the rows written are not those classified: run the transaction again.
    """
    frame = _of_this_batch(passed, fates)
    cursor = driver(connection).cursor()
    letters = fates.letters[_positions(fates, frame)]
    links = Links(0, 0, 0)
    done = Written(0, 0)
    with planned_for(cursor, frame.num_rows):
        if passed.dataset == RESERVATIONS and frame.num_rows:
            done, links = _write_stays(cursor, dict(passed.frames), letters, load_id)
        elif frame.num_rows:
            put = insert_first if _is_first_load(letters) else upsert
            done = _expect(put(cursor, passed.dataset, frame, load_id=load_id), letters)
        if passed.dataset == RATES and frame.num_rows:
            enqueue_changed_rates(cursor, frame, load_id)
        if passed.dataset == GUESTS:
            link_guests(cursor, frame.filter(pa.array(letters == NEW)))
    return Counts(
        inserted_count=done.inserted_count,
        updated_count=done.updated_count,
        unchanged_count=fates.count(UNCHANGED, VERSION_ONLY),
        stale_count=fates.count(STALE),
        rewritten_count=int((letters == REWRITTEN).sum()) + fates.frames.rewritten_count,
        repeated_count=fates.frames.repeated_count,
        links=links,
    )


def advance_versions(connection: Connection, fates: Fates, *, load_id: int) -> None:
    """Move the stored version of rows whose content is as stored; else a late message would pass for newer (law 6)."""
    rows = fates.rows(VERSION_ONLY)
    if rows.num_rows == 0:
        return
    cursor = driver(connection).cursor()
    table = TABLES[fates.frames.dataset]
    moving = {table: rows}
    if table.name == RESERVATIONS:  # a cancel says nothing of rooms: theirs stays the version that told them
        moving[TABLES[ROOMS]] = rows.filter(pc.not_equal(rows["action"], CANCEL))
    for moved, by in moving.items():
        staged = by.select([*table.primary_key.columns.keys(), "source_version", "received_seq"])
        stage(cursor, f"{table.name}_moved", staged)
        cursor.execute(_advance(moved, table), {"load_id": load_id})


def _write_stays(
    cursor: psycopg.Cursor[Any], frames: dict[str, pa.Table], letters: np.ndarray[Any, Any], load_id: int
) -> tuple[Written, Links]:
    is_first = bool((letters == NEW).all())
    is_cancel = np.asarray(pc.equal(frames[RESERVATIONS]["action"], CANCEL))
    stage_stays(cursor, frames)
    if not is_first:
        lock_stored(cursor)
    note_before(cursor, is_first=is_first)
    told, cancelled = write_stays(cursor, load_id=load_id, is_first=is_first, has_cancels=bool(is_cancel.any()))
    _expect(told, letters[~is_cancel])
    # A cancel that found a booking nobody had stored when it was classified has not given back what that one holds.
    _expect(cancelled, np.where(_is_told_too(frames[RESERVATIONS], is_cancel), CHANGED, letters)[is_cancel])
    if _is_first_load(letters):
        analyze(cursor, *_STAYS)
    else:
        analyze_unknown(cursor, *_STAYS)
    if is_many(len(letters)):
        lock_copies(cursor)
    settle(cursor)
    links = link_copies(cursor)
    if links.linked_count:
        note_copies(cursor)
    note_after(cursor)
    record_changes(cursor, load_id=load_id)
    refresh_inventory(cursor, load_id=load_id)
    note_overbooking(cursor)
    enqueue_confirmations(cursor)
    enqueue_changed_cells(cursor, load_id)
    return Written(told.inserted_count + cancelled.inserted_count, told.updated_count + cancelled.updated_count), links


def _is_told_too(frame: pa.Table, is_cancel: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Tell of which rows the same batch has a write: a cancel beside it finds the booking stored."""
    if not is_cancel.any():
        return is_cancel
    key = TABLES[RESERVATIONS].primary_key.columns.keys()
    keys = list(zip(*(frame[name].to_pylist() for name in key), strict=True))
    told = {keys[number] for number in np.flatnonzero(~is_cancel)}
    return np.array([key in told for key in keys], np.bool_)


def _is_first_load(letters: np.ndarray[Any, Any]) -> bool:
    return len(letters) >= _FIRST_LOAD and bool((letters == NEW).all())


def _expect(done: Written, letters: np.ndarray[Any, Any]) -> Written:
    new_count = int((letters == NEW).sum())
    if done != (new_count, len(letters) - new_count):
        msg = f"classified {new_count} new of {len(letters)}, wrote {done.inserted_count} new and {done.updated_count} changed"
        raise ConcurrentLoadError(msg)
    return done


def _of_this_batch(passed: PassedBatch, fates: Fates) -> pa.Table:
    frame: pa.Table = passed.frames[fates.frames.dataset]
    if passed.dataset != fates.frames.dataset or frame.num_rows != passed.row_count:
        msg = f"the verdict is of {passed.row_count} {passed.dataset}, the frame has {frame.num_rows} {fates.frames.dataset}"
        raise NotThatBatchError(msg)
    return frame


def _positions(fates: Fates, frame: pa.Table) -> np.ndarray[Any, Any]:
    numbers = np.asarray(fates.frames.parent["row_number"])
    found = np.searchsorted(numbers, np.asarray(frame["row_number"]))
    wanted = fates.is_one_of(NEW, CHANGED, REWRITTEN, BENEATH_CANCEL)
    if frame.num_rows and (found.max() >= len(numbers) or not wanted[found].all()):
        msg = "rows passed that were not to be written: judge what `Fates.to_judge` gives"
        raise NotThatBatchError(msg)
    return found


@cache
def _advance(moved: Table, table: Table) -> sql.Composed:
    key = table.primary_key.columns.keys()
    return sql.SQL(_ADVANCE).format(
        table=sql.Identifier(moved.name),
        staged=sql.Identifier(f"{table.name}_moved"),
        key=names(key),
        stored=names(key, "t"),
        locked=names(key, "l"),
        order=ordered(table, "s"),
    )


# PostgreSQL locks in the order of the inner query, so that two loads never wait for each other in a circle.
_ADVANCE: Final = """
WITH l AS MATERIALIZED (
    SELECT {key}, s.source_version, s.received_seq
    FROM core.{table} t JOIN pg_temp.{staged} s USING ({key})
    WHERE (t.source_version, t.received_seq) < (s.source_version, s.received_seq)
    ORDER BY {order} FOR NO KEY UPDATE OF t
)
UPDATE core.{table} t
SET source_version = l.source_version, received_seq = l.received_seq, load_id = %(load_id)s, loaded_at = now()
FROM l WHERE ({stored}) = ({locked}) AND (t.source_version, t.received_seq) < (l.source_version, l.received_seq)
"""

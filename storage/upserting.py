"""Write staged rows where they are newer: sorted, so that two loads never wait for each other in a circle."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import psycopg
import pyarrow as pa
from psycopg import sql
from sqlalchemy import Table, Text

from storage.copying import copy_in, stage
from storage.frames import TABLES

TAIL: Final = ("source_version", "received_seq", "source_updated_at", "raw_ref", "row_hash", "warnings")
# Set by the loader, never by a message.
_OURS: Final = {
    *TAIL, "load_id", "is_deleted", "loaded_at", "changed_at", "is_of_record", "is_tombstone", "read_at",
    "reservation_ref", "charged_minor", "refunded_minor",
}  # fmt: skip


class ConcurrentLoadError(Exception):
    """Another transaction wrote a row between our classification and our write: do the whole transaction again."""


class Written(NamedTuple):
    """Rows that one statement inserted and updated."""

    inserted_count: int
    updated_count: int


def upsert(cursor: psycopg.Cursor[Any], name: str, frame: pa.Table, *, load_id: int) -> Written:
    """Insert rows that are new and update those whose stored version is older, in the order of their keys."""
    table = TABLES[name]
    columns = [*table.primary_key.columns.keys(), *content(table), *TAIL]
    stage(cursor, f"{name}_rows", frame.select([column for column in columns if column in frame.column_names]))
    return written(cursor, _upsert(table), load_id=load_id)


def insert_first(cursor: psycopg.Cursor[Any], name: str, frame: pa.Table, *, load_id: int) -> Written:
    """Copy rows straight into a table that knows none of them: half the work of a first load.

    Raises ConcurrentLoadError where another transaction has inserted one of them meanwhile.
    """
    table = TABLES[name]
    key = table.primary_key.columns.keys()
    told = frame.sort_by([(column, "ascending") for column in key]).select(
        [column for column in (*key, *content(table), *TAIL) if column in frame.column_names]
    )
    try:
        copy_in(cursor, ("core", name), told.append_column("load_id", pa.repeat(load_id, told.num_rows)))
    except psycopg.errors.UniqueViolation:
        raise ConcurrentLoadError from None
    return Written(told.num_rows, 0)


def written(cursor: psycopg.Cursor[Any], statement: sql.Composed, **parameters: object) -> Written:
    """Run a statement that ends in RETURNING (xmax = 0) within a count; PostgreSQL marks updated rows by their xmax."""
    row = cursor.execute(statement, parameters).fetchone()
    return Written(*row) if row else Written(0, 0)


def content(table: Table) -> list[str]:
    """Name the columns that messages fill, without key and load tail."""
    return [
        column.name
        for column in table.columns
        if not column.primary_key and column.computed is None and column.name not in _OURS
    ]


def names(columns: list[str], prefix: str = "") -> sql.Composed:
    """List columns for SQL, each after its alias."""
    qualifier = sql.SQL(f"{prefix}." if prefix else "")
    return sql.SQL(", ").join(qualifier + sql.Identifier(column) for column in columns)


def values(columns: list[str], prefix: str = "s") -> sql.Composed:
    """List staged columns for SQL; where no row has a warning the column is not staged and all of it is NULL."""
    given = {"warnings": sql.SQL("coalesce({}, '{{}}')").format(sql.Identifier(prefix, "warnings"))}
    return sql.SQL(", ").join(given.get(column, sql.Identifier(prefix, column)) for column in columns)


def ordered(table: Table, prefix: str) -> sql.Composed:
    """Give the one order in which every statement of ours touches a table's keys: by bytes, whatever the locale."""
    by_bytes = sql.SQL(' COLLATE "C"')
    parts = (
        sql.Identifier(prefix, column.name) + (by_bytes if isinstance(column.type, Text) else sql.SQL(""))
        for column in table.primary_key.columns
    )
    return sql.SQL(", ").join(parts)


@lru_cache
def _upsert(table: Table) -> sql.Composed:
    columns = [*content(table), *TAIL]
    return sql.SQL(_UPSERT).format(
        table=sql.Identifier(table.name),
        rows=sql.Identifier(f"{table.name}_rows"),
        key=names(table.primary_key.columns.keys()),
        columns=names(columns),
        values=values(columns),
        order=ordered(table, "s"),
        assignments=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in columns),
    )


_UPSERT: Final = """
WITH written AS (
    INSERT INTO core.{table} AS t ({key}, {columns}, load_id)
    SELECT {key}, {values}, %(load_id)s FROM pg_temp.{rows} s ORDER BY {order}
    ON CONFLICT ({key}) DO UPDATE
    SET {assignments}, load_id = excluded.load_id, is_deleted = false, loaded_at = now(), changed_at = now()
    WHERE (t.source_version, t.received_seq) < (excluded.source_version, excluded.received_seq)
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""

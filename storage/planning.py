"""How PostgreSQL plans a load: a handful of rows and a hundred thousand want different plans of the same statements.

Nobody gathers statistics of a temporary table, and within a first load none of the tables it fills. So a micro-batch
is told to look its rows up by key, and a large one to let PostgreSQL look at what was staged, with no plan of before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

_FEW: Final = 200
# Joined in the order they are written in, what is staged first: a staged table is taken for 450 rows, and until the house
# is analysed for the first time its bookings for three, so that every booking was read for each of a handful.
_FEW_SETTINGS: Final = {"enable_hashjoin": "off", "enable_mergejoin": "off", "join_collapse_limit": "1"}
_MANY_SETTINGS: Final = {"work_mem": "128MB"}
_GROWN_BYTES: Final = 64 * 1024
_UNKNOWN: Final = """
SELECT count(*) > 0 FROM pg_class
WHERE oid = ANY(CAST(%s AS text[])::regclass[]) AND reltuples <= 0 AND pg_relation_size(oid) >= %s
"""


def is_many(row_count: int) -> bool:
    """Tell whether a load has so many rows that the planner must know of them."""
    return row_count >= _FEW


@contextmanager
def planned_for(cursor: psycopg.Cursor[Any], row_count: int) -> Iterator[None]:
    """Plan the statements within for this many staged rows; what the transaction does afterwards is as it was."""
    connection, threshold = cursor.connection, cursor.connection.prepare_threshold
    settings = _MANY_SETTINGS if is_many(row_count) else _FEW_SETTINGS
    if is_many(row_count):
        connection.prepare_threshold = None  # the plan psycopg has prepared was made for a micro-batch
    before = _set(cursor, settings)
    try:
        yield
    finally:
        connection.prepare_threshold = threshold
    _set(cursor, before)


def analyze(cursor: psycopg.Cursor[Any], *tables: str) -> None:
    """Let the planner know what the transaction has filled."""
    cursor.execute(
        sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(sql.Identifier(*name.split(".")) for name in tables))
    )


def analyze_unknown(cursor: psycopg.Cursor[Any], *tables: str) -> None:
    """Let the planner know of tables that have grown before anybody analysed them; another who does so is not waited for.

    Else the keys that a commit checks are looked up by the plan of an empty house, which reads the whole house for each.
    """
    found = cursor.execute(_UNKNOWN, [list(tables), _GROWN_BYTES]).fetchone()
    if found and found[0]:
        names = sql.SQL(", ").join(sql.Identifier(*name.split(".")) for name in tables)
        cursor.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(names))


def _set(cursor: psycopg.Cursor[Any], settings: dict[str, str]) -> dict[str, str]:
    calls = sql.SQL(", ").join(
        sql.SQL("current_setting({0}), set_config({0}, {1}, true)").format(name, value)
        for name, value in settings.items()
    )
    row = cursor.execute(sql.SQL("SELECT ") + calls).fetchone()
    return dict(zip(settings, row[::2] if row else (), strict=True))

"""Time partitions: months of `raw.pages` and `ops.requests`, years of `core.on_the_books`, made ahead of time.

A row outside every partition lands in the table's default one, so that a late caller loses nothing.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

MONTHS_AHEAD: Final = 3
_MONTHLY: Final = (("raw.pages", "fetched_at"), ("ops.requests", "sent_at"))
_YEARLY: Final = (("core.on_the_books", "snapshot_on"),)


class _Partition(NamedTuple):
    table: str
    column: str
    name: str
    first: date
    end: date


def add_partitions(connection: Connection, today: date) -> list[str]:
    """Make the partitions of this and the next three months and of this and the next year; give the new ones' names.

    A period that already has rows in the default partition stays there.
    """
    return [part.name for part in _due(today) if _is_missing(connection, part) and _create(connection, part)]


def _due(today: date) -> Iterator[_Partition]:
    for ahead in range(MONTHS_AHEAD + 1):
        first, end = _month(today, ahead), _month(today, ahead + 1)
        for table, column in _MONTHLY:
            yield _Partition(table, column, f"{table}_{first:%Y_%m}", first, end)
    for year in (today.year, today.year + 1):
        for table, column in _YEARLY:
            yield _Partition(table, column, f"{table}_{year}", date(year, 1, 1), date(year + 1, 1, 1))


def _month(today: date, ahead: int) -> date:
    years, month = divmod(today.month - 1 + ahead, 12)
    return date(today.year + years, month + 1, 1)


def _is_missing(connection: Connection, part: _Partition) -> bool:
    return connection.scalar(text("SELECT to_regclass(:name) IS NULL"), {"name": part.name}) is True


def _create(connection: Connection, part: _Partition) -> bool:
    taken = f"SELECT EXISTS (SELECT FROM {part.table}_default WHERE {part.column} >= :first AND {part.column} < :end)"
    if connection.scalar(text(taken), {"first": part.first, "end": part.end}):
        return False
    # Dates of ours, not input: DDL takes no parameters.
    connection.execute(
        text(f"CREATE TABLE {part.name} PARTITION OF {part.table} FOR VALUES FROM ('{part.first}') TO ('{part.end}')")
    )
    return True

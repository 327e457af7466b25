"""Rows of the house as Arrow tables: what a mapping understood, made ready for the gate and for COPY.

A frame is a `pyarrow.Table` named after its table in `core`, with the columns of the row's NamedTuple, typed as the
table types them (whole numbers are int64: a count too large for its column is the gate's to hold). `row_number` is
the row's position in the batch; rooms and nights carry their reservation's.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Table

from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Night, Reservation, Room
from hotel.rooms import Rate, RatePlan, RoomStatus, RoomType
from storage.collapsing import content_hash, newest
from storage.tables import core

RESERVATIONS: Final = "reservations"
ROOMS: Final = "reservation_rooms"
NIGHTS: Final = "room_nights"

# A dataset bears the name of the table its rows become.
TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        core.guests,
        core.reservations,
        core.reservation_rooms,
        core.room_nights,
        core.room_status,
        core.rates,
        core.room_types,
        core.rate_plans,
    )
}
_KINDS: Final[dict[str, Any]] = {
    "guests": Guest,
    RESERVATIONS: Reservation,
    ROOMS: Room,
    NIGHTS: Night,
    "room_status": RoomStatus,
    "rates": Rate,
    "room_types": RoomType,
    "rate_plans": RatePlan,
}
_INT: Final = pa.int64()
_TEXT: Final = pa.string()
_INSTANT: Final = pa.timestamp("us", "UTC")
_ARROW: Final = {Integer: _INT, Boolean: pa.bool_(), Date: pa.date32(), DateTime: _INSTANT}
_UNFIT: Final = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class Frames(NamedTuple):
    """One batch as Arrow tables, the newest version of each key only.

    `tables`: table name -> `pyarrow.Table`, the parent (named as the dataset) first; beside its columns it has the load
    tail, `has_versions`, and for reservations `action` and `covers`. `repeated_count`: rows another row of the batch
    made superfluous; `rewritten_count`: those among them that had the winner's version but other content.
    """

    dataset: str
    tables: dict[str, pa.Table]
    repeated_count: int = 0
    rewritten_count: int = 0

    @property
    def parent(self) -> pa.Table:
        """The frame with one line per row of the dataset."""
        return self.tables[self.dataset]


class UnfitValueError(ValueError):
    """A value that no column of its kind can hold: NUL, a lone surrogate, a float. The source's mapping is to mend."""

    def __init__(self, table: str, column: str, row_number: int) -> None:
        super().__init__(f"row {row_number}: {table}.{column} cannot hold the value its mapping gave: mend the mapping")
        self.table, self.column, self.row_number = table, column, row_number


def frames(dataset: str, rows: Sequence[Incoming], received_seq: int | Sequence[int]) -> Frames:
    """Turn the rows of one dataset into frames; `received_seq` is the batch's id, or each message's own.

    A row without a version of its own takes `received_seq` for it. Raises UnfitValueError, which names the row.
    """
    sequence = [received_seq] * len(rows) if isinstance(received_seq, int) else received_seq
    kept = newest(rows, sequence, len(TABLES[dataset].primary_key.columns))
    told = _fields(dataset, [row.row for row in kept.rows])
    parent = _content(dataset, kept.numbers, told) | _tail(dataset, kept.numbers, kept.rows, sequence)
    children = _children(kept.numbers, kept.rows) if dataset == RESERVATIONS else {}
    return Frames(dataset, {dataset: pa.table(parent)} | children, kept.repeated_count, kept.rewritten_count)


def take(tables: dict[str, pa.Table], row_numbers: pa.Array) -> dict[str, pa.Table]:
    """Give the tables with only the rows of these numbers and their children."""
    return {name: table.filter(pc.is_in(table["row_number"], value_set=row_numbers)) for name, table in tables.items()}


def _content(name: str, numbers: Sequence[int], told: dict[str, Sequence[Any]]) -> dict[str, pa.Array]:
    columns = TABLES[name].c
    return {"row_number": pa.array(numbers, _INT)} | {
        field: _typed(columns[field], values, numbers) for field, values in told.items() if field in columns
    }


def _fields(name: str, rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
    fields = _KINDS[name]._fields
    return dict(zip(fields, zip(*rows, strict=True) if rows else [()] * len(fields), strict=True))


def _tail(name: str, numbers: list[int], rows: list[Incoming], sequence: Sequence[int]) -> dict[str, pa.Array]:
    tail = {
        "source_version": pa.array(
            [
                sequence[number] if row.source_version is None else row.source_version
                for number, row in zip(numbers, rows, strict=True)
            ],
            _INT,
        ),
        "received_seq": pa.array([sequence[number] for number in numbers], _INT),
        "has_versions": pa.array([row.source_version is not None for row in rows], pa.bool_()),
        "source_updated_at": pa.array([row.source_updated_at for row in rows], _INSTANT),
        "raw_ref": pa.array([row.raw_ref for row in rows], _TEXT),
        "row_hash": pa.array([content_hash(row) for row in rows], pa.binary()),
        "warnings": pa.array([row.warnings for row in rows], pa.list_(_TEXT)),
    }
    if name == RESERVATIONS:
        tail["action"] = pa.array([row.action for row in rows], _TEXT)
        tail["covers"] = pa.array([row.covers for row in rows], _TEXT)
    return tail


def _children(numbers: list[int], rows: list[Incoming]) -> dict[str, pa.Table]:
    # A cancel says nothing of rooms and nights, whatever its message carried.
    stays: list[tuple[int, Any]] = [
        (number, row.row) for number, row in zip(numbers, rows, strict=True) if row.action != CANCEL
    ]
    rooms = [(number, stay, room) for number, stay in stays for room in stay.rooms]
    nights = [(number, stay, room.room_ref, night) for number, stay, room in rooms for night in room.nights]
    refs = {"room_ref": [room_ref for _, _, room_ref, _ in nights]}
    told_rooms = _key([stay for _, stay, _ in rooms]) | _fields(ROOMS, [room for _, _, room in rooms])
    told_nights = _key([stay for _, stay, _, _ in nights]) | refs | _fields(NIGHTS, [night for *_, night in nights])
    return {
        ROOMS: pa.table(_content(ROOMS, [number for number, _, _ in rooms], told_rooms)),
        NIGHTS: pa.table(_content(NIGHTS, [number for number, *_ in nights], told_nights)),
    }


def _key(stays: list[Reservation]) -> dict[str, Sequence[Any]]:
    return {name: [getattr(stay, name) for stay in stays] for name in ("source", "property_id", "source_ref")}


def _typed(column: Column[Any], values: Sequence[Any], numbers: Sequence[int]) -> pa.Array:
    try:
        return _array(_kind(column), values)
    except _UNFIT:
        culprit = next(i for i, value in enumerate(values) if not _fits(_kind(column), value))
        raise UnfitValueError(column.table.name, column.name, numbers[culprit]) from None


def _array(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    if kind == _INT:
        # Told the type, Arrow cuts 1.5 to 1 without a word: let it see for itself what it gets.
        seen = pa.array(values)
        if seen.type not in (_INT, pa.null()):
            raise pa.ArrowTypeError
        return seen.cast(_INT)
    array = pa.array(values, kind)
    if kind == _TEXT and pc.any(pc.match_substring(array, "\0")).as_py():
        raise pa.ArrowTypeError
    return array


def _fits(kind: pa.DataType, value: Any) -> bool:
    try:
        _array(kind, [value])
    except _UNFIT:
        return False
    return True


def _kind(column: Column[Any]) -> pa.DataType:
    for sql_type, kind in _ARROW.items():
        if isinstance(column.type, sql_type):
            return kind
    return _TEXT

"""The kinds of column the model speaks of: one function each, so that a name and a type always go together."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

AnyColumn = Column[Any]


def _column(name: str, kind: TypeEngine[Any], *, required: bool, default: str | None, personal: bool) -> AnyColumn:
    info = {"personal": True} if personal else {}
    return Column(
        name, kind, nullable=not required, server_default=None if default is None else text(default), info=info
    )


def key(name: str, kind: type[TypeEngine[Any]] = Text) -> AnyColumn:
    """Make a part of the primary key; its place in the key is its place in the table."""
    return Column(name, kind(), primary_key=True, autoincrement=False)


def natural_key() -> list[AnyColumn]:
    """Make the key of what a source tells of: (source, property_id, source_ref)."""
    return [key("source"), key("property_id"), key("source_ref")]


def key_letters(name: str, length: int) -> AnyColumn:
    """Make a part of the primary key of exactly so many letters."""
    return Column(name, CHAR(length), primary_key=True)


def key_instant(name: str) -> AnyColumn:
    """Make a part of the primary key that is a UTC instant."""
    return Column(name, DateTime(timezone=True), primary_key=True)


def our_id(name: str) -> AnyColumn:
    """Make an `_id` of ours: a number PostgreSQL gives."""
    return Column(name, BigInteger, Identity(always=False), primary_key=True)


def words(name: str, *, required: bool = False, default: str | None = None, personal: bool = False) -> AnyColumn:
    """Make a text column (`_code`, `_ref`, names); `default` is an SQL expression."""
    return _column(name, Text(), required=required, default=default, personal=personal)


def letters(name: str, length: int, *, required: bool = False) -> AnyColumn:
    """Make a column of exactly so many letters: a country (2) or a currency (3)."""
    return _column(name, CHAR(length), required=required, default=None, personal=False)


def currency(*, required: bool = False) -> AnyColumn:
    """Make the ISO 4217 currency of the money beside it."""
    return letters("currency", 3, required=required)


def minor(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a money column: integer minor units of the `currency` beside it."""
    return _column(name, BigInteger(), required=required, default=default, personal=False)


def number(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a 64-bit number: an id of ours elsewhere, a version, bytes."""
    return _column(name, BigInteger(), required=required, default=default, personal=False)


def count(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a count of things."""
    return _column(name, Integer(), required=required, default=default, personal=False)


def rate(name: str, digits: int = 9, decimals: int = 8) -> AnyColumn:
    """Make an exact fraction: a share between 0 and 1 (`_rate`, a probability), degrees."""
    return Column(name, Numeric(digits, decimals))


def few(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a small count: people in a room, attempts, a version of a report."""
    return _column(name, SmallInteger(), required=required, default=default, personal=False)


def flag(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a yes or no; NULL where the source does not say."""
    return _column(name, Boolean(), required=required, default=default, personal=False)


def day(name: str, *, required: bool = False, personal: bool = False) -> AnyColumn:
    """Make a hotel-local date (`_on`)."""
    return _column(name, Date(), required=required, default=None, personal=personal)


def instant(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a UTC instant (`_at`)."""
    return _column(name, DateTime(timezone=True), required=required, default=default, personal=False)


def octets(name: str, *, required: bool = False, personal: bool = False) -> AnyColumn:
    """Make a column of bytes: a hash, a body, a sealed secret."""
    return _column(name, LargeBinary(), required=required, default=None, personal=personal)


def document(name: str, *, required: bool = False, default: str | None = None, personal: bool = False) -> AnyColumn:
    """Make a jsonb column."""
    return _column(name, JSONB(), required=required, default=default, personal=personal)


def word_list(name: str, *, required: bool = False, default: str | None = None) -> AnyColumn:
    """Make a `text[]` column."""
    return _column(name, ARRAY(Text()), required=required, default=default, personal=False)


def few_list(name: str) -> AnyColumn:
    """Make a `smallint[]` column; NULL where the source does not say."""
    return _column(name, ARRAY(SmallInteger()), required=False, default=None, personal=False)


def time_of_day(name: str) -> AnyColumn:
    """Make a local time of day, of every day or of one that stands beside it."""
    return _column(name, Time(), required=False, default=None, personal=False)


def one_of(column: str, vocabulary: Iterable[str], *, suffix: str = "") -> CheckConstraint:
    """Hold a column to a closed vocabulary. NULL passes, as in any CHECK."""
    listed = ", ".join(f"'{word}'" for word in vocabulary)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}{suffix}")


def load_tail() -> list[AnyColumn]:
    """Make the tail of every table the loader writes: version, origin, content hash, warnings, when."""
    return [
        number("source_version", required=True),
        number("received_seq", required=True),
        instant("source_updated_at"),
        number("load_id", required=True),
        words("raw_ref", required=True),
        octets("row_hash", required=True),
        flag("is_deleted", required=True, default="false"),
        word_list("warnings", required=True, default="'{}'"),
        instant("loaded_at", required=True, default="now()"),
        instant("changed_at", required=True, default="now()"),
    ]

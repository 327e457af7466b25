"""Text of a message into dates, instants, counts and amounts; what is none of them refuses the booking by its field."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from connectors.reading import RefuseError, minor

_LONGEST_AMOUNT = 40


def required(told: str | None, column: str) -> str:
    """Give what must be there."""
    if not told:
        code = "field_missing"
        raise RefuseError(code, column)
    return told


def day(told: str | None, column: str) -> date:
    """Give a date as it stands, never through a zone."""
    text = required(told, column)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unreadable(column, text) from None


def stamp(told: str | None, column: str) -> datetime:
    """Give a time stamp; without an offset it is naive."""
    text = required(told, column)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _unreadable(column, text) from None


def whole(told: str | None, column: str) -> int | None:
    """Give a count, None where none is told."""
    if told is None:
        return None
    if not (told.isascii() and told.isdecimal() and len(told) < 10):  # noqa: PLR2004 nobody brings a billion guests
        raise _unreadable(column, told)
    return int(told)


def amount(told: str | None, decimals: int, column: str) -> int | None:
    """Give an amount in minor units, exactly, None where none is told."""
    return None if told is None else minor(number(told, column), decimals, column)


def number(told: str, column: str) -> Decimal:
    """Give a number in major units."""
    try:
        return Decimal(told if len(told) <= _LONGEST_AMOUNT else "")
    except InvalidOperation:
        raise _unreadable(column, told) from None


def _unreadable(column: str, told: str) -> RefuseError:
    return RefuseError("unreadable", column, told)

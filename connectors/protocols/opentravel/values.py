"""Texts of a message into dates, instants, counts and amounts; whatever is there and cannot be read refuses its row."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from connectors.reading import RefuseError

_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2}|[T ].*)?")
_AMOUNT: Final = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,12})?|\.\d{1,12})")
_COUNT: Final = re.compile(r"\+?\d{1,9}")
_SPAN: Final = re.compile(r"P?(?:(\d{1,4})D)?(?:(\d{1,4})[Nn])?(?:(\d{1,3})W)?(?:T0H)?")
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


def day(told: str | None, column: str) -> date | None:
    """Read a date; of a date with a time only the date counts, as it stands (law 9)."""
    if told is None:
        return None
    matched = _DAY.fullmatch(told)
    if matched:
        try:
            return date.fromisoformat(matched[1])
        except ValueError:
            pass
    raise unreadable(column, told)


def instant(told: str | None, column: str) -> datetime | None:
    """Read a time stamp, aware where it has an offset."""
    if told is None:
        return None
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        raise unreadable(column, told) from None


def clock(told: str | None) -> time | None:
    """Read a time of day, or of a time stamp; None where it cannot be read: nobody plans by it alone."""
    if told is None:
        return None
    try:
        return time.fromisoformat(told.rpartition("T")[2]).replace(tzinfo=None)
    except ValueError:
        return None


def count(told: str | None, column: str) -> int | None:
    """Read a count, not negative."""
    if told is None:
        return None
    if not _COUNT.fullmatch(told):
        raise unreadable(column, told)
    return int(told)


def amount(told: str | None, column: str) -> Decimal | None:
    """Read an amount: digits, a sign, one decimal point, nothing else."""
    if told is None:
        return None
    if not _AMOUNT.fullmatch(told):
        raise unreadable(column, told)
    return Decimal(told)


def flag(told: str | None) -> bool | None:
    """Read yes or no; None where it is neither."""
    folded = (told or "").lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def nights_of(told: str | None, column: str) -> int | None:
    """Read the length of a stay: `P3D`, `P3N`, `P1W` or a bare number of nights."""
    if told is None:
        return None
    if _COUNT.fullmatch(told):
        return int(told)
    matched = _SPAN.fullmatch(told)
    if matched is None or not any(matched.groups()):
        raise unreadable(column, told)
    days, nights, weeks = (int(each) if each else 0 for each in matched.groups())
    # A package of three days and two nights is two nights long.
    return (nights or days) + 7 * weeks


def unreadable(column: str, told: object) -> RefuseError:
    """Give the refusal of a value that cannot be read."""
    return RefuseError("unreadable", column, told)

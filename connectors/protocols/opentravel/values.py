"""Texts of a message into dates, instants, counts and amounts; whatever is there and cannot be read refuses its row."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from connectors.reading import RefuseError

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2}|[T ].*)?")
_AMOUNT: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_COUNT: Final = re.compile(r"\+?[0-9]{1,9}")
_NIGHTS: Final = re.compile(r"[0-9]{1,4}")
_SPAN: Final = re.compile(
    r"P(?:0Y)?(?:0M)?(?:([0-9]{1,4})D)?(?:([0-9]{1,4})N)?(?:([0-9]{1,3})W)?(?:T0H(?:0M)?(?:0S)?)?"
)
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


def day(told: str | None, column: str) -> date | None:
    """Read a date of these times; of a date with a time only the date counts, as it stands (law 9)."""
    found = _day(told, column)
    if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise unreadable(column, told)
    return found


def until(told: str | None, column: str) -> date | None:
    """Read the end of a validity, which may be as far away as a calendar goes."""
    found = _day(told, column)
    return found if found is None else min(found, date(LAST_YEAR, 12, 31))


def instant(told: str | None, column: str) -> datetime | None:
    """Read a time stamp, aware where it has an offset."""
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise unreadable(column, told) from None
    if not FIRST_YEAR < found.year < LAST_YEAR:
        raise unreadable(column, told)
    return found


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
    if _NIGHTS.fullmatch(told):
        return int(told)
    matched = _SPAN.fullmatch(told)
    if matched is None or not any(matched.groups()):
        raise unreadable(column, told)
    days, nights, weeks = (int(each) if each else 0 for each in matched.groups())
    # A package of three days and two nights is two nights long.
    return (nights or days) + 7 * weeks


def _day(told: str | None, column: str) -> date | None:
    if told is None:
        return None
    matched = _DAY.fullmatch(told)
    if matched:
        try:
            return date.fromisoformat(matched[1])
        except ValueError:
            pass
    raise unreadable(column, told)


def unreadable(column: str, told: object) -> RefuseError:
    """Give the refusal of a value that cannot be read."""
    return RefuseError("unreadable", column, told)

"""Texts into values: memoised, because an export repeats itself; what cannot be read is said, never guessed."""

import re
from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from connectors.file_drop.dates import DateFormat, month_numbers, possible_formats, read_iso, unstated_format
from connectors.file_drop.rules import FileRule
from hotel.incoming import Reason, shape_of
from hotel.money import InexactAmountError, exponent, to_minor

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_FLAGS: Final = {"1": True, "true": True, "yes": True, "y": True, "0": False, "false": False, "no": False, "n": False}
_COUNT: Final = re.compile(r"(\d{1,9})(?:[.,]0+)?", re.ASCII)
_MAX_COUNT: Final = 32_767  # what a smallint holds


class Unreadable(Exception):  # noqa: N818 a row's finding, not a failure of ours
    """One value of a row cannot be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class Memo(dict[Key, Value]):
    """Values by their text. A text is read once; one that cannot be read raises each time."""

    def __init__(self, read: Callable[[Key], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Key) -> Value:
        value = self[text] = self._read(text)
        return value


class Reader:
    """How one export writes its values. `nulls` are the texts that mean nothing; all texts lose their outer blanks."""

    def __init__(self, rule: FileRule, export: str) -> None:
        self._export = export
        self._rule = rule
        self._nulls = {"", *rule.null_texts}
        self._months = month_numbers(rule.month_names)
        mark, thousands = re.escape(rule.decimal_mark), re.escape(rule.thousands_mark)
        grouped = rf"|\d{{1,3}}(?:{thousands}\d{{3}})+" if thousands else ""
        self._number = re.compile(rf"-?(?:\d+{grouped})(?:{mark}\d+)?", re.ASCII)

    def text(self, text: str) -> str | None:
        """Read a text; None where it is one of the null texts."""
        kept = text.strip()
        return None if kept in self._nulls else kept

    def required(self, column: str, text: str) -> str:
        """Read a text that must not be null."""
        kept = self.text(text)
        if kept is None:
            raise Unreadable(Reason("value_missing", column, shape_of(text)))
        return kept

    def count(self, column: str, text: str) -> int | None:
        """Read a whole number, also written `2.0`."""
        kept = self.text(text)
        if kept is None:
            return None
        found = _COUNT.fullmatch(kept)
        if not found or int(found[1]) > _MAX_COUNT:
            raise Unreadable(Reason("count_unreadable", column, shape_of(kept)))
        return int(found[1])

    def flag(self, column: str, text: str) -> bool | None:
        """Read yes or no (also 1/0, true/false, y/n)."""
        kept = self.text(text)
        if kept is not None and kept.casefold() not in _FLAGS:
            raise Unreadable(Reason("flag_unreadable", column, shape_of(kept)))
        return None if kept is None else _FLAGS[kept.casefold()]

    def day(self, column: str, text: str, stated: DateFormat | None) -> date | None:
        """Read a date by the stated format, else as ISO; FixMapping where a format must be stated for it."""
        kept = self.text(text)
        if kept is None:
            return None
        day = stated.read(kept) if stated else read_iso(kept)
        if day:
            return day
        possible = [] if stated else possible_formats(kept, self._rule.month_names)
        if possible:
            raise unstated_format(column, kept, possible, self._export)
        raise Unreadable(Reason("date_unreadable", column, shape_of(kept)))

    def day_of_parts(self, column: str, year: str, month: str, day: str) -> date:
        """Read a date from its parts; the month by number or name."""
        number = self._months.get(month.strip().casefold()) or month
        try:
            return date(int(year), int(number), int(day))
        except (ValueError, OverflowError):
            raise Unreadable(Reason("date_unreadable", column, shape_of(f"{year}-{month}-{day}"))) from None

    def amount(self, column: str, text: str, currency: str) -> int:
        """Read an amount into minor units of the currency, exactly."""
        kept = self.required(column, text)
        if not self._number.fullmatch(kept):
            raise Unreadable(Reason("price_unreadable", column, shape_of(kept)))
        plain = kept.replace(self._rule.thousands_mark, "") if self._rule.thousands_mark else kept
        try:
            return to_minor(Decimal(plain.replace(self._rule.decimal_mark, ".")), exponent(currency))
        except InexactAmountError:
            reason = Reason("decimals_exceed_currency", column, shape_of(kept))
        except ValueError:
            reason = Reason("price_unreadable", column, shape_of(kept))
        raise Unreadable(reason)

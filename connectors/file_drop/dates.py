"""Dates as exports write them: by a stated format, or ISO. A date that could be read in two ways is never read."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from connectors.errors import FixMapping

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
ISO: Final = "yyyy-mm-dd"
_NAME = r"[^\W\d_]+\.?"
# Longest first: `mmm` must not be read as `mm` and `m`. The time of day may be written and is not used.
_TOKENS: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
    "mmmm": rf"(?P<name>{_NAME})",
    "mmm": rf"(?P<name>{_NAME})",
    "mm": r"(?P<month>\d{2})",
    "mi": r"\d{2}",
    "m": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "hh": r"\d{1,2}",
    "ss": r"\d{2}",
}
_SPLIT = re.compile("(" + "|".join(_TOKENS) + ")")
_TIME_PARTS: Final = frozenset({"hh", "mi", "ss"})
_WORDS: Final = {"y": "year", "m": "month", "d": "day"}
_ORDERS: Final = ("m{0}d{0}yyyy", "d{0}m{0}yyyy", "yyyy{0}m{0}d", "yyyy{0}d{0}m")
_SHORT_ORDERS: Final = ("m{0}d{0}yy", "d{0}m{0}yy", "yy{0}m{0}d")
_NAMED_ORDERS: Final = ("d{0}mmm{0}yyyy", "d{0}mmm{0}yy", "mmm{0}d, yyyy", "yyyy{0}mmm{0}d")
_SOLID: Final = ("yyyymmdd", "ddmmyyyy", "mmddyyyy")
_TIMES: Final = ("", " hh:mi", " hh:mi:ss", "Thh:mi", "Thh:mi:ss")


def month_numbers(names: Sequence[str] = MONTHS) -> dict[str, int]:
    """Give month numbers by folded name; the English names also by their first three letters (`jul`)."""
    numbers = {name.casefold(): number for number, name in enumerate(names, 1)}
    if tuple(names) == MONTHS:
        numbers |= {name[:3].casefold(): number for number, name in enumerate(names, 1)}
    return numbers


class DateFormat:
    """A date format in tokens: yyyy yy (20yy), mmmm and mmm (a month's name), mm m dd d, hh mi ss (ignored).

    Raises FixMapping where the format does not name a year, a month and a day once each.
    """

    def __init__(self, text: str, month_names: Sequence[str] = MONTHS) -> None:
        self.text = text
        self.parts = [part for part in _SPLIT.split(text) if part]
        self.names = month_names
        self._numbers = month_numbers(month_names)
        named = sorted(part[0] for part in self.parts if part in _TOKENS and part not in _TIME_PARTS)
        if named != ["d", "m", "y"]:
            msg = f'date_format = "{text}" must have one year, one month and one day, like "{ISO}" or "m/d/yyyy"'
            raise FixMapping(msg)
        self._pattern = re.compile("".join(_TOKENS.get(part) or re.escape(part) for part in self.parts), re.ASCII)
        if "name" in self._pattern.groupindex:  # month names are not ASCII in most languages
            self._pattern = re.compile(self._pattern.pattern)

    def read(self, text: str) -> date | None:
        """Read a date; None where the text is not of this format or no such day exists."""
        found = self._pattern.fullmatch(text)
        if not found:
            return None
        parts = found.groupdict()
        name = parts.get("name")
        month = self._numbers.get(name.rstrip(".").casefold(), 0) if name else int(parts["month"])
        year = int(parts["year"]) + (2000 if len(parts["year"]) == len("yy") else 0)
        try:
            return date(year, month, int(parts["day"]))
        except ValueError:
            return None

    def write(self, day: date) -> str:
        """Write a date so that `read` gives it back: for cells that come as dates, not as text."""
        name = self.names[day.month - 1]
        short = name[:3] if tuple(self.names) == MONTHS else name
        texts = {"yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}", "mmmm": name, "mmm": short}
        texts |= {"mm": f"{day.month:02}", "m": str(day.month), "dd": f"{day.day:02}", "d": str(day.day)}
        texts |= {"hh": "00", "mi": "00", "ss": "00"}
        return "".join(texts.get(part, part) for part in self.parts)


_ISO_FORMATS: Final = tuple(DateFormat(ISO + time) for time in _TIMES)


def read_iso(text: str) -> date | None:
    """Read an ISO date, with or without a time of day; None for any other text. The one format that needs no stating."""
    return next((day for each in _ISO_FORMATS if (day := each.read(text))), None)


def _words(date_format: str) -> str:
    parts = [part for part in _SPLIT.split(date_format) if part in _TOKENS and part not in {"yyyy", *_TIME_PARTS}]
    return "/".join(_WORDS[part[0]] for part in parts)


def possible_formats(text: str, month_names: Sequence[str] = MONTHS) -> list[str]:
    """List the formats a text could be of; empty where it looks like no date at all."""
    day, blank, time = text.partition("T" if "T" in text else " ")
    tails = [""] if not re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?", time) else [tail for tail in _TIMES if tail[:1] == blank]
    whole = text if tails == [""] else day
    separator = next((char for char in whole if not char.isalnum()), "")
    orders = (*_ORDERS, *_SHORT_ORDERS, *_NAMED_ORDERS) if separator else _SOLID
    formats = [order.format(separator) + tail for order in orders for tail in tails]
    return [each for each in formats if DateFormat(each, month_names).read(text)]


def unstated_format(column: str, text: str, formats: Sequence[str], export: str) -> FixMapping:
    """Make the refusal that says what to state: the format of a column whose dates are not ISO."""
    words = " or ".join(dict.fromkeys(map(_words, formats)))
    finding = f"can be {words}" if len(formats) > 1 else f"is not an ISO date ({ISO})"
    choices = " or ".join(f'"{each}"' for each in formats)
    return FixMapping(f"{column}: '{text}' {finding}: state date_format = {choices} in exports/{export}.toml")

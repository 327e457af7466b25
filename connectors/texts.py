"""Counts and references as sources write them: numbers by one, text by another, sometimes both in one message."""

from typing import Final

from connectors.reading import RefuseError

Count = int | str
_MOST_DIGITS: Final = 6


def count(told: Count | None, column: str) -> int | None:
    """Read a count told as a number or text; None where nothing is told, refuses what is none."""
    text = "" if told is None else str(told).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        code = "unreadable"
        raise RefuseError(code, column, told)
    return int(text)


def ref(told: Count | None) -> str | None:
    """Give a reference as text, None where nothing is told."""
    return None if told is None else str(told).strip() or None

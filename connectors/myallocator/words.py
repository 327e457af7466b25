"""The vendor's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final

from connectors.myallocator.shapes import Count, Flag
from connectors.reading import RefuseError

_FLAGS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
# Who takes the guest's money, by the first word of what channels say.
COLLECTS: Final[Mapping[str, str]] = {
    "property": "property",
    "hotel": "property",
    "channel": "channel",
    "ota": "channel",
    "booking": "channel",
}
# A room of the channel that is mapped to none of ours.
NO_ROOM: Final = "-1"


def flag(told: Flag, column: str) -> bool:
    """Read a flag told as a boolean, a number or text; refuses what is none."""
    known = _FLAGS.get(str(told).strip().lower())
    if known is None:
        code = "status_unknown"
        raise RefuseError(code, column, told)
    return known


def count(told: Count | None, column: str) -> int | None:
    """Read a count told as a number or text; None where nothing is told, refuses what is none."""
    text = "" if told is None else str(told).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:  # noqa: PLR2004 nobody books a million
        code = "unreadable"
        raise RefuseError(code, column, told)
    return int(text)


def ref(told: Count | None) -> str | None:
    """Give a reference as text, None where nothing is told."""
    return None if told is None else str(told).strip() or None

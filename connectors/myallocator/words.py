"""The vendor's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final

from connectors.myallocator.shapes import Flag
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

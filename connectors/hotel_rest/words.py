"""The vendor's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

STATUSES: Final[Mapping[str, str]] = {
    "Confirmed": CONFIRMED,
    "InHouse": IN_HOUSE,
    "CheckedOut": CHECKED_OUT,
    "Cancelled": CANCELLED,
    "NoShow": NO_SHOW,
    "Waitlisted": WAITLISTED,
    "Optional": WAITLISTED,
}
# An option blocks the room until it lapses; a plain wait list does not (K-26).
HOLDS_INVENTORY: Final = "Optional"
# The flat booking shape writes its words small.
_BY_FOLDED_WORD: Final = {word.lower(): word for word in STATUSES}

GUEST_KINDS: Final[Mapping[str | None, str]] = {
    "person": "person",
    "company": "company",
    "travel_agent": "travel_agent",
    "travelagent": "travel_agent",
    "group": "group",
}
NO_VIP: Final = frozenset({None, "", "0", 0, "none", "None"})


class Axes(NamedTuple):
    """A room's three independent axes."""

    occupancy: str = "unknown"
    housekeeping: str = "unknown"
    sellability: str = "ok"


# VAC says that nobody is in, and nothing about how clean it is.
ROOM_STATUSES: Final[Mapping[str, Axes]] = {
    "OCC": Axes(occupancy="occupied"),
    "VAC": Axes(occupancy="vacant"),
    "VC": Axes(occupancy="vacant", housekeeping="clean"),
    "VD": Axes(occupancy="vacant", housekeeping="dirty"),
    "OOO": Axes(sellability="out_of_order"),
    "OOS": Axes(sellability="out_of_service"),
}
NOT_KNOWN: Final = Axes(sellability="unknown")
HOUSEKEEPINGS: Final = {word: word for word in ("clean", "dirty", "pickup", "inspected")}


def status_word(word: str) -> str:
    """Give a status in the spelling of `STATUSES`, whatever case and separators it came in; unknown words stay."""
    folded = word.replace("_", "").replace("-", "").replace(" ", "").lower()
    return _BY_FOLDED_WORD.get(folded, word)

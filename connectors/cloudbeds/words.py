"""The vendor's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final

from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

# A booking that waits for its confirmation blocks its room like an option (K-26).
NOT_CONFIRMED: Final = "not_confirmed"
STATUSES: Final[Mapping[str, str]] = {
    NOT_CONFIRMED: WAITLISTED,
    "confirmed": CONFIRMED,
    "canceled": CANCELLED,
    "checked_in": IN_HOUSE,
    "checked_out": CHECKED_OUT,
    "no_show": NO_SHOW,
}
# What a room says where it differs from its booking; `not_checked_in` says nothing more.
ROOM_STATUSES: Final[Mapping[str, str | None]] = {
    "cancelled": CANCELLED,
    "in_house": IN_HOUSE,
    "checked_out": CHECKED_OUT,
    "not_checked_in": None,
}
COLLECTS: Final[Mapping[str, str]] = {"hotel": "property", "collect": "channel"}

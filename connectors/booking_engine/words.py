"""The engine's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final

from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

# What waits for its payment blocks its room like an option (K-26).
PENDING: Final = "pending"
STATUSES: Final[Mapping[str, str]] = {
    "confirmed": CONFIRMED,
    "inhouse": IN_HOUSE,
    "checkedin": IN_HOUSE,
    "checkedout": CHECKED_OUT,
    "cancelled": CANCELLED,
    "canceled": CANCELLED,
    "noshow": NO_SHOW,
    "waitlisted": WAITLISTED,
    PENDING: WAITLISTED,
}
# Events of bookings are named by two nouns and several verbs.
NOUNS: Final = ("reservation.", "booking.")
VERBS: Final[Mapping[str, str]] = {
    "created": "booking.created",
    "modified": "booking.modified",
    "updated": "booking.modified",
    "cancelled": "booking.cancelled",
    "canceled": "booking.cancelled",
}
MODIFIED: Final = "booking.modified"
CANCELLATION: Final = "booking.cancelled"
CHANNEL: Final = "booking_engine"
# A booking that says nothing of its status is one.
UNSAID: Final = "confirmed"


def event_word(event: str | None) -> str | None:
    """Give an event's name as ours; None for one that is no booking's."""
    told = (event or "").strip().lower()
    noun = next((each for each in NOUNS if told.startswith(each)), None)
    return VERBS.get(told.removeprefix(noun)) if noun else None


def status_word(word: str | None) -> str:
    """Give a status without case and separators."""
    return (word or UNSAID).replace("_", "").replace("-", "").replace(" ", "").lower()

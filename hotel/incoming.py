"""What a mapping hands on: a row that was understood, or a row that was not and why."""

from datetime import datetime
from typing import NamedTuple

from hotel.guests import Guest
from hotel.reservations import Reservation
from hotel.rooms import Rate, RatePlan, RoomStatus, RoomType

Row = Guest | Reservation | RoomStatus | Rate | RoomType | RatePlan

WRITE = "write"
CANCEL = "cancel"


class Reason(NamedTuple):
    """Why a row waits: a stable code, the column, and the shape of its value (`9999-99-99`), never the value."""

    code: str
    column: str = ""
    shape: str = ""


class UnmappedCode(NamedTuple):
    """A vendor's code that no mapping knows yet; the column got `unmapped`, the code waits in `ops.unmapped_codes`."""

    field: str
    ref: str


class Incoming(NamedTuple):
    """A row that was understood.

    `source_version` None: the source has no versions, the receive sequence takes its place.
    `action` CANCEL: only status, `cancelled_at`/`_on` and the fees of the row are meant, all else stays as known.
    `covers` `reservation` or `room`: what a missing room means (law 6). `warnings` are codes that load and show.
    """

    row: Row
    raw_ref: str
    source_version: int | None = None
    source_updated_at: datetime | None = None
    action: str = WRITE
    covers: str = "reservation"
    warnings: tuple[str, ...] = ()
    unmapped: tuple[UnmappedCode, ...] = ()


class Refused(NamedTuple):
    """A row that could not be read. It goes to quarantine with its reasons and what it withholds, if known."""

    dataset: str
    source: str
    property_id: str
    source_ref: str
    raw_ref: str
    reasons: tuple[Reason, ...]
    row: dict[str, str]
    source_version: int | None = None
    room_night_count: int = 0
    amount_minor: int = 0
    currency: str | None = None


def shape_of(value: object) -> str:
    """Describe a value without telling it: digits become 9, letters A or a, at most 40 characters."""
    masked = (
        "9" if char.isnumeric() else ("A" if char.isupper() else "a") if char.isalpha() else char
        for char in str(value)[:40]
    )
    return "".join(masked)

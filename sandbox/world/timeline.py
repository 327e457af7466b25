"""What happens to a thing over time: versions, and what is known of it at an instant."""

from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

from hotel.guests import Guest
from hotel.reservations import Reservation

CREATED = "created"
MODIFIED = "modified"
CANCELLED = "cancelled"
REINSTATED = "reinstated"
NO_SHOW = "no_show"
CHECKED_IN = "checked_in"
CHECKED_OUT = "checked_out"


class Version(NamedTuple):
    """How a row is from an aware instant on, and what kind of event made it so."""

    at: datetime
    kind: str
    row: Reservation | Guest


class Record(NamedTuple):
    """One reservation or profile with its whole life, past and to come. Its n-th version has revision n.

    `flaw` names what is wrong with the row as told (see `flaws`), until the version of kind `mended`.
    """

    ref: str
    property_id: str
    versions: tuple[Version, ...]
    flaw: str | None = None

    def revision_at(self, instant: datetime) -> int:
        """Count the versions made up to and including the instant; 0: not there yet."""
        return bisect_right(self.versions, instant, key=lambda version: version.at)

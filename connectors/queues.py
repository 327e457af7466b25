"""What comes in from a system that keeps booking messages until they are acknowledged (law 5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable


class Pulled(NamedTuple):
    """One message of a queue, by itself: what names it, its body, and what acknowledges it.

    `event_id` is the provider's id of the message, else the SHA-256 of `body`: the same message pulled twice has the same
    one. `body` is what `Connector.messages` reads. `receipt` is the connector's own affair. `is_named_by_content`: the
    provider names no messages, so a booking that is changed and changed back bears the name of its first telling.
    """

    event_id: str
    event_type: str
    body: bytes
    hotel_ref: str | None
    receipt: str
    is_named_by_content: bool = False


class Taken(NamedTuple):
    """A message that is committed on our side. `our_ref` is the number we know it by, for queues that want one."""

    receipt: str
    our_ref: str


@runtime_checkable
class BookingQueue(Protocol):
    """A queue of booking messages that come again until they are acknowledged."""

    def waiting(self) -> Sequence[Pulled]:
        """Give the next messages, oldest first, empty where none wait; asked again before the acknowledgement: the same.

        Cards are still in the bodies: whoever stores them removes them. A message that cannot be told apart from its page
        comes as the whole page. Raises a ConnectorError, VendorChangedShape where the answer is no page at all.
        """
        ...

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Say that these are stored for good. Saying it twice does no harm; raises a ConnectorError."""
        ...


@runtime_checkable
class ChangedBookings(Protocol):
    """A system that can tell messages of a past window again, acknowledged or not: after an outage or a restore."""

    def changed(self, since: datetime, until: datetime) -> Sequence[Pulled]:
        """Give the messages of all bookings made, changed or cancelled in [since, until), aware instants, oldest first.

        More than the window is no fault where the system knows whole days only. `event_id` is that of the queue, so that
        what came before is known. Raises a ConnectorError.
        """
        ...

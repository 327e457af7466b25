"""Who a reservation is, which message tells it and what has become of it: all that needs no price and no date."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.messages import CANCEL, Message, opened
from connectors.protocols.opentravel.places import first_told
from connectors.protocols.opentravel.words import BY_MESSAGE, MODIFIED, NEW, status_word
from connectors.protocols.safe_xml import told
from hotel.status import CANCELLED

Element = Any  # lxml has no types of its own

CREATED_EVENT: Final = "booking.created"
MODIFIED_EVENT: Final = "booking.modified"
CANCELLED_EVENT: Final = "booking.cancelled"
_EVENTS: Final[Mapping[str, str]] = MappingProxyType({CANCELLED: CANCELLED_EVENT, MODIFIED: MODIFIED_EVENT})


class Head(NamedTuple):
    """What names one reservation of a message. `status_word` is the partner's, None where the message has none.

    `meaning` is one of our statuses, `new`, `modified`, `option` or `not_final`; None for a word nobody mapped.
    """

    source_ref: str | None
    message_id: str | None
    pms_ref: str | None
    channel_ref: str | None
    channel: str | None
    hotel_ref: str | None
    status_word: str | None
    meaning: str | None

    @property
    def event_type(self) -> str:
        """Name the event as webhooks do: `booking.created`, `booking.modified`, `booking.cancelled`."""
        return _EVENTS.get(self.meaning or "", CREATED_EVENT)


def heads(body: bytes, dialect: Dialect) -> tuple[Head, ...]:
    """Read the heads of all reservations in a body; raises what `soap.unwrap` raises, VendorChangedShape for no message."""
    message = opened(body)
    return tuple(head(message, item, dialect) for item in message.items)


def head(message: Message, item: Element, dialect: Dialect) -> Head:
    """Read the head of one reservation; what the message says counts for its reservations unless they say otherwise."""
    root = message.root if message.root is not item else None
    # The numbers of a message are those of its batch: of the reservation only where it comes alone.
    above = root if root is not None and len(message.items) == 1 else None
    word, meaning = _status(message, item, dialect)
    places = dialect.reservation_refs
    if meaning == CANCELLED:
        places = (*places, *dialect.cancel_refs)
    source_ref = first_told(places, item, above)
    return Head(
        source_ref,
        first_told(dialect.message_ids, item, above),
        first_told(dialect.pms_refs, item, above),
        first_told(dialect.channel_refs, item, above) or source_ref,
        first_told(dialect.channels, item, root) or dialect.seller,
        first_told(dialect.hotel_refs, item, root),
        word,
        meaning,
    )


def _status(message: Message, item: Element, dialect: Dialect) -> tuple[str | None, str | None]:
    words = {
        "reservation": told(item, "CancelType" if message.kind == CANCEL else "ResStatus"),
        "message": told(message.root, "ResStatus"),
        "response": told(message.head, "ResResponseType") or told(message.root, "ResResponseType"),
    }
    word = next((words[at] for at in dialect.status_from if words[at]), None)
    by_message = BY_MESSAGE.get(message.kind, NEW)
    if word is None:
        return None, dialect.absent_status or by_message
    meaning = dialect.statuses.get(status_word(word))
    # A message that modifies or cancels says so by its name; Commit is what is to be done with it.
    return word, by_message if meaning == NEW and by_message in {MODIFIED, CANCELLED} else meaning

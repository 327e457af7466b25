"""The two queues: new bookings, and changes with cancellations; what waits in them and what takes it out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from connectors.booking_com.dialect import DIALECT
from connectors.booking_com.unsaid import without_cards
from connectors.protocols.opentravel.compose_xml import Head, add, add_path, document
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.safe_xml import serialised
from connectors.queues import Pulled

VERSION: Final = "2.001"
# Long enough that no two messages share a name.
_DIGITS: Final = 32


class Queue(NamedTuple):
    """One queue: our name of it, its endpoint, the message that acknowledges, and where the numbers stand in that."""

    name: str
    path: str
    endpoint_code: str
    receipt: str
    holders: tuple[str, str]


NEW: Final = Queue(
    "new",
    "/hotels/ota/OTA_HotelResNotif",
    "bookings_new",
    "OTA_HotelResNotifRS",
    ("HotelReservations", "HotelReservation"),
)
CHANGED: Final = Queue(
    "changed",
    "/hotels/ota/OTA_HotelResModifyNotif",
    "bookings_changed",
    "OTA_HotelResModifyNotifRS",
    ("HotelResModifies", "HotelResModify"),
)
# A booking is in the second one only once it was acknowledged in the first.
QUEUES: Final = (NEW, CHANGED)


def told(queue: Queue, body: bytes) -> Iterator[Pulled]:
    """Yield the messages of an answer, in its order; raises VendorChangedShape where it is none."""
    for each in split(body, DIALECT):
        ref = each.receipt if each.receipt != each.event_id else ""
        # No message has a name of its own: it is what it says, but for the card that is told only once.
        digest = sha256(without_cards(each.body)).hexdigest()[:_DIGITS]
        yield each._replace(event_id=f"{queue.name}-{ref}-{digest}", receipt=f"{queue.name}/{ref}")


def receipt_of(queue: Queue, refs: Sequence[str], sent_at: datetime) -> bytes:
    """Write what takes bookings out of a queue."""
    root = document(queue.receipt, Head(sent_at=sent_at, version=VERSION))
    add(root, "Success")
    held = add_path(root, *queue.holders, "ResGlobalInfo", "HotelReservationIDs")
    for ref in refs:
        add(held, "HotelReservationID", ResID_Value=ref)
    return serialised(root)

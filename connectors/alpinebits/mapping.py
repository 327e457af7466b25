"""Guest requests into our language, pulled or pushed; and how AlpineBits differs from the standard it is a profile of."""

from collections.abc import Iterator
from typing import Final

from connectors.alpinebits.handshake import PING
from connectors.alpinebits.multipart import read
from connectors.errors import MalformedBody, VendorChangedShape
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.safe_xml import Element, descendants, told
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused

# A cancellation bears the number of the booking under another type. Number 13 is where the guest came from (a campaign,
# a web site), not what somebody calls the booking.
DIALECT: Final = STANDARD._replace(
    reservation_refs=("UniqueID[Type=14]", "UniqueID[Type=15]"),
    message_ids=(),
    channel_refs=(),
    channels=("HotelReservationID[ResID_Type=13]@ResID_Source",),
    pms_refs=(),
    receipt="reservation",
    room_refs=(),
    expire_date="exclusive",
    is_tax_included=True,
)


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a stored message: a document of the queue, or the form in which one was pushed; a handshake tells nothing."""
    if not body.startswith(b"--"):
        return map_reservations(body, codebook, place, DIALECT)
    try:
        form = read(body)
    except MalformedBody as error:
        msg = "the stored form cannot be read"
        raise VendorChangedShape(msg) from error
    if form.action == PING:
        return iter(())
    return map_reservations(form.request, codebook, place, DIALECT)


def unique_ids(message: Element) -> list[tuple[str, str]]:
    """List type and number of every reservation in a message."""
    found = []
    for item in descendants(message, "HotelReservation"):
        named = next(descendants(item, "UniqueID"), None)
        found.append((told(named, "Type") or "14", told(named, "ID") or ""))
    return found

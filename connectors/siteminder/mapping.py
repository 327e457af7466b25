"""Vendor to hotel: one message, pulled or pushed, its booking followed by its guests. Vendor words end behind this line."""

from collections.abc import Iterator
from typing import Final

from connectors.ports import MappingPlace
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.reading import map_reservations
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused

DIALECT: Final = STANDARD._replace(
    channel_refs=("HotelReservationID[ResID_Type=14]", "HotelReservationID[ResID_Type=13]"),
    # What is new has never been modified; both are instants, so that they compare.
    versions=("@LastModifyDateTime", "@CreateDateTime"),
    # The least a message holds has no price, and the room is sold all the same.
    price_absent="zero",
)


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield what a message tells, in SOAP or without; raises VendorChangedShape where nobody can read it."""
    return map_reservations(body, codebook, place, DIALECT)

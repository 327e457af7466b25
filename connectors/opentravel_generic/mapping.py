"""Vendor to hotel: whatever the partner's dialect is, as the integration states it."""

from collections.abc import Iterator

from connectors.opentravel_generic.settings import dialect_of
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.reading import map_reservations
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a stored message, pulled or pushed; raises VendorChangedShape where nobody can read it."""
    return map_reservations(body, codebook, place, dialect_of(codebook.settings))

"""Vendor to hotel: one message of a queue, its booking followed by its guests. Vendor words end behind this line."""

from collections.abc import Iterator
from typing import Final

from connectors.booking_com.dialect import DIALECT
from connectors.booking_com.unsaid import said
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.reading import map_reservations
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused
from hotel.reservations import Reservation

# Only they issue a virtual card, and only where they took the guest's money.
_THEIR_CARD: Final = "channel"


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield what a message tells; raises VendorChangedShape where nobody can read it."""
    return map(_with_payment, map_reservations(said(body), codebook, place, DIALECT))


def _with_payment(told: Incoming | Refused) -> Incoming | Refused:
    if isinstance(told, Incoming) and isinstance(told.row, Reservation) and told.row.virtual_cards:
        return told._replace(row=told.row._replace(collect=told.row.collect or _THEIR_CARD))
    return told

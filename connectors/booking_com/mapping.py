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
    if not isinstance(told, Incoming) or not isinstance(told.row, Reservation) or not told.row.virtual_cards:
        return told
    row = told.row
    cards = tuple(
        card._replace(card_ref=f"{row.source_ref}:{number}") for number, card in enumerate(row.virtual_cards, 1)
    )
    return told._replace(row=row._replace(virtual_cards=cards, collect=row.collect or _THEIR_CARD))

"""Vendor to hotel: one mapper per dataset. Vendor words end behind this line."""

from collections.abc import Mapping
from typing import Final

from connectors.hotel_rest.guests import map_guests
from connectors.hotel_rest.reservations import map_reservations
from connectors.hotel_rest.rooms import map_rates, map_room_status
from connectors.ports import Mapper

MAPPERS: Final[Mapping[str, Mapper]] = {
    "guests": map_guests,
    "reservations": map_reservations,
    "room_status": map_room_status,
    "rates": map_rates,
}

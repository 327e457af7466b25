"""Room categories as OTA_HotelDescriptiveContentNotifRQ: the basic inventory, told whole each time."""

from collections.abc import Sequence
from typing import Final

from connectors.alpinebits.handshake import HEAD
from connectors.protocols.opentravel.compose_xml import (
    Element,
    Hotel,
    add,
    add_path,
    document,
    hotel_attributes,
)
from hotel.rooms import RoomType

# Of the code lists: a room (not an apartment or a pitch), the title of something.
ROOM: Final = "42"
TITLE: Final = "25"


def room_categories(hotel: Hotel, rows: Sequence[RoomType], language: str) -> Element:
    """Write the categories that are sold; those without a known number of beds are left out by the caller."""
    root = document("OTA_HotelDescriptiveContentNotifRQ", HEAD)
    content = add(add(root, "HotelDescriptiveContents"), "HotelDescriptiveContent", **hotel_attributes(hotel))
    held = add_path(content, "FacilityInfo", "GuestRooms")
    for row in rows:
        room = add(held, "GuestRoom", Code=row.room_type_code, MinOccupancy=1, MaxOccupancy=row.occupancy_count)
        usual = min(row.adult_count or row.occupancy_count or 1, row.occupancy_count or 1)
        add(room, "TypeRoom", StandardOccupancy=usual, RoomClassificationCode=ROOM)
        told = add(add(room, "MultimediaDescriptions"), "MultimediaDescription", InfoCode=TITLE)
        add(add_path(told, "TextItems", "TextItem"), "Description", row.name, TextFormat="PlainText", Language=language)
    return root

"""What a hotel shows of itself to who books a room there."""

from datetime import time
from decimal import Decimal
from typing import NamedTuple


class Image(NamedTuple):
    """One picture; of the house, or of a room type where one is named."""

    url: str
    caption: str | None = None
    room_type_code: str | None = None


class HotelPage(NamedTuple):
    """A hotel's page; the fields bear the names of the columns of `core.properties`. None: not told."""

    description: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    email: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    check_in_at: time | None = None
    check_out_at: time | None = None
    amenities: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()

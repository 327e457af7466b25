"""Enter what a hotel shows of itself and its room types: `python -m gateway.hotel_pages put --property city-hotel page.json`.

The file has the fields of the hotel's page (address, phone, times, amenities, images) and `room_types` by code.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from hotel.pages import HotelPage, Image
from hotel.rooms import RoomType
from operations.house import open_house
from storage.codebooks import properties
from storage.hotel_pages import hotel_page, save_page
from storage.offers import room_types
from storage.room_types import save_room_types


class ImageFile(msgspec.Struct, forbid_unknown_fields=True):
    """One picture."""

    url: str
    caption: str | None = None
    room_type_code: str | None = None


class TypeFile(msgspec.Struct, forbid_unknown_fields=True):
    """One room type; `room_count` null where nobody counted."""

    name: str
    room_count: int | None = None
    adult_count: int | None = None
    occupancy_count: int | None = None
    is_pseudo: bool = False
    is_active: bool = True
    bed_code: str | None = None
    class_code: str | None = None
    description: str | None = None
    amenities: tuple[str, ...] | None = None


class PageFile(msgspec.Struct, forbid_unknown_fields=True):
    """A hotel's page and its room types."""

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
    images: list[ImageFile] = []
    room_types: dict[str, TypeFile] = {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a page, or show the one that is there; 0 where it was done."""
    given = _parser().parse_args(arguments)
    house = open_house()
    with house.connect() as connection:
        known = properties(connection)
    if given.property not in known:
        sys.stderr.write(f"there is no property {given.property!r}: {', '.join(known) or 'none'}\n")
        return 1
    answer: int = given.run(house, given)
    return answer


def _put(house: Engine, given: argparse.Namespace) -> int:
    try:
        told = msgspec.json.decode(given.file.read_bytes(), type=PageFile)
    except (OSError, msgspec.MsgspecError) as error:
        sys.stderr.write(f"{given.file}: {error}\n")
        return 1
    page = {name: getattr(told, name) for name in HotelPage._fields}
    page["images"] = tuple(Image(**msgspec.structs.asdict(image)) for image in told.images)
    types = [RoomType(given.property, code, **msgspec.structs.asdict(kind)) for code, kind in told.room_types.items()]
    with house.begin() as connection:
        save_page(connection, given.property, HotelPage(**page))
        save_room_types(connection, given.property, types)
    sys.stdout.write(f"{given.property}: the page, {len(told.images)} images, {len(types)} room types\n")
    return 0


def _show(house: Engine, given: argparse.Namespace) -> int:
    with house.connect() as connection:
        page = hotel_page(connection, given.property) or HotelPage()
        types = room_types(connection, given.property)
    told = PageFile(**page._asdict() | {"images": [ImageFile(*image) for image in page.images]})
    told.room_types = {kind.room_type_code: TypeFile(*kind[2:]) for kind in types}
    sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(told)).decode()}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.hotel_pages", description=__doc__)
    commands = parser.add_subparsers(required=True)
    put = commands.add_parser("put", help="write the page and room types of a file")
    put.add_argument("--property", required=True)
    put.add_argument("file", type=Path)
    put.set_defaults(run=_put)
    show = commands.add_parser("show", help="print what is there, in the form `put` reads")
    show.add_argument("--property", required=True)
    show.set_defaults(run=_show)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

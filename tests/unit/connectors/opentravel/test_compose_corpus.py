"""Published reservations, read, written and read again: nothing is lost on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from connectors.errors import VendorChangedShape
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.compose_booking import Booked
from connectors.protocols.opentravel.compose_messages import retrieved_bookings
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.heads import heads
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.safe_xml import child, descendants, parse, serialised
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.properties import Property
from hotel.reservations import Reservation
from tests.unit.connectors.opentravel.composed_schemas import XML

CITY = Property("city-hotel", "City Hotel", "UTC", "EUR", country_code="PT")
FIELDS = frozenset({"room_type", "rate_plan", "market_segment", "channel", "origin", "customer_type", "meal_plan"})
PLACE = MappingPlace("p:1:1", property_id="city-hotel")
HEAD = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
DIALECT = STANDARD._replace(naive_zone="utc", expire_date="exclusive", price_absent="zero")
# A message that is read is rather one of these; the fewest that are known to be readable.
FEWEST = 17


def told() -> Iterator[tuple[Path, bytes]]:
    for path in sorted(XML.rglob("*.xml")):
        body = path.read_bytes()
        if b"HotelReservation" in body and b"RoomStay" in body and "notwellformed" not in path.name:
            yield path, named(body)


def named(body: bytes) -> bytes:
    """Give each reservation without a number one: many samples are requests, which the answer would have named."""
    root = parse(body)
    for number, item in enumerate(descendants(root, "HotelReservation")):
        if child(item, "UniqueID") is None and child(item, "ResGlobalInfo", "HotelReservationIDs") is None:
            namespace = etree.QName(item).namespace
            name = f"{{{namespace}}}UniqueID" if namespace else "UniqueID"
            item.insert(0, item.makeelement(name, {"Type": "14", "ID": f"n{number}"}))
    return serialised(root)


def read(body: bytes) -> list[list[Incoming]]:
    """Read a body into bookings, each followed by its guests; what cannot be read is left out."""
    try:
        refs = {head.hotel_ref: "city-hotel" for head in heads(body, DIALECT) if head.hotel_ref}
        book = Codebook("sandbox_pms", {"city-hotel": CITY}, refs | {"CITY": "city-hotel"}, {}, FIELDS)
        rows = [row for row in map_reservations(body, book, PLACE, DIALECT) if isinstance(row, Incoming)]
    except VendorChangedShape:
        return []
    bookings: list[list[Incoming]] = []
    for row in rows:
        if isinstance(row.row, Reservation):
            bookings.append([row])
        else:
            bookings[-1].append(row)
    return [booking for booking in bookings if booking[0].action != CANCEL]


def booked_of(booking: list[Incoming]) -> Booked:
    first, *others = booking
    assert isinstance(first.row, Reservation)
    guests = tuple(row.row for row in others if isinstance(row.row, Guest))
    return Booked(first.row, guests, first.source_updated_at)


def test_published_reservations_read_the_same_after_they_were_written() -> None:
    if not XML.exists():
        pytest.skip("the published reservations lie beside the project, in ../shared/corpus")
    count = 0
    for path, body in told():
        for booking in read(body):
            booked = booked_of(booking)
            written = serialised(retrieved_bookings(HEAD, [booked], Hotel("CITY")))
            (again,) = read(written)
            assert booked_of(again) == booked, path.name
            count += 1
    assert count >= FEWEST

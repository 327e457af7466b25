"""Messages that are no plain events: flat bookings, and what cannot be understood."""

import msgspec
import pytest

from connectors.hotel_rest.connector import CONNECTOR as THIS
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.suites import BOOK, PLACE, Row, reasons_of


def event(content: Row) -> list[Incoming | Refused]:
    assert THIS.webhooks
    assert THIS.messages is not None
    return list(THIS.messages(msgspec.json.encode(content), BOOK, PLACE))


FLAT: Row = {
    "id": "B-7",
    "guest": {"firstName": "Jane", "lastName": "Roe", "email": "jane@example.com", "phone": "+351912345678"},
    "checkIn": "2026-03-01",
    "checkOut": "2026-03-03",
    "roomType": "STD",
    "guestCount": 2,
    "roomCount": 2,
    "totalPrice": 240.10,
    "status": "confirmed",
    "comments": "late arrival",
}


def test_a_flat_booking_becomes_as_many_rooms_as_it_counts() -> None:
    (found,) = event(FLAT)

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert (found.row.source_ref, found.row.status, found.row.adult_count) == ("B-7", "confirmed", 2)
    assert (found.row.channel_code, found.row.currency, found.row.total_minor) == ("channel_manager", "EUR", 24010)
    assert [night.price_minor for room in found.row.rooms for night in room.nights] == [6003, 6002, 6003, 6002]
    assert found.source_version is None, "no version: the order of arrival decides"


def test_a_flat_cancellation_is_a_cancel() -> None:
    (found,) = event(FLAT | {"status": "cancelled"})

    assert isinstance(found, Incoming)
    assert (found.action, found.row[2]) == (CANCEL, "B-7")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (FLAT | {"roomCount": 0}, "room_count_unreadable"),
        (FLAT | {"roomCount": 10**9}, "room_count_unreadable"),
        (FLAT | {"checkIn": "01.03.2026"}, "unreadable"),
        (FLAT | {"propertyId": "MARS"}, "property_unknown"),
        ({"hello": "world"}, "field_missing"),
        ({"id": "e", "type": "booking.exploded", "data": {}}, "event_unknown"),
        ({"id": "e", "type": "booking.created", "data": {"id": "R"}}, "field_missing"),
        ({"id": "e", "type": "booking.cancelled", "data": {"propertyId": "CITY"}}, "field_missing"),
        ({"id": "e", "type": "booking.cancelled", "data": {"id": "R", "propertyId": "MARS"}}, "property_unknown"),
    ],
)
def test_a_message_that_cannot_be_understood_is_refused_with_its_reason(content: Row, code: str) -> None:
    assert [reason.code for reason in reasons_of(event(content))] == [code]

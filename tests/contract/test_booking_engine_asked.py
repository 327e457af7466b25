"""What our own API writes into the inbox reads back as it was asked for, to the cent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.booking_engine.asked import (
    AskedBooking,
    AskedCancel,
    AskedGuest,
    AskedNight,
    AskedRoom,
    is_asked,
    written,
)
from connectors.booking_engine.connector import CONNECTOR
from connectors.cards import remove_cards
from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, WRITE, Incoming, Reason, Refused
from hotel.properties import Property
from hotel.reservations import Reservation

HOUSE = Property("harbour", "Harbour Hotel", "Asia/Tokyo", "JPY", country_code="JP")
BOOK = Codebook("booking_engine", {"harbour": HOUSE}, {}, {}, frozenset({"channel"}))
AT = datetime(2027, 3, 1, 16, tzinfo=UTC)
PLACE = MappingPlace("i:7", 0, "harbour", AT)
FIRST = date(2027, 4, 1)


def booking(**given: Any) -> AskedBooking:
    nights = [AskedNight(FIRST, 12_000, tax_included=True), AskedNight(date(2027, 4, 2), 0, tax_included=True)]
    rooms = [
        AskedRoom("1", "DBL", "BAR", 2, 1, nights, [4]),
        AskedRoom("2", "STE", "BAR", 1, 0, [AskedNight(FIRST, 30_000, is_derived=True)]),
    ]
    guest = AskedGuest("花子", "山田", "hanako@example.jp", "03-1234-5678", "JP", "ja")
    told: dict[str, Any] = {"rooms": rooms, "guest": guest, "comment": "quiet"} | given
    return AskedBooking("WEB-1", FIRST, date(2027, 4, 3), "JPY", AT, **told)


def rows(body: bytes, book: Codebook = BOOK) -> list[Incoming | Refused]:
    assert CONNECTOR.messages
    return list(CONNECTOR.messages(body, book, PLACE))


def test_a_booking_reads_with_its_rooms_nights_and_who_booked() -> None:
    told, guest = rows(written(booking()))
    assert isinstance(told, Incoming)
    assert isinstance(told.row, Reservation)
    row = told.row
    assert (told.raw_ref, told.action, told.source_version, told.covers) == ("i:7:0", WRITE, micros(AT), "reservation")
    assert (row.source_ref, row.channel_ref, row.channel_code, row.collect) == (
        "WEB-1",
        "WEB-1",
        "booking_engine",
        "property",
    )
    assert (row.total_minor, row.currency, row.room_count, row.adult_count, row.child_count) == (42_000, "JPY", 2, 3, 1)
    assert (row.booked_on, row.status, row.is_inventory_held) == (date(2027, 3, 2), "confirmed", True)
    assert row.is_tax_included is None, "one room says yes, the other nothing"
    assert [(each.room_ref, each.total_minor, len(each.nights), each.child_ages) for each in row.rooms] == [
        ("1", 12_000, 2, (4,)), ("2", 30_000, 1, None),
    ]  # fmt: skip
    assert row.rooms[1].nights[0].is_price_derived
    assert isinstance(guest, Incoming)
    assert isinstance(guest.row, Guest)
    assert (guest.raw_ref, guest.row.source_ref, row.booker_guest_ref) == ("i:7:1", "WEB-1:booker", "WEB-1:booker")
    assert (guest.row.full_name, guest.row.phone, guest.row.country_code) == ("花子 山田", "+81312345678", "JP")


def test_without_a_guest_who_booked_stays_as_known() -> None:
    (told,) = rows(written(booking(guest=None)))
    assert isinstance(told, Incoming)
    assert isinstance(told.row, Reservation)
    assert told.row.booker_guest_ref == "WEB-1:booker"


def test_a_channel_nobody_mapped_is_noted() -> None:
    told = rows(written(booking()), BOOK._replace(as_is=frozenset()))[0]
    assert isinstance(told, Incoming)
    assert [code.ref for code in told.unmapped] == ["booking_engine"]


def test_a_cancel_is_status_time_and_fee() -> None:
    (told,) = rows(written(AskedCancel("WEB-1", AT, 5_000)))
    assert isinstance(told, Incoming)
    assert isinstance(told.row, Reservation)
    row = told.row
    assert (told.action, row.status, row.cancelled_at, row.cancelled_on) == (CANCEL, "cancelled", AT, date(2027, 3, 2))
    assert (row.cancellation_fee_minor, row.rooms, row.arrival_on, row.total_minor) == (5_000, (), None, None)


def test_removing_cards_leaves_a_message_ours() -> None:
    body = remove_cards(written(booking(comment="card 4111 1111 1111 1111"))).body
    assert is_asked(body)
    assert b"1111 1111 1111" not in body
    assert len(rows(body)) == 2


def test_a_message_of_another_house_is_refused_and_one_that_is_broken_is_nobodys() -> None:
    (told,) = rows(written(booking()), BOOK._replace(properties={}))
    assert isinstance(told, Refused)
    assert (told.source_ref, told.reasons) == ("WEB-1", (Reason("property_unknown", "hotel", ""),))
    with pytest.raises(VendorChangedShape):
        rows(b'{"asked":"booking","ref":1}')

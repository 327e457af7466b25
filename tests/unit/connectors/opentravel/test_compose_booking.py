"""Any booking we know becomes a message that the published schema takes, and reads the same again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RequestRefused
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.compose_booking import STATUS_WORDS, Booked
from connectors.protocols.opentravel.compose_messages import (
    Offer,
    cancellation,
    changed_bookings,
    known_offers,
    new_bookings,
    retrieved_bookings,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.safe_xml import children, descendants, serialised, text
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.properties import Property
from hotel.reservations import Night, Reservation, Room
from hotel.status import CANCELLED, CONFIRMED
from tests.unit.connectors.opentravel.canonical_bookings import FIRST, bookings
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

HEAD = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
HOTEL = Hotel("CITY")
CITY = Property("city-hotel", "City Hotel", "Europe/Lisbon", "EUR", country_code="PT")
FIELDS = frozenset({"room_type", "rate_plan", "market_segment", "channel", "origin", "customer_type", "meal_plan"})
BOOK = Codebook("sandbox_pms", {"city-hotel": CITY}, {"CITY": "city-hotel"}, {}, FIELDS)
PLACE = MappingPlace("p:1:1", property_id="city-hotel")


def read(written: Any) -> list[Incoming]:
    body = serialised(written)
    rows = list(map_reservations(body, BOOK, PLACE, STANDARD))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


@given(bookings())
@settings(max_examples=30, deadline=None)
def test_any_booking_is_a_valid_message(booked: Booked) -> None:
    assert_opentravel(new_bookings(HEAD, [booked], HOTEL))
    assert_opentravel(changed_bookings(HEAD, [booked], HOTEL))
    assert_opentravel(retrieved_bookings(HEAD, [booked], HOTEL))


@given(bookings())
@settings(max_examples=120, deadline=None)
def test_any_booking_reads_as_it_was_written(booked: Booked) -> None:
    written = retrieved_bookings(HEAD, [booked], HOTEL)
    first, *others = read(written)

    assert isinstance(first.row, Reservation)
    assert worked_out(first.row) == booked.reservation
    assert first.source_updated_at == booked.updated_at
    guests = {row.row.source_ref: row.row for row in others if isinstance(row.row, Guest)}
    assert {ref: guest._replace(is_email_relay=False) for ref, guest in guests.items()} == {
        guest.source_ref: guest for guest in booked.guests
    }


def worked_out(row: Reservation) -> Reservation:
    """Leave out what a reader works out by itself."""
    return row._replace(booked_on=None)


@given(bookings())
@settings(max_examples=30, deadline=None)
def test_the_standard_elements_alone_say_what_every_partner_must_know(booked: Booked) -> None:
    written = retrieved_bookings(HEAD, [booked], HOTEL)
    for extensions in list(descendants(written, "TPA_Extensions")):
        extensions.getparent().remove(extensions)

    first, *others = read(written)

    assert isinstance(first.row, Reservation)
    assert essence(first.row) == essence(booked.reservation)
    assert {row.row.full_name for row in others if isinstance(row.row, Guest)} == {
        guest.full_name for guest in booked.guests
    }


def essence(row: Reservation) -> Any:
    """Give who, when, what and how much."""
    rooms = [
        (
            room.room_type_code,
            room.rate_plan_code,
            room.arrival_on,
            room.departure_on,
            room.adult_count,
            [(night.stay_on, night.price_minor, night.currency) for night in room.nights],
            [(tax.amount_minor, tax.currency) for night in room.nights for tax in night.taxes],
        )
        for room in row.rooms
    ]
    return row.source_ref, row.status, row.is_inventory_held, row.currency, row.comment, rooms


@given(bookings(), st.none() | st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_a_cancelled_booking_says_when_and_what_it_costs_and_nothing_else(booked: Booked, fee: int | None) -> None:
    cancelled_at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    row = booked.reservation._replace(
        status=CANCELLED, cancelled_at=cancelled_at, cancellation_fee_minor=fee, is_inventory_held=False
    )

    written = changed_bookings(HEAD, [booked._replace(reservation=row)], HOTEL)
    (told,) = read(written)

    assert_opentravel(written)
    assert told.action == CANCEL
    assert isinstance(told.row, Reservation)
    assert (told.row.source_ref, told.row.status, told.row.rooms) == (row.source_ref, CANCELLED, ())
    assert (told.row.cancelled_at, told.row.cancellation_fee_minor) == (cancelled_at, fee)
    assert (told.row.total_minor, told.row.comment, told.row.arrival_on) == (None, None, None)


@given(bookings())
@settings(max_examples=20, deadline=None)
def test_the_same_booking_gives_the_same_bytes(booked: Booked) -> None:
    first, second = (serialised(new_bookings(HEAD, [booked], HOTEL)) for _ in range(2))

    assert first == second


def test_a_cancel_by_number_reads_as_a_cancel() -> None:
    written = cancellation(HEAD, "4711", HOTEL, message_ref="m-1")
    (told,) = read(written)

    assert_opentravel(written)
    assert told.action == CANCEL
    assert isinstance(told.row, Reservation)
    assert (told.row.source_ref, told.row.cancelled_at) == ("4711", HEAD.sent_at)


def test_what_a_channel_may_sell_is_listed_with_names() -> None:
    written = known_offers(
        HEAD, HOTEL, [Offer("DBL", "Double & <view>", "BAR", "Best rate"), Offer("SGL", "S", "NRF", "N")]
    )

    assert_opentravel(written)
    assert_opentravel(known_offers(HEAD, HOTEL, []))
    assert [each.get("RoomTypeCode") for each in descendants(written, "RoomType")] == ["DBL", "SGL"]
    assert [text(each) for each in descendants(written, "RoomDescription")] == ["Double & <view>", "S"]


def simple(**changes: Any) -> Booked:
    """Give a plain booking of one night."""
    night = Night(FIRST, "sold", "DBL", "BAR", "EUR", 10_000, is_tax_included=True)
    room = Room(
        "1",
        CONFIRMED,
        "DBL",
        FIRST,
        FIRST + timedelta(days=1),
        "EUR",
        10_000,
        (night,),
        rate_plan_code="BAR",
        is_tax_included=True,
        raw_room_code="DBL",
        raw_rate_code="BAR",
    )
    row = Reservation(
        "sandbox_pms",
        "city-hotel",
        "R1",
        CONFIRMED,
        room.arrival_on,
        room.departure_on,
        "EUR",
        10_000,
        (room,),
        is_inventory_held=True,
        channel_ref="R1",
        is_tax_included=True,
    )
    return Booked(row._replace(**changes))


def test_no_booking_waits_is_an_empty_list() -> None:
    written = retrieved_bookings(HEAD, [], HOTEL)

    assert_opentravel(written)
    assert list(children(next(descendants(written, "ReservationsList")))) == []


def test_a_text_loses_what_xml_cannot_hold_and_a_code_is_refused() -> None:
    (told,) = read(new_bookings(HEAD, [simple(comment="a\x00b <&> \ud83d")], HOTEL))
    assert isinstance(told.row, Reservation)
    assert told.row.comment == "ab <&> \ufffd"

    with pytest.raises(RequestRefused):
        new_bookings(HEAD, [simple(source_ref="R\x00")], HOTEL)
    with pytest.raises(RequestRefused):
        new_bookings(HEAD, [simple(purpose_code="R\x00")], HOTEL)


def test_a_receiver_may_have_other_words_for_a_status() -> None:
    words = {**STATUS_WORDS, CONFIRMED: "Book"}

    written = retrieved_bookings(HEAD, [simple(purpose_code="x")], HOTEL, statuses=words)

    assert next(descendants(written, "HotelReservation")).get("ResStatus") == "Book"
    assert read(written)[0].row == simple(purpose_code="x").reservation


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("parking_count", "many", "unreadable"),
        ("is_repeat_guest", "perhaps", "unreadable"),
        ("commission_rate", "NaN", "unreadable"),
        ("hold_until_at", "soon", "unreadable"),
    ],
)
def test_an_extension_that_cannot_be_read_refuses_the_booking(name: str, value: str, code: str) -> None:
    written = new_bookings(HEAD, [simple(purpose_code="x")], HOTEL)
    next(descendants(written, "Reservation")).set(name, value)

    (refused,) = map_reservations(serialised(written), BOOK, PLACE, STANDARD)

    assert isinstance(refused, Refused)
    assert [(reason.code, reason.column) for reason in refused.reasons] == [(code, f"TPA_Extensions.{name}")]


def test_extensions_change_no_identity_and_unknown_fields_are_passed_over() -> None:
    written = new_bookings(HEAD, [simple(purpose_code="x")], HOTEL)
    told = next(descendants(written, "Reservation"))
    for name in ("source", "property_id", "source_ref", "rooms", "colour"):
        told.set(name, "other")
    told.set("untold", "status source_ref colour")

    (row,) = read(written)

    assert row.row == simple(purpose_code="x").reservation

"""What Booking.com tells, in our language: nights without an end, whole amounts, cards, cancels and refusals."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.booking_com.mapping import map_message
from connectors.cards import remove_cards
from connectors.errors import VendorChangedShape
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, WRITE, Incoming, Refused
from hotel.reservations import Reservation, VirtualCard
from tests.contract.booking_com_messages import OWN_CARD, THEIR_CARD, answered, booking, rate, stay
from tests.contract.suites import BOOK, PLACE

FIRST, SECOND, THIRD = (date(2026, 3, day) for day in (1, 2, 3))


def mapped(body: bytes, book: Codebook = BOOK) -> list[Incoming | Refused]:
    return list(map_message(body, book, PLACE))


def incoming(body: bytes) -> Incoming:
    found = mapped(body)[0]
    assert isinstance(found, Incoming), found
    return found


def reservation(told: str, **rest: Any) -> Reservation:
    row = incoming(answered(told, **rest)).row
    assert isinstance(row, Reservation)
    return row


def refusal(told: str, **rest: Any) -> Refused:
    (found,) = mapped(answered(told, **rest))
    assert isinstance(found, Refused)
    return found


def test_a_booking_is_read_to_the_cent_and_to_the_night() -> None:
    row = reservation(booking(1))
    (room,) = row.rooms

    assert (row.source_ref, row.channel_ref, row.channel_code) == ("1", "1", "Booking.com")
    assert (row.arrival_on, row.departure_on) == (FIRST, THIRD)
    assert [(night.stay_on, night.price_minor) for night in room.nights] == [(FIRST, 10_000), (SECOND, 10_100)]
    assert not any(night.is_price_derived for night in room.nights)
    assert (row.total_minor, row.currency, row.is_tax_included) == (20_100, "EUR", True)
    assert (room.room_ref, room.raw_room_code, room.raw_rate_code) == ("4711", "STD", "BAR")
    assert (row.commission_minor, row.cancellation_policy_code) == (1500, "152")
    assert row.booked_at == datetime(2026, 2, 1, 12, tzinfo=UTC)


def test_nothing_tells_the_version_so_the_order_of_arrival_decides() -> None:
    told = incoming(answered(booking(1)))

    assert (told.source_version, told.source_updated_at, told.action) == (None, None, WRITE)


def test_a_room_keeps_its_own_name_whatever_its_place() -> None:
    row = reservation(booking(1, stays=stay("902", ["100"]) + stay("17", ["250"]), total="350"))

    assert [(room.room_ref, room.total_minor) for room in row.rooms] == [("902", 100), ("17", 250)]


@pytest.mark.parametrize(
    ("amount", "scale", "currency", "minor"),
    [
        ("12345", "2", "EUR", 12_345),
        ("12345", "0", "JPY", 12_345),
        ("12345", "3", "KWD", 12_345),
        ("1234500", "4", "EUR", 12_345),
        ("123.45", "2", "EUR", 12_345),
    ],
)
def test_a_whole_amount_is_scaled_and_one_with_a_point_is_not(
    amount: str, scale: str, currency: str, minor: int
) -> None:
    told = f'DecimalPlaces="{scale}" CurrencyCode="{currency}"'
    room = stay("1", [amount.replace(".", "")]).replace(f'"{amount.replace(".", "")}"', f'"{amount}"')
    whole = booking(1, stays=room, total=amount).replace('DecimalPlaces="2" CurrencyCode="EUR"', told)
    row = reservation(whole.replace('Amount="1500"', 'Amount="0"'))

    assert (row.total_minor, row.currency) == (minor, currency)
    assert [night.price_minor for night in row.rooms[0].nights] == [minor]


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    found = refusal(booking(1, stays=stay("1", ["12345"]), total="12345").replace('Places="2"', 'Places="3"'))

    assert found.reasons[0].code == "decimals_exceed_currency"


def test_a_night_that_is_left_out_takes_what_the_total_leaves() -> None:
    told = rate(FIRST, "10000") + rate(THIRD, "10100")
    row = reservation(booking(1, stays=stay(rates=told, amounts=["30100"]), total="30100"))

    assert [(night.stay_on, night.price_minor) for night in row.rooms[0].nights] == [
        (FIRST, 10_000), (SECOND, 10_000), (THIRD, 10_100),
    ]  # fmt: skip
    assert [night.is_price_derived for night in row.rooms[0].nights] == [False, True, False]


def test_guests_are_counted_by_room_with_the_ages_of_children() -> None:
    counts = (
        '<GuestCount AgeQualifyingCode="10" Count="2"/><GuestCount AgeQualifyingCode="8" Count="1" Age="4"/>'
        '<GuestCount AgeQualifyingCode="8" Count="1" Age="11"/>'
    )
    (room,) = reservation(booking(1, stays=stay(counts=counts))).rooms

    assert (room.adult_count, room.child_count, room.child_ages) == (2, 2, (4, 11))


def test_who_booked_and_who_stays_are_two_profiles_and_a_relayed_address_is_marked() -> None:
    row, *people = mapped(answered(booking(1)))
    assert isinstance(row, Incoming)
    assert isinstance(row.row, Reservation)
    told = [each.row for each in people if isinstance(each, Incoming)]
    guests = {guest.source_ref: guest for guest in told if isinstance(guest, Guest)}

    assert set(guests) == {"1:booker", "1:1"}
    booker, stays = guests["1:booker"], guests["1:1"]
    assert (booker.full_name, booker.is_email_relay, booker.country_code) == ("Ana Pérez", True, "PT")
    assert stays.full_name == "Jane Roe"
    assert (row.row.booker_guest_ref, row.row.rooms[0].occupant_guest_ref) == ("1:booker", "1:1")


def test_a_virtual_card_is_told_without_its_number_and_says_who_takes_the_money() -> None:
    body = remove_cards(answered(booking(77, card=THEIR_CARD))).body

    row = incoming(body).row
    assert isinstance(row, Reservation)
    assert row.virtual_cards == (VirtualCard("77:1", "EUR", 20_100, FIRST, date(2027, 3, 2), "4444"),)
    assert row.collect == "channel"
    for trace in (b"5555555555554444", b"737"):
        assert trace not in body


def test_a_guests_own_card_is_no_virtual_card() -> None:
    body = remove_cards(answered(booking(77, card=OWN_CARD))).body

    row = incoming(body).row
    assert isinstance(row, Reservation)
    assert (row.virtual_cards, row.collect) == ((), None)
    for trace in (b"4111111111111111", b'"123"'):
        assert trace not in body


def test_cards_of_two_bookings_are_two_cards() -> None:
    rows = [each.row for each in mapped(answered(booking(1, card=THEIR_CARD), booking(2, card=THEIR_CARD)))
            if isinstance(each, Incoming) and isinstance(each.row, Reservation)]  # fmt: skip

    assert [card.card_ref for row in rows for card in row.virtual_cards] == ["1:1", "2:1"]


@pytest.mark.parametrize(("word", "is_changed"), [("Cancel", True), ("Cancelled", True), ("Cancelled", False)])
def test_a_cancel_says_who_and_nothing_else(word: str, is_changed: bool) -> None:
    found = incoming(answered(booking(5, status=word, is_changed=is_changed, total="0"), is_changed=is_changed))

    row = found.row
    assert isinstance(row, Reservation)
    assert (found.action, row.source_ref, row.status) == (CANCEL, "5", "cancelled")
    assert (row.rooms, row.arrival_on, row.total_minor) == ((), None, None)
    assert (row.channel_code, row.channel_ref) == ("Booking.com", "5")


@pytest.mark.parametrize("word", [None, "Modify", "Modified", "Commit"])
def test_a_change_is_the_whole_booking_again(word: str | None) -> None:
    found = incoming(answered(booking(5, status=word, is_changed=True), is_changed=True))

    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.status, found.row.total_minor) == (WRITE, "confirmed", 20_100)


def test_what_was_wished_is_in_the_comment() -> None:
    wish = '<SpecialRequests><SpecialRequest Name="smoking"><Text>Non-smoking</Text></SpecialRequest></SpecialRequests>'
    words = "<Comments><Comment><Text>Late, 23:00</Text></Comment></Comments>"
    row = reservation(booking(1, stays=stay(after=wish), info=words))

    assert row.comment == "Late, 23:00\nNon-smoking"
    assert row.special_request_count == 1


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ('HotelCode="CITY"', 'HotelCode="NOBODY"', "property_unknown"),
        ('ResID_Value="1"', "", "reference_missing"),
        ('EffectiveDate="2026-03-01"', 'EffectiveDate="01.03.2026"', "unreadable"),
        ('CurrencyCode="EUR"', 'CurrencyCode="XXQ"', "currency_unknown"),
        ("<HotelReservation>", '<HotelReservation ResStatus="Perhaps">', "status_unknown"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(wrong: str, right: str, code: str) -> None:
    told = booking(1)
    assert wrong in told

    assert refusal(told.replace(wrong, right)).reasons[0].code == code


def test_a_refused_booking_says_what_it_keeps_out_of_the_reports() -> None:
    found = refusal(booking(1, status="Perhaps"))

    assert (found.source_ref, found.room_night_count, found.amount_minor, found.currency) == ("1", 2, 20_100, "EUR")


def test_one_that_cannot_be_understood_keeps_no_other_out() -> None:
    found = mapped(answered(booking(1, status="Perhaps"), booking(2)))

    assert [type(each) for each in found] == [Refused, Incoming, Incoming, Incoming]
    assert len({each.raw_ref for each in found}) == 4


@pytest.mark.parametrize("body", [b"", b"{}", b"<x/>", b"<!DOCTYPE x><x/>", answered(booking(1))[:-9]])
def test_what_nobody_can_read_is_told(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        mapped(body)

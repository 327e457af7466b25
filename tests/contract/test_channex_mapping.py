"""What the words and figures of a Channex revision become in our house."""

from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import pytest

from connectors.channex.connector import CONNECTOR as THIS
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Reason, Refused, UnmappedCode
from hotel.reservations import Reservation, Room
from tests.contract.suites import BOOK, CITY, PLACE, Row, reasons_of
from tests.contract.test_channex import revision, room

NO_CODES = BOOK._replace(as_is=frozenset())


def mapped(row: Row, book: Codebook = BOOK) -> list[Incoming | Refused]:
    assert THIS.messages is not None
    return list(THIS.messages(msgspec.json.encode({"data": row}), book, PLACE))


def booking(book: Codebook = BOOK, **told: Any) -> Reservation:
    return incoming(book, **told).row  # type: ignore[return-value]


def incoming(book: Codebook = BOOK, **told: Any) -> Incoming:
    first = mapped(revision(1, **told), book)[0]
    assert isinstance(first, Incoming), first
    assert isinstance(first.row, Reservation)
    return first


def one_room(book: Codebook = BOOK, **told: Any) -> Room:
    (found,) = booking(book, rooms=[room(**told)]).rooms
    return found


def test_a_booking_is_told_by_its_number_and_the_number_of_its_channel() -> None:
    found = incoming()

    assert isinstance(found.row, Reservation)
    assert (found.row.source_ref, found.row.channel_code, found.row.channel_ref) == ("BDC-1", "BookingCom", "331")
    assert (found.row.status, found.row.is_inventory_held, found.row.room_count) == ("confirmed", True, 1)
    assert (found.row.arrival_on, found.row.departure_on) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (found.row.total_minor, found.row.currency) == (10_000, "EUR")


def test_a_stamp_without_a_zone_is_utc_and_orders_the_revisions() -> None:
    found = incoming()

    assert found.source_updated_at == datetime(2026, 2, 28, 10, 0, 0, 1, tzinfo=UTC)
    assert found.source_version == 1_772_272_800_000_001
    assert incoming(inserted_at="2026-02-28T11:00:00+01:00").source_version == 1_772_272_800_000_000
    assert incoming(inserted_at=None).source_version is None


def test_only_the_first_revision_says_when_it_was_booked() -> None:
    assert booking().booked_at == datetime(2026, 2, 28, 10, 0, 0, 1, tzinfo=UTC)
    assert booking().booked_on == date(2026, 2, 28)
    assert booking(status="modified").booked_at is None


def test_without_a_number_of_the_channel_the_bookings_id_names_it_in_all_revisions() -> None:
    assert booking(unique_id=None).source_ref == "booking-1"
    assert booking(unique_id=None, booking_id=None).source_ref == "rev-1"


def test_a_cancellation_says_who_when_and_what_it_cost_and_nothing_else() -> None:
    fee = {"type": "Cancellation Fee", "name": "Fee", "total_price": "76.50"}
    (found,) = mapped(revision(1, status="cancelled", amount="76.50", services=[fee, {"type": "Breakfast"}]))

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.status, found.row.rooms, found.row.total_minor) == (CANCEL, "cancelled", (), None)
    assert (found.row.arrival_on, found.row.currency, found.row.is_inventory_held) == (None, None, False)
    assert (found.row.cancellation_fee_minor, found.row.channel_ref) == (7650, "331")
    assert (found.row.cancelled_at, found.row.cancelled_on) == (found.source_updated_at, date(2026, 2, 28))
    assert incoming(status="cancelled").row.cancellation_fee_minor is None  # type: ignore[union-attr]


def test_a_room_keeps_its_name_when_the_vendor_numbers_it_anew() -> None:
    told = [room(booking_room_id="first"), room(booking_room_id="second")]
    again = [room(booking_room_id="third"), room(booking_room_id="fourth")]

    assert [each.room_ref for each in booking(rooms=told).rooms] == ["1", "2"]
    assert [each.room_ref for each in booking(rooms=again, status="modified").rooms] == ["1", "2"]


def test_a_room_is_named_by_its_channel_where_that_names_each() -> None:
    def refs(*rooms: Row) -> list[str]:
        return [each.room_ref for each in booking(rooms=list(rooms)).rooms]

    assert refs(room(ota_unique_id="49"), room(ota_unique_id=50)) == ["49", "50"]
    assert refs(room(meta={"booking_com_room_index": 0}), room(meta={"booking_com_room_index": 875})) == ["0", "875"]
    assert refs(room(ota_unique_id="49"), room(ota_unique_id="49")) == ["1", "2"]
    assert refs(room(ota_unique_id="49"), room()) == ["1", "2"]


def test_a_room_nobody_mapped_is_noted_under_the_channels_own_code() -> None:
    told = room(room_type_id=None, rate_plan_id=None, meta={"room_type_code": "3636404", "rate_plan_code": 117855})

    found = incoming(rooms=[told])

    assert isinstance(found.row, Reservation)
    (one,) = found.row.rooms
    assert (one.room_type_code, one.rate_plan_code) == ("unmapped", "unmapped")
    assert (one.raw_room_code, one.raw_rate_code) == ("BookingCom:3636404", "BookingCom:117855")
    assert found.unmapped == (
        UnmappedCode("room_type", "BookingCom:3636404"),
        UnmappedCode("rate_plan", "BookingCom:117855"),
    )


def test_a_channels_own_code_can_be_mapped_and_a_nameless_one_still_shows() -> None:
    book = NO_CODES._replace(codes={("city-hotel", "room_type", "BookingCom:3636404"): "STD"})
    told = room(room_type_id=None, rate_plan_id=None, meta={"room_type_code": "3636404"})

    found = incoming(book, rooms=[told])

    assert isinstance(found.row, Reservation)
    assert found.row.rooms[0].room_type_code == "STD"
    assert UnmappedCode("rate_plan", "BookingCom:-") in found.unmapped


def test_a_derived_plan_may_be_known_by_its_parent() -> None:
    book = NO_CODES._replace(codes={("*", "rate_plan", "parent"): "BAR"})

    found = one_room(book, rate_plan_id="derived", meta={"parent_rate_plan_id": "parent"})

    assert (found.rate_plan_code, found.raw_rate_code) == ("BAR", "derived")


def test_prices_stand_on_their_dates_in_whatever_order_they_come() -> None:
    days = {"2026-03-02": "2.50", "2026-03-01": 1.25}

    found = one_room(days=days, checkout_date="2026-03-03")

    assert [(night.stay_on.day, night.price_minor) for night in found.nights] == [(1, 125), (2, 250)]
    assert (found.total_minor, found.nights[0].is_price_derived) == (375, False)


def test_only_a_total_is_spread_and_adds_up_again() -> None:
    (first, second) = booking(
        amount="100.01", rooms=[room(["1", "2", "3"], days=None), room(["1", "2", "3"], days={})]
    ).rooms

    assert [night.price_minor for room in (first, second) for night in room.nights] == [1667] * 3 + [1667, 1667, 1666]
    assert all(night.is_price_derived for night in first.nights)
    assert [night.price_minor for night in one_room(days=None, amount="90.00").nights] == [9000]


def test_tax_inside_a_price_is_parted_over_the_nights() -> None:
    taxes = [
        {"is_inclusive": True, "name": "VAT (5%)", "type": "Value Added Tax (VAT)", "total_price": "7.29"},
        {"is_inclusive": False, "name": "City tax", "type": "city_tax", "total_price": "4.00"},
        {"is_inclusive": False, "name": "Additional Guest Fee", "type": "fee", "total_price": "29.57"},
    ]

    found = one_room(prices=["76.50", "76.50"], taxes=taxes)

    assert (found.is_tax_included, found.tax_minor) == (True, 729)
    assert [night.tax_minor for night in found.nights] == [365, 364]
    told = {
        (tax.tax_code, tax.is_included, tax.is_pass_through): [
            each.amount_minor for night in found.nights for each in night.taxes if each.tax_code == tax.tax_code
        ]
        for tax in found.nights[0].taxes
    }
    assert told == {
        ("value_added_tax_vat", True, False): [365, 364],
        ("city_tax", False, True): [200, 200],
        ("fee", False, False): [1479, 1478],
    }


@pytest.mark.parametrize(
    ("taxes", "is_included", "tax"),
    [
        ([{"is_inclusive": False, "type": "tax", "total_price": "5.00"}], False, 500),
        ([{"is_inclusive": False, "type": "City Tax", "total_price": "5.00"}], None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_how_tax_stands_to_a_price_is_told_or_not_known(taxes: Any, is_included: bool | None, tax: int | None) -> None:
    found = one_room(taxes=taxes)

    assert (found.is_tax_included, found.nights[0].is_tax_included, found.tax_minor) == (is_included, is_included, tax)


def test_tax_on_nights_without_a_price_is_parted_evenly() -> None:
    found = one_room(prices=["0.00", "0.00"], taxes=[{"is_inclusive": False, "type": "tax", "total_price": "3.01"}])

    assert [night.tax_minor for night in found.nights] == [151, 150]


def test_where_nothing_is_told_of_tax_the_house_says_it() -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=True)})

    assert one_room(book).is_tax_included is True


def test_taxes_of_one_kind_are_one_line_and_of_two_manners_two() -> None:
    taxes = [
        {"is_inclusive": True, "type": "tax", "total_price": "1.00"},
        {"is_inclusive": True, "type": "tax", "total_price": "2.00"},
        {"is_inclusive": False, "type": "tax", "total_price": "4.00"},
    ]

    found = one_room(taxes=taxes)

    assert [(tax.tax_code, tax.is_included, tax.amount_minor) for tax in found.nights[0].taxes] == [
        ("tax", True, 300),
        ("tax_added", False, 400),
    ]


@pytest.mark.parametrize(("amount", "is_in_price"), [("120.00", True), ("100.00", False), ("111.00", None)])
def test_the_sums_say_whether_extras_lie_in_the_total(amount: str, is_in_price: bool | None) -> None:
    services = [{"type": "Breakfast", "name": "Breakfast", "total_price": "20.00", "persons": 2}]

    (extra,) = booking(amount=amount, services=services).extras

    assert (extra.extra_code, extra.total_minor, extra.currency) == ("Breakfast", 2000, "EUR")
    assert (extra.is_in_price, extra.room_ref) == (is_in_price, None)


def test_extras_of_a_room_say_whose_they_are() -> None:
    extras = booking(rooms=[room(), room(services=[{"name": "Cot", "total_price": "5.00"}])]).extras

    assert [(extra.extra_ref, extra.extra_code, extra.room_ref) for extra in extras] == [("2.1", "Cot", "2")]


def test_who_comes_to_a_room_is_counted_with_the_childrens_ages() -> None:
    occupancy = {"adults": 1, "children": 2, "infants": 1, "ages": [5, 0]}

    found = one_room(occupancy=occupancy)

    assert (found.adult_count, found.child_count, found.infant_count, found.child_ages) == (1, 2, 1, (5, 0))
    assert booking(occupancy=occupancy).adult_count == 1


@pytest.mark.parametrize(
    ("told", "ota", "collect"),
    [
        ("property", "BookingCom", "property"),
        ("ota", "BookingCom", "channel"),
        (None, "BookingCom", None),
        (None, "A-Expedia", "property"),
        ("ota", "A-Expedia", "channel"),
    ],
)
def test_who_takes_the_money(told: str | None, ota: str, collect: str | None) -> None:
    assert booking(payment_collect=told, ota_name=ota).collect == collect


def test_commission_arrival_and_wishes() -> None:
    found = booking(ota_commission="10.50", arrival_hour="23:30", notes=" Quiet room ", payment_type="credit_card")

    assert (found.commission_minor, found.comment, found.guarantee_code) == (1050, "Quiet room", "credit_card")
    assert found.rooms[0].arrival_time == time(23, 30)


def test_what_is_not_understood_beside_the_stay_is_warned_of() -> None:
    told: Row = {"arrival_hour": "late", "payment_collect": "nobody", "deposits": [{"amount": 1}]}

    found = incoming(**told, rooms=[room(meta=["a list"])])

    assert found.warnings == (
        "details_unreadable",
        "arrival_hour_unreadable",
        "collect_unknown",
        "deposits_not_read",
    )


def test_a_message_tells_the_booking_first_and_then_its_people() -> None:
    customer = {
        "name": "Ana Lucía", "surname": "O'Neil", "mail": "x@guest.booking.com", "phone": "912 345 678",
        "country": "PT", "company": {"title": "Acme Lda", "number": "1"},
    }  # fmt: skip
    rooms = [room(guests=None), room(guests=[{"name": "สมชาย", "surname": "ใจดี"}, {"name": None}, {"name": "太郎"}])]

    first, *others = mapped(revision(1, customer=customer, rooms=rooms))

    assert isinstance(first, Incoming)
    assert isinstance(first.row, Reservation)
    guests = [row.row for row in others if isinstance(row, Incoming) and isinstance(row.row, Guest)]
    assert [guest.source_ref for guest in guests] == ["BDC-1:booker", "BDC-1:company", "BDC-1:1", "BDC-1:3"]
    assert [guest.full_name for guest in guests] == ["Ana Lucía O'Neil", "Acme Lda", "สมชาย ใจดี", "太郎"]
    assert (guests[0].is_email_relay, guests[0].phone, guests[0].country_code) == (True, "+351912345678", "PT")
    assert [guest.kind for guest in guests] == ["person", "company", "person", "person"]
    assert (first.row.booker_guest_ref, first.row.primary_guest_ref) == ("BDC-1:booker", "BDC-1:1")
    assert (first.row.company_ref, [each.occupant_guest_ref for each in first.row.rooms]) == (
        "BDC-1:company",
        [None, "BDC-1:1"],
    )
    assert {row.source_version for row in others if isinstance(row, Incoming)} == {first.source_version}


def test_a_room_that_was_cancelled_stays_in_the_booking_and_counts_no_more() -> None:
    found = booking(status="modified", rooms=[room(), room(["1", "1"], is_cancelled=True)])

    assert [each.status for each in found.rooms] == ["confirmed", "cancelled"]
    assert (found.room_count, found.departure_on, found.status) == (1, date(2026, 3, 2), "confirmed")


def test_day_use_has_no_night() -> None:
    found = one_room(days={}, amount="50.00", checkout_date="2026-03-01")

    assert (found.is_day_use, found.nights, found.total_minor) == (True, (), 5000)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"status": "tentative"}, Reason("status_unknown", "status", "aaaaaaaaa")),
        ({"currency": "XQX"}, Reason("currency_unknown", "currency", "AAA")),
        ({"currency": None}, Reason("currency_unknown", "currency", "")),
        ({"property_id": "MARS"}, Reason("property_unknown", "property_id", "AAAA")),
        ({"rooms": [room(["10.005"])]}, Reason("decimals_exceed_currency", "rooms.days", "99.999")),
        ({"rooms": [room(checkin_date="01.03.2026")]}, Reason("unreadable", "rooms.checkin_date", "99.99.9999")),
        ({"rooms": None}, Reason("unreadable", "rooms", "Aaaa")),
        ({"inserted_at": "0001-01-01T00:00:00"}, Reason("unreadable", "inserted_at", "9999-99-99 99:99:99")),
        ({"amount": None, "rooms": [room(days=None)]}, Reason("field_missing", "rooms.days", "")),
        (
            {"rooms": [room(days=None, amount="9.00", checkout_date="2126-03-01")]},
            Reason("stay_too_long", "departure", "9999-99-99"),
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(told: Row, reason: Reason) -> None:
    (refused,) = mapped(revision(1, **told))

    assert reasons_of([refused]) == [reason]
    assert isinstance(refused, Refused)
    assert refused.source_ref == "BDC-1"


def test_a_booking_that_nothing_names_is_refused() -> None:
    (refused,) = mapped(revision(1, id="", unique_id="", booking_id=None))

    assert reasons_of([refused]) == [Reason("field_missing", "unique_id")]


def test_a_refused_booking_says_what_it_keeps_out_of_the_reports() -> None:
    rooms = [room(["10.00", "20.00"]), room(["1"], is_cancelled=True), room(["1", "1"], days=None, amount="7.00")]

    (refused,) = mapped(revision(1, property_id="MARS", rooms=rooms))
    (gone,) = mapped(revision(1, property_id="MARS", status="cancelled"))

    assert isinstance(refused, Refused)
    assert isinstance(gone, Refused)
    assert (refused.room_night_count, refused.amount_minor, refused.currency) == (4, 3700, "EUR")
    assert (gone.room_night_count, gone.amount_minor) == (0, 0)


def test_a_page_of_revisions_is_read_one_by_one() -> None:
    assert THIS.messages is not None
    rows = [revision(1), revision(2, currency="XQX"), revision(3)]

    found = list(THIS.messages(msgspec.json.encode({"data": rows, "meta": {}}), BOOK, PLACE))

    assert [row.raw_ref for row in found] == [f"p:7:1:{n}" for n in range(7)]
    assert [type(row).__name__ for row in found] == ["Incoming"] * 3 + ["Refused"] + ["Incoming"] * 3

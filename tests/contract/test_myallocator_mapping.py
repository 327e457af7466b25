"""What the words and figures of a myallocator booking become in our house."""

from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import pytest

from connectors.errors import VendorChangedShape
from connectors.myallocator.connector import CONNECTOR as THIS
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming, Reason, Refused, UnmappedCode
from hotel.reservations import Reservation
from tests.contract.suites import BOOK, CITY, PLACE, Row, reasons_of
from tests.contract.test_myallocator import booking, room

NO_CODES = BOOK._replace(as_is=frozenset())


def mapped(row: Row, book: Codebook = BOOK) -> list[Incoming | Refused]:
    assert THIS.messages is not None
    return list(THIS.messages(msgspec.json.encode(row), book, PLACE))


def incoming(book: Codebook = BOOK, **told: Any) -> Incoming:
    first = mapped(booking(1, **told), book)[0]
    assert isinstance(first, Incoming), first
    return first


def read(book: Codebook = BOOK, **told: Any) -> Reservation:
    found = incoming(book, **told).row
    assert isinstance(found, Reservation)
    return found


def prices(found: Reservation) -> list[list[int]]:
    return [[night.price_minor for night in each.nights] for each in found.rooms]


def test_a_booking_is_told_by_the_vendors_number_and_the_channels() -> None:
    found = incoming()

    assert isinstance(found.row, Reservation)
    assert (found.row.source_ref, found.row.channel_code, found.row.channel_ref) == ("ma-1", "boo", "331")
    assert (found.row.booked_at, found.row.booked_on) == (datetime(2026, 2, 27, 9, tzinfo=UTC), date(2026, 2, 27))
    assert found.source_updated_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert found.source_version == 1_772_272_800_000_000


def test_the_end_of_a_stay_is_its_last_night() -> None:
    found = read(Rooms=[room(["10.00", "20.00"]), room(["5.00"])], TotalPrice="35.00")

    assert (found.arrival_on, found.departure_on) == (date(2026, 3, 1), date(2026, 3, 3))
    assert [each.departure_on for each in found.rooms] == [date(2026, 3, 3), date(2026, 3, 2)]


def test_some_rooms_of_a_kind_become_as_many_rooms() -> None:
    found = read(Rooms=[room(["16.81"], Units="2", Price="33.62"), room(["5.00"], Units=1)], TotalPrice="38.62")

    assert [each.room_ref for each in found.rooms] == ["1.1", "1.2", "2.1"]
    assert (prices(found), found.room_count) == ([[1681], [1681], [500]], 3)


def test_nights_told_for_all_rooms_are_parted_and_add_up_again() -> None:
    found = read(Rooms=[room(["10.01", "20.00"], Units="2", Price="30.01")], TotalPrice="30.01")

    assert prices(found) == [[501, 1000], [500, 1000]]
    assert [each.total_minor for each in found.rooms] == [1501, 1500]
    assert not any(night.is_price_derived for each in found.rooms for night in each.nights)


@pytest.mark.parametrize(("total", "each"), [("60.00", 3000), ("30.00", 1500), (None, 3000)])
def test_without_a_price_beside_them_the_bookings_total_says_whose_the_nights_are(total: str | None, each: int) -> None:
    found = read(Rooms=[room(["10.00", "20.00"], Units="2", Price=None)], TotalPrice=total)

    assert [one.total_minor for one in found.rooms] == [each, each]


def test_nights_that_are_nothing_like_the_price_give_way_to_it() -> None:
    found = incoming(Rooms=[room(["10.00", "20.00"], Price="44.01")], TotalPrice="44.01")

    assert isinstance(found.row, Reservation)
    assert prices(found.row) == [[2201, 2200]]
    assert found.row.rooms[0].nights[0].is_price_derived
    assert found.warnings == ("day_rates_disagree",)


def test_only_a_price_or_only_a_total_is_spread() -> None:
    plain = {"DayRates": None, "EndDate": "2026-03-03"}
    one = read(Rooms=[room(["1"], Price="10.00", **plain)])
    whole = read(
        Rooms=[room(["1"], Price=None, Units="2", **plain), room(["1"], Price=None, **plain)], TotalPrice="9.01"
    )

    assert prices(one) == [[334, 333, 333]]
    assert sum(map(sum, prices(whole))) == 901
    assert all(night.is_price_derived for each in whole.rooms for night in each.nights)


def test_a_room_may_be_sold_in_another_currency_than_the_whole() -> None:
    found = read(Rooms=[room(["12000"], "JPY")], TotalPrice="80.00")

    assert (found.currency, found.total_minor) == ("EUR", 8000)
    assert (found.rooms[0].currency, found.rooms[0].nights[0].price_minor) == ("JPY", 12_000)


@pytest.mark.parametrize("ids", [[-1], ["-1"], [], None])
def test_a_room_that_is_mapped_nowhere_is_noted_under_the_channels_own_code(ids: Any) -> None:
    told = room(["1.00"], RoomTypeIds=ids, MyallocatorRateplanIds=[], ChannelRoomType=3636404, RateId="117855")

    found = incoming(Rooms=[told])

    assert isinstance(found.row, Reservation)
    (one,) = found.row.rooms
    assert (one.room_type_code, one.raw_room_code, one.raw_rate_code) == ("unmapped", "boo:3636404", "boo:117855")
    assert found.unmapped == (UnmappedCode("room_type", "boo:3636404"), UnmappedCode("rate_plan", "boo:117855"))


def test_of_several_rooms_the_one_the_house_knows_counts() -> None:
    book = NO_CODES._replace(codes={("*", "room_type", "119"): "DBL"})

    (one,) = read(book, Rooms=[room(["1.00"], RoomTypeIds=[-1, 117, 119], MyallocatorRateplanIds=None)]).rooms

    assert (one.room_type_code, one.raw_room_code) == ("DBL", "117")
    assert (one.rate_plan_code, one.raw_rate_code) == (None, None), "no plan is told"


def test_people_are_counted_where_it_is_clear_who_sleeps_where() -> None:
    found = read(
        OrderAdults="3",
        OrderChildren=1,
        Rooms=[room(["1.00"], Adults=2, Children="1"), room(["1.00"], Units=2, Price="2.00", Adults=2)],
    )

    assert (found.adult_count, found.child_count) == (3, 1)
    assert [(each.adult_count, each.child_count) for each in found.rooms] == [(2, 1), (None, None), (None, None)]


@pytest.mark.parametrize(
    ("told", "collect"),
    [("PropertyCollect", "property"), ("hotel", "property"), ("ChannelCollect", "channel"), (None, None), ("x", None)],
)
def test_who_takes_the_money(told: str | None, collect: str | None) -> None:
    found = incoming(PaymentCollect=told)

    assert found.row.collect == collect  # type: ignore[union-attr]
    assert found.warnings == (("collect_unknown",) if told == "x" else ())


def test_commission_arrival_and_notes() -> None:
    customers = [{"CustomerLName": "Roe", "CustomerArrivalTime": "13:00", "CustomerNote": " a dog "}]
    told: Row = {"Commission": "15.00", "CommissionCurrency": "EUR", "Version": 2, "Customers": customers}

    found = read(**told, Rooms=[room(["1.00"], OccupantNote="vegan")])

    assert (found.commission_minor, found.change_count, found.comment) == (1500, 2, "a dog\nvegan")
    assert found.rooms[0].arrival_time == time(13)


def test_what_is_not_understood_beside_the_stay_is_warned_of() -> None:
    told: Row = {"Commission": "1.00", "CommissionCurrency": "USD", "Deposit": "12.00"}

    found = incoming(**told, Customers=[{"CustomerArrivalTime": "late"}])

    assert found.warnings == ("arrival_hour_unreadable", "deposits_not_read", "commission_currency_differs")
    assert found.row.commission_minor is None  # type: ignore[union-attr]


def test_the_house_says_whether_prices_have_tax_in_them() -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=True)})

    assert read(book).rooms[0].nights[0].is_tax_included is True
    assert read().is_tax_included is None


def test_a_message_tells_the_booking_first_and_then_its_people() -> None:
    customers = [
        {"CustomerFName": "Ana Lucía", "CustomerLName": "O'Neil", "CustomerEmail": "x@guest.booking.com",
         "CustomerPhoneMobile": "912 345 678", "CustomerCountry": "GB", "CustomerCompany": "Acme"},
        {"CustomerLName": "太郎 山田"},
    ]  # fmt: skip
    rooms = [room(["1.00"]), room(["1.00"], OccupantFName="สมชาย", OccupantLName="ใจดี")]

    first, *others = mapped(booking(1, Customers=customers, Rooms=rooms))

    assert isinstance(first, Incoming)
    assert isinstance(first.row, Reservation)
    guests = [row.row for row in others if isinstance(row, Incoming) and isinstance(row.row, Guest)]
    assert [guest.source_ref for guest in guests] == ["ma-1:booker", "ma-1:customer2", "ma-1:company", "ma-1:2"]
    assert [guest.full_name for guest in guests] == ["Ana Lucía O'Neil", "太郎 山田", "Acme", "สมชาย ใจดี"]
    assert (guests[0].is_email_relay, guests[0].phone, guests[0].country_code) == (True, "+351912345678", "GB")
    assert (first.row.booker_guest_ref, first.row.primary_guest_ref) == ("ma-1:booker", "ma-1:2")
    assert [each.occupant_guest_ref for each in first.row.rooms] == [None, "ma-1:2"]
    assert (first.row.company_ref, guests[2].kind) == ("ma-1:company", "company")
    assert [row.raw_ref for row in (first, *others)] == [f"p:7:1:{n}" for n in range(5)]


def test_a_page_tells_bookings_only() -> None:
    rows = [booking(n, Customers=[{"CustomerLName": "Roe"}]) for n in (1, 2)]

    found = list(THIS.mappers["reservations"](msgspec.json.encode({"Bookings": rows}), BOOK, PLACE))

    assert [type(row.row).__name__ for row in found if isinstance(row, Incoming)] == ["Reservation", "Reservation"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"TotalCurrency": None}, Reason("currency_unknown", "currency", "")),
        ({"PropertyId": 99}, Reason("property_unknown", "PropertyId", "99")),
        ({"TotalPrice": "1.005"}, Reason("decimals_exceed_currency", "TotalPrice", "9.999")),
        ({"Rooms": [room(["1.00"], Units="some")]}, Reason("unreadable", "Rooms.Units", "aaaa")),
        ({"Rooms": [room(["1.00"], Units=0)]}, Reason("room_count_unreadable", "Rooms.Units", "9")),
        ({"Rooms": [room(["1.00"], Units=999)]}, Reason("room_count_unreadable", "Rooms.Units", "999")),
        ({"Rooms": [room(["1"], Price=None, DayRates=[])], "TotalPrice": None}, Reason("field_missing", "Rooms.Price")),
        ({"Rooms": [room(["1"], DayRates=[], EndDate=None)]}, Reason("field_missing", "Rooms.EndDate")),
        (
            {"Rooms": [room(["1"], DayRates=[], EndDate="2126-03-01")]},
            Reason("stay_too_long", "departure", "9999-99-99"),
        ),
        ({"Rooms": [room(["1"], EndDate="2.3.2026")]}, Reason("unreadable", "Rooms.EndDate", "9.9.9999")),
        ({"MyallocatorId": None}, Reason("unreadable", "MyallocatorId", "Aaaa")),
        ({"MyallocatorId": " "}, Reason("field_missing", "MyallocatorId")),
        ({"OrderAdults": -2}, Reason("unreadable", "OrderAdults", "-9")),
        ({"Rooms": [room(["1"], EndDate="9999-12-31")]}, Reason("unreadable", "EndDate", "9999-99-99")),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(told: Row, reason: Reason) -> None:
    assert reasons_of(mapped(booking(1, **told))) == [reason]


@pytest.mark.parametrize(
    ("told", "nights", "amount"),
    [
        ({}, 5, 10_000),
        ({"TotalPrice": None}, 5, 7_000),
        ({"IsCancellation": "true"}, 0, 0),
        ({"TotalCurrency": "XQX"}, 5, 0),
        ({"TotalPrice": "1e300"}, 5, 0),
        ({"Rooms": [room(["10.00"], Units="9" * 20)]}, 0, 10_000),
    ],
)
def test_a_refused_booking_says_what_it_keeps_out_of_the_reports(told: Row, nights: int, amount: int) -> None:
    rooms = [room(["10.00", "20.00"], Units="2"), room(["40.00"], Units="one")]

    (refused,) = mapped(booking(1, PropertyId="MARS", Rooms=rooms) | told)

    assert isinstance(refused, Refused)
    assert (refused.room_night_count, refused.amount_minor, refused.source_ref) == (nights, amount, "ma-1")


def test_a_booking_without_rooms_is_read_as_one_without_rooms() -> None:
    found = read(Rooms=[], StartDate="2026-03-01", EndDate="2026-03-02")

    assert (found.rooms, found.total_minor, found.departure_on) == ((), 10_000, date(2026, 3, 3))


@pytest.mark.parametrize("body", [b"password=x", b"booking=&password=x", b"booking=[1]", b"%ff=1", b"booking=%ff"])
def test_a_form_without_a_booking_says_so(body: bytes) -> None:
    assert THIS.messages is not None
    with pytest.raises(VendorChangedShape):
        list(THIS.messages(body, BOOK, PLACE))

"""What the REST contract's words and figures become in our house."""

from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import pytest

from connectors.hotel_rest.connector import CONNECTOR as THIS
from connectors.hotel_rest.words import STATUSES
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming, Reason, Refused, UnmappedCode
from hotel.reservations import Reservation
from hotel.rooms import Rate, RoomStatus
from tests.contract.suites import BOOK, CITY, PLACE, Row, reasons_of
from tests.contract.test_hotel_rest import guest, stay


def mapped(dataset: str, rows: list[Any], book: Codebook = BOOK, **place: Any) -> list[Incoming | Refused]:
    key = {"room_status": "rooms", "rates": "rates"}.get(dataset, "items")
    return list(THIS.mappers[dataset](msgspec.json.encode({key: rows}), book, PLACE._replace(**place)))


def one(dataset: str, row: Row, book: Codebook = BOOK) -> Any:
    (found,) = mapped(dataset, [row], book)
    assert isinstance(found, Incoming), found
    return found.row


def booking(row: Row, book: Codebook = BOOK) -> Reservation:
    found = one("reservations", row, book)
    assert isinstance(found, Reservation)
    return found


def with_room(row: Row, **changes: Any) -> Row:
    return row | {"rooms": [row["rooms"][0] | changes]}


@pytest.mark.parametrize("word", STATUSES)
def test_every_status_is_known_in_any_spelling(word: str) -> None:
    for spelling in (word, word.lower(), word.upper(), word.replace("In", "in_").replace("Out", "-out")):
        assert booking(stay(1, "EUR", ["1.00"]) | {"status": spelling}).status == STATUSES[word]


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("Confirmed", True),
        ("InHouse", True),
        ("CheckedOut", False),
        ("Cancelled", False),
        ("NoShow", False),
        ("Waitlisted", False),
        ("Optional", True),
    ],
)
def test_an_option_blocks_the_room_and_a_wait_list_does_not(word: str, held: bool) -> None:
    assert booking(stay(1, "EUR", ["1.00"]) | {"status": word}).is_inventory_held is held


def test_the_house_may_map_statuses_of_its_own() -> None:
    book = BOOK._replace(codes={("*", "status", "Tentative"): "waitlisted"})

    assert booking(stay(1, "EUR", ["1.00"]) | {"status": "Tentative"}, book).status == "waitlisted"


def test_dates_and_counts_are_those_of_the_rooms_that_are_left() -> None:
    (room,) = stay(1, "EUR", ["10.00"])["rooms"]
    later = room | {"id": "2", "checkIn": "2026-03-02", "checkOut": "2026-03-05"}
    gone = room | {"id": "3", "status": "Cancelled", "checkIn": "2026-02-01", "checkOut": "2026-04-01"}

    found = booking(stay(1, "EUR", ["10.00"]) | {"rooms": [room, later, gone]})

    assert (found.arrival_on, found.departure_on, found.room_count) == (date(2026, 3, 1), date(2026, 3, 5), 2)
    assert [room.status for room in found.rooms] == ["confirmed", "confirmed", "cancelled"]


def test_a_cancelled_booking_keeps_its_rooms_and_says_when() -> None:
    row = stay(1, "EUR", ["10.00"]) | {"status": "Cancelled", "cancelledAt": "2026-02-28T23:30:00-02:00"}

    found = booking(with_room(row, status="Cancelled"))

    assert (found.room_count, found.arrival_on) == (1, date(2026, 3, 1))
    assert (found.cancelled_on, found.rooms[0].cancelled_on) == (date(2026, 3, 1), date(2026, 3, 1))
    assert len(found.rooms[0].nights) == 1


def test_rooms_without_an_id_are_named_by_their_place() -> None:
    row = with_room(stay(1, "EUR", ["10.00"]), id=None)

    assert [room.room_ref for room in booking(row | {"rooms": row["rooms"] * 3}).rooms] == ["1", "2", "3"]


def test_a_total_without_nights_is_spread_so_that_it_adds_up_again() -> None:
    row = with_room(stay(1, "EUR", ["0"]), totalPrice="100.00", checkOut="2026-03-04", nights=None)

    nights = booking(row).rooms[0].nights

    assert [night.price_minor for night in nights] == [3334, 3333, 3333]
    assert [night.stay_on.day for night in nights] == [1, 2, 3]


def test_a_bookings_total_alone_is_spread_over_its_rooms_first() -> None:
    row = with_room(stay(1, "JPY", ["0"]), totalPrice=None, nights=None, checkOut="2026-03-03")

    found = booking(row | {"rooms": row["rooms"] * 2, "totalPrice": "1001"})

    assert [room.total_minor for room in found.rooms] == [501, 500]
    assert [night.price_minor for room in found.rooms for night in room.nights] == [251, 250, 250, 250]


def test_what_nobody_priced_has_no_nights_to_report() -> None:
    row = with_room(stay(1, "EUR", ["0"]), totalPrice=None, nights=None) | {"totalPrice": None}

    assert booking(row).rooms[0].nights == ()
    assert booking(row | {"rooms": []}).arrival_on is None


def test_day_use_has_no_night_and_keeps_its_money() -> None:
    row = with_room(stay(1, "EUR", ["50.00"]), dayUse=True, checkOut="2026-03-01")

    (room,) = booking(row).rooms

    assert (room.is_day_use, room.nights, room.total_minor) == (True, (), 5000)


def test_a_wrong_century_is_refused_before_it_is_spread() -> None:
    row = with_room(stay(1, "EUR", ["1.00"]), checkOut="9026-03-01", nights=None)

    assert [reason.code for reason in reasons_of(mapped("reservations", [row]))] == ["stay_too_long"]


@pytest.mark.parametrize(
    ("room", "zero_price_use", "use"),
    [
        ({}, "sold", "sold"),
        ({}, "complimentary", "complimentary"),
        ({"complimentary": True}, "sold", "complimentary"),
        ({"houseUse": True, "complimentary": True}, "sold", "house_use"),
    ],
)
def test_the_use_of_a_night_follows_the_house(room: Row, zero_price_use: str, use: str) -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(zero_price_use=zero_price_use)})

    (night,) = booking(with_room(stay(1, "EUR", ["0.00"]), **room), book).rooms[0].nights

    assert night.use == use


@pytest.mark.parametrize(
    ("told", "house", "is_included"), [(True, None, True), (False, True, False), (None, True, True), (None, None, None)]
)
def test_tax_is_what_the_source_says_else_what_the_house_knows(told: Any, house: Any, is_included: Any) -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=house)})
    night = {"date": "2026-03-01", "price": "10.00", "tax": "0.57", "package": "3.00"}

    found = booking(with_room(stay(1, "EUR", ["10.00"]) | {"taxIncluded": told}, nights=[night]), book)

    assert {found.is_tax_included, found.rooms[0].is_tax_included, found.rooms[0].nights[0].is_tax_included} == {
        is_included
    }
    assert (found.rooms[0].nights[0].tax_minor, found.rooms[0].nights[0].package_minor) == (57, 300)


def test_local_dates_are_those_of_the_hotel() -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(time_zone="Asia/Tokyo", day_rolls_at=time(3))})
    row = stay(1, "EUR", ["10.00"]) | {"bookedAt": "2026-02-27T15:30:00Z"}

    assert booking(row, book).booked_on == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("told", "count"), [(3, 3), (["late", {"bed": "king"}], 2), ("late arrival", None), (None, None)]
)
def test_special_requests_are_counted_where_they_can_be(told: Any, count: int | None) -> None:
    assert booking(stay(1, "EUR", ["10.00"]) | {"specialRequests": told}).special_request_count == count


def test_codes_go_through_the_houses_book() -> None:
    book = BOOK._replace(
        as_is=frozenset(),
        codes={("city-hotel", "channel", "booking_com"): "BDC", ("*", "room_type", "STD"): "standard"},
    )

    (found,) = mapped("reservations", [with_room(stay(1, "EUR", ["10.00"]), assignedRoomType="DLX")], book)

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert (found.row.channel_code, found.row.rooms[0].room_type_code) == ("BDC", "standard")
    assert set(found.unmapped) == {UnmappedCode("rate_plan", "BAR"), UnmappedCode("room_type", "DLX")}


def test_warnings_and_codes_of_a_row_are_its_own() -> None:
    book = BOOK._replace(as_is=frozenset(), settings={"naive_zone": "property"})
    doubled = stay(1, "EUR", ["10.00"]) | {"bookedAt": "2025-10-26T01:30:00"}

    first, second = mapped("reservations", [doubled, stay(2, "EUR", ["10.00"])], book)
    (guest_row,) = mapped("guests", [guest(1)], book)

    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert isinstance(guest_row, Incoming)
    assert (first.warnings, second.warnings, guest_row.warnings) == (("time_ambiguous",), (), ())
    assert first.unmapped == second.unmapped
    assert guest_row.unmapped == ()


def test_a_property_nobody_knows_is_refused_and_none_at_all_is_the_accounts() -> None:
    (unknown,) = mapped("reservations", [stay(1, "EUR", ["10.00"]) | {"propertyId": "MARS"}])
    own = booking({**stay(1, "EUR", ["10.00"]), "propertyId": None})

    assert isinstance(unknown, Refused)
    assert (unknown.property_id, unknown.reasons) == ("*", (Reason("property_unknown", "propertyId", "AAAA"),))
    assert own.property_id == "city-hotel"


@pytest.mark.parametrize(
    ("changes", "nights", "amount"),
    [({}, 2, 2000), ({"status": "Cancelled"}, 0, 0), ({"currency": "XQX"}, 2, 0)],
)
def test_a_refused_booking_says_what_it_keeps_out_of_the_reports(changes: Row, nights: int, amount: int) -> None:
    row = stay(1, "EUR", ["10.00", "10.00"]) | {"propertyId": "MARS"} | changes

    (refused,) = mapped("reservations", [row])

    assert isinstance(refused, Refused)
    assert (refused.room_night_count, refused.amount_minor, refused.source_version) == (nights, amount, 3)
    assert refused.row["id"] == "R-1"


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "1e400"])
def test_an_amount_that_is_none_is_refused(price: str) -> None:
    rows = mapped("reservations", [stay(1, "EUR", ["10.00"]) | {"totalPrice": price}])

    assert [(reason.code, reason.column) for reason in reasons_of(rows)] == [("unreadable", "totalPrice")]


def test_an_amount_as_a_json_number_is_as_exact_as_text() -> None:
    body = msgspec.json.encode({"items": [stay(1, "EUR", ["10.10"])]}).replace(b'"10.10"', b"10.10")

    (found,) = THIS.mappers["reservations"](body, BOOK, PLACE)

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert found.row.rooms[0].nights[0].price_minor == 1010


@pytest.mark.parametrize(
    ("told", "kind"), [("Person", "person"), (None, "person"), ("travelAgent", "travel_agent"), ("Company", "company")]
)
def test_guest_kinds_are_known(told: str | None, kind: str) -> None:
    assert one("guests", guest(1) | {"kind": told}).kind == kind


def test_a_guest_kind_nobody_knows_is_refused() -> None:
    assert reasons_of(mapped("guests", [guest(1) | {"kind": "Robot"}])) == [Reason("kind_unknown", "kind", "Aaaaa")]


@pytest.mark.parametrize(
    ("told", "is_vip", "code"), [("V1", True, "V1"), (2, True, "2"), (0, False, None), ("none", False, None)]
)
def test_vip_levels(told: Any, is_vip: bool, code: str | None) -> None:
    found = one("guests", guest(1) | {"vipLevel": told})

    assert (found.is_vip, found.vip_code) == (is_vip, code)


def test_a_profile_is_taken_over_field_by_field() -> None:
    more = {"nationality": "gb", "language": "en", "dateOfBirth": "1980-02-29", "mergedIntoId": "G-9", "active": False}

    found = one("guests", guest(1) | more | {"email": "x@guest.booking.com", "phone": "912 345 678"})

    assert found == Guest(
        source="sandbox_pms",
        property_id="city-hotel",
        source_ref="G-1",
        kind="person",
        first_name="Jane",
        last_name="Roe",
        full_name="Jane Roe",
        folded_name="jane roe",
        email="x@guest.booking.com",
        is_email_relay=True,
        phone="+351912345678",
        phone_raw="912 345 678",
        country_code="GB",
        language_code="en",
        birth_on=date(1980, 2, 29),
        merged_into_ref="G-9",
        is_active=False,
        created_on_source_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def test_a_profile_without_a_name_loads_and_leaves_the_judgement_to_the_gate() -> None:
    found = one("guests", {"id": "G-1", "propertyId": "CITY"})

    assert (found.full_name, found.folded_name, found.is_active) == (None, None, True)


@pytest.mark.parametrize(
    ("status", "housekeeping", "axes"),
    [
        ("OCC", None, ("occupied", "unknown", "ok")),
        ("OCC", "Dirty", ("occupied", "dirty", "ok")),
        ("VAC", None, ("vacant", "unknown", "ok")),
        ("VD", None, ("vacant", "dirty", "ok")),
        ("VC", "inspected", ("vacant", "inspected", "ok")),
        ("OOO", None, ("unknown", "unknown", "out_of_order")),
        ("OOS", "clean", ("unknown", "clean", "out_of_service")),
    ],
)
def test_a_rooms_axes_are_told_apart(status: str, housekeeping: str | None, axes: tuple[str, ...]) -> None:
    row = {"number": "101", "status": status, "housekeeping": housekeeping, "observedAt": "2026-02-28T10:00:00Z"}

    found = one("room_status", row)

    assert isinstance(found, RoomStatus)
    assert (found.occupancy, found.housekeeping, found.sellability) == axes


def test_room_words_nobody_knows_are_noted_and_shown_as_unknown() -> None:
    (found,) = mapped("room_status", [{"number": "101", "status": "XYZ", "housekeeping": "Sparkling"}])

    assert isinstance(found, Incoming)
    assert found.row[3:6] == ("unknown", "unknown", "unknown")
    assert found.unmapped == (UnmappedCode("room_status", "XYZ"), UnmappedCode("housekeeping", "Sparkling"))
    assert found.source_updated_at == PLACE.received_at, "observed when it came, where the source does not say"


def test_a_room_without_any_time_is_refused() -> None:
    rows = mapped("room_status", [{"number": "101", "status": "OCC"}], received_at=None)

    assert reasons_of(rows) == [Reason("field_missing", "observedAt")]
    assert [row.source_ref for row in rows if isinstance(row, Refused)] == ["101"]


def test_rates_are_exact_and_their_bad_ones_are_named() -> None:
    rate = {"date": "2026-03-02", "price": "10.125", "currency": "BHD", "roomType": "STD", "ratePlan": "BAR"}

    good, bad = mapped("rates", [rate | {"taxIncluded": True}, rate | {"currency": "EUR", "occupancy": 2}])

    assert isinstance(good, Incoming)
    assert good.row == Rate("sandbox_pms", "city-hotel", "BAR", "STD", date(2026, 3, 2), 0, 10125, "BHD", True)  # noqa: FBT003
    assert isinstance(bad, Refused)
    assert (bad.source_ref, bad.reasons[0].code) == ("BAR/STD/2026-03-02/2", "decimals_exceed_currency")

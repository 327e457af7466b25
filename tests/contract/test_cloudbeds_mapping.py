"""What the words and figures of a Cloudbeds booking become in our house."""

from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import pytest

from connectors.cloudbeds.connector import CONNECTOR as THIS
from connectors.cloudbeds.words import STATUSES
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Reason, Refused
from hotel.reservations import Reservation
from tests.contract.suites import BOOK, CITY, PLACE, TOKYO, Row, reasons_of
from tests.contract.test_cloudbeds import booking, guest, room


def mapped(row: Row, book: Codebook = BOOK, dataset: str = "reservations") -> list[Incoming | Refused]:
    return list(THIS.mappers[dataset](msgspec.json.encode({"success": True, "data": [row]}), book, PLACE))


def incoming(book: Codebook = BOOK, **told: Any) -> Incoming:
    (found,) = mapped(booking(1, **told), book)
    assert isinstance(found, Incoming), found
    return found


def read(book: Codebook = BOOK, **told: Any) -> Reservation:
    found = incoming(book, **told).row
    assert isinstance(found, Reservation)
    return found


@pytest.mark.parametrize("word", [word for word in STATUSES if word != "canceled"])
def test_every_status_is_known(word: str) -> None:
    assert read(status=word).status == STATUSES[word]


@pytest.mark.parametrize(
    ("word", "held"),
    [("not_confirmed", True), ("confirmed", True), ("checked_in", True), ("checked_out", False), ("no_show", False)],
)
def test_a_booking_that_waits_for_its_confirmation_blocks_the_room(word: str, held: bool) -> None:
    assert read(status=word).is_inventory_held is held


@pytest.mark.parametrize(
    ("status", "word", "found"),
    [
        ("confirmed", "not_checked_in", "confirmed"),
        ("checked_in", "not_checked_in", "confirmed"),
        ("checked_in", "in_house", "in_house"),
        ("checked_in", "checked_out", "checked_out"),
        ("confirmed", "cancelled", "cancelled"),
        ("no_show", "not_checked_in", "no_show"),
        ("checked_out", None, "checked_out"),
    ],
)
def test_a_room_says_where_it_differs_from_its_booking(status: str, word: str | None, found: str) -> None:
    assert read(status=status, rooms=[room(["1.00"], roomStatus=word)]).rooms[0].status == found


def test_a_room_that_is_gone_counts_no_more() -> None:
    rooms = [
        room(["10.00"], subReservationID="R-1"),
        room(["10.00", "10.00"], subReservationID="R-2", roomStatus="cancelled"),
    ]

    found = read(rooms=rooms)

    assert ([each.room_ref for each in found.rooms], found.room_count) == (["R-1", "R-2"], 1)
    assert (found.departure_on, found.adult_count) == (date(2026, 3, 2), 2)


def test_a_cancellation_says_who_and_when_and_nothing_else() -> None:
    found = incoming(status="canceled", dateCancelled="2026-02-28 11:00:00")

    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.status, found.row.rooms, found.row.total_minor) == (CANCEL, "cancelled", (), None)
    assert found.row.cancelled_at == datetime(2026, 2, 28, 11, tzinfo=UTC)
    assert (found.row.channel_code, found.row.channel_ref) == ("Booking.com", "331")


def test_a_deleted_booking_is_cancelled_when_it_changed() -> None:
    found = incoming(isDeleted=True)

    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.cancelled_at) == (CANCEL, found.source_updated_at)


def test_a_stamp_in_utc_goes_before_one_whose_zone_nobody_says() -> None:
    book = BOOK._replace(hotel_refs={"CITY": "tokyo-hotel"}, properties={"tokyo-hotel": TOKYO})
    both = {"dateModifiedUTC": "2026-02-28 10:00:00", "dateModified": "2026-02-28 19:00:00"}

    assert incoming(book, **both).source_updated_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert incoming(book).source_updated_at == datetime(2026, 2, 28, 1, tzinfo=UTC), "the property's own time"
    assert incoming(book, dateModifiedUTC="2026-02-28T10:00:00Z").source_version == 1_772_272_800_000_000


def test_the_integration_may_state_another_zone() -> None:
    book = BOOK._replace(settings={"naive_zone": "America/New_York"})

    assert incoming(book).source_updated_at == datetime(2026, 2, 28, 15, tzinfo=UTC)


def test_when_a_booking_was_made_is_told_with_it() -> None:
    found = read(dateCreatedUTC="2026-02-27 23:30:00")

    assert (found.booked_at, found.booked_on) == (datetime(2026, 2, 27, 23, 30, tzinfo=UTC), date(2026, 2, 27))


@pytest.mark.parametrize(
    ("more", "refs"),
    [
        ({}, ["1", "2"]),
        ({"subReservationID": None, "reservationRoomID": 77}, ["1", "2"]),
    ],
)
def test_rooms_without_a_place_of_their_own_go_by_position(more: Row, refs: list[str]) -> None:
    assert [each.room_ref for each in read(rooms=[room(["1.00"], **more), room(["1.00"], **more)]).rooms] == refs


def test_taxes_that_are_told_are_added_to_the_prices() -> None:
    balance = {"subTotal": 100, "additionalItems": 0, "taxesFees": 13.05, "grandTotal": 113.05}

    found = read(balanceDetailed=balance, total=113.05)

    assert (found.total_minor, found.tax_minor, found.is_tax_included) == (11_305, 1305, False)
    assert (found.rooms[0].total_minor, found.rooms[0].nights[0].is_tax_included) == (10_000, False)


def test_where_no_tax_is_told_the_house_says_how_prices_are() -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=True)})

    assert read(book).is_tax_included is True
    assert read(balanceDetailed=[]).tax_minor is None


def test_items_beside_the_rooms_are_one_sum_inside_the_total() -> None:
    balance = {"subTotal": 100, "additionalItems": 20.5, "taxesFees": 0, "grandTotal": 120.5}

    (extra,) = read(balanceDetailed=balance, total=120.5).extras

    assert (extra.extra_code, extra.total_minor, extra.is_in_price) == ("additional_items", 2050, True)
    assert read(balanceDetailed=balance, total=99).extras[0].is_in_price is None
    assert read(balanceDetailed=balance, total=None).total_minor == 12_050


def test_without_rates_by_date_what_the_rooms_cost_is_spread() -> None:
    bare = {"detailedRoomRates": [], "roomCheckOut": "2026-03-03 00:00:00"}

    found = read(balanceDetailed={"subTotal": 100.01}, rooms=[room(["1"], **bare), room(["1"], **bare)])

    assert [night.price_minor for each in found.rooms for night in each.nights] == [2501, 2500, 2500, 2500]
    assert found.rooms[0].nights[0].is_price_derived


def test_day_use_has_no_night() -> None:
    found = read(rooms=[room(["50.00"], roomCheckOut="2026-03-01")])

    assert (found.rooms[0].is_day_use, found.rooms[0].nights, found.rooms[0].total_minor) == (True, (), 5000)


def test_segments_origin_meals_and_arrival() -> None:
    rooms = [room(["1.00"], marketCode="direct"), room(["1.00"], marketCode="direct")]

    found = read(rooms=rooms, origin="Website", mealPlans="BB", estimatedArrivalTime="14:30")

    assert (found.market_segment_code, found.origin_code, found.meal_plan_code) == ("direct", "Website", "BB")
    assert (found.rooms[0].nights[0].market_segment_code, found.rooms[0].arrival_time) == ("direct", time(14, 30))
    assert read(rooms=[rooms[0], room(["1.00"], marketCode="corp")]).market_segment_code is None


@pytest.mark.parametrize(
    ("word", "collect"), [("hotel", "property"), ("collect", "channel"), (None, None), ("x", None)]
)
def test_who_takes_the_money(word: str | None, collect: str | None) -> None:
    found = incoming(source={"name": "Expedia", "paymentCollect": word})

    assert found.row.collect == collect  # type: ignore[union-attr]
    assert found.warnings == (("collect_unknown",) if word == "x" else ())


def test_who_comes_is_named_by_the_vendors_profiles() -> None:
    found = read(source=None, sourceName="Walk-In", sourceReservationID=None, thirdPartyIdentifier="9")

    assert (found.primary_guest_ref, found.rooms[0].occupant_guest_ref) == ("G-1", "G-1")
    assert (found.channel_code, found.channel_ref) == ("Walk-In", "9")


def test_a_profile_is_taken_over_field_by_field() -> None:
    more: Row = {
        "guestEmail": "x@guest.booking.com", "guestPhone": "", "guestCellPhone": "912 345 678",
        "guestBirthdate": "1980-02-29", "guestCountry": "pt",
    }  # fmt: skip

    (found,) = mapped(booking(1, guestList={"G-7": guest(7, **more)}), dataset="guests")

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Guest)
    assert (found.row.source_ref, found.row.birth_on, found.row.country_code) == ("G-7", date(1980, 2, 29), "PT")
    assert (found.row.is_email_relay, found.row.phone, found.row.folded_name) == (True, "+351912345678", "jane roe")
    assert found.source_updated_at == datetime(2026, 2, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(("told", "warnings"), [("", ()), ("0000-00-00", ()), ("29/02/80", ("birth_date_unreadable",))])
def test_a_birthday_that_is_none_is_none(told: str, warnings: tuple[str, ...]) -> None:
    (found,) = mapped(booking(1, guestList={"1": guest(1, guestBirthdate=told)}), dataset="guests")

    assert isinstance(found, Incoming)
    assert found.warnings == warnings
    assert isinstance(found.row, Guest)
    assert found.row.birth_on is None


@pytest.mark.parametrize(
    "row",
    [booking(1, propertyID="MARS"), booking(1, guestList={"1": guest(1, guestLastName=7)})],
)
def test_a_refused_guest_is_named_by_the_vendors_id(row: Row) -> None:
    (refused,) = mapped(row, dataset="guests")

    assert isinstance(refused, Refused)
    assert (refused.dataset, refused.source_ref) == ("guests", "G-1")


def test_who_or_what_has_no_id_is_refused() -> None:
    nobody = mapped(booking(1, guestList={"1": guest(1, guestID="")}), dataset="guests")

    assert reasons_of(nobody) == [Reason("field_missing", "guestID")]
    assert reasons_of(mapped(booking(1, reservationID=" "))) == [Reason("field_missing", "reservationID")]
    assert reasons_of(mapped(booking(1, reservationID="", status="canceled"))) == [
        Reason("field_missing", "reservationID")
    ]


def test_an_arrival_nobody_can_read_is_warned_of() -> None:
    assert incoming(estimatedArrivalTime="evening").warnings == ("arrival_hour_unreadable",)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"propertyID": 99}, Reason("property_unknown", "propertyID", "99")),
        ({"propertyCurrency": "XQX"}, Reason("currency_unknown", "currency", "AAA")),
        ({"rooms": [room(["1.00"], roomStatus="asleep")]}, Reason("status_unknown", "rooms.roomStatus", "aaaaaa")),
        ({"rooms": [room(["1.00"], roomCheckIn="1.3.2026")]}, Reason("unreadable", "rooms.roomCheckIn", "9.9.9999")),
        ({"rooms": [room(["1.00"], adults="two")]}, Reason("unreadable", "rooms.adults", "aaa")),
        (
            {"rooms": [room(["1.00"], detailedRoomRates=[])], "balanceDetailed": []},
            Reason("field_missing", "rooms.detailedRoomRates"),
        ),
        ({"rooms": None}, Reason("unreadable", "rooms", "Aaaa")),
        (
            {"dateModifiedUTC": "9999-12-31 23:59:59"},
            Reason("unreadable", "dateModifiedUTC", "9999-99-99 99:99:99+99:99"),
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(told: Row, reason: Reason) -> None:
    (refused,) = mapped(booking(1, **told))

    assert reasons_of([refused]) == [reason]
    assert isinstance(refused, Refused)
    assert refused.source_ref == "R-1"


@pytest.mark.parametrize(
    ("told", "nights", "amount"), [({}, 3, 4000), ({"status": "canceled"}, 0, 0), ({"status": "asleep"}, 3, 4000)]
)
def test_a_refused_booking_says_what_it_keeps_out_of_the_reports(told: Row, nights: int, amount: int) -> None:
    rooms = [room(["10.00", "20.00"]), room(["10.00"]), room(["10.00"], roomStatus="cancelled")]

    (refused,) = mapped(booking(1, propertyID="MARS", rooms=rooms) | told)

    assert isinstance(refused, Refused)
    assert (refused.room_night_count, refused.amount_minor) == (nights, amount)

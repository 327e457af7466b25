"""Our language goes back into the contract without loss, wrong values included."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.guests import Guest
from hotel.reservations import Night, Reservation, Room
from sandbox.export import contract_shape, guest_shape, major, moment

FIELDS = {
    "id", "propertyId", "groupId", "status", "bookedAt", "cancelledAt", "noShowOn", "checkedInOn", "checkedOutOn",
    "channel", "channelRef", "segment", "origin", "customerType", "guarantee", "mealPlan", "guestId", "bookerId",
    "agentId", "companyId", "currency", "totalPrice", "taxIncluded", "tax", "adults", "children", "infants",
    "changeCount", "repeatGuest", "specialRequests", "rooms",
}  # fmt: skip
ROOM_FIELDS = {
    "id", "status", "roomType", "assignedRoomType", "ratePlan", "mealPlan", "checkIn", "checkOut", "dayUse",
    "complimentary", "houseUse", "adults", "children", "infants", "totalPrice", "nights",
}  # fmt: skip

NIGHT = Night(date(2016, 8, 15), "sold", "A", "BAR", "EUR", 8050, tax_minor=456, package_minor=None)
ROOM = Room(
    "1",
    "checked_out",
    "A",
    date(2016, 8, 15),
    date(2016, 8, 16),
    "EUR",
    8050,
    (NIGHT,),
    adult_count=2,
    child_count=None,
)
STAY = Reservation(
    "file_drop", "city-hotel", "77", "checked_out", date(2016, 8, 15), date(2016, 8, 16), "EUR", 8050, (ROOM,),
    is_inventory_held=False, booked_on=date(2016, 1, 2), adult_count=2,
)  # fmt: skip


def test_a_reservation_has_every_field_of_the_contract_and_no_other() -> None:
    shape = contract_shape(STAY)
    assert shape.keys() == FIELDS
    assert shape["rooms"][0].keys() == ROOM_FIELDS
    assert shape["rooms"][0]["nights"] == [{"date": "2016-08-15", "price": "80.50", "tax": "4.56", "package": None}]


def test_what_is_not_known_stays_not_known() -> None:
    shape = contract_shape(STAY)
    assert shape["children"] is None
    assert shape["rooms"][0]["children"] is None
    assert shape["taxIncluded"] is None
    assert shape["cancelledAt"] is None


@pytest.mark.parametrize(
    ("status", "is_held", "word"),
    [
        ("confirmed", True, "Confirmed"),
        ("in_house", True, "InHouse"),
        ("checked_out", False, "CheckedOut"),
        ("cancelled", False, "Cancelled"),
        ("no_show", False, "NoShow"),
        ("waitlisted", False, "Waitlisted"),
        ("waitlisted", True, "Optional"),
        ("asleep", False, "asleep"),
    ],
)
def test_every_status_has_its_word_and_an_unknown_one_is_told_as_it_is(
    *, status: str, is_held: bool, word: str
) -> None:
    room = ROOM._replace(status=status)
    shape = contract_shape(STAY._replace(status=status, is_inventory_held=is_held, rooms=(room,)))
    assert (shape["status"], shape["rooms"][0]["status"]) == (word, word)


def test_a_date_without_a_time_is_noon_and_an_instant_is_told_in_utc() -> None:
    assert contract_shape(STAY)["bookedAt"] == "2016-01-02T12:00:00Z"
    tokyo = timezone(timedelta(hours=9))
    assert moment(datetime(2016, 1, 2, 3, 4, 5, tzinfo=tokyo)) == "2016-01-01T18:04:05Z"
    assert moment(datetime(2016, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)) == "2016-01-02T03:04:05.006000Z"
    assert moment(None) is None


def test_wrong_rows_are_told_as_wrong_as_they_are() -> None:
    night = NIGHT._replace(price_minor=-638, currency=None)
    room = ROOM._replace(nights=(night,), currency="XQX", adult_count=0)
    shape = contract_shape(STAY._replace(rooms=(room,), currency=None, adult_count=0, departure_on=date(2016, 8, 1)))
    assert shape["currency"] is None
    assert shape["adults"] == 0
    assert shape["rooms"][0]["nights"][0]["price"] == "-6.38"
    assert shape["totalPrice"] == "80.50"


def test_a_booking_without_rooms_or_dates_can_be_told() -> None:
    assert contract_shape(STAY._replace(rooms=(), arrival_on=None, departure_on=None))["rooms"] == []


@given(minor=st.integers(-(10**15), 10**15), decimals=st.integers(0, 4))
def test_an_amount_in_major_units_is_exact_and_has_all_its_decimals(minor: int, decimals: int) -> None:
    text = major(minor, decimals)
    assert text is not None
    assert Decimal(text).scaleb(decimals) == minor
    assert len(text.partition(".")[2]) == decimals


def test_a_guest_is_told_with_the_phone_as_it_was_written() -> None:
    guest = Guest(
        "file_drop", "city-hotel", "5", "person", "Zoë", "Noël", None, None,
        phone="+33639980001", phone_raw="06 39 98 00 01", birth_on=date(1990, 2, 3), created_on_source_at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    shape = guest_shape(guest)
    assert (shape["phone"], shape["dateOfBirth"], shape["createdAt"]) == (
        "06 39 98 00 01",
        "1990-02-03",
        "2020-01-01T00:00:00Z",
    )
    assert guest_shape(guest._replace(phone_raw=None))["phone"] == "+33639980001"

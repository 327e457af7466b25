"""What a guest request means in our house, and what is refused of it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.alpinebits.connector import CONNECTOR as THIS
from connectors.cards import remove_cards
from connectors.errors import VendorChangedShape
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.alpinebits_messages import request, retrieved
from tests.contract.suites import BOOK, PLACE

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "ota_xml" / "alpinebits_odh"
GUEST = """<ResGuests><ResGuest><Profiles><ProfileInfo><Profile><Customer Language="it" BirthDate="1980-01-01">
    <PersonName><GivenName>Zoë</GivenName><Surname>D'Angelo</Surname></PersonName>
    <Telephone PhoneTechType="3" PhoneNumber="+390001"/><Telephone PhoneTechType="5" PhoneNumber="+39 0471 123456"/>
    <Email>zoe@example.com</Email><Address><CountryName Code="IT"/></Address></Customer></Profile></ProfileInfo></Profiles>
    </ResGuest></ResGuests>"""


def mapped(*requests: str, book: Codebook = BOOK, place: MappingPlace = PLACE) -> list[Incoming | Refused]:
    assert THIS.messages
    return list(THIS.messages(retrieved(*requests), book, place))


def booking(told: str) -> Incoming:
    first = mapped(told)[0]
    assert isinstance(first, Incoming), first
    return first


def row(told: str) -> Reservation:
    found = booking(told).row
    assert isinstance(found, Reservation)
    return found


@pytest.mark.parametrize(
    ("word", "status", "is_held"),
    [("Reserved", "confirmed", True), ("Modify", "confirmed", True), ("Requested", "waitlisted", True)],
)
def test_a_request_is_an_option_until_it_is_reserved(word: str, status: str, is_held: bool) -> None:
    found = row(request("R1", status=word))

    assert (found.status, found.is_inventory_held) == (status, is_held)
    assert found.rooms[0].status == status


def test_a_cancellation_comes_under_its_own_number_type_and_is_the_same_booking() -> None:
    told = booking(request("R1", status="Cancelled", modified_at="2026-03-01T10:00:00+00:00"))

    assert told.action == CANCEL
    assert isinstance(told.row, Reservation)
    assert (told.row.source_ref, told.row.status, told.row.rooms) == ("R1", "cancelled", ())
    assert told.row.cancelled_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_stay_is_spread_over_its_nights_with_tax_inside_and_adds_up() -> None:
    found = row(request("R1"))
    (room,) = found.rooms

    assert [(night.stay_on, night.price_minor) for night in room.nights] == [
        (date(2026, 3, 1), 4763),
        (date(2026, 3, 2), 4762),
    ]
    assert all(night.is_price_derived and night.is_tax_included for night in room.nights)
    assert (found.total_minor, found.currency, found.commission_minor) == (9525, "EUR", 950)
    assert (room.room_type_code, room.rate_plan_code, room.meal_plan_code) == ("STD", "BAR", "3")


def test_guests_without_an_age_are_adults_and_the_others_have_theirs() -> None:
    (room,) = row(request("R1")).rooms

    assert (room.adult_count, room.child_count, room.child_ages) == (2, 1, (9,))


def test_where_the_guest_came_from_is_the_channel_and_no_number_of_it() -> None:
    found = row(request("R1"))

    assert (found.channel_code, found.channel_ref) == ("web", "R1")


def test_a_guest_comes_along_with_name_phone_and_country() -> None:
    first, second = mapped(request("R1", inside=GUEST))

    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert isinstance(first.row, Reservation)
    assert isinstance(second.row, Guest)
    guest = second.row
    assert (guest.source_ref, first.row.primary_guest_ref) == ("R1:1", "R1:1")
    assert (guest.full_name, guest.email, guest.country_code) == ("Zoë D'Angelo", "zoe@example.com", "IT")
    assert (guest.phone, guest.birth_on, guest.language_code) == ("+390471123456", date(1980, 1, 1), "it")


def test_the_last_change_is_the_version_and_without_one_the_order_of_arrival_decides() -> None:
    assert booking(request("R1")).source_version == 1772272800_000000
    assert booking(request("R1", modified_at=None)).source_version is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (request("R1", dates='<TimeSpan><StartDateWindow EarliestDate="2026-03-01" LatestDate="2026-03-09"/></TimeSpan>'),
         "dates_not_fixed"),
        (request("R1", status="Dreamt"), "status_unknown"),
        (request("R1", modified_at="2026-02-28T10:00:00"), "time_zone_missing"),
        (request("R1").replace('CurrencyCode="EUR"/></RoomStay>', 'CurrencyCode="eur"/></RoomStay>'), "currency_unknown"),
        (request("R1").replace("95.25", "95.255"), "decimals_exceed_currency"),
        (request("R1").replace('HotelCode="CITY"', 'HotelCode="OTHER"'), "property_unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_and_takes_no_other_along(told: str, code: str) -> None:
    bad, good = mapped(told, request("R2"))

    assert isinstance(bad, Refused)
    assert [reason.code for reason in bad.reasons] == [code]
    assert bad.source_ref == "R1"
    assert isinstance(good, Incoming)


def test_published_requests_are_read_or_say_why_not() -> None:
    if not CORPUS.exists():
        pytest.skip("the published messages lie beside the project, in ../shared/corpus")
    found = {}
    assert THIS.messages
    for path in sorted(CORPUS.rglob("GuestRequests-OTA_ResRetrieveRS*.xml")):
        book = BOOK._replace(hotel_refs={"123": "city-hotel"})
        rows = list(THIS.messages(remove_cards(path.read_bytes()).body, book, PLACE))
        found[path.name] = [
            each.row.source_ref if isinstance(each, Incoming) else each.reasons[0].code  # type: ignore[union-attr]
            for each in rows
        ]
    assert found == {
        "GuestRequests-OTA_ResRetrieveRS-request-with-roomtype.xml": ["dates_not_fixed"],
        "GuestRequests-OTA_ResRetrieveRS-reservation.xml": ["6b34fe24ac2ff810", "6b34fe24ac2ff810:1"],
    }


@pytest.mark.parametrize(
    "body", [b"--x", b"--x\r\n\r\n--x--", b"--x\r\ncontent-disposition: form-data; name=action\r\n"]
)
def test_a_stored_form_nobody_can_read_says_so(body: bytes) -> None:
    assert THIS.messages
    with pytest.raises(VendorChangedShape):
        list(THIS.messages(body, BOOK, PLACE))

"""What SiteMinder tells, in our language: the words of its three products, prices that are missing, cancels, refusals."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.siteminder.mapping import map_message
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, WRITE, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.corpus import CORPUS, needs_corpus
from tests.contract.siteminder_messages import OTA, fault, rates, reservation, retrieved, stay
from tests.contract.suites import BOOK, CITY, EVERY_FIELD, PLACE

MADE_AT = datetime(2026, 2, 28, 10, tzinfo=UTC)
CHANGED = "2026-02-28T11:00:00.500+0000"
VENDOR_PAGES = CORPUS / "ota_xml" / "transcribed_vendor_pages" / "channel_manager"
THAI = Codebook("siteminder", {"city-hotel": CITY}, {"000001": "city-hotel"}, {}, frozenset(EVERY_FIELD))


def mapped(body: bytes, book: Codebook = BOOK) -> list[Incoming | Refused]:
    return list(map_message(body, book, PLACE))


def incoming(told: str) -> Incoming:
    found = mapped(retrieved(told))[0]
    assert isinstance(found, Incoming), found
    return found


def booked(told: str) -> Reservation:
    row = incoming(told).row
    assert isinstance(row, Reservation)
    return row


def pushed(told: str) -> bytes:
    message = f'<OTA_HotelResNotifRQ xmlns="{OTA}" Version="1.0"><HotelReservations>{told}</HotelReservations></OTA_HotelResNotifRQ>'
    return message.encode()


def test_a_booking_keeps_its_numbers_apart() -> None:
    row = booked(reservation(7))

    assert (row.source_ref, row.channel_ref, row.channel_code) == ("EXP-7", "7", "EXP")
    assert (row.arrival_on, row.departure_on, row.total_minor) == (date(2026, 3, 1), date(2026, 3, 3), 22_000)
    (room,) = row.rooms
    assert [(night.price_minor, night.is_tax_included) for night in room.nights] == [(10_000, True), (12_000, True)]
    assert (room.room_ref, room.raw_room_code, room.raw_rate_code, room.adult_count) == ("1", "STD", "BAR", 2)
    assert (row.booked_at, row.rooms[0].is_day_use) == (MADE_AT, False)


@pytest.mark.parametrize(
    ("status", "changed_at", "version"),
    [
        ("Book", None, micros(MADE_AT)),
        ("Modify", CHANGED, micros(datetime(2026, 2, 28, 11, 0, 0, 500_000, tzinfo=UTC))),
        ("Cancel", CHANGED, micros(datetime(2026, 2, 28, 11, 0, 0, 500_000, tzinfo=UTC))),
        ("Modify", None, micros(MADE_AT)),
    ],
)
def test_the_version_is_the_instant_of_the_change_else_of_the_booking(
    status: str, changed_at: str | None, version: int
) -> None:
    assert incoming(reservation(1, status=status, changed_at=changed_at)).source_version == version


def test_a_pull_and_a_push_of_the_same_message_tell_the_same() -> None:
    told = reservation(1)

    assert mapped(retrieved(told)) == mapped(pushed(told))


@pytest.mark.parametrize(
    ("word", "action", "status"),
    [
        # pmsXchange
        ("Book", WRITE, "confirmed"),
        ("Modify", WRITE, "confirmed"),
        ("Cancel", CANCEL, "cancelled"),
        # SiteConnect
        ("Commit", WRITE, "confirmed"),
        # SMX
        ("Reserved", WRITE, "confirmed"),
        ("Waitlisted", WRITE, "waitlisted"),
        ("Cancelled", CANCEL, "cancelled"),
        ("No-show", WRITE, "no_show"),
        ("In-house", WRITE, "in_house"),
        ("Checked-Out", WRITE, "checked_out"),
    ],
)
def test_every_word_of_the_three_products_is_known(word: str, action: str, status: str) -> None:
    found = incoming(reservation(1, status=word))

    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.status) == (action, status)


def test_a_word_nobody_knows_refuses_the_booking_and_says_what_it_keeps_out() -> None:
    (found,) = mapped(retrieved(reservation(1, status="Perhaps")))

    assert isinstance(found, Refused)
    assert found.reasons[0].code == "status_unknown"
    assert (found.source_ref, found.room_night_count, found.amount_minor) == ("EXP-1", 2, 22_000)


def test_a_cancel_says_who_and_when_and_nothing_else() -> None:
    row = booked(reservation(1, status="Cancel", changed_at=CHANGED, info="", stays=stay(total=None, rated="")))

    assert (row.source_ref, row.status, row.rooms, row.total_minor) == ("EXP-1", "cancelled", (), None)
    assert (row.channel_code, row.channel_ref) == ("EXP", "1")
    assert row.cancelled_at == datetime(2026, 2, 28, 11, 0, 0, 500_000, tzinfo=UTC)


def test_the_least_a_message_may_hold_is_a_booking_whose_price_is_missing() -> None:
    bare = '<Rate UnitMultiplier="2" RateTimeUnit="Day" EffectiveDate="2026-03-01" ExpireDate="2026-03-03"/>'
    found = incoming(reservation(1, stays=stay(rated=bare, total=None), info=""))

    assert isinstance(found.row, Reservation)
    assert [night.price_minor for night in found.row.rooms[0].nights] == [0, 0]
    assert "price_missing" in found.warnings


def test_a_total_alone_is_spread_over_the_nights_and_adds_up_again() -> None:
    bare = '<Rate UnitMultiplier="3" RateTimeUnit="Day" EffectiveDate="2026-03-01" ExpireDate="2026-03-04"/>'
    told = stay(rated=bare, total="100.00").replace('End="2026-03-03"', 'End="2026-03-04"')
    (room,) = booked(reservation(1, stays=told, info="")).rooms

    assert [night.price_minor for night in room.nights] == [3334, 3333, 3333]
    assert all(night.is_price_derived for night in room.nights)


def test_amounts_before_and_after_tax_tell_the_tax() -> None:
    told = rates("110.00", "132.00").replace("AmountAfterTax", 'AmountBeforeTax="100.00" AmountAfterTax')
    (room,) = booked(reservation(1, stays=stay(rated=told, total="242.00"))).rooms

    assert [(night.price_minor, night.tax_minor, night.is_tax_included) for night in room.nights] == [
        (11_000, 1_000, True),
        (13_200, 3_200, True),
    ]


def test_several_rooms_are_told_apart_by_their_place() -> None:
    row = booked(reservation(1, stays=stay() + stay(), info='<Total AmountAfterTax="440.00" CurrencyCode="EUR"/>'))

    assert [(room.room_ref, room.total_minor) for room in row.rooms] == [("1", 22_000), ("2", 22_000)]
    assert row.total_minor == 44_000


def test_a_guest_is_a_profile_of_its_own() -> None:
    _, guest = mapped(retrieved(reservation(1)))

    assert isinstance(guest, Incoming)
    assert isinstance(guest.row, Guest)
    assert (guest.row.source_ref, guest.row.full_name) == ("EXP-1:1", "Jane Roe")


def test_a_reservation_of_the_exchange_has_a_number_without_a_type() -> None:
    assert booked(reservation(1, ids='<UniqueID ID="PMS-77"/>', status="Reserved")).source_ref == "PMS-77"


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ('HotelCode="CITY"', 'HotelCode="NOBODY"', "property_unknown"),
        ('CurrencyCode="EUR"', 'CurrencyCode="XXQ"', "currency_unknown"),
        ('Start="2026-03-01"', 'Start="1 March"', "unreadable"),
        ("10:00:00.000+0000", "10:00:00.000", "time_zone_missing"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(wrong: str, right: str, code: str) -> None:
    told = reservation(1)
    assert wrong in told

    found = mapped(retrieved(told.replace(wrong, right), reservation(2)))

    assert isinstance(found[0], Refused)
    assert found[0].reasons[0].code == code
    assert [type(each) for each in found[1:]] == [Incoming, Incoming]


@pytest.mark.parametrize("body", [b"", b"{}", fault(), b"<x/>", retrieved(reservation(1))[:-20]])
def test_what_nobody_can_read_is_told(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        mapped(body)


def messages() -> list[Any]:
    return sorted(VENDOR_PAGES.glob("*.xml")) if VENDOR_PAGES.is_dir() else []


@needs_corpus
@pytest.mark.parametrize("path", messages(), ids=lambda path: path.stem)
def test_a_published_message_of_the_dialect_is_read_or_no_message_of_bookings(path: Path) -> None:
    body = path.read_bytes()
    if not etree.QName(etree.fromstring(body)).localname.startswith("OTA_ResRetrieve"):
        with pytest.raises(VendorChangedShape):
            mapped(body, THAI)
        return
    (found,) = mapped(body, THAI)

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.source_ref, found.row.status) == (CANCEL, "1743938", "cancelled")
    assert found.row.cancelled_at == datetime(2019, 9, 20, 10, 23, 4, tzinfo=UTC)

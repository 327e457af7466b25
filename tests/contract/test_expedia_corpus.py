"""Expedia's published messages: each is read or refused with a reason, and no card of them is left anywhere."""

import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from connectors.cards import remove_cards
from connectors.errors import VendorChangedShape
from connectors.expedia import answers
from connectors.expedia.connector import CONNECTOR as THIS
from hotel.codebook import Codebook
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation, stay_dates
from tests.contract.corpus import CORPUS, needs_corpus
from tests.contract.suites import CITY, EVERY_FIELD, PLACE

DOCS = CORPUS / "ota_xml" / "expedia_docs"
RETRIEVALS = DOCS / "eqc-booking-retrieval-confirmation-api"
HOTELS = ("3546", "123456", "654321", "32447456")
HOUSE = CITY._replace(is_price_tax_included=None)
BOOK = Codebook("expedia", {"city-hotel": HOUSE}, dict.fromkeys(HOTELS, "city-hotel"), {}, frozenset(EVERY_FIELD))
# A sample's own number in place of the stars of its publisher.
PAN = "5105105105105100"

pytestmark = needs_corpus


def samples(name: str) -> list[Path]:
    return sorted(DOCS.rglob(f"*-{name}.xml"))


def rows(path: Path) -> list[Incoming | Refused]:
    assert THIS.messages is not None
    return list(THIS.messages(path.read_bytes(), BOOK, PLACE))


def bookings(path: Path) -> list[Incoming]:
    found = [row for row in rows(path) if isinstance(row, Incoming)]
    return [row for row in found if isinstance(row.row, Reservation)]


def test_every_sample_of_a_booking_is_read_or_refused_with_a_reason() -> None:
    told = {path.name: rows(path) for path in (*samples("BookingRetrievalRS"), *samples("Booking"))}

    refused = {
        name: [(row.reasons[0].code, row.reasons[0].column) for row in found if isinstance(row, Refused)]
        for name, found in told.items()
    }
    assert len(told) == 12
    assert {name: reasons for name, reasons in refused.items() if reasons} == {
        "reference-br--01-Booking.xml": [("field_missing", "RoomStay")],
        "reference-br--02-Booking.xml": [("field_missing", "RoomStay")],
    }
    assert sum(len(bookings(path)) for path in samples("BookingRetrievalRS")) == 12


def test_every_sample_that_is_no_xml_says_so() -> None:
    spoilt = sorted(RETRIEVALS.glob("*.notwellformed.xml"))

    assert len(spoilt) == 7
    for path in spoilt:
        with pytest.raises(VendorChangedShape):
            rows(path)


def test_what_a_sample_says_to_pay_is_what_its_nights_and_taxes_add_up_to() -> None:
    found = [row.row for path in samples("BookingRetrievalRS") for row in bookings(path) if row.action != CANCEL]

    assert len(found) == 10
    apart = []
    for reservation in found:
        assert isinstance(reservation, Reservation)
        (room,) = reservation.rooms
        added = sum(night.price_minor + (night.tax_minor or 0) for night in room.nights)
        if added != room.total_minor:
            apart.append((reservation.source_ref, added, room.total_minor))
        assert reservation.arrival_on is not None
        assert reservation.departure_on is not None
        assert [night.stay_on for night in room.nights] == stay_dates(reservation.arrival_on, reservation.departure_on)
    # One booking, published twice, states 90.00 more than it lists; nothing is bent to hide that.
    assert apart == [("477346", 73950, 82950)] * 2


def test_cancels_of_years_of_nights_cancel_and_tell_nothing_else() -> None:
    found = bookings(RETRIEVALS / "examples--06-BookingRetrievalRS.xml")

    assert [(row.action, row.row[7:9], row.row[3:7]) for row in found] == [
        (CANCEL, (None, ()), ("cancelled", None, None, None))
    ] * 2


def test_hotel_collect_a_card_in_dollars_and_rates_in_rand_are_told_apart() -> None:
    own, theirs = (row.row for row in bookings(RETRIEVALS / "examples--09-BookingRetrievalRS.xml"))

    assert isinstance(own, Reservation)
    assert isinstance(theirs, Reservation)
    assert (own.collect, own.channel_code, own.virtual_cards, own.rooms[0].raw_rate_code) == (
        "property",
        "Hotels.com",
        (),
        "201547528A",
    )
    (card,) = theirs.virtual_cards
    assert (theirs.collect, theirs.currency, theirs.total_minor) == ("channel", "ZAR", 641250)
    assert (card.currency, card.limit_minor, card.last_four, card.activates_on) == (
        "USD",
        23200,
        "1234",
        date(2020, 10, 1),
    )


def test_children_further_people_and_service_charges_of_a_sample() -> None:
    first = bookings(RETRIEVALS / "examples--04-BookingRetrievalRS.xml")[0].row

    assert isinstance(first, Reservation)
    (room,) = first.rooms
    assert (room.child_count, room.child_ages, room.promotion_code) == (2, (1, 17), "1 week 10pct off")
    assert {night.price_minor for night in room.nights} == {18000}
    assert {tax.tax_code for night in room.nights for tax in night.taxes} == {"total_tax", "service_charge"}


def test_no_card_is_left_in_any_sample_even_with_whole_numbers_in_place_of_stars() -> None:
    paths = [each for each in DOCS.rglob("*.xml") if b"cardNumber" in each.read_bytes()]

    assert len(paths) == 9
    for path in paths:
        body = re.sub(rb'cardNumber="[^"]*"', b'cardNumber="%b"' % PAN.encode(), path.read_bytes())
        body = re.sub(rb'seriesCode="[^"]*"', b'seriesCode="7391"', body)
        cleaned = remove_cards(body).body
        assert PAN.encode() not in cleaned
        assert b"7391" not in cleaned
        assert b"5105" not in cleaned
        if b"notwellformed" not in path.name.encode():
            etree.fromstring(cleaned)


def test_every_sample_of_an_answer_to_updates_and_confirmations_is_understood() -> None:
    found = {}
    for path in (*samples("AvailRateUpdateRS"), *samples("BookingConfirmRS")):
        root = answers.read(path.read_bytes(), path.stem.rpartition("-")[2])
        found[path.name] = [error.code for error in answers.errors(root)]

    assert len(found) == 7
    assert {name: codes for name, codes in found.items() if codes} == {
        "sample-messages--22-AvailRateUpdateRS.xml": ["3203", "3204"]
    }

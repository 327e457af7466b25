"""Every example of the vendor's own documentation: read, or refused for a reason that can be named."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.cards import remove_cards
from connectors.channex.connector import CONNECTOR as THIS
from connectors.channex.shapes import PushAnswer
from connectors.errors import VendorChangedShape
from connectors.ports import MappingPlace
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.properties import Property
from hotel.reservations import Reservation
from tests.contract.booking_suites import NOW
from tests.contract.suites import BOOK

DOCS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "pms" / "channex_wl_docs" / "api-v.1-documentation"

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the public corpus does not lie beside the project")

HOUSE = Property("london-hotel", "London Hotel", "Europe/London", "GBP", country_code="GB")
PLACE = MappingPlace("i:1", 0, "london-hotel")
BOOKINGS = sorted(DOCS.glob("bookings-collection--*.json"))
# A card by itself, errors, and a booking on its way to the vendor: none of them is a message to us.
NO_MESSAGE = {"02", "03", "13", "34", "50"}


def number(path: Path) -> str:
    return path.name.split("--")[1][:2]


def read(path: Path, **codes: Any) -> list[Incoming | Refused]:
    body = path.read_bytes()
    refs = dict.fromkeys(_properties(body), "london-hotel")
    book = BOOK._replace(properties={"london-hotel": HOUSE}, hotel_refs=refs, **codes)
    assert THIS.messages is not None
    return list(THIS.messages(remove_cards(body).body, book, PLACE))


def _properties(body: bytes) -> list[str]:
    data = json.loads(body)["data"]
    return [
        each["attributes"]["property_id"]
        for each in (data if isinstance(data, list) else [data])
        if "property_id" in each["attributes"]
    ]


@pytest.mark.parametrize("path", [each for each in BOOKINGS if number(each) not in NO_MESSAGE], ids=number)
def test_every_booking_is_read(path: Path) -> None:
    first, *guests = read(path)

    assert isinstance(first, Incoming), first
    assert isinstance(first.row, Reservation)
    assert first.row.source_ref[:4] in {"BDC-", "ABB-", "EXP-", "CBE-"}
    assert first.source_version
    assert all(isinstance(guest, Incoming) and isinstance(guest.row, Guest) for guest in guests)
    if first.action != CANCEL:
        assert [night.price_minor for room in first.row.rooms for night in room.nights]
        assert first.unmapped == ()


@pytest.mark.parametrize("path", [each for each in BOOKINGS if number(each) in NO_MESSAGE], ids=number)
def test_what_is_no_message_says_so(path: Path) -> None:
    assert THIS.messages is not None
    with pytest.raises(VendorChangedShape):
        list(THIS.messages(path.read_bytes(), BOOK, PLACE))


def example(number_: str) -> Reservation:
    first = read(next(path for path in BOOKINGS if number(path) == number_))[0]
    assert isinstance(first, Incoming)
    assert isinstance(first.row, Reservation)
    return first.row


def test_a_revision_of_the_feed_comes_to_the_penny() -> None:
    found = example("15")

    assert (found.source_ref, found.channel_ref, found.channel_code) == ("BDC-9996013801", "9996013801", "Booking.com")
    assert (found.total_minor, found.rooms[0].total_minor, found.rooms[0].nights[0].price_minor) == (
        22000,
        20000,
        20000,
    )
    (breakfast,) = found.extras
    assert (breakfast.extra_code, breakfast.total_minor, breakfast.is_in_price) == ("Breakfast", 2000, True)
    assert str(found.rooms[0].arrival_time) == "10:00:00"


def test_tax_inside_and_a_relay_address_are_seen() -> None:
    path = next(path for path in BOOKINGS if number(path) == "38")
    first, booker, guest = read(path)

    assert isinstance(first, Incoming)
    assert isinstance(booker, Incoming)
    assert isinstance(guest, Incoming)
    assert isinstance(first.row, Reservation)
    assert isinstance(booker.row, Guest)
    (room,) = first.row.rooms
    assert (room.room_ref, room.is_tax_included, room.tax_minor) == ("875", True, 729)
    assert [night.price_minor for night in room.nights] == [7650, 7650]
    assert {night.promotion_code for night in room.nights} == {"71591484"}
    assert booker.row.is_email_relay


def test_a_modification_keeps_the_room_although_its_booking_room_id_changed() -> None:
    assert example("38").rooms[0].room_ref == example("39").rooms[0].room_ref == "875"


def test_a_cancellation_brings_its_fee() -> None:
    assert example("40").cancellation_fee_minor == 7650
    assert example("42").cancellation_fee_minor is None


def test_an_expedia_card_only_guarantees() -> None:
    (card,) = example("43").virtual_cards

    assert (card.usable_for, card.last_four, card.token_ref) == ("no_show_or_cancellation", "1111", "TOKEN")
    assert example("43").collect == "property"


def _with(pattern: str, key: str) -> list[Path]:
    """List the examples that have a key; those that are no JSON are the documentation's own sketches."""
    whole = [path for path in sorted(DOCS.glob(pattern)) if "notwellformed" not in path.name]
    return [path for path in whole if key in json.loads(path.read_bytes())]


@pytest.mark.parametrize("path", _with("ari--*.json", "meta"), ids=number)
def test_answers_to_pushes_are_read_and_warnings_seen(path: Path) -> None:
    told = json.loads(path.read_bytes())["meta"]["warnings"]

    answer = msgspec.json.decode(path.read_bytes(), type=PushAnswer)

    assert [sorted(each.warning) for each in answer.meta.warnings] == [sorted(each["warning"]) for each in told]


@pytest.mark.parametrize("path", _with("webhook-collection--*.json", "event"), ids=number)
def test_events_are_hints(path: Path) -> None:
    body = path.read_bytes()
    assert THIS.webhooks
    assert THIS.messages is not None

    facts = THIS.webhooks.verify({"Authorization": "Bearer s"}, body, ["s"], NOW)

    assert facts.hotel_ref
    assert facts.event_id
    assert list(THIS.messages(body, BOOK, PLACE)) == []

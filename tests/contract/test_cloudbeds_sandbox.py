"""The connector and the sandbox's Cloudbeds over HTTP, and both of them against the vendor's own description."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import yaml

from connectors.cloudbeds import shapes
from connectors.cloudbeds.connector import CONNECTOR as THIS
from connectors.cloudbeds.words import COLLECTS, ROOM_STATUSES, STATUSES
from connectors.errors import FixCredentials
from connectors.ports import Account, Credentials, MappingPlace
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.cloudbeds import REFRESH_TOKEN, event, reservation
from sandbox.channels.desk import Desk, Keys
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.booking_suites import NOW
from tests.contract.fakes import memory_ports
from tests.contract.suites import BOOK

SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))
SINCE, UNTIL = datetime(2026, 9, 15, tzinfo=UTC), datetime(2026, 9, 16, tzinfo=UTC)
KEY = {"api_key": Keys().api_key}
OAUTH = {"client_id": Keys().username, "client_secret": Keys().password, "refresh_token": REFRESH_TOKEN}
SPEC = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "pms" / "cloudbeds" / "src" / "pms-v1.3-openapi.yaml"


@pytest.fixture
def desk() -> Desk:
    # Every question is a second later than the one before.
    return Desk(clock=itertools.count().__next__)


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with running_channels({"cb": Channel("cloudbeds", desk)}) as addresses:
        yield addresses["cb"]


def pull(url: str, dataset: str = "reservations", keys: Credentials = KEY, **options: Any) -> list[Incoming]:
    told = {"base_url": url, "page_rows": 25, **options}
    client = THIS.open(Account("cloudbeds", "city-hotel", "CITY", told, allow_private_hosts=True), keys, memory_ports())
    pages = list(getattr(client, dataset)(since=SINCE, until=UNTIL))
    client.close()
    if dataset == "reservations":
        assert sum(page.row_count for page in pages) == pages[-1].expected_count
    rows = [
        row
        for page in pages
        for row in THIS.mappers[dataset](page.body, BOOK, MappingPlace(f"p:1:{page.number}", page.first_row))
    ]
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def same(found: Any, sold: Sale) -> None:
    assert isinstance(found, Reservation)
    tax = sum(night.tax_minor for room in sold.rooms for night in room.nights)
    assert (found.source_ref, found.channel_ref) == (sold.ref, sold.channel_ref)
    assert (found.total_minor, found.tax_minor, found.is_tax_included) == (sold.total_minor, tax, False)
    assert (found.booked_at, found.collect) == (sold.booked_at, sold.collect)
    for room, told in zip(found.rooms, sold.rooms, strict=True):
        assert (room.room_type_code, room.rate_plan_code) == (told.room_type, told.rate_plan)
        assert (room.arrival_on, room.departure_on) == (told.arrival_on, told.departure_on)
        assert [(night.stay_on, night.price_minor) for night in room.nights] == [
            (night.stay_on, night.price_minor - night.tax_minor) for night in told.nights
        ]


@pytest.mark.parametrize("options", [{}, {"time_zone": "Europe/Lisbon"}])
def test_every_sale_arrives_to_the_cent_over_all_pages(desk: Desk, url: str, options: dict[str, Any]) -> None:
    dice = Random(7)
    sales = [sale(dice, number, SHOP) for number in range(1, 61)]
    for each in sales:
        desk.sell(each)

    found = pull(url, **options)

    for row, sold in zip(found, sales, strict=True):
        same(row.row, sold)
    assert [row.raw_ref for row in found[:26]] == [f"p:1:1:{n}" for n in range(25)] + ["p:1:2:25"]
    assert pull(url, **options) == found


def test_everybody_who_comes_arrives(desk: Desk, url: str) -> None:
    dice = Random(8)
    sales = [sale(dice, number, SHOP) for number in range(1, 31)]
    for each in sales:
        desk.sell(each)

    guests = [row.row for row in pull(url, "guests") if isinstance(row.row, Guest)]

    assert [(guest.first_name, guest.last_name, guest.email, guest.country_code) for guest in guests] == [
        (sold.first_name, sold.last_name, sold.email, sold.country) for sold in sales
    ]


def test_a_changed_and_a_cancelled_booking_come_in_later_versions_of_the_same(desk: Desk, url: str) -> None:
    first = sale(Random(3), 1, SHOP)
    versions = []
    for each in (first, first.modified(rooms=first.rooms[:1]), first.modified().cancelled()):
        desk.sell(each)
        versions += pull(url)

    new, modified, cancelled = versions
    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert isinstance(cancelled.row, Reservation)
    assert (cancelled.action, cancelled.row.cancelled_at) == (CANCEL, first.modified_at + timedelta(minutes=2))


def test_a_refresh_token_opens_as_well_as_a_key(desk: Desk, url: str) -> None:
    desk.sell(sale(Random(3), 1, SHOP))

    assert len(pull(url, keys=OAUTH)) == 1


@pytest.mark.parametrize("keys", [{"api_key": "wrong"}, OAUTH | {"client_secret": "wrong"}])
def test_another_key_opens_nothing(url: str, keys: Credentials) -> None:
    with pytest.raises(FixCredentials):
        pull(url, keys=keys)


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "disconnect"])
def test_a_passing_fault_goes_unnoticed(desk: Desk, url: str, kind: str) -> None:
    desk.sell(sale(Random(6), 1, SHOP))
    desk.faults.arm(kind, path="/cb/")

    assert len(pull(url)) == 1


def test_whoever_asks_too_often_is_told_to_wait_and_does() -> None:
    seconds = itertools.chain([0.0] * 7, itertools.count(1.0))
    desk = Desk(clock=lambda: next(seconds))
    desk.sell(sale(Random(6), 1, SHOP))
    with running_channels({"cb": Channel("cloudbeds", desk)}) as addresses:
        for _ in range(7):
            assert len(pull(addresses["cb"])) == 1


def test_its_event_is_a_hint_that_is_taken_and_says_nothing(desk: Desk) -> None:
    headers, body = event(desk, sale(Random(6), 1, SHOP).modified())
    assert THIS.webhooks
    assert THIS.messages is not None

    facts = THIS.webhooks.verify(headers, body, [desk.keys.webhook_secret], NOW)

    assert (facts.event_type, facts.hotel_ref) == ("booking.dates_changed", "CITY")
    assert list(THIS.messages(body, BOOK, MappingPlace("i:1"))) == []


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip("the public corpus does not lie beside the project")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    spec = yaml.load(SPEC.read_text(), Loader=loader)  # noqa: S506 a safe loader, in C where there is one
    answer = spec["components"]["schemas"]["GetReservationsWithRateDetailsResponse"]
    found: dict[str, Any] = answer["properties"]["data"]["items"]["properties"]
    return found


def test_every_field_that_is_read_is_described_by_the_vendor(described: dict[str, Any]) -> None:
    parts: dict[type[msgspec.Struct], Any] = {
        shapes.Reservation: described,
        shapes.GuestList: described,
        shapes.Room: described["rooms"]["items"]["properties"],
        shapes.Source: described["source"]["properties"],
        shapes.Balance: described["balanceDetailed"]["properties"],
        shapes.Guest: described["guestList"]["additionalProperties"]["properties"],
    }

    for shape, fields in parts.items():
        assert {field.encode_name for field in msgspec.structs.fields(shape)} - set(fields) == set()


def test_every_word_the_vendor_describes_is_known(described: dict[str, Any]) -> None:
    assert set(described["status"]["enum"]) == set(STATUSES)
    assert set(described["rooms"]["items"]["properties"]["roomStatus"]["enum"]) == set(ROOM_STATUSES)
    assert set(described["source"]["properties"]["paymentCollect"]["enum"]) == set(COLLECTS)


def test_the_sandbox_tells_nothing_the_vendor_does_not_describe(described: dict[str, Any]) -> None:
    told = msgspec.json.decode(msgspec.json.encode(reservation(sale(Random(1), 1, SHOP).cancelled(), has_guests=True)))

    assert set(told) - set(described) == set()
    assert set(told["rooms"][0]) - set(described["rooms"]["items"]["properties"]) == set()
    assert set(told["balanceDetailed"]) == set(described["balanceDetailed"]["properties"])

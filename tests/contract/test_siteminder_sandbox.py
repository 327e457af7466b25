"""The connector against a SiteMinder that keeps its own rules: what was sold comes out, what we say goes in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from lxml import etree

from connectors.cards import remove_cards
from connectors.errors import FixCredentials, RequestRefused, TryLater
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.queues import Pulled, Taken
from connectors.siteminder.client import Client
from connectors.siteminder.connector import CONNECTOR as THIS
from connectors.siteminder.webhook import Receiver
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels import siteminder_told
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.channel_desk import Clock
from tests.contract.corpus import CORPUS, complaints
from tests.contract.fakes import memory_ports
from tests.contract.siteminder_messages import message_in
from tests.contract.suites import CITY, EVERY_FIELD

FIRST = date(2026, 10, 1)
SHOP = Shop("10107", "EUR", ("DBL", "SGL"), ("RAC", "NRF"), FIRST)
BOOK = Codebook("siteminder", {"city-hotel": CITY}, {"10107": "city-hotel"}, {}, frozenset(EVERY_FIELD))
PATH = "/siteminder/webservices/SANDBOX"


@pytest.fixture
def client(desk: Desk, clock: Clock, sent: list[bytes]) -> Iterator[Client]:
    with running_channels({"siteminder": Channel("siteminder", desk)}) as urls:
        yield opened(urls["siteminder"], desk, clock)
    for each in sent:
        assert invalid(message_in(each)) == []


def opened(url: str, desk: Desk, clock: Clock, password: str | None = None, hotel_ref: str = "10107") -> Client:
    settings = {"base_url": url, "pms_code": "SANDBOX"}
    account = Account("siteminder", "city-hotel", hotel_ref, settings, allow_private_hosts=True)
    keys = {"username": desk.keys.username, "password": password or desk.keys.password}
    return Client(account, keys, memory_ports(), clock=clock)


def invalid(message: Any) -> list[str]:
    name = etree.QName(message).localname
    path = f"ota_xml/xsd_opentravel_2015A/{name}.xsd"
    found = complaints(path, message) if (CORPUS / path).is_file() else []
    # Only from 2012 on a number of ours wants the hotel beside it; SiteMinder keeps to 2003.
    return [each for each in found if "BasicPropertyInfo" not in each]


def mapped(pulled: Pulled) -> list[Incoming]:
    assert THIS.messages is not None
    stored = remove_cards(pulled.body).body
    rows = list(THIS.messages(stored, BOOK, MappingPlace("i:1", property_id="city-hotel")))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def reservation(pulled: Pulled) -> Reservation:
    row = mapped(pulled)[0].row
    assert isinstance(row, Reservation)
    return row


def acknowledge(client: Client, pulled: Sequence[Pulled]) -> None:
    client.acknowledge([Taken(each.receipt, f"our-{each.event_id}") for each in pulled])


def sold(count: int, seed: int = 3, shop: Shop = SHOP) -> list[Sale]:
    dice = Random(seed)
    return [sale(dice, number, shop, prefix="EXP-") for number in range(count)]


def as_sold(told: Reservation, whole: Sale) -> None:
    """Hold one booking against the sale, to the cent."""
    tax = sum(night.tax_minor for room in whole.rooms for night in room.nights)
    assert (told.source_ref, told.total_minor, told.tax_minor) == (whole.ref, whole.total_minor, tax)
    assert (told.currency, told.is_tax_included, told.booked_at) == (whole.currency, True, whole.booked_at)
    for found, room in zip(told.rooms, whole.rooms, strict=True):
        assert [(night.stay_on, night.price_minor, night.tax_minor) for night in found.nights] == [
            (night.stay_on, night.price_minor, night.tax_minor) for night in room.nights
        ]
        assert (found.arrival_on, found.departure_on) == (room.arrival_on, room.departure_on)
        assert (found.adult_count, found.child_ages) == (room.adults, room.child_ages or None)
        assert (found.room_ref, found.raw_room_code, found.raw_rate_code) == (room.ref, room.room_type, room.rate_plan)
    assert " ".join(whole.comment.split()) in (told.comment or "")


def test_what_was_sold_is_told_reported_and_gone(client: Client, desk: Desk, clock: Clock) -> None:
    sales = {each.ref: each for each in sold(120)}
    for each in sales.values():
        desk.sell(each)

    pulled = client.waiting()
    acknowledge(client, pulled)
    clock.now += 120

    found = {row.source_ref: row for row in map(reservation, pulled)}
    assert found.keys() == sales.keys()
    for ref, told in found.items():
        as_sold(told, sales[ref])
    assert client.waiting() == ()
    assert desk.acknowledged == {each.event_id: f"our-{each.event_id}" for each in pulled}
    assert desk.problems == []


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_a_booking_in_another_currency_stays_exact(client: Client, desk: Desk, currency: str) -> None:
    (booked,) = sold(1, shop=SHOP._replace(currency=currency))
    desk.sell(booked)

    (pulled,) = client.waiting()

    as_sold(reservation(pulled), booked)


def test_people_come_out_as_they_went_in_and_no_card_does(client: Client, desk: Desk) -> None:
    sales = sold(12, seed=5)
    for each in sales:
        desk.sell(each)

    pulled = client.waiting()
    guests = [row.row for each in pulled for row in mapped(each)[1:]]

    names = {(guest.first_name, guest.last_name) for guest in guests if isinstance(guest, Guest)}
    assert names == {(each.first_name, each.last_name) for each in sales}
    numbers = {each.card_number.encode() for each in sales if each.card_number}
    bodies = [remove_cards(each.body).body for each in pulled]
    assert numbers
    assert not any(number in body or b'"737"' in body for number in numbers for body in bodies)


def test_what_was_never_reported_is_told_again_the_same(client: Client, desk: Desk, clock: Clock) -> None:
    desk.sell(sold(1)[0])

    first = client.waiting()
    clock.now += 120
    second = client.waiting()

    assert first == second != ()
    acknowledge(client, second)
    acknowledge(client, second)
    clock.now += 120
    assert client.waiting() == ()
    assert desk.problems == []


def test_versions_of_a_booking_come_in_order_and_compare(client: Client, desk: Desk, clock: Clock) -> None:
    booked = sold(1)[0]
    versions = [booked, changed := booked.modified(comment="Now with a dog"), changed.cancelled()]
    for each in versions:
        desk.sell(each)

    told = client.waiting()
    rows = [mapped(each)[0] for each in told]

    assert [each.event_type for each in told] == ["booking.created", "booking.modified", "booking.cancelled"]
    assert [row.source_version for row in rows] == sorted({row.source_version or 0 for row in rows})
    assert rows[-1].action == CANCEL
    assert len({row.row[:3] for row in rows}) == 1
    assert clock.now == 0.0


def test_asked_too_soon_it_says_so_and_we_do_not_ask_too_soon(client: Client, desk: Desk, clock: Clock) -> None:
    client.waiting()
    clock.now += 60
    client.waiting()
    assert desk.problems == []

    client._read_at = None
    client.waiting()

    assert desk.problems == ["asked more often than every two minutes"]


def test_what_is_asked_for_again_and_again_goes_out_by_e_mail(client: Client, desk: Desk, clock: Clock) -> None:
    booked = sold(1)[0]
    desk.sell(booked)
    for _ in range(11):
        client.waiting()
        clock.now += 120

    assert client.waiting() == ()
    assert desk.problems == [f"{booked.ref}-1 was never reported and went out by e-mail"]


def test_another_hotels_bookings_are_not_told(client: Client, desk: Desk) -> None:
    desk.sell(sold(1)[0]._replace(hotel_ref="20202"))

    assert client.waiting() == ()


def test_a_report_of_nothing_known_is_refused(client: Client, desk: Desk) -> None:
    with pytest.raises(RequestRefused, match="245"):
        client.acknowledge([Taken("16/never-told", "x")])
    assert desk.problems == ["no message never-told"]


def test_a_push_says_what_the_pull_says(client: Client, desk: Desk) -> None:
    booked = sold(3)[2]
    desk.sell(booked)
    (pulled,) = client.waiting()
    login = desk.keys.username, desk.keys.password
    body = siteminder_told.pushed(pulled.event_id, booked, login, datetime.now(UTC))

    facts = Receiver().verify({}, body, [":".join(login)], datetime.now(UTC))
    _, answer = Receiver().reply(facts, 1)

    assert facts.event_id == pulled.event_id
    assert mapped(pulled._replace(body=body)) == mapped(pulled)
    assert message_in(answer).find("{*}Success") is not None


def test_what_we_say_is_what_siteminder_sells_by(client: Client, desk: Desk) -> None:
    dates = [FIRST + timedelta(days=n) for n in range(40)]
    counts = [Availability(on, ref, n % 3) for ref in SHOP.room_types for n, on in enumerate(dates)]
    row = Restriction(FIRST, "DBL", "RAC")
    limits = [
        row._replace(is_stop_sell=True, is_closed_to_arrival=True, min_stay_arrival_count=2, max_stay_count=14),
        Restriction(FIRST, "SGL", is_closed_to_departure=True),
    ]
    prices = [Price(on, "DBL", "RAC", 10_000 + n, "EUR") for n, on in enumerate(dates)]
    prices += [Price(FIRST, "DBL", "NRF", 9_000 + people, "EUR", people) for people in (1, 2)]

    told = [
        client.push_inventory(counts, idempotency_key="a"),
        client.push_restrictions(limits, idempotency_key="b"),
        client.push_rates(prices, idempotency_key="c"),
    ]

    assert [each.refused for each in told] == [(), (), ()]
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert desk.restrictions == {
        ("DBL", "RAC", FIRST): {"stop_sell": True, "closed_to_arrival": True, "SetMinLOS": 2, "SetMaxLOS": 14},
        ("SGL", "", FIRST): {"closed_to_departure": True},
    }
    assert desk.prices["DBL", "RAC", dates[39]] == ("100.39", "EUR")
    assert desk.prices["DBL", "NRF:2", FIRST] == ("90.02", "EUR")
    assert [each.kind for each in desk.pushed] == ["availability", "restrictions", "rates"]
    assert desk.problems == []


def test_a_restriction_leaves_the_others_as_they_are(client: Client, desk: Desk) -> None:
    row = Restriction(FIRST, "DBL", "RAC")

    client.push_restrictions([row._replace(is_closed_to_arrival=True)], idempotency_key="a")
    client.push_restrictions([row._replace(is_stop_sell=True)], idempotency_key="b")

    assert desk.restrictions == {("DBL", "RAC", FIRST): {"closed_to_arrival": True, "stop_sell": True}}


def test_a_code_of_nobody_is_found_and_the_rest_is_taken(client: Client, desk: Desk) -> None:
    rows = [Availability(FIRST + timedelta(days=n), "NOBODYS" if n == 5 else "DBL", 9 - n % 2) for n in range(30)]

    told = client.push_inventory(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(5, "402"),)
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in rows if row is not rows[5]}


def test_a_wrong_login_gets_nowhere(desk: Desk, clock: Clock) -> None:
    with running_channels({"siteminder": Channel("siteminder", desk)}) as urls, pytest.raises(FixCredentials):
        opened(urls["siteminder"], desk, clock, "another-key").waiting()
    assert desk.problems == ["the login is wrong"]


def test_a_server_that_stumbles_is_asked_again_and_one_that_stays_down_is_told(client: Client, desk: Desk) -> None:
    desk.sell(sold(1)[0])
    desk.faults.arm("server_error", method="POST", path=PATH, times=1)
    pulled = client.waiting()
    assert desk.faults.armed() == []
    assert pulled != ()
    desk.faults.arm("disconnect", method="POST", path=PATH, times=9)

    with pytest.raises(TryLater):
        acknowledge(client, pulled)
    assert len(desk.unacknowledged()) == 1

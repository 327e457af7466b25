"""The connector and the sandbox's Channex, both ways over HTTP: what is sold arrives to the cent, what is sent is sold by."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from connectors.cards import remove_cards
from connectors.channex.connector import CONNECTOR as THIS
from connectors.errors import FixCredentials, TryLater
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, Price, Restriction
from connectors.queues import Pulled, Taken
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.channex import webhook
from sandbox.channels.channex_told import UNMAPPED
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.booking_suites import NOW
from tests.contract.fakes import memory_ports
from tests.contract.suites import BOOK

SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def client(desk: Desk) -> Iterator[Any]:
    with running_channels({"channex": Channel("channex", desk)}) as addresses:
        account = Account("channex", "city-hotel", "CITY", {"base_url": addresses["channex"]}, allow_private_hosts=True)
        found = THIS.open(account, {"api_key": desk.keys.api_key}, memory_ports())
        yield found
        found.close()


def read(message: Pulled) -> list[Incoming]:
    assert THIS.messages is not None
    cleaned = remove_cards(message.body).body
    rows = list(THIS.messages(cleaned, BOOK, MappingPlace(f"i:{message.event_id}", property_id="city-hotel")))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def same(row: Incoming, sold: Sale) -> None:
    found = row.row
    assert isinstance(found, Reservation)
    assert (found.channel_ref, found.currency, found.total_minor) == (sold.channel_ref, "EUR", sold.total_minor)
    assert (found.commission_minor, found.collect) == (sold.commission_minor, sold.collect)
    assert (found.comment or "", len(found.virtual_cards)) == (sold.comment, int(sold.is_virtual))
    for room, told in zip(found.rooms, sold.rooms, strict=True):
        assert (room.room_ref, room.room_type_code, room.rate_plan_code) == (told.ref, told.room_type, told.rate_plan)
        assert [(n.stay_on, n.price_minor) for n in room.nights] == [(n.stay_on, n.price_minor) for n in told.nights]
        assert sum(night.tax_minor or 0 for night in room.nights) == sum(night.tax_minor for night in told.nights)
        assert (room.is_tax_included, room.adult_count) == (True, told.adults)
        assert room.child_ages == (told.child_ages or None)


def test_every_sale_arrives_to_the_cent_and_is_gone_once_it_is_acknowledged(desk: Desk, client: Any) -> None:
    dice = Random(7)
    sales = [sale(dice, number, SHOP) for number in range(1, 61)]
    for each in sales:
        desk.sell(each)

    told = client.waiting()
    for message, sold in zip(told, sales, strict=True):
        first, *guests = read(message)
        same(first, sold)
        people = [guest.row for guest in guests if isinstance(guest.row, Guest)]
        assert {(guest.first_name, guest.last_name) for guest in people} == {(sold.first_name, sold.last_name)}
        assert people[0].country_code == sold.country

    assert client.waiting() == told, "not acknowledged, so told again"
    client.acknowledge([Taken(message.receipt, "ours") for message in told])
    client.acknowledge([Taken(told[0].receipt, "ours")])
    assert client.waiting() == ()
    assert desk.problems == []


def test_more_than_a_page_comes_page_by_page(desk: Desk, client: Any) -> None:
    dice = Random(8)
    for number in range(1, 131):
        desk.sell(sale(dice, number, SHOP))

    counts = []
    while told := client.waiting():
        counts.append(len(told))
        client.acknowledge([Taken(message.receipt, "ours") for message in told])

    assert counts == [100, 30]


def test_a_changed_and_a_cancelled_booking_come_in_later_versions_of_the_same(desk: Desk, client: Any) -> None:
    first = sale(Random(3), 1, SHOP)
    rooms = (first.rooms[0]._replace(rate_plan="NRF"),)
    for each in (first, first.modified(rooms=rooms), first.modified(rooms=rooms).cancelled()):
        desk.sell(each)

    new, modified, cancelled = (read(message)[0] for message in client.waiting())

    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert isinstance(modified.row, Reservation)
    assert modified.row.rooms[0].room_ref == first.rooms[0].ref
    assert (cancelled.action, modified.row.room_count) == (CANCEL, 1)


def test_a_sale_nobody_mapped_still_arrives(desk: Desk, client: Any) -> None:
    sold = sale(Random(4), 1, SHOP)
    desk.sell(sold._replace(rooms=(sold.rooms[0]._replace(room_type=f"{UNMAPPED}3636404"),)))

    (message,) = client.waiting()
    first = read(message)[0]

    assert isinstance(first.row, Reservation)
    assert first.row.rooms[0].room_type_code == "unmapped"
    assert [code.ref for code in first.unmapped] == ["sandbox:3636404"]


def test_no_card_number_is_told_without_a_vault(desk: Desk, client: Any) -> None:
    sold = sale(Random(5), 1, SHOP)._replace(card_number="4111111111111111", card_code="737", is_virtual=True)
    desk.sell(sold)

    (message,) = client.waiting()
    first = read(message)[0]

    assert b"4111111111111111" not in message.body
    assert isinstance(first.row, Reservation)
    (card,) = first.row.virtual_cards
    assert (card.last_four, card.limit_minor, card.currency) == ("1111", sold.total_minor, "EUR")


def test_what_we_send_is_what_it_sells_by(desk: Desk, client: Any) -> None:
    first_on = date(2026, 10, 1)
    days = [first_on + timedelta(days=n) for n in range(500)]
    counts = [Availability(day, code, n % 7 // 3) for code in ("STD", "DLX") for n, day in enumerate(days)]
    prices = [Price(day, "STD", "BAR", 10_000 + n // 30, "EUR") for n, day in enumerate(days)]
    limits = [Restriction(day, "STD", "BAR", is_stop_sell=n % 2 == 0, max_stay_count=9) for n, day in enumerate(days)]

    refused = [
        *client.push_inventory(counts, idempotency_key="a").refused,
        *client.push_rates(prices, idempotency_key="b").refused,
        *client.push_restrictions(limits, idempotency_key="c").refused,
    ]

    assert refused == []
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert {day: amount for (_, _, day), (amount, _) in desk.prices.items()} == {
        row.stay_on: f"{row.price_minor // 100}.{row.price_minor % 100:02}" for row in prices
    }
    assert desk.restrictions["", "BAR", days[0]] == {"stop_sell": True, "max_stay": 9}
    assert [(pushed.kind, pushed.cell_count) for pushed in desk.pushed] == [
        ("availability", 1000),
        ("rates", 500),
        ("restrictions", 500),
    ], "five hundred days of a kind are one message"
    assert desk.problems == []


def test_a_price_it_does_not_take_is_named_and_the_others_are_taken(desk: Desk, client: Any) -> None:
    prices = [Price(date(2026, 10, n), "STD", "BAR", minor, "EUR") for n, minor in ((1, 100), (2, 0), (3, 200))]

    told = client.push_rates(prices, idempotency_key="k")

    assert [(cell.position, cell.code) for cell in told.refused] == [(1, "rate must be greater than 0")]
    assert sorted(day.day for _, _, day in desk.prices) == [1, 3]


def test_an_eleventh_push_in_a_minute_is_told_to_wait(desk: Desk, client: Any) -> None:
    rows = [Availability(date(2026, 10, 1), "STD", 1)]
    for _ in range(10):
        client.push_inventory(rows, idempotency_key="k")

    with pytest.raises(TryLater):
        client.push_inventory(rows, idempotency_key="k")


def test_another_key_opens_nothing(desk: Desk) -> None:
    with running_channels({"channex": Channel("channex", desk)}) as addresses:
        account = Account("channex", "city-hotel", "CITY", {"base_url": addresses["channex"]}, allow_private_hosts=True)
        with pytest.raises(FixCredentials):
            THIS.open(account, {"api_key": "wrong"}, memory_ports()).waiting()


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "disconnect"])
def test_a_passing_fault_goes_unnoticed(desk: Desk, client: Any, kind: str) -> None:
    desk.sell(sale(Random(6), 1, SHOP))
    desk.faults.arm(kind, path="/channex/api")

    assert len(client.waiting()) == 1


def test_its_event_is_a_hint_that_is_taken_and_says_nothing(desk: Desk) -> None:
    headers, body = webhook(desk, sale(Random(6), 1, SHOP).cancelled())
    assert THIS.webhooks
    assert THIS.messages is not None

    facts = THIS.webhooks.verify(headers, body, [desk.keys.webhook_secret], NOW)

    assert (facts.event_type, facts.hotel_ref) == ("booking.cancellation", "CITY")
    assert list(THIS.messages(body, BOOK, MappingPlace("i:1"))) == []

"""The connector and the sandbox's myallocator, both ways over HTTP: what is sold arrives to the cent, what is sent is sold by."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from connectors.cards import remove_cards
from connectors.errors import BadSignature, FixCredentials
from connectors.myallocator.connector import CONNECTOR as THIS
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.desk import Desk, Keys
from sandbox.channels.myallocator import UNKNOWN, callback
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.booking_suites import NOW
from tests.contract.fakes import memory_ports
from tests.contract.suites import BOOK

SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))
SINCE, UNTIL = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
KEYS = {"vendor_id": Keys().username, "vendor_password": Keys().password, "user_token": Keys().api_key}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def client(desk: Desk) -> Iterator[Any]:
    with running_channels({"ma": Channel("myallocator", desk)}) as addresses:
        found = THIS.open(account(addresses["ma"]), KEYS, memory_ports())
        yield found
        found.close()


def account(url: str) -> Account:
    return Account("myallocator", "city-hotel", "CITY", {"base_url": url}, allow_private_hosts=True)


def pulled(client: Any) -> list[Incoming]:
    (page,) = client.reservations(since=SINCE, until=UNTIL)
    assert page.row_count == page.expected_count
    return understood(THIS.mappers["reservations"](page.body, BOOK, MappingPlace("p:1:1")))


def understood(rows: Iterator[Any]) -> list[Incoming]:
    found = list(rows)
    assert all(isinstance(row, Incoming) for row in found), found
    return found


def same(found: Any, sold: Sale) -> None:
    assert isinstance(found, Reservation)
    assert (found.channel_ref, found.currency, found.total_minor) == (sold.channel_ref, "EUR", sold.total_minor)
    assert (found.commission_minor, found.collect, found.comment or "") == (
        sold.commission_minor,
        sold.collect,
        sold.comment,
    )
    assert (found.booked_at, found.room_count) == (sold.booked_at, len(sold.rooms))
    for room, told in zip(found.rooms, sold.rooms, strict=True):
        assert (room.room_type_code, room.rate_plan_code) == (told.room_type, told.rate_plan)
        assert (room.arrival_on, room.departure_on) == (told.arrival_on, told.departure_on)
        assert [(n.stay_on, n.price_minor) for n in room.nights] == [(n.stay_on, n.price_minor) for n in told.nights]
        assert (room.adult_count, room.child_count) == (told.adults, len(told.child_ages))


def test_every_sale_arrives_to_the_cent(desk: Desk, client: Any) -> None:
    dice = Random(7)
    sales = [sale(dice, number, SHOP) for number in range(1, 61)]
    for each in sales:
        desk.sell(each)

    for found, sold in zip(pulled(client), sales, strict=True):
        same(found.row, sold)
    assert pulled(client) == pulled(client)
    assert desk.problems == []


def test_a_callback_says_what_the_list_says_and_who_comes(desk: Desk, client: Any) -> None:
    dice = Random(9)
    assert THIS.messages is not None
    assert THIS.webhooks is not None
    for number in range(1, 21):
        sold = sale(dice, number, SHOP)
        desk.sell(sold)
        headers, body = callback(desk, sold)

        facts = THIS.webhooks.verify(headers, body, [desk.keys.webhook_secret], NOW)
        first, *guests = understood(
            THIS.messages(remove_cards(body).body, BOOK, MappingPlace("p:1:1", first_row=number - 1))
        )

        assert (facts.hotel_ref, facts.event_type) == ("CITY", "booking.created")
        assert first == pulled(client)[-1]
        (guest,) = (row.row for row in guests)
        assert isinstance(guest, Guest)
        assert (guest.first_name, guest.last_name) == (sold.first_name, sold.last_name)


def test_a_callback_with_another_password_is_turned_away(desk: Desk) -> None:
    assert THIS.webhooks is not None
    with pytest.raises(BadSignature):
        THIS.webhooks.verify(*callback(desk, sale(Random(1), 1, SHOP)), ["another"], NOW)


def test_a_changed_and_a_cancelled_booking_come_in_later_versions_of_the_same(desk: Desk, client: Any) -> None:
    first = sale(Random(3), 1, SHOP)
    versions = []
    for each in (first, first.modified(rooms=first.rooms[:1]), first.modified().cancelled()):
        desk.sell(each)
        versions += pulled(client)

    new, modified, cancelled = versions
    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert cancelled.action == CANCEL
    assert isinstance(cancelled.row, Reservation)
    assert cancelled.row.cancelled_at == first.modified_at + timedelta(minutes=2)


def test_what_changed_outside_the_window_is_not_told(desk: Desk, client: Any) -> None:
    desk.sell(sale(Random(3), 1, SHOP))

    (page,) = client.reservations(since=UNTIL, until=UNTIL + timedelta(days=1))

    assert page.row_count == 0


def test_what_we_send_is_what_it_sells_by(desk: Desk, client: Any) -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(400)]
    counts = [Availability(day, code, n % 7 // 3) for code in ("STD", "DLX") for n, day in enumerate(days)]
    prices = [Price(day, "STD", "BAR", 10_000 + n // 30, "EUR") for n, day in enumerate(days)]
    limits = [Restriction(day, "STD", "BAR", is_stop_sell=n % 2 == 0, max_stay_count=9) for n, day in enumerate(days)]

    told = client.push_inventory(counts, idempotency_key="a")
    others = [client.push_rates(prices, idempotency_key="b"), client.push_restrictions(limits, idempotency_key="c")]

    assert [each.refused for each in (told, *others)] == [(), (), ()]
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert desk.prices["STD", "BAR", days[31]] == ("100.01", "")
    assert desk.restrictions["STD", "BAR", days[0]] == {"Closed": True, "MaxStay": "9"}
    assert sum(pushed.cell_count for pushed in desk.pushed) == 1600
    assert client.update_status(told.provider_ref) == {"boo": "done", "exp": "waiting", "iwb": "15"}
    assert desk.problems == []


def test_a_room_nobody_has_set_up_is_named_and_the_others_are_taken(desk: Desk, client: Any) -> None:
    day = date(2026, 10, 1)
    rows = [Availability(day, "STD", 1), Availability(day, f"{UNKNOWN}9", 1), Availability(day, "DLX", 2)]

    told = client.push_inventory(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(1, "warning 206"),)
    assert sorted(code for code, _ in desk.counts) == ["DLX", "STD"]


def test_another_login_opens_nothing(desk: Desk) -> None:
    with running_channels({"ma": Channel("myallocator", desk)}) as addresses:
        client = THIS.open(account(addresses["ma"]), KEYS | {"vendor_password": "wrong"}, memory_ports())
        with pytest.raises(FixCredentials):
            list(client.reservations(since=SINCE, until=UNTIL))


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "disconnect"])
def test_a_passing_fault_goes_unnoticed(desk: Desk, client: Any, kind: str) -> None:
    desk.sell(sale(Random(6), 1, SHOP))
    desk.faults.arm(kind, path="/ma/", method="POST")

    assert len(pulled(client)) == 1

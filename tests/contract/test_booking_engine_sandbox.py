"""The connector and the sandbox's booking engine, both ways: what is sold arrives to the cent, what is sent is sold by."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from connectors.booking_engine.connector import CONNECTOR as THIS
from connectors.cards import remove_cards
from connectors.errors import BadSignature, FixCredentials
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, RefusedCell
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.booking_engine import UNKNOWN, event
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
def url(desk: Desk) -> Iterator[str]:
    with running_channels({"engine": Channel("booking_engine", desk)}) as addresses:
        yield addresses["engine"]


def opened(url: str, key: str) -> Any:
    account = Account("booking_engine", "city-hotel", "CITY", {"base_url": url}, allow_private_hosts=True)
    return THIS.open(account, {"api_key": key}, memory_ports())


def received(desk: Desk, sold: Sale) -> list[Incoming]:
    assert THIS.webhooks
    assert THIS.messages is not None
    headers, body = event(desk, sold)
    facts = THIS.webhooks.verify(headers, body, [desk.keys.webhook_secret], NOW)
    assert (facts.event_id, facts.hotel_ref) == (f"evt-{sold.ref}-{sold.revision}", "CITY")
    rows = list(THIS.messages(remove_cards(body).body, BOOK, MappingPlace("i:1")))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def test_every_sale_arrives_to_the_cent(desk: Desk) -> None:
    dice = Random(7)
    for number in range(1, 61):
        sold = sale(dice, number, SHOP)
        first, guest = received(desk, sold)

        found = first.row
        assert isinstance(found, Reservation)
        assert (found.source_ref, found.total_minor, found.booked_at) == (sold.ref, sold.total_minor, sold.booked_at)
        assert (found.comment or "") == sold.comment
        for room, told in zip(found.rooms, sold.rooms, strict=True):
            assert (room.room_ref, room.room_type_code, room.rate_plan_code, room.adult_count) == (
                told.ref,
                told.room_type,
                told.rate_plan,
                told.adults,
            )
            assert [(night.stay_on, night.price_minor, night.tax_minor) for night in room.nights] == list(told.nights)
        assert isinstance(guest.row, Guest)
        assert (guest.row.first_name, guest.row.last_name) == (sold.first_name, sold.last_name)


def test_a_changed_and_a_cancelled_booking_come_in_later_versions_of_the_same(desk: Desk) -> None:
    first = sale(Random(3), 1, SHOP)

    new, modified, cancelled = (
        received(desk, each)[0] for each in (first, first.modified(), first.modified().cancelled())
    )

    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert cancelled.action == CANCEL


def test_an_event_that_was_touched_is_turned_away(desk: Desk) -> None:
    assert THIS.webhooks
    headers, body = event(desk, sale(Random(3), 1, SHOP))

    with pytest.raises(BadSignature):
        THIS.webhooks.verify(headers, body.replace(b"confirmed", b"cancelled"), [desk.keys.webhook_secret], NOW)


def test_what_we_send_is_what_it_sells_by(desk: Desk, url: str) -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(400)]
    rows = [Availability(day, code, n % 7) for n, day in enumerate(days) for code in ("STD", "DLX")]
    client = opened(url, desk.keys.api_key)

    told = client.push_inventory(rows, idempotency_key="a")
    again = client.push_inventory(rows, idempotency_key="a")

    assert told.refused == again.refused == ()
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in rows}
    assert [pushed.cell_count for pushed in desk.pushed] == [500, 300], "the same again changes nothing"
    assert client.is_healthy()
    assert client.cache_status() == {"status": "warm", "entries": 800}
    assert desk.problems == []


def test_a_room_type_nobody_has_set_up_is_named_and_the_others_are_taken(desk: Desk, url: str) -> None:
    day = date(2026, 10, 1)
    rows = [Availability(day, "STD", 1), Availability(day, f"{UNKNOWN}9", 1), Availability(day, "DLX", 2)]

    told = opened(url, desk.keys.api_key).push_inventory(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(1, "room_type_unknown"),)
    assert sorted(code for code, _ in desk.counts) == ["DLX", "STD"]


def test_another_key_opens_nothing(url: str) -> None:
    with pytest.raises(FixCredentials):
        opened(url, "wrong").is_healthy()


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "disconnect"])
def test_a_passing_fault_goes_unnoticed(desk: Desk, url: str, kind: str) -> None:
    desk.faults.arm(kind, path="/engine/", method="POST")

    opened(url, desk.keys.api_key).push_inventory([Availability(date(2026, 10, 1), "STD", 1)], idempotency_key="k")

    assert desk.counts == {("STD", date(2026, 10, 1)): 1}

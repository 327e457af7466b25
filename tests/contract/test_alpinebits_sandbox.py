"""The connector and the sandbox's AlpineBits server, both ways over HTTP, in every version."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from lxml import etree

from connectors.alpinebits.connector import CONNECTOR as THIS
from connectors.cards import remove_cards
from connectors.errors import FixCredentials, RequestRefused, TryLater
from connectors.ports import Account, MappingPlace, RepliesInKind
from connectors.pushes import Availability, Price, Restriction
from connectors.queues import Taken
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from hotel.rooms import RoomType
from sandbox.channels.alpinebits import webhook
from sandbox.channels.alpinebits_told import add_request, document
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.booking_suites import NOW
from tests.contract.fakes import memory_ports
from tests.contract.suites import BOOK
from tests.unit.connectors.opentravel.composed_schemas import XML, schema

SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def opened(desk: Desk, address: str, **options: Any) -> Any:
    settings = {"base_url": f"{address}/server", "standard_occupancy": 2, **options}
    account = Account("alpinebits", "city-hotel", "CITY", settings, allow_private_hosts=True)
    keys = {"username": desk.keys.username, "password": desk.keys.password}
    return THIS.open(account, keys, memory_ports())


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with running_channels({"alpinebits": Channel("alpinebits", desk)}) as addresses:
        yield addresses["alpinebits"]


@pytest.fixture
def client(desk: Desk, address: str) -> Iterator[Any]:
    found = opened(desk, address)
    yield found
    found.close()


def read(body: bytes) -> list[Incoming]:
    assert THIS.messages is not None
    rows = list(THIS.messages(remove_cards(body).body, BOOK, MappingPlace("i:1", property_id="city-hotel")))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def same(row: Incoming, sold: Sale, *, has_nights: bool) -> None:
    found = row.row
    assert isinstance(found, Reservation)
    assert (found.source_ref, found.currency, found.total_minor) == (sold.ref, "EUR", sold.total_minor)
    assert (found.comment or "") == " ".join(sold.comment.split())
    assert found.commission_minor == sold.commission_minor // len(sold.rooms) * len(sold.rooms)
    for room, told in zip(found.rooms, sold.rooms, strict=True):
        assert (room.room_type_code, room.rate_plan_code, room.total_minor) == (
            told.room_type,
            told.rate_plan,
            told.total_minor,
        )
        assert [night.stay_on for night in room.nights] == [night.stay_on for night in told.nights]
        if has_nights:
            assert [night.price_minor for night in room.nights] == [night.price_minor for night in told.nights]
        assert sum(night.price_minor for night in room.nights) == told.total_minor
        assert (room.is_tax_included, room.adult_count, room.child_ages) == (True, told.adults, told.child_ages or None)


@pytest.mark.parametrize("version", ["2024-10", "2022-10", "2020-10", "2018-10"])
def test_every_sale_arrives_to_the_cent_and_is_gone_once_it_is_confirmed(
    desk: Desk, address: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.alpinebits.client.VERSIONS", (version,))
    monkeypatch.setattr("connectors.alpinebits.handshake.VERSIONS", (version,))
    client = opened(desk, address)
    sales = [sale(Random(number), number, SHOP) for number in range(1, 31)]
    for each in sales:
        desk.sell(each)

    told = client.waiting()
    for message, sold in zip(told, sales, strict=True):
        first, *guests = read(message.body)
        same(first, sold, has_nights=version == "2024-10")
        people = [guest.row for guest in guests if isinstance(guest.row, Guest)]
        assert [(guest.first_name, guest.last_name) for guest in people] == [(sold.first_name, sold.last_name)]

    assert client.waiting() == told, "not confirmed, so told again"
    client.acknowledge([Taken(message.receipt, "ours") for message in told])
    client.acknowledge([Taken(told[0].receipt, "ours")])
    assert client.waiting() == ()
    assert desk.problems == []


def test_a_changed_and_a_cancelled_booking_are_later_versions_of_the_same(desk: Desk, client: Any) -> None:
    first = sale(Random(3), 1, SHOP)
    for each in (first, first.modified(comment="sooner"), first.modified().cancelled()):
        desk.sell(each)

    told = client.waiting()
    new, modified, cancelled = (read(message.body)[0] for message in told)

    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert cancelled.action == CANCEL
    assert len({message.event_id for message in told}) == 3
    client.acknowledge([Taken(message.receipt, "ours") for message in told])
    assert desk.problems == []


def test_a_version_that_came_after_the_pull_is_not_confirmed_with_it(desk: Desk, client: Any) -> None:
    first = sale(Random(3), 1, SHOP)
    desk.sell(first)
    (message,) = client.waiting()
    desk.sell(first.modified(comment="later"))

    client.acknowledge([Taken(message.receipt, "ours")])

    (later,) = client.waiting()
    row = read(later.body)[0].row
    assert isinstance(row, Reservation)
    assert row.comment == "later"


def test_a_pushed_request_reads_as_the_pulled_one_and_is_answered_in_kind(desk: Desk, client: Any) -> None:
    sold = sale(Random(5), 1, SHOP)._replace(card_number="4111111111111111", card_code="737")
    headers, body = webhook(desk, sold)
    receiver: Any = THIS.webhooks
    assert isinstance(receiver, RepliesInKind)

    facts = receiver.verify(headers, body, [f"alpinebits:{desk.keys.webhook_secret}"], NOW)  # type: ignore[attr-defined]
    desk.sell(sold)
    (message,) = client.waiting()

    assert (facts.event_type, facts.hotel_ref) == ("booking.created", "CITY")
    assert read(body)[0].row == read(message.body)[0].row
    assert b"4111111111111111" not in remove_cards(body).body
    answer = etree.fromstring(receiver.reply(facts, 1)[1])
    assert [each.get("ID") for each in answer.iter("{*}UniqueID")] == [sold.ref]


@pytest.mark.parametrize("version", [None, "2018-10"])
def test_what_we_send_is_what_it_sells_by(desk: Desk, address: str, version: str | None) -> None:
    client = opened(desk, address)
    client.handshake()
    if version:
        client = opened(desk, address, protocol_version=version)
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(300)]
    counts = [Availability(day, code, n % 7 // 3) for code in ("STD", "DLX") for n, day in enumerate(days)]
    prices = [Price(day, "STD", "BAR", 10_000 + n // 30, "EUR") for n, day in enumerate(days)]
    limits = [Restriction(day, "STD", "BAR", is_stop_sell=n % 2 == 0, max_stay_count=9) for n, day in enumerate(days)]

    refused = [
        *client.push_inventory(counts, idempotency_key="a").refused,
        *client.push_rates(prices, idempotency_key="b").refused,
        *client.push_restrictions(limits, idempotency_key="c").refused,
    ]
    client.push_room_types([RoomType("city-hotel", "STD", "Standard", 5, 2, 3)])

    assert refused == []
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert {place: told[0] for place, told in desk.prices.items()} == {
        ("STD", "BAR", row.stay_on): f"{row.price_minor / 100:.2f}" for row in prices
    }
    assert desk.restrictions["STD", "BAR", days[0]] == {"Master": "Close", "SetMaxLOS": 9}
    assert [each.kind for each in desk.pushed] == ["availability", "rates", "restrictions", "inventory"]
    assert desk.problems == []


def test_a_delta_leaves_the_other_dates_and_a_complete_set_takes_them_away(desk: Desk, client: Any) -> None:
    first, second, third = (Availability(date(2026, 10, n), "STD", n) for n in (1, 2, 3))

    client.push_inventory([first, second], idempotency_key="a")
    client.push_inventory([second._replace(available_count=0)], idempotency_key="b")
    assert desk.counts == {("STD", first.stay_on): 1, ("STD", second.stay_on): 0}

    client.push_inventory([third], idempotency_key="c", is_complete=True)
    assert desk.counts == {("STD", third.stay_on): 3}


def test_two_states_of_one_date_are_turned_down(desk: Desk, client: Any) -> None:
    row = Availability(date(2026, 10, 1), "STD", 1)

    with pytest.raises(RequestRefused, match="13/450"):
        client.push_inventory([row, row._replace(available_count=2)], idempotency_key="a")


def test_a_wrong_password_asks_for_credentials_and_a_fault_to_try_later(desk: Desk, address: str) -> None:
    account = Account("ab", "city-hotel", "CITY", {"base_url": f"{address}/server"}, allow_private_hosts=True)
    stranger = THIS.open(account, {"username": "x", "password": "y"}, memory_ports())
    with pytest.raises(FixCredentials):
        stranger.waiting()

    desk.faults.arm("server_error", path="/", method="POST", times=9)
    with pytest.raises(TryLater):
        opened(desk, address).waiting()


@pytest.mark.parametrize("version", ["2024-10", "2022-10", "2020-10", "2018-10"])
def test_the_sandbox_tells_documents_of_the_version(version: str) -> None:
    found = schema(XML / "alpinebits_hgv" / f"v_{version.replace('-', '_')}" / "alpinebits.xsd")
    root = document("OTA_ResRetrieveRS")
    etree.SubElement(root, f"{{{root.nsmap[None]}}}Success")
    held = etree.SubElement(root, f"{{{root.nsmap[None]}}}ReservationsList")
    for number in range(1, 21):
        sold = sale(Random(number), number, SHOP)
        for each in (sold, sold.modified(), sold.cancelled()):
            add_request(held, each, version)

    found.validate(root)
    assert [str(error.message) for error in found.error_log] == []

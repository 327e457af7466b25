"""The connector and the sandbox's OpenTravel partner, both ways over HTTP, in every envelope and with every login."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from lxml import etree

from connectors.cards import remove_cards
from connectors.errors import FixCredentials, TryLater
from connectors.opentravel_generic.connector import CONNECTOR as THIS
from connectors.ports import Account, MappingPlace
from connectors.protocols import soap
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.queues import Taken
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.desk import Desk
from sandbox.channels.opentravel_generic import webhook
from sandbox.channels.opentravel_told import add_booking, document
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import MODIFIED, NEW, Sale, Shop, sale
from tests.contract.booking_suites import NOW
from tests.contract.fakes import memory_ports
from tests.contract.suites import BOOK
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))
TABLES: dict[str, Any] = {
    "pull": {"path": "/ota", "action": "urn:read"},
    "acknowledge": {"path": "/ota"},
    "counts": {"path": "/ota", "locates": True},
    "restrictions": {"path": "/ota"},
    "rates": {"path": "/ota"},
}
FORMS = pytest.mark.parametrize(
    "options",
    [
        {"soap": "1.1", "auth": "wsse_text"},
        {"soap": "1.2", "auth": "wsse_digest"},
        {"soap": "none", "auth": "basic"},
        {"soap": "none", "auth": "requestor"},
        {"soap": "1.1", "auth": "api_key"},
    ],
    ids=lambda options: f"{options['soap']} {options['auth']}",
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with running_channels({"partner": Channel("opentravel_generic", desk)}) as addresses:
        yield addresses["partner"]


def opened(desk: Desk, address: str, **options: Any) -> Any:
    settings = {"base_url": address, **TABLES, **options}
    account = Account("partner", "city-hotel", "CITY", settings, allow_private_hosts=True)
    keys = {"username": desk.keys.username, "password": desk.keys.password, "api_key": desk.keys.api_key}
    return THIS.open(account, keys, memory_ports())


def read(body: bytes) -> list[Incoming]:
    assert THIS.messages is not None
    rows = list(THIS.messages(remove_cards(body).body, BOOK, MappingPlace("i:1", property_id="city-hotel")))
    assert all(isinstance(row, Incoming) for row in rows), rows
    return [row for row in rows if isinstance(row, Incoming)]


def same(row: Incoming, sold: Sale) -> None:
    found = row.row
    assert isinstance(found, Reservation)
    assert (found.source_ref, found.channel_ref, found.channel_code) == (sold.ref, sold.channel_ref, sold.channel)
    assert (found.currency, found.total_minor) == ("EUR", sold.total_minor)
    assert found.commission_minor == (sold.commission_minor or None)
    assert (found.comment or "") == " ".join(sold.comment.split())
    assert [card.limit_minor for card in found.virtual_cards] == [sold.total_minor] * sold.is_virtual
    assert [card.last_four for card in found.virtual_cards] == [(sold.card_number or "")[-4:]] * sold.is_virtual
    for room, told in zip(found.rooms, sold.rooms, strict=True):
        assert (room.room_ref, room.room_type_code, room.rate_plan_code) == (told.ref, told.room_type, told.rate_plan)
        assert [(n.stay_on, n.price_minor, n.tax_minor) for n in room.nights] == [
            (n.stay_on, n.price_minor, n.tax_minor) for n in told.nights
        ]
        assert (room.is_tax_included, room.adult_count, room.child_ages) == (True, told.adults, told.child_ages or None)


@FORMS
def test_every_sale_arrives_to_the_cent_and_is_gone_once_it_is_confirmed(
    desk: Desk, address: str, options: dict[str, Any]
) -> None:
    client = opened(desk, address, **options)
    sales = [sale(Random(number), number, SHOP) for number in range(1, 31)]
    for each in sales:
        desk.sell(each)

    told = client.waiting()
    for message, sold in zip(told, sales, strict=True):
        first, *guests = read(message.body)
        same(first, sold)
        people = [guest.row for guest in guests if isinstance(guest.row, Guest)]
        assert [(guest.first_name, guest.last_name) for guest in people] == [(sold.first_name, sold.last_name)]
        assert b"737</" not in remove_cards(message.body).body

    assert client.waiting() == told, "not confirmed, so told again"
    client.acknowledge([Taken(message.receipt, f"our-{n}") for n, message in enumerate(told)])
    client.acknowledge([Taken(told[0].receipt, "our-0")])
    assert client.waiting() == ()
    assert desk.acknowledged[f"{sales[3].ref}-1"] == "our-3"
    assert desk.problems == []


@pytest.mark.parametrize(
    "style", [{}, {"names": "reservation_ids"}, {"types": ["14"]}, {"message": "OTA_HotelResNotifRS"}]
)
def test_every_way_to_confirm_takes_out_what_was_told(desk: Desk, address: str, style: dict[str, Any]) -> None:
    client = opened(desk, address, acknowledge={"path": "/ota"} | style)
    first = sale(Random(3), 1, SHOP)
    for each in (first, first.modified(comment="sooner"), sale(Random(4), 2, SHOP)):
        desk.sell(each)

    told = client.waiting()
    desk.sell(first.modified().modified().cancelled())
    client.acknowledge([Taken(message.receipt, "our") for message in told])

    (left,) = client.waiting()
    assert read(left.body)[0].action == CANCEL
    assert desk.problems == []


def test_a_changed_and_a_cancelled_booking_are_later_versions_of_the_same(desk: Desk, address: str) -> None:
    first = sale(Random(3), 1, SHOP)
    for each in (first, first.modified(rooms=first.rooms[:1]), first.modified().cancelled()):
        desk.sell(each)

    told = opened(desk, address).waiting()
    new, modified, cancelled = (read(message.body)[0] for message in told)

    assert new.row[:3] == modified.row[:3] == cancelled.row[:3]
    assert (new.source_version or 0) < (modified.source_version or 0) < (cancelled.source_version or 0)
    assert (modified.action, cancelled.action) == ("write", CANCEL)
    assert [message.event_id for message in told] == [f"{first.ref}-{n}" for n in (1, 2, 3)]
    assert [message.event_type for message in told] == ["booking.created", "booking.modified", "booking.cancelled"]


@pytest.mark.parametrize("auth", ["basic", "api_key", "requestor", "wsse_text"])
@pytest.mark.parametrize("version", ["1.1", "1.2", None])
def test_a_pushed_booking_reads_as_the_pulled_one_and_is_answered_in_kind(
    desk: Desk, address: str, auth: str, version: str | None
) -> None:
    if auth == "wsse_text" and version is None:
        pytest.skip("a UsernameToken stands in an envelope")
    sold = sale(Random(5), 1, SHOP)._replace(card_number="4111111111111111", card_code="737")
    headers, body = webhook(desk, sold, auth, version)
    secret = desk.keys.webhook_secret
    receiver: Any = THIS.webhooks

    facts = receiver.verify(headers, body, [secret, f"partner:{secret}"], NOW)
    desk.sell(sold)
    (message,) = opened(desk, address).waiting()

    assert (facts.event_id, facts.event_type, facts.hotel_ref) == (message.event_id, "booking.created", "CITY")
    assert read(body)[0].row == read(message.body)[0].row
    assert b"4111111111111111" not in remove_cards(body).body
    answer = soap.unwrap(receiver.reply(facts, 9)[1])
    assert answer.version == version
    assert answer.payload.get("EchoToken") == f"e-{sold.ref}-1"


@FORMS
def test_what_we_send_is_what_it_sells_by(desk: Desk, address: str, options: dict[str, Any]) -> None:
    client = opened(desk, address, **options)
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(300)]
    counts = [Availability(day, code, n % 7 // 3) for code in ("STD", "DLX") for n, day in enumerate(days)]
    prices = [Price(day, "STD", "BAR", 10_000 + n // 30, "EUR") for n, day in enumerate(days)]
    limits = [
        Restriction(day, "STD", "BAR", n % 2 == 0, n % 3 == 0, False, 2, 3, 14, 1, 300)  # noqa: FBT003
        for n, day in enumerate(days)
    ]

    refused = [
        *client.push_inventory(counts, idempotency_key="a").refused,
        *client.push_rates(prices, idempotency_key="b").refused,
        *client.push_restrictions(limits, idempotency_key="c").refused,
    ]

    assert refused == []
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert {place: told[0] for place, told in desk.prices.items()} == {
        ("STD", "BAR", row.stay_on): f"{row.price_minor / 100:.2f}" for row in prices
    }
    assert desk.restrictions["STD", "BAR", days[0]] == {
        "stop_sell": True,
        "closed_to_arrival": True,
        "closed_to_departure": False,
        "SetMinLOS": 2,
        "SetForwardMinStay": 3,
        "SetMaxLOS": 14,
        "MinAdvancedBookingOffset": "P1D",
        "MaxAdvancedBookingOffset": "P300D",
    }
    assert len(desk.restrictions) == 300
    assert desk.problems == []


def test_counts_may_be_sold_by_as_inventory(desk: Desk, address: str) -> None:
    client = opened(desk, address, counts={"path": "/ota", "message": "OTA_HotelInvCountNotifRQ"})

    client.push_inventory([Availability(date(2026, 10, n), "STD", n, 9) for n in (1, 2, 3)], idempotency_key="a")

    assert desk.counts == {("STD", date(2026, 10, n)): n for n in (1, 2, 3)}


def test_rows_of_a_room_type_nobody_knows_there_are_named(desk: Desk, address: str) -> None:
    days = [date(2026, 10, n) for n in range(1, 5)]
    rows = [Availability(day, "UNKNOWN" if day.day in {2, 3} else "STD", 1) for day in days]

    told = opened(desk, address).push_inventory(rows, idempotency_key="a")

    assert told.refused == (RefusedCell(1, "warning_402"), RefusedCell(2, "warning_402"))
    assert sorted(day.day for _, day in desk.counts) == [1, 4]


def test_a_wrong_password_asks_for_credentials_and_a_fault_to_try_later(desk: Desk, address: str) -> None:
    account = Account("partner", "city-hotel", "CITY", {"base_url": address, **TABLES}, allow_private_hosts=True)
    stranger = THIS.open(account, {"username": "x", "password": "y"}, memory_ports())
    with pytest.raises(FixCredentials):
        stranger.waiting()

    desk.faults.arm("server_error", path="/", method="POST", times=9)
    with pytest.raises(TryLater):
        opened(desk, address).waiting()


def test_the_sandbox_tells_documents_of_the_standard() -> None:
    for name, holder, item in (
        ("OTA_HotelResNotifRQ", "HotelReservations", "HotelReservation"),
        ("OTA_HotelResModifyNotifRQ", "HotelResModifies", "HotelResModify"),
    ):
        root = document(name, Version="1.0")
        held = etree.SubElement(root, f"{{{root.nsmap[None]}}}{holder}")
        for number in range(1, 21):
            sold = sale(Random(number), number, SHOP)
            for kind in (NEW, MODIFIED):
                add_booking(held, sold._replace(kind=kind), item)
            add_booking(held, sold.cancelled(), item)
        assert_opentravel(root)

"""The connector against an Expedia that keeps its own rules: what was sold comes out, what we say goes in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from lxml import etree

from connectors.calls import Call, Response
from connectors.errors import FixCredentials, TryLater
from connectors.expedia.connector import CONNECTOR as THIS
from connectors.http import HttpClient
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, Price, Restriction
from connectors.queues import ChangedBookings, Pulled, Taken
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.desk import Desk
from sandbox.channels.expedia_told import booking_id, rate_plan
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, SoldRoom, sale
from tests.contract.channel_desk import Clock
from tests.contract.corpus import CORPUS, complaints
from tests.contract.fakes import memory_ports
from tests.contract.suites import CITY, EVERY_FIELD

FIRST = date(2026, 10, 1)
SHOP = Shop("3546", "EUR", ("965645", "965640"), ("956589", "925569"), FIRST)
BOOK = Codebook("expedia", {"city-hotel": CITY}, {"3546": "city-hotel"}, {}, frozenset(EVERY_FIELD))
SCHEMAS = "ota_xml/xsd_expedia"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every message of both sides, in order; each is held against its schema where the schemas are at hand."""
    kept: list[bytes] = []
    send = HttpClient.send

    def recorded(self: HttpClient, call: Call) -> Response:
        response = send(self, call)
        kept.extend((call.content or b"", response.body))
        return response

    monkeypatch.setattr(HttpClient, "send", recorded)
    return kept


@pytest.fixture
def client(desk: Desk, said: list[bytes]) -> Iterator[Any]:
    with running_channels({"expedia": Channel("expedia", desk)}) as urls:
        yield opened(urls["expedia"], desk)
    for each in said:
        assert invalid(each) == []


def opened(url: str, desk: Desk, password: str | None = None) -> Any:
    account = Account("expedia", "city-hotel", "3546", {"base_url": url}, allow_private_hosts=True)
    keys = {"username": desk.keys.username, "password": password or desk.keys.password}
    return THIS.open(account, keys, memory_ports())


def invalid(message: bytes) -> list[str]:
    if not CORPUS.is_dir():
        return []
    return complaints(f"{SCHEMAS}/{etree.QName(etree.fromstring(message)).localname}.xsd", message)


def mapped(pulled: Pulled) -> list[Incoming]:
    assert THIS.messages is not None
    rows = list(THIS.messages(pulled.body, BOOK, MappingPlace("i:1", property_id="city-hotel")))
    assert all(isinstance(row, Incoming) for row in rows)
    return [row for row in rows if isinstance(row, Incoming)]


def reservation(pulled: Pulled) -> Reservation:
    row = mapped(pulled)[0].row
    assert isinstance(row, Reservation)
    return row


def confirm(client: Any, pulled: Any) -> None:
    client.acknowledge([Taken(each.receipt, f"our-{each.event_id}"[:50]) for each in pulled])


def sold(count: int, seed: int = 3) -> list[Sale]:
    dice = Random(seed)
    return [sale(dice, number, SHOP, prefix="7") for number in range(count)]


def as_sold(told: Reservation, whole: Sale, room: SoldRoom) -> None:
    """Hold one booking against the room that was sold, to the cent."""
    (found,) = told.rooms
    assert [(night.stay_on, night.price_minor) for night in found.nights] == [
        (night.stay_on, night.price_minor - night.tax_minor) for night in room.nights
    ]
    assert (told.total_minor, told.tax_minor) == (room.total_minor, sum(night.tax_minor for night in room.nights))
    assert sum(night.price_minor + (night.tax_minor or 0) for night in found.nights) == room.total_minor
    assert (told.arrival_on, told.departure_on) == (room.arrival_on, room.departure_on)
    assert (found.adult_count, found.child_ages) == (room.adults, room.child_ages or None)
    assert (found.raw_room_code, found.raw_rate_code) == (room.room_type, rate_plan(whole, room))
    assert (told.collect, told.currency) == (whole.collect, whole.currency)
    has_card = whole.card_number is not None and whole.collect == "channel"
    assert [card.last_four for card in told.virtual_cards] == (
        [whole.card_number[-4:]] if has_card and whole.card_number else []
    )
    assert whole.comment in (told.comment or "")


def test_what_was_sold_is_told_confirmed_and_gone(client: Any, desk: Desk) -> None:
    sales = sold(40)
    for each in sales:
        desk.sell(each)
    rooms = {booking_id(each, room): (each, room) for each in sales for room in each.rooms}

    pulled = client.waiting()
    confirm(client, pulled)

    found = {row.source_ref: row for row in map(reservation, pulled)}
    assert sorted(found) == sorted(rooms)
    for ref, told in found.items():
        as_sold(told, *rooms[ref])
    assert client.waiting() == ()
    assert len(desk.acknowledged) == 40
    assert desk.problems == []


def test_people_come_out_as_they_went_in(client: Any, desk: Desk) -> None:
    for each in sold(12, seed=5):
        desk.sell(each)

    guests = [row.row for each in client.waiting() for row in mapped(each)[1:]]

    names = {(guest.first_name, guest.last_name) for guest in guests if isinstance(guest, Guest)}
    assert names == {(each.first_name, each.last_name) for each in sold(12, seed=5)}


def test_what_was_never_confirmed_is_told_again_the_same(client: Any, desk: Desk) -> None:
    desk.sell(sold(1)[0])

    first, second = client.waiting(), client.waiting()

    assert first == second != ()
    confirm(client, second)
    assert client.waiting() == ()


def test_a_confirmation_given_twice_does_no_harm(client: Any, desk: Desk) -> None:
    desk.sell(sold(1)[0])
    pulled = client.waiting()

    for _ in range(5):
        confirm(client, pulled)

    assert desk.problems == []


def test_a_change_waits_until_the_booking_before_it_is_confirmed(client: Any, desk: Desk) -> None:
    booked = next(each for each in sold(20) if len(each.rooms) == 1)
    for each in (booked, changed := booked.modified(comment="Now with a dog"), changed.cancelled()):
        desk.sell(each)

    versions = []
    for event in ("booking.created", "booking.modified", "booking.cancelled"):
        (pulled,) = client.waiting()
        assert pulled.event_type == event
        versions.append(mapped(pulled)[0])
        confirm(client, [pulled])

    assert client.waiting() == ()
    assert [each.action for each in versions][-1] == CANCEL
    assert [each.source_version for each in versions] == sorted(each.source_version or 0 for each in versions)
    assert len({each.row[:3] for each in versions}) == 1


def test_a_room_that_is_given_up_is_cancelled_by_itself(client: Any, desk: Desk) -> None:
    booked = next(each for each in sold(30) if len(each.rooms) > 1)
    desk.sell(booked)
    confirm(client, client.waiting())
    desk.sell(booked.modified(rooms=booked.rooms[:1]))

    pulled = client.waiting()

    events = {reservation(each).source_ref: each.event_type for each in pulled}
    assert events == {
        booking_id(booked, room): "booking.modified" if place == 0 else "booking.cancelled"
        for place, room in enumerate(booked.rooms)
    }


def test_what_is_not_confirmed_in_time_goes_out_by_e_mail(client: Any, desk: Desk, clock: Clock) -> None:
    booked = sold(1)[0]
    desk.sell(booked)
    assert client.waiting() != ()
    clock.now = 86_401.0

    assert client.waiting() == ()
    assert desk.problems == [f"{booked.ref}-1 was not confirmed in time and went out by e-mail"]


def test_a_booking_in_another_currency_stays_exact(client: Any, desk: Desk) -> None:
    dice = Random(1)
    booked = sale(dice, 1, SHOP._replace(currency="JPY"), prefix="7")
    desk.sell(booked)

    rows = {row.source_ref: row for row in map(reservation, client.waiting())}

    for room in booked.rooms:
        as_sold(rows[booking_id(booked, room)], booked, room)


def test_more_bookings_than_an_answer_holds_come_one_after_the_other(client: Any, desk: Desk) -> None:
    for each in sold(90):
        desk.sell(each)
    wanted = sum(len(each.rooms) for each in sold(90))

    seen: set[str] = set()
    while pulled := client.waiting():
        assert len(pulled) <= 125
        seen |= {each.event_id for each in pulled}
        confirm(client, pulled)

    assert len(seen) == wanted > 125


def test_the_last_days_can_be_read_again_in_the_same_versions(client: Any, desk: Desk) -> None:
    for each in sold(5):
        desk.sell(each)
    pulled = client.waiting()
    confirm(client, pulled)
    now = datetime.now(UTC)

    (page,) = client.reservations(since=now - timedelta(days=1), until=now)
    told = client.changed(now - timedelta(days=1), now)
    again = list(THIS.mappers["reservations"](page.body, BOOK, MappingPlace("p:1:1", property_id="city-hotel")))
    one = client.booking(reservation(pulled[0]).source_ref)

    def versions(rows: Any) -> set[Any]:
        return {(row.row.source_ref, row.source_version) for row in rows}

    assert isinstance(client, ChangedBookings)
    assert {each.event_id for each in told} == {each.event_id for each in pulled}
    assert versions(again) == versions(mapped(each)[0] for each in pulled)
    assert one.row_count == 1


def test_what_we_say_is_what_expedia_sells_by(client: Any, desk: Desk) -> None:
    dates = [FIRST + timedelta(days=n) for n in range(40)]
    counts = [Availability(on, ref, n % 3) for ref in SHOP.room_types for n, on in enumerate(dates)]
    limits = [
        Restriction(FIRST, "965645", "956589", True, True, False, 2, None, 14),  # noqa: FBT003
        Restriction(FIRST, "965645", is_stop_sell=True),
    ]
    prices = [Price(on, "965645", "956589", 10_000 + n, "EUR") for n, on in enumerate(dates)]
    prices += [Price(FIRST, "965645", "925569", 9_000 + people, "EUR", people) for people in (1, 2)]

    told = [
        client.push_inventory(counts, idempotency_key="a"),
        client.push_restrictions(limits, idempotency_key="b"),
        client.push_rates(prices, idempotency_key="c"),
    ]

    assert [each.refused for each in told] == [(), (), ()]
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert desk.restrictions == {
        ("965645", "956589", FIRST): {
            "closed": True,
            "closedToArrival": True,
            "closedToDeparture": False,
            "minLOS": 2,
            "maxLOS": 14,
        },
        ("965645", "", FIRST): {"closed": True},
    }
    assert desk.prices["965645", "956589", dates[39]] == ("100.39", "EUR")
    assert desk.prices["965645", "925569:2", FIRST] == ("90.02", "EUR")
    assert [each.kind for each in desk.pushed] == ["availability", "restrictions", "rates"]
    assert desk.problems == []


def test_a_full_message_of_restrictions_is_no_larger_than_expedia_takes(client: Any, desk: Desk) -> None:
    rows = [
        Restriction(FIRST + timedelta(days=n), "965645", "956589", n % 2 > 0, n % 3 > 0, n % 5 > 0, 1 + n % 7, None, 9)
        for n in range(600)
    ]

    assert client.push_restrictions(rows, idempotency_key="k").refused == ()
    assert len(desk.restrictions) == 600
    assert desk.problems == []


def test_a_code_of_nobody_is_refused_and_the_rest_is_taken(client: Any, desk: Desk) -> None:
    rows = [Availability(FIRST, ref, 3) for ref in ("965645", "0")]

    told = client.push_inventory(rows, idempotency_key="k")

    assert [(cell.position, cell.code) for cell in told.refused] == [(1, "3203")]
    assert desk.counts == {("965645", FIRST): 3}


def test_a_wrong_login_gets_nowhere(desk: Desk) -> None:
    with running_channels({"expedia": Channel("expedia", desk)}) as urls, pytest.raises(FixCredentials):
        opened(urls["expedia"], desk, "another-key").waiting()
    assert desk.problems == ["1001: Authentication error: invalid username or password."]


def test_a_server_that_stumbles_is_asked_again_and_one_that_stays_down_is_told(client: Any, desk: Desk) -> None:
    desk.sell(sold(1)[0])
    desk.faults.arm("server_error", method="POST", path="/expedia/eqc/br", times=1)
    assert client.waiting() != ()
    assert desk.faults.armed() == []
    desk.faults.arm("disconnect", method="POST", path="/expedia/eqc/bc", times=9)

    with pytest.raises(TryLater):
        confirm(client, client.waiting())
    assert len(desk.unacknowledged()) == 1

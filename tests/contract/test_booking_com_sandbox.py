"""The connector against a Booking.com that keeps its own rules: what was sold comes out, what we say goes in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from lxml import etree

from connectors.booking_com.connector import CONNECTOR as THIS
from connectors.cards import remove_cards
from connectors.errors import FixCredentials, RequestRefused, TryLater
from connectors.ports import Account, MappingPlace
from connectors.pushes import Availability, Price, Restriction
from connectors.queues import Pulled, Taken
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from tests.contract.channel_desk import Clock
from tests.contract.corpus import CORPUS, complaints
from tests.contract.fakes import memory_ports
from tests.contract.suites import CITY, EVERY_FIELD

TODAY = datetime.now(UTC).date()
FIRST = TODAY + timedelta(days=7)
SHOP = Shop("8011855", "EUR", ("801185501", "801185502"), ("28337", "28338"), FIRST)
BOOK = Codebook("booking_com", {"city-hotel": CITY}, {"8011855": "city-hotel"}, {}, frozenset(EVERY_FIELD))


class Paced:
    """Grants every turn as soon as it is due, on the desk's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.taken_at: dict[str, float] = {}

    def take(self, _source: str, bucket: str, *, per_second: float, burst: int) -> float:
        if burst == 1:
            due = self.taken_at.get(bucket, float("-inf")) + 1 / per_second
            self.clock.now = max(self.clock.now, due)
            self.taken_at[bucket] = self.clock.now
        return 0.0


@pytest.fixture
def client(desk: Desk, clock: Clock, sent: list[bytes]) -> Iterator[Any]:
    with running_channels({"booking_com": Channel("booking_com", desk)}) as urls:
        yield opened(urls["booking_com"], desk, clock)
    for each in sent:
        assert invalid(each) == []


def opened(url: str, desk: Desk, clock: Clock, password: str | None = None) -> Any:
    account = Account("booking_com", "city-hotel", "8011855", {"base_url": url}, allow_private_hosts=True)
    keys = {"username": desk.keys.username, "password": password or desk.keys.password}
    return THIS.open(account, keys, memory_ports()._replace(rate_limit=Paced(clock)))


def invalid(message: bytes) -> list[str]:
    if not CORPUS.is_dir():
        return []
    name = etree.QName(etree.fromstring(message)).localname
    if name.startswith("OTA_HotelRes"):
        return []  # Booking.com wants less in a receipt than the schemas of 2015
    return complaints(f"ota_xml/xsd_opentravel_2015A/{name}.xsd", message)


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


def acknowledge(client: Any, pulled: Sequence[Pulled]) -> None:
    client.acknowledge([Taken(each.receipt, "our") for each in pulled])


def sold(count: int, seed: int = 3, shop: Shop = SHOP) -> list[Sale]:
    dice = Random(seed)
    return [sale(dice, number, shop, prefix="7") for number in range(count)]


def as_sold(told: Reservation, whole: Sale) -> None:
    """Hold one booking against the sale, to the cent."""
    assert (told.source_ref, told.total_minor, told.currency) == (whole.ref, whole.total_minor, whole.currency)
    assert told.commission_minor == whole.commission_minor
    assert told.booked_at == whole.booked_at.replace(microsecond=0)
    assert len(told.rooms) == len(whole.rooms)
    for found, room in zip(told.rooms, whole.rooms, strict=True):
        assert [(night.stay_on, night.price_minor) for night in found.nights] == [
            (night.stay_on, night.price_minor) for night in room.nights
        ]
        assert (found.arrival_on, found.departure_on) == (room.arrival_on, room.departure_on)
        assert (found.adult_count, found.child_ages) == (room.adults, room.child_ages or None)
        assert (found.room_ref, found.raw_room_code, found.raw_rate_code) == (room.ref, room.room_type, room.rate_plan)
    last_four = [whole.card_number[-4:]] if whole.card_number and whole.is_virtual else []
    assert [(card.last_four, card.limit_minor) for card in told.virtual_cards] == [
        (digits, whole.total_minor) for digits in last_four
    ]
    assert " ".join(whole.comment.split()) in (told.comment or "")


def test_what_was_sold_is_told_acknowledged_and_gone(client: Any, desk: Desk) -> None:
    sales = {each.ref: each for each in sold(40)}
    for each in sales.values():
        desk.sell(each)

    pulled = client.waiting()
    acknowledge(client, pulled)

    found = {row.source_ref: row for row in map(reservation, pulled)}
    assert found.keys() == sales.keys()
    for ref, told in found.items():
        as_sold(told, sales[ref])
    assert client.waiting() == ()
    assert len(desk.acknowledged) == 40
    assert desk.problems == []


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_a_booking_in_another_currency_stays_exact(client: Any, desk: Desk, currency: str) -> None:
    (booked,) = sold(1, shop=SHOP._replace(currency=currency))
    desk.sell(booked)

    (pulled,) = client.waiting()

    as_sold(reservation(pulled), booked)


def test_people_come_out_as_they_went_in(client: Any, desk: Desk) -> None:
    sales = sold(12, seed=5)
    for each in sales:
        desk.sell(each)

    guests = [row.row for each in client.waiting() for row in mapped(each)[1:]]

    bookers = {guest.full_name for guest in guests if isinstance(guest, Guest) and guest.source_ref.endswith(":booker")}
    assert bookers == {f"{each.first_name} {each.last_name}" for each in sales}
    assert all(guest.is_email_relay for guest in guests if isinstance(guest, Guest) and guest.email)


def test_no_card_is_left_in_what_is_stored(client: Any, desk: Desk) -> None:
    for each in sold(30):
        desk.sell(each)

    bodies = [remove_cards(each.body).body for each in client.waiting()]

    numbers = {each.card_number.encode() for each in sold(30) if each.card_number}
    assert numbers
    assert not any(number in body or b'"737"' in body for number in numbers for body in bodies)


def test_what_was_never_acknowledged_is_told_again_the_same(client: Any, desk: Desk) -> None:
    desk.sell(sold(1)[0])

    first, second = client.waiting(), client.waiting()

    assert [each._replace(body=b"") for each in first] == [each._replace(body=b"") for each in second] != []
    acknowledge(client, second)
    assert client.waiting() == ()


def test_a_booking_that_changes_before_it_is_acknowledged_is_still_a_new_one(client: Any, desk: Desk) -> None:
    (booked,) = sold(1)
    desk.sell(booked)
    desk.sell(changed := booked.modified(comment="Now with a dog"))

    (pulled,) = client.waiting()

    assert (pulled.event_type, pulled.receipt) == ("booking.created", f"new/{booked.ref}")
    as_sold(reservation(pulled), changed)
    acknowledge(client, [pulled])
    assert client.waiting() == ()
    assert desk.unacknowledged() == []


def test_a_change_made_while_we_store_comes_afterwards(client: Any, desk: Desk) -> None:
    (booked,) = sold(1)
    desk.sell(booked)
    pulled = client.waiting()
    desk.sell(booked.modified(comment="Now with a dog"))
    acknowledge(client, pulled)

    (later,) = client.waiting()

    assert (later.event_type, later.receipt) == ("booking.modified", f"changed/{booked.ref}")
    assert reservation(later).comment == "Now with a dog"


def test_changes_and_cancels_come_in_the_second_queue(client: Any, desk: Desk) -> None:
    (booked,) = sold(1)
    versions = [booked, changed := booked.modified(rooms=booked.rooms[:1]), changed.cancelled()]
    told = []
    for each in versions:
        desk.sell(each)
        (pulled,) = client.waiting()
        told.append(pulled)
        acknowledge(client, [pulled])

    assert [each.event_type for each in told] == ["booking.created", "booking.modified", "booking.cancelled"]
    assert mapped(told[-1])[0].action == CANCEL
    assert len({reservation(each).source_ref for each in told}) == 1
    assert len({each.event_id for each in told}) == 3
    assert client.waiting() == ()
    assert desk.problems == []


def test_what_is_not_acknowledged_in_time_goes_out_by_e_mail(client: Any, desk: Desk, clock: Clock) -> None:
    (booked,) = sold(1)
    desk.sell(booked)
    clock.now = 1801.0

    assert client.waiting() == ()
    assert desk.problems == [f"{booked.ref}-1 was not acknowledged in time and went out by e-mail"]


def test_after_an_outage_the_last_of_each_booking_is_told_again(client: Any, desk: Desk) -> None:
    sales = sold(6)
    for each in sales:
        desk.sell(each)
    before = client.waiting()
    acknowledge(client, before)
    desk.sell(sales[0].cancelled())
    acknowledge(client, client.waiting())

    again = client.changed(sales[0].booked_at - timedelta(days=1), datetime.now(UTC))

    assert {each.receipt for each in again} == {
        f"changed/{sales[0].ref}",
        *(f"new/{each.ref}" for each in sales[1:]),
    }
    assert {each.event_id for each in again[:-1]} <= {each.event_id for each in before}


def test_a_code_of_nobody_and_a_date_long_past_are_refused_and_the_rest_is_taken(client: Any, desk: Desk) -> None:
    rows = [
        Availability(FIRST, "801185501", 3),
        Availability(FIRST, "0", 3),
        Availability(TODAY - timedelta(days=2), "801185502", 3),
        Availability(TODAY - timedelta(days=1), "801185502", 2),
    ]

    told = client.push_inventory(rows, idempotency_key="k")

    assert [cell.position for cell in told.refused] == [1, 2]
    assert desk.counts == {("801185501", FIRST): 3, ("801185502", TODAY - timedelta(days=1)): 2}


def test_a_message_of_which_nothing_can_be_taken_is_refused(client: Any) -> None:
    with pytest.raises(RequestRefused):
        client.push_inventory([Availability(FIRST, "0", 3)], idempotency_key="k")


def test_what_we_say_is_what_booking_com_sells_by(client: Any, desk: Desk) -> None:
    dates = [FIRST + timedelta(days=n) for n in range(40)]
    room, plan = SHOP.room_types[0], SHOP.rate_plans[0]
    counts = [Availability(on, ref, n % 3) for ref in SHOP.room_types for n, on in enumerate(dates)]
    prices = [Price(on, room, plan, 10_000 + n, "EUR") for n, on in enumerate(dates)]
    prices += [Price(FIRST, room, SHOP.rate_plans[1], 9_000 + people, "EUR", people) for people in (1, 2)]

    told = [
        client.push_inventory(counts, idempotency_key="a"),
        client.push_restrictions([Restriction(FIRST, room, is_stop_sell=True)], idempotency_key="b"),
        client.push_rates(prices, idempotency_key="c"),
    ]

    assert [each.refused for each in told] == [(), (), ()]
    assert desk.counts == {(row.room_type_ref, row.stay_on): row.available_count for row in counts}
    assert desk.restrictions == {(room, "", FIRST): {"stop_sell": True}}
    assert desk.prices[room, plan, dates[39]] == ("100.39", "EUR")
    assert desk.prices[room, f"{SHOP.rate_plans[1]}:2", FIRST] == ("90.02", "EUR")
    assert [each.kind for each in desk.pushed] == ["availability", "restrictions", "rates"]
    assert desk.problems == []


def test_restrictions_of_a_rate_plan_arrive_each_for_itself(client: Any, desk: Desk) -> None:
    room, plan = SHOP.room_types[0], SHOP.rate_plans[0]
    row = Restriction(FIRST, room, plan)
    rows = [
        row._replace(is_stop_sell=True, is_closed_to_arrival=True, is_closed_to_departure=False),
        row._replace(
            min_stay_arrival_count=2, min_stay_through_count=3, max_stay_count=14, is_closed_to_departure=True
        ),
    ]

    assert client.push_restrictions(rows, idempotency_key="k").refused == ()
    assert desk.restrictions[room, plan, FIRST] == {
        "stop_sell": True,
        "closed_to_arrival": True,
        "closed_to_departure": True,
        "SetForwardMinStay": 2,
        "SetMinLOS": 3,
        "SetMaxLOS": 14,
    }


def test_a_full_message_of_restrictions_is_no_larger_than_booking_com_takes(client: Any, desk: Desk) -> None:
    room, plan = SHOP.room_types[0], SHOP.rate_plans[0]
    days = [FIRST + timedelta(days=n) for n in range(450)]
    rows = [
        Restriction(on, room, plan, n % 2 > 0, n % 3 > 0, n % 5 > 0, 1 + n % 7, 1 + n % 4, 9)
        for n, on in enumerate(days)
    ]

    assert client.push_restrictions(rows, idempotency_key="k").refused == ()
    assert len(desk.restrictions) == 450
    assert desk.problems == []


def test_a_wrong_login_gets_nowhere(desk: Desk, clock: Clock) -> None:
    with running_channels({"booking_com": Channel("booking_com", desk)}) as urls, pytest.raises(FixCredentials):
        opened(urls["booking_com"], desk, clock, "another-key").waiting()
    assert set(desk.problems) == {"401: the login is wrong"}


def test_a_server_that_stumbles_is_asked_again_and_one_that_stays_down_is_told(client: Any, desk: Desk) -> None:
    desk.sell(sold(1)[0])
    path = "/booking_com/hotels/ota/OTA_HotelResNotif"
    desk.faults.arm("server_error", method="GET", path=path, times=1)
    pulled = client.waiting()
    assert desk.faults.armed() == []
    assert pulled != ()
    desk.faults.arm("disconnect", method="POST", path=path, times=9)

    with pytest.raises(TryLater):
        acknowledge(client, pulled)
    assert len(desk.unacknowledged()) == 1

"""What a load enqueues: every channel, every cell that changed, once while it waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage.engine import driver
from storage.enqueueing import Stretch, enqueue_house, enqueue_stretch
from tests.storage.outbox_house import add_channel, add_rooms, asked, day, key, rate, sell, take, waiting
from tests.storage.stays import CHANNEL, HOUSE, cancelled, load, rows


@pytest.fixture
def house(connection: Connection) -> Connection:
    """Three doubles and two suites, a channel that is told."""
    add_rooms(connection, {"double": 3, "suite": 2}, room_count=5)
    add_channel(connection)
    return connection


def test_a_sale_tells_every_channel_of_each_of_its_nights_the_one_that_sold_as_well(house: Connection) -> None:
    add_channel(house, CHANNEL)
    sell(house, "R1", [1, 2], source=CHANNEL)
    assert waiting(house) == [(source, key(number)) for source in (CHANNEL, "expedia") for number in (1, 2)]


def test_what_is_told_is_no_number_but_where_to_look(house: Connection) -> None:
    sell(house, "R1", [1])
    [(payload, caused_by, priority)] = waiting(house, "payload, caused_by, priority")
    assert payload == {"room_type": "double", "stay_on": str(day(1))}
    assert (caused_by, priority) == ("load:1", 5)


def test_a_thousand_changes_wait_as_one_row_that_counts_them(house: Connection) -> None:
    for seq in range(1, 11):
        sell(house, "R1", [1] if seq % 2 else [1, 2], seq=seq)
    assert waiting(house, "dedupe_key, coalesced_count") == [(key(1), 0), (key(2), 8)]


def test_a_change_while_the_row_is_on_its_way_is_told_anew(house: Connection) -> None:
    sell(house, "R1", [1])
    assert [row.dedupe_key for row in take(house)] == [key(1)]
    sell(house, "R2", [1], seq=2)
    assert waiting(house) == [("expedia", key(1))]
    assert rows(house, "SELECT status, count(*) FROM ops.outbox GROUP BY 1 ORDER BY 1") == [
        ("pending", 1),
        ("sending", 1),
    ]


def test_a_closure_comes_before_all_openings_and_stays_one_while_it_waits(house: Connection) -> None:
    sell(house, "R1", [1])
    for number in (2, 3):
        sell(house, f"R{number}", [1], seq=number)
    assert waiting(house, "dedupe_key, priority") == [(key(1), 0)]
    load(house, [cancelled("R3", 4)], 4)
    assert waiting(house, "priority, caused_by") == [(0, "load:4")]


def test_a_cancel_a_change_of_type_and_one_of_price(house: Connection) -> None:
    sell(house, "R1", [1])
    take(house)
    assert sell(house, "R1", [1], kind="suite", seq=2) == 2
    take(house)
    assert sell(house, "R1", [1], kind="suite", seq=3, comment="late") == 0
    assert asked(house, [cancelled("R1", 4)], 4) == 1


def test_where_the_house_is_short_its_other_types_are_told_too(connection: Connection) -> None:
    add_rooms(connection, {"double": 3, "suite": 3}, room_count=4)
    add_channel(connection)
    assert sell(connection, "R1", [1]) == 1  # three of either type are left in a house of three
    assert sell(connection, "R2", [1], seq=2) == 2
    assert waiting(connection) == [("expedia", key(1)), ("expedia", key(1, "suite"))]


def test_a_night_of_no_known_type_takes_a_room_of_the_house(connection: Connection) -> None:
    add_rooms(connection, {"double": 1, "suite": 1}, room_count=2)
    add_channel(connection)
    sell(connection, "R1", [1], kind="unmapped")
    sell(connection, "R2", [1], kind="unmapped", seq=2)
    assert waiting(connection, "dedupe_key, priority") == [(key(1), 0), (key(1, "suite"), 0)]


@pytest.mark.parametrize(
    ("given", "told_count"),
    [
        ({}, 2),
        ({"pushes": ("rates", "confirmations")}, 0),
        ({"went_live_on": None}, 0),
        ({"went_live_on": day(2)}, 1),
        ({"status": "paused"}, 2),
        ({"status": "maintenance"}, 0),
        ({"settings": {"not_sold": ["double"]}}, 0),
        ({"settings": {"not_sold": ["suite"]}}, 2),
    ],
)
def test_who_is_told_stands_with_the_account(connection: Connection, given: dict[str, Any], told_count: int) -> None:
    add_rooms(connection, {"double": 3})
    add_channel(connection, **given)
    assert sell(connection, "R1", [1, 2]) == told_count


def test_what_is_over_is_told_to_nobody_and_today_until_midnight_there(house: Connection) -> None:
    sell(house, "R1", [-2, -1, 0])
    [(dedupe_key, expires_at)] = waiting(house, "dedupe_key, expires_at")
    assert dedupe_key == key(0)
    assert timedelta(0) < expires_at - datetime.now(UTC) <= timedelta(hours=25)


def test_everything_of_a_stretch_once(house: Connection) -> None:
    add_channel(house, "agoda")
    sell(house, "R1", [1])
    cursor = driver(house).cursor()
    assert enqueue_stretch(cursor, Stretch(HOUSE, "expedia", day(-5), day(2)), "full") == 6
    assert waiting(house, "destination, dedupe_key, coalesced_count") == [
        ("agoda", key(1), 0),
        *(("expedia", key(number), int(number == 1)) for number in (0, 1, 2)),
        *(("expedia", key(number, "suite"), 0) for number in (0, 1, 2)),
    ]


def test_a_stretch_reaches_as_far_as_is_sold_ahead(house: Connection) -> None:
    assert enqueue_stretch(driver(house).cursor(), Stretch(HOUSE), "full") == 2 * 501
    assert rows(house, "SELECT max(payload ->> 'stay_on') FROM ops.outbox") == [(str(day(500)),)]


def test_a_house_that_gave_away_rooms_of_no_type_tells_all_types_of_the_dates(house: Connection) -> None:
    assert enqueue_house(driver(house).cursor(), HOUSE, day(1), day(2), "i:7") == 4
    assert {row[0] for row in waiting(house, "caused_by")} == {"i:7"}


def test_changed_prices_are_told_to_those_who_are_told_prices(house: Connection) -> None:
    add_channel(house, "agoda", pushes=("rates",))
    add_channel(house, "airbnb", pushes=("restrictions", "rates"))
    told_rates = [rate(1), rate(1, occupancy_count=2), rate(2, is_stop_sell=True), rate(-1)]
    assert asked(house, told_rates, dataset="rates") == 6
    plan = f"{HOUSE}:double:BAR"
    assert waiting(house, "destination, dedupe_key, priority") == [
        ("agoda", f"rates:{plan}:{day(1)}", 5),
        ("agoda", f"rates:{plan}:{day(2)}", 5),
        ("airbnb", f"rates:{plan}:{day(1)}", 5),
        ("airbnb", f"rates:{plan}:{day(2)}", 5),
        ("airbnb", f"restrictions:{plan}:{day(1)}", 5),
        ("airbnb", f"restrictions:{plan}:{day(2)}", 0),
    ]
    assert enqueue_stretch(driver(house).cursor(), Stretch(HOUSE, "agoda", kinds=("rates",)), "full") == 2


def test_a_channel_s_own_prices_are_told_to_nobody(house: Connection) -> None:
    add_channel(house, "airbnb", pushes=("rates",))
    assert asked(house, [rate(1, source="airbnb")], dataset="rates") == 0
    assert enqueue_stretch(driver(house).cursor(), Stretch(HOUSE, kinds=("rates",)), "full") == 0


def test_codes_with_a_colon_name_things_of_their_own(house: Connection) -> None:
    add_channel(house, "airbnb", pushes=("rates",))
    rates = [rate(1, room_type_code="a:b", rate_plan_code="c"), rate(1, room_type_code="a", rate_plan_code="b:c")]
    assert asked(house, rates, dataset="rates") == 2
    assert len(waiting(house)) == 2

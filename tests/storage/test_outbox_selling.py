"""What is told: the state as it is now; what nobody told is not known, never guessed."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storage import selling
from storage.selling import Count
from tests.storage.outbox_house import add_channel, add_rooms, asked, day, rate, sell
from tests.storage.stays import HOUSE


def count(connection: Connection, kind: str = "double", number: int = 1) -> Count:
    return selling.counts(connection, HOUSE, [(kind, day(number))])[kind, day(number)]


def hold(connection: Connection, rooms: int, first: int, last: int, *, is_held: bool = True) -> None:
    """A booking of no known type waits for its mapping."""
    query = """
        INSERT INTO ops.waiting_bookings (inbox_id, property_id, source_ref, source, codes, arrival_on, departure_on, room_count,
            is_inventory_held) VALUES (1, :house, 'W', 'agoda', '{}', :arrival, :departure, :rooms, :is_held)
    """
    given: dict[str, Any] = {"house": HOUSE, "arrival": day(first), "departure": day(last), "rooms": rooms}
    connection.execute(text(query), given | {"is_held": is_held})


def test_a_night_nobody_has_sold_yet_has_all_rooms(connection: Connection) -> None:
    add_rooms(connection, {"double": 3})
    assert count(connection) == Count(3, 3)


def test_sold_and_house_use_take_rooms_and_an_overbooked_type_has_none(connection: Connection) -> None:
    add_rooms(connection, {"double": 3})
    for number in range(1, 6):
        sell(connection, f"R{number}", [1], seq=number)
        assert count(connection) == Count(max(3 - number, 0), 3)
    assert count(connection, number=2) == Count(3, 3)


def test_rooms_out_of_order_are_none_where_they_are_known(connection: Connection) -> None:
    add_rooms(connection, {"double": 3})
    sell(connection, "R1", [1])
    connection.execute(text("UPDATE core.inventory SET out_of_order_count = 1"))
    assert count(connection) == Count(1, 3)


@pytest.mark.parametrize(("room_count", "left"), [(None, 2), (5, 2), (3, 1), (2, 0), (1, 0)])
def test_a_type_has_no_more_rooms_than_the_house(connection: Connection, room_count: int | None, left: int) -> None:
    add_rooms(connection, {"double": 2, "suite": 3}, room_count=room_count)
    for number in (1, 2):
        sell(connection, f"R{number}", [1], kind="suite", seq=number)
    assert count(connection) == Count(left, 2)


def test_a_house_whose_rooms_nobody_counted_has_those_of_its_types(connection: Connection) -> None:
    add_rooms(connection, {"double": 2, "suite": 1})
    for number in (1, 2):
        sell(connection, f"R{number}", [1], kind="suite", seq=number)
    assert count(connection) == Count(1, 2)
    assert count(connection, "suite") == Count(0, 1)


def test_a_booking_that_waits_for_its_mapping_takes_a_room_of_the_house(connection: Connection) -> None:
    add_rooms(connection, {"double": 2}, room_count=2)
    hold(connection, 1, 1, 2)
    assert [count(connection, number=number).available_count for number in (0, 1, 2)] == [2, 1, 2]


def test_one_that_holds_no_room_takes_none(connection: Connection) -> None:
    add_rooms(connection, {"double": 2}, room_count=2)
    hold(connection, 2, 1, 2, is_held=False)
    assert count(connection) == Count(2, 2)


def test_a_count_nobody_told_is_not_known(connection: Connection) -> None:
    add_rooms(connection, {"double": None}, room_count=9)
    sell(connection, "R1", [1])
    assert count(connection) == count(connection, number=2) == count(connection, "villa") == Count(None, None)


def test_a_type_that_was_given_up_is_sold_out(connection: Connection) -> None:
    add_rooms(connection, {"double": None, "suite": 2})
    connection.execute(text("UPDATE core.room_types SET is_active = false WHERE room_type_code = 'double'"))
    assert count(connection).available_count == 0
    assert count(connection, "suite") == Count(2, 2)


def test_a_pseudo_type_is_nothing_to_sell_and_no_room_of_the_house(connection: Connection) -> None:
    add_rooms(connection, {"double": 2, "desk": 9})
    connection.execute(text("UPDATE core.room_types SET is_pseudo = true WHERE room_type_code = 'desk'"))
    assert count(connection, "desk") == Count(None, None)
    assert count(connection) == Count(2, 2)


def test_prices_are_those_of_the_house_s_own_system_where_it_tells_any(connection: Connection) -> None:
    add_rooms(connection, {"double": 2})
    add_channel(connection, "rms", pushes=())
    add_channel(connection, "agoda", pushes=("rates",))
    place = ("BAR", "double", day(1))
    for source, price in (("agoda", 1), ("rms", 2), ("pms", 3)):
        asked(connection, [rate(1, price, source=source)], dataset="rates")
        found = selling.rates(connection, HOUSE, [place])
        assert [each.price_minor for each in found.get(place, [])] == ([] if source == "agoda" else [price])


def test_a_place_has_a_price_for_each_occupancy_in_its_order(connection: Connection) -> None:
    add_rooms(connection, {"double": 2})
    asked(connection, [rate(1, 100 + n, occupancy_count=n) for n in (2, 1)], dataset="rates")
    places = [("BAR", "double", day(1)), ("BAR", "double", day(2))]
    found = selling.rates(connection, HOUSE, places)
    assert [(each.occupancy_count, each.price_minor) for each in found[places[0]]] == [(1, 101), (2, 102)]
    assert places[1] not in found


def test_a_price_that_is_no_more_is_none(connection: Connection) -> None:
    add_rooms(connection, {"double": 2})
    asked(connection, [rate(1)], dataset="rates")
    connection.execute(text("UPDATE core.rates SET is_deleted = true"))
    assert selling.rates(connection, HOUSE, [("BAR", "double", day(1))]) == {}


def test_a_markup_is_the_property_s_own_else_that_of_all(connection: Connection) -> None:
    query = """
        INSERT INTO ops.rate_plan_mappings (source, property_id, rate_plan_ref, markup_rate) VALUES
        ('agoda', '*', 'A', 0.1), ('agoda', '*', 'B', 0.2), ('agoda', :house, 'B', 0.3), ('agoda', :house, 'C', NULL),
        ('agoda', '*', 'C', 0.4), ('expedia', '*', 'A', 0.5)
    """
    connection.execute(text(query), {"house": HOUSE})
    assert selling.markups(connection, "agoda", HOUSE) == {"A": Decimal("0.1"), "B": Decimal("0.3")}

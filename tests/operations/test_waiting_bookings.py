"""A channel's booking with a room or rate code nobody has mapped waits, holds a room, and loads once the code is mapped."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Engine, text

from sandbox.webhooks.messages import CANCELLED, Message, message
from sandbox.world import World
from storage.integrations import save_code_mappings
from tests.operations.messages import CHANNEL, PMS, ask, changed, data_of, drain, outcomes, put, told_by

MINE = "SELECT source_ref FROM core.reservations WHERE source = 'sandbox_channel'"
STATES = "SELECT status, error_code FROM ops.sync_states WHERE entity = 'booking' AND source = 'sandbox_channel'"


@pytest.fixture
def bookings(house: Engine, world: World) -> list[Message]:
    """First messages of a channel whose room and rate codes nobody has mapped."""
    with house.begin() as connection:
        connection.execute(text("""
            UPDATE ops.integrations SET settings = settings || '{"as_is": ["channel", "market_segment", "origin", "customer_type", "meal_plan", "guarantee"]}'
            WHERE source = 'sandbox_channel'"""))  # fmt: skip
    return [each for each in told_by(world, CHANNEL) if data_of(each)["revision"] == 1]


def codes_of(told: Message) -> dict[tuple[str, str, str], str]:
    """What its codes mean: the same as ours."""
    rooms = data_of(told)["rooms"]
    fields: dict[tuple[str, str, str], str] = {}
    for room in rooms:
        fields["*", "room_type", room["roomType"]] = room["roomType"]
        fields["*", "rate_plan", room["ratePlan"]] = room["ratePlan"]
    return fields


def mapped(house: Engine, codes: dict[tuple[str, str, str], str]) -> None:
    with house.begin() as connection:
        save_code_mappings(connection, CHANNEL, codes)


def test_it_waits_with_its_codes_and_the_guest_who_arrives_first_stands_first(
    house: Engine, bookings: list[Message]
) -> None:
    put(house, bookings[:3], CHANNEL)
    drain(house)

    assert outcomes(house) == Counter({("waiting_mapping", None, "unmapped"): 3})
    assert ask(house, MINE) == []
    queue = ask(house, "SELECT field, ref, waiting_count, next_arrival_on FROM ops.unmapped_codes ORDER BY 1, 2")
    wanted = Counter(key[1:] for each in bookings[:3] for key in codes_of(each))
    found: Counter[tuple[str, ...]] = Counter()
    for field, ref, count, _ in queue:
        found[field, ref] += count  # a line a property
    assert found == wanted
    assert min(row[3] for row in queue).isoformat() == min(
        data_of(each)["rooms"][0]["checkIn"] for each in bookings[:3]
    )
    assert set(ask(house, STATES)) == {("pending", "waiting_mapping")}


def test_it_loads_by_itself_once_its_codes_are_mapped_and_not_before(house: Engine, bookings: list[Message]) -> None:
    put(house, bookings[:1], CHANNEL)
    drain(house)
    codes = codes_of(bookings[0])
    rooms = {key: code for key, code in codes.items() if key[1] == "room_type"}

    mapped(house, rooms)
    drain(house)
    assert outcomes(house) == Counter({("waiting_mapping", None, "unmapped"): 1})
    assert {row[0] for row in ask(house, "SELECT field FROM ops.unmapped_codes")} == {"rate_plan"}

    mapped(house, codes)
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 1})
    assert ask(house, MINE) == [(data_of(bookings[0])["id"],)]
    assert ask(house, "SELECT count(*) FROM ops.unmapped_codes") == [(0,)]
    assert ask(house, "SELECT count(*) FROM ops.waiting_bookings") == [(0,)]
    assert ask(house, STATES) == [("synced", None)]


def test_a_mapping_written_by_hand_wakes_it_as_well(house: Engine, bookings: list[Message]) -> None:
    put(house, bookings[:1], CHANNEL)
    drain(house)
    with house.begin() as connection:
        for (_, field, ref), code in codes_of(bookings[0]).items():
            table = {"room_type": "room_mappings", "rate_plan": "rate_plan_mappings"}[field]
            connection.execute(
                text(
                    f"INSERT INTO ops.{table} (source, property_id, {field}_ref, {field}_code) VALUES (:s, :p, :r, :c)"
                ),
                {"s": CHANNEL, "p": data_of(bookings[0])["propertyId"], "r": ref, "c": code},
            )
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 1})


def test_waiting_again_counts_nobody_twice(house: Engine, bookings: list[Message]) -> None:
    put(house, bookings[:1], CHANNEL)
    drain(house)
    before = ask(house, "SELECT field, ref, waiting_count FROM ops.unmapped_codes ORDER BY 1, 2")
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET status = 'received'"))
    drain(house)
    assert ask(house, "SELECT field, ref, waiting_count FROM ops.unmapped_codes ORDER BY 1, 2") == before


def test_mapped_codes_keep_nobody_waiting_who_comes_beside_one_that_waits(
    house: Engine, bookings: list[Message]
) -> None:
    mapped(house, codes_of(bookings[0]))
    other = next(each for each in bookings[1:] if set(codes_of(each)) - set(codes_of(bookings[0])))
    put(house, [bookings[0], other], CHANNEL)
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 1, ("waiting_mapping", None, "unmapped"): 1})


def test_a_cancel_needs_no_mapping_and_gives_up_the_room_that_was_held(house: Engine, bookings: list[Message]) -> None:
    first = bookings[0]
    gone = message(CANCELLED, {**data_of(first), "revision": 2, "cancelledAt": "2026-09-01T10:00:00Z"})
    put(house, [first], CHANNEL)
    drain(house)
    assert ask(house, "SELECT is_inventory_held FROM ops.waiting_bookings") == [(True,)]

    put(house, [gone], CHANNEL)
    drain(house)
    assert ask(house, "SELECT is_inventory_held FROM ops.waiting_bookings") == [(False,)]

    mapped(house, codes_of(first))
    drain(house)
    state = "SELECT status, is_tombstone, total_minor IS NULL FROM core.reservations WHERE source = 'sandbox_channel'"
    assert ask(house, state) == [("cancelled", False, False)]


def test_of_two_versions_that_wait_one_holds_a_room_and_the_newer_wins(house: Engine, bookings: list[Message]) -> None:
    second = changed(bookings[0], revision=2, specialRequests=7)
    put(house, [bookings[0], second], CHANNEL)
    drain(house)
    holds = "SELECT is_inventory_held FROM ops.waiting_bookings ORDER BY inbox_id"
    assert ask(house, holds) == [(False,), (True,)]

    mapped(house, codes_of(second))
    drain(house)
    assert ask(house, "SELECT special_request_count FROM core.reservations WHERE source = 'sandbox_channel'") == [(7,)]


def test_what_the_property_s_own_system_tells_loads_unmapped(house: Engine, world: World) -> None:
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET settings = settings || '{\"as_is\": []}'"))
    put(house, told_by(world, PMS)[:1])
    drain(house)
    found: Any = ask(house, "SELECT DISTINCT room_type_code FROM core.reservation_rooms")
    assert found == [("unmapped",)]

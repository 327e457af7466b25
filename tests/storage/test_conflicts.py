"""Overbooked dates and copies that disagree are noted with the booking that caused them, and close by themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hotel.properties import Property
from hotel.reservations import Reservation, Room
from storage.integrations import save_property
from storage.waiting import WaitingBooking, wait
from tests.storage.stays import ARRIVAL, CHANNEL, HOUSE, PMS, booking, cancelled, load, room, told

SOON = datetime.now(UTC).date() + timedelta(days=40)
OPEN = "SELECT room_type_code, stay_on, over_count, source_ref FROM ops.conflicts WHERE status = 'open' ORDER BY 1, 2"
KINDS = "SELECT kind, source, source_ref, status FROM ops.conflicts ORDER BY kind"


@pytest.fixture(autouse=True)
def house_of_two_doubles(connection: Connection) -> None:
    save_property(connection, Property(HOUSE, "City", "Europe/Lisbon", "EUR", of_record_source=PMS, room_count=3))
    connection.execute(text("""
        INSERT INTO core.room_types (property_id, room_type_code, name, room_count, source_version, received_seq, load_id,
                                     raw_ref, row_hash)
        VALUES (:house, 'double', 'Double', 2, 1, 1, 1, 'x', 'x')"""), {"house": HOUSE})  # fmt: skip


def ask(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def soon(ref: str, *days: int, kind: str = "double", **given: Any) -> Reservation:
    """A booking of one room in some weeks, with a night on each of these days."""
    told_room = moved(room(nights=days or (0,), kind=kind))
    return booking(ref, told_room, arrival_on=told_room.arrival_on, departure_on=told_room.departure_on, **given)


def moved(one: Room) -> Room:
    shift = SOON - ARRIVAL
    assert one.arrival_on is not None
    assert one.departure_on is not None
    return one._replace(
        arrival_on=one.arrival_on + shift,
        departure_on=one.departure_on + shift,
        nights=tuple(night._replace(stay_on=night.stay_on + shift) for night in one.nights),
    )


def test_a_type_sold_out_is_no_conflict_and_one_more_is(connection: Connection) -> None:
    load(connection, [told(soon("A", 0, 1)), told(soon("B", 1))], 1)
    assert ask(connection, OPEN) == []

    load(connection, [told(soon("C", 1, 2))], 2)

    assert ask(connection, OPEN) == [("double", SOON + timedelta(days=1), 1, "C")]
    assert ask(connection, "SELECT count(*) FROM core.reservations") == [(3,)], "an overbooking is accepted"


def test_the_house_as_a_whole_counts_every_type(connection: Connection) -> None:
    load(
        connection,
        [told(soon(ref, kind=kind)) for ref, kind in zip("ABCD", ("double", "twin", "twin", "twin"), strict=True)],
        1,
    )

    assert [(kind, over) for kind, _, over, _ in ask(connection, OPEN)] == [("", 1)]


def test_a_conflict_closes_when_its_cause_is_cancelled(connection: Connection) -> None:
    load(connection, [told(soon(ref), 1) for ref in "ABC"], 1)
    assert len(ask(connection, OPEN)) == 1

    load(connection, [cancelled("B", 2)], 2)

    assert ask(connection, OPEN) == []
    assert ask(connection, "SELECT status, closed_at IS NULL FROM ops.conflicts") == [("resolved", False)]


def test_a_conflict_grows_with_every_further_booking_and_names_the_last(connection: Connection) -> None:
    load(connection, [told(soon(ref)) for ref in "ABC"], 1)
    load(connection, [told(soon("D"))], 2)

    assert ("double", SOON, 2, "D") in ask(connection, OPEN)


def test_an_overbooking_limit_is_room_to_sell(connection: Connection) -> None:
    load(connection, [told(soon(ref)) for ref in "AB"], 1)
    connection.execute(text("UPDATE core.inventory SET overbooking_limit_count = 1"))

    load(connection, [told(soon("C"))], 2)

    assert ask(connection, OPEN) == []


def test_what_lies_in_the_past_is_no_conflict_any_more(connection: Connection) -> None:
    long_ago = date(2020, 1, 1) - ARRIVAL
    old = [room(nights=(0,))._replace(nights=(room(nights=(0,)).nights[0]._replace(stay_on=ARRIVAL + long_ago),))] * 3
    rows = [
        told(booking(ref, one, arrival_on=date(2020, 1, 1), departure_on=date(2020, 1, 2)))
        for ref, one in zip("ABC", old, strict=True)
    ]
    load(connection, rows, 1)

    assert ask(connection, OPEN) == []


def test_a_booking_that_waits_for_a_mapping_holds_a_room_of_the_house(connection: Connection) -> None:
    wait(connection, [WaitingBooking(7, CHANNEL, HOUSE, "W", (), SOON, SOON + timedelta(days=1), 2)])

    load(connection, [told(soon(ref)) for ref in "AB"], 1)

    assert [(kind, over) for kind, _, over, _ in ask(connection, OPEN)] == [("", 1)]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, []),
        ({"total_minor": 1}, ["price_differs"]),
        ({"departure_on": SOON + timedelta(days=9)}, ["copy_differs"]),
        ({"total_minor": 1, "departure_on": SOON + timedelta(days=9)}, ["copy_differs", "price_differs"]),
    ],
)
def test_a_copy_that_disagrees_with_its_record_is_a_conflict_until_it_agrees(
    connection: Connection, change: dict[str, Any], kinds: list[str]
) -> None:
    record = soon("R1", channel_ref="CH1")
    copy = soon("X", channel_ref="CH1", source=CHANNEL)
    load(connection, [told(record, 1)], 1)

    load(connection, [told(copy._replace(**change), 1)], 2)
    assert ask(connection, KINDS) == [(kind, CHANNEL, "X", "open") for kind in kinds]

    load(connection, [told(copy, 2)], 3)
    assert ask(connection, KINDS) == [(kind, CHANNEL, "X", "resolved") for kind in kinds]

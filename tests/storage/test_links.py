"""One stay counts once: the channel's copy and the PMS's are tied, in either order of arrival, sent twice or not."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from hotel.incoming import Incoming
from tests.storage.stays import CHANNEL, PMS, add_house, booking, cancelled, load, room, rows, told

OF_RECORD = "SELECT source, source_ref FROM core.reservations WHERE is_of_record ORDER BY 1, 2"
LINKS = "SELECT source, source_ref, room_ref, record_ref, record_room_ref FROM core.reservation_links ORDER BY 1, 2, 3"
SOLD = "SELECT room_type_code, stay_on - date '2026-05-01', sold_count FROM core.inventory WHERE sold_count > 0 ORDER BY 1, 2"

Order = Callable[[list[Incoming]], list[list[Incoming]]]
ORDERS = {
    "pms first": lambda pms, channel: [[pms], [channel]],
    "channel first": lambda pms, channel: [[channel], [pms]],
    "together": lambda pms, channel: [[pms, channel]],
    "channel twice": lambda pms, channel: [[channel], [pms], [channel]],
    "pms twice": lambda pms, channel: [[pms], [channel], [pms]],
}  # fmt: skip


@pytest.fixture
def house(connection: Connection) -> Connection:
    add_house(connection)
    return connection


@pytest.mark.parametrize("order", ORDERS)
def test_the_copy_of_record_counts_in_whichever_order_the_two_arrive(house: Connection, order: str) -> None:
    pms = told(booking("P1", channel_ref="C1", channel_code="booking_com"), 5)
    channel = told(booking("C1", room("a"), source=CHANNEL, channel_ref="C1", channel_code="booking_com"), 1)
    for seq, batch in enumerate(ORDERS[order](pms, channel), start=1):
        load(house, batch, seq)
    assert rows(house, OF_RECORD) == [(PMS, "P1")]
    assert rows(house, LINKS) == [(CHANNEL, "C1", "a", "P1", "1")]
    assert rows(house, SOLD) == [("double", 0, 1), ("double", 1, 1)]


def test_a_channel_copy_is_of_record_until_the_pms_has_one(house: Connection) -> None:
    counts = load(house, [told(booking("C1", source=CHANNEL, channel_ref="C1"), 1)])
    assert counts.links == (0, 1, 0)
    assert rows(house, OF_RECORD) == [(CHANNEL, "C1")]
    assert rows(house, SOLD) == [("double", 0, 1), ("double", 1, 1)]


def test_linking_moves_the_inventory_from_the_copy_to_the_record(house: Connection) -> None:
    load(house, [told(booking("C1", room("a", [0, 1]), source=CHANNEL, channel_ref="C1"), 1)])
    counts = load(house, [told(booking("P1", room("1", [1, 2], kind="suite"), channel_ref="C1"), 1)], 2)
    assert counts.links == (1, 0, 1)
    assert rows(house, SOLD) == [("suite", 1, 1), ("suite", 2, 1)]


def test_a_linked_copy_that_changes_moves_no_figure(house: Connection) -> None:
    load(house, [told(booking("P1", channel_ref="C1"), 1)])
    load(house, [told(booking("C1", source=CHANNEL, channel_ref="C1"), 1)], 2)
    counts = load(house, [told(booking("C1", room("1", [5, 6, 7]), source=CHANNEL, channel_ref="C1"), 2)], 3)
    assert counts.links == (1, 0, 1)
    assert rows(house, OF_RECORD) == [(PMS, "P1")]
    assert rows(house, SOLD) == [("double", 0, 1), ("double", 1, 1)]


def test_each_room_of_the_copy_is_tied_to_a_booking_of_its_own_in_the_pms(house: Connection) -> None:
    load(house, [told(booking("C1", room("a"), room("b"), source=CHANNEL, channel_ref="C1"), 1)])
    load(house, [told(booking("P1", channel_ref="C1"), 1), told(booking("P2", channel_ref="C1"), 1)], 2)
    assert rows(house, LINKS) == [(CHANNEL, "C1", "a", "P1", "1"), (CHANNEL, "C1", "b", "P2", "1")]
    assert rows(house, OF_RECORD) == [(PMS, "P1"), (PMS, "P2")]


def test_a_second_room_of_the_pms_that_comes_later_is_tied_too(house: Connection) -> None:
    load(house, [told(booking("C1", room("a"), room("b"), source=CHANNEL, channel_ref="C1"), 1)])
    load(house, [told(booking("P1", channel_ref="C1"), 1)], 2)
    assert rows(house, LINKS) == [(CHANNEL, "C1", "a", "P1", "1")]
    load(house, [told(booking("P2", channel_ref="C1"), 1)], 3)
    assert len(rows(house, LINKS)) == 2


@pytest.mark.parametrize(
    ("theirs", "ours", "link_count"),
    [
        ("booking_com", "booking_com", 1),
        ("booking_com", None, 1),
        ("unmapped", "expedia", 1),
        ("booking_com", "expedia", 0),
    ],
)
def test_channels_must_agree_where_both_are_known(
    house: Connection, theirs: str | None, ours: str | None, link_count: int
) -> None:
    load(house, [told(booking("P1", channel_ref="C1", channel_code=ours), 1)])
    load(house, [told(booking("C9", source=CHANNEL, channel_ref="C1", channel_code=theirs), 1)], 2)
    assert len(rows(house, LINKS)) == link_count


def test_without_a_source_of_record_nothing_is_linked(connection: Connection) -> None:
    add_house(connection, of_record=None)
    load(
        connection, [told(booking("P1", channel_ref="C1"), 1), told(booking("C1", source=CHANNEL, channel_ref="C1"), 1)]
    )
    assert rows(connection, LINKS) == []
    assert len(rows(connection, OF_RECORD)) == 2


def test_a_cancelled_copy_that_came_before_its_booking_is_tied_as_a_whole(house: Connection) -> None:
    load(house, [told(booking("P1", channel_ref="C1"), 1)])
    load(house, [cancelled("C1", 2, source=CHANNEL, channel_ref="C1")], 2)
    assert rows(house, LINKS) == [(CHANNEL, "C1", "*", "P1", "1")]
    assert rows(house, OF_RECORD) == [(PMS, "P1")]


def test_what_a_person_linked_stays(house: Connection) -> None:
    load(house, [told(booking("P1", channel_ref="C1"), 1), told(booking("C1", source=CHANNEL, channel_ref="C1"), 1)])
    house.exec_driver_sql("UPDATE core.reservation_links SET method = 'person', record_ref = 'P7'")
    load(house, [told(booking("P1", room("1", [0]), channel_ref="C1"), 2)], 2)
    assert [link[3] for link in rows(house, LINKS)] == ["P7"]

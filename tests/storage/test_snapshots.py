"""Snapshots of what is on the books: whole, append-only, numbered, labelled."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from hotel.loads import SnapshotSummary
from hotel.reservations import Reservation
from hotel.status import CANCELLED, CHECKED_OUT, IN_HOUSE, NO_SHOW, WAITLISTED
from reconciliation.frames import DailyFrames
from reconciliation.pick_up import pick_up
from storage.figures import daily_frames
from storage.snapshots import CAPTURED, RECONSTRUCTED, take_snapshot
from tests.storage.stays import ARRIVAL, CHANNEL, HOUSE, add_house, booking, cancelled, load, night, room, rows, told

pytestmark = pytest.mark.usefixtures("clean_database")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CELLS = """
SELECT stay_on - date '2026-05-01', room_type_code, market_segment_code, channel_code, room_count, room_revenue_minor
FROM core.on_the_books WHERE snapshot_on = :on AND version = :version ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def house(connection: Connection) -> Connection:
    add_house(connection)
    return connection


def take(connection: Connection, on: date = ARRIVAL, kind: str = CAPTURED) -> SnapshotSummary:
    return take_snapshot(connection, HOUSE, on, kind=kind, taken_at=NOON)


def cells(connection: Connection, on: date = ARRIVAL, version: int = 1) -> list[tuple[Any, ...]]:
    return rows(connection, CELLS, on=on, version=version)


def test_a_snapshot_counts_nights_by_type_segment_and_channel(house: Connection) -> None:
    load(house, [told(booking("R1", channel_code="direct")), told(booking("R2", market_segment_code="group"))])
    taken = take(house)
    assert (taken.version, taken.is_new, taken.room_night_count, taken.total_minor) == (1, True, 4, {"EUR": 40_000})
    assert cells(house) == [
        (0, "double", "group", "none", 1, 10_000),
        (0, "double", "none", "direct", 1, 10_000),
        (1, "double", "group", "none", 1, 10_000),
        (1, "double", "none", "direct", 1, 10_000),
    ]


def test_the_same_books_again_write_nothing_and_other_books_the_next_version(house: Connection) -> None:
    load(house, [told(booking("R1"))])
    first, again = take(house), take(house)
    assert (again.version, again.is_new, again.sha256) == (1, False, first.sha256)
    load(house, [told(booking("R2"))], 2)
    second = take(house)
    assert (second.version, second.is_new, second.room_night_count) == (2, True, 4)
    assert sum(cell[4] for cell in cells(house, version=1)) == 2


def test_an_empty_house_has_an_empty_snapshot(house: Connection) -> None:
    taken = take(house)
    assert (taken.version, taken.room_night_count, taken.total_minor, taken.change_count) == (1, 0, {}, None)
    assert not take(house).is_new


def test_a_snapshot_knows_the_one_before_and_the_days_without_one(house: Connection) -> None:
    take(house)
    load(house, [told(booking("R1"))])
    taken = take(house, ARRIVAL + timedelta(days=3))
    assert (taken.change_count, taken.gap_day_count) == (2, 2)


@pytest.mark.parametrize(
    ("status", "counted"), [(IN_HOUSE, [0, 1]), (CHECKED_OUT, [0]), (CANCELLED, []), (NO_SHOW, []), (WAITLISTED, [])]
)
def test_only_what_is_on_the_books_counts(house: Connection, status: str, counted: list[int]) -> None:
    load(house, [told(booking("R1", room(status=status), status=status, is_inventory_held=False))])
    take(house, ARRIVAL + timedelta(days=1))
    assert [cell[0] for cell in cells(house, ARRIVAL + timedelta(days=1))] == counted


def test_an_option_is_tentative_and_not_on_the_books(house: Connection) -> None:
    load(house, [told(booking("R1", room(status=WAITLISTED), status=WAITLISTED, is_inventory_held=True))])
    assert take(house).room_night_count == 0
    assert rows(house, "SELECT sum(tentative_count)::int, sum(room_revenue_minor)::int FROM core.on_the_books") == [
        (2, 0)
    ]


def test_nights_too_far_away_are_left_out(house: Connection) -> None:
    load(house, [told(booking("R1", room("1", [-32, -31, 500, 501])))])
    take(house)
    assert [cell[0] for cell in cells(house)] == [-31, 500]


def test_a_lost_room_of_a_living_booking_is_off_the_books(house: Connection) -> None:
    load(house, [told(booking("R1", room("1"), room("2", status=CANCELLED)))])
    assert take(house).room_night_count == 2


def test_the_channels_copy_of_a_stay_is_not_counted_twice(house: Connection) -> None:
    load(house, [told(booking("C1", source=CHANNEL, channel_ref="X"))])
    before = take(house)
    load(house, [told(booking("P1", channel_ref="X"))], 2)
    assert take(house).sha256 == before.sha256


@pytest.mark.parametrize("statement", ["UPDATE core.on_the_books SET room_count = 9", "DELETE FROM core.on_the_books"])
def test_what_was_written_stays_as_it_is(house: Connection, statement: str) -> None:
    load(house, [told(booking("R1"))])
    take(house)
    with pytest.raises(DBAPIError, match=r"append|only|refuse"):
        house.execute(text(statement))


def past(ref: str, **given: Any) -> Reservation:
    return booking(ref, room(status=given.get("status", CHECKED_OUT)), **given)


def test_a_past_date_is_rebuilt_from_booking_and_cancellation_dates(house: Connection) -> None:
    before, after = ARRIVAL - timedelta(days=9), ARRIVAL - timedelta(days=5)
    load(
        house,
        [
            told(past("stayed", status=CHECKED_OUT, booked_on=before)),
            told(past("booked later", status=CHECKED_OUT, booked_on=after)),
            told(past("cancelled later", status=CANCELLED, booked_on=before, cancelled_on=after)),
            told(past("cancelled before", status=CANCELLED, booked_on=before, cancelled_on=before)),
            told(past("no-show", status=NO_SHOW, booked_on=before)),
            told(past("nobody knows since when", status=CHECKED_OUT)),
        ],
    )
    taken = take(house, ARRIVAL - timedelta(days=7), RECONSTRUCTED)
    assert (taken.kind, taken.room_night_count) == (RECONSTRUCTED, 6)
    assert take(house, ARRIVAL, RECONSTRUCTED).room_night_count == 4


def test_who_left_early_holds_no_night_from_then_on(house: Connection) -> None:
    left = ARRIVAL + timedelta(days=1)
    stay = booking("R1", room("1", range(4), status=CHECKED_OUT), status=CHECKED_OUT, booked_on=ARRIVAL)
    load(house, [told(stay._replace(checked_out_on=left))])
    take(house, left, RECONSTRUCTED)
    assert [cell[0] for cell in cells(house, left)] == [0]


def test_between_rebuilt_snapshots_the_split_explains_every_night(house: Connection) -> None:
    day = ARRIVAL
    eve = ARRIVAL - timedelta(days=1)
    load(
        house,
        [
            told(past("new", booked_on=day)),
            told(past("gone", status=CANCELLED, booked_on=eve - timedelta(days=8), cancelled_on=day)),
            told(past("came and went", status=CANCELLED, booked_on=day, cancelled_on=day)),
            told(past("never came", status=NO_SHOW, booked_on=eve)),
            told(past("stays", booked_on=eve)),
        ],
    )
    take(house, eve, RECONSTRUCTED)
    take(house, day, RECONSTRUCTED)
    found, _ = pick_up(DailyFrames(**daily_frames(house, HOUSE, day)), day, "EUR")
    assert found is not None
    assert (found.new, found.cancelled, found.modified) == ((2, 20_000), (-4, -40_000), (0, 0))
    assert found.unexplained == (0, 0)


def test_between_captured_snapshots_the_change_log_explains_every_night(clean_database: str, engine: Engine) -> None:
    eve = ARRIVAL - timedelta(days=1)
    steps = [
        [told(booking("R1"), 1), told(booking("R2"), 1), told(booking("C1", source=CHANNEL, channel_ref="X"), 1)],
        [],
        [told(booking("R3", room("1", [0, 1, 2])), 1), cancelled("R2", 2), told(booking("P1", channel_ref="X"), 1)],
        [told(booking("R1", room("1", [0, 1], price=9_000)), 2)],
        [told(booking("C2", source=CHANNEL, channel_ref="Y"), 1)],
        [told(booking("P2", channel_ref="Y"), 1)],
    ]
    for seq, step in enumerate(steps, start=1):
        with engine.begin() as connection:
            if seq == 1:
                add_house(connection)
            if step:
                load(connection, step, seq)
            else:
                take_snapshot(connection, HOUSE, eve, kind=CAPTURED, taken_at=now(connection))
    with engine.begin() as connection:
        take_snapshot(connection, HOUSE, ARRIVAL, kind=CAPTURED, taken_at=now(connection))
        found, _ = pick_up(DailyFrames(**daily_frames(connection, HOUSE, ARRIVAL)), ARRIVAL, "EUR")
    assert found is not None
    assert (found.new, found.cancelled, found.modified) == ((5, 50_000), (-2, -20_000), (0, -2_000))
    assert (found.total, found.unexplained) == ((3, 28_000), (0, 0))


def now(connection: Connection) -> datetime:
    instant: datetime = connection.execute(text("SELECT now()")).scalar_one()
    return instant


def test_complimentary_nights_are_on_the_books_and_counted(house: Connection) -> None:
    free = room("1", [0])._replace(nights=(night(0, 0, use="complimentary"),))
    sharer = room("1", [0])._replace(nights=(night(0, use="share"),))
    load(house, [told(booking("R1", free)), told(booking("R2", sharer))])
    take(house)
    assert rows(house, "SELECT room_count, complimentary_count, arrival_count FROM core.on_the_books") == [(1, 1, 1)]

"""Two transactions over one booking, one step at a time: the later one sees that it lost and is done again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from hotel.incoming import Incoming
from storage.classify import Fates, classify
from storage.frames import frames
from storage.loader import ConcurrentLoadError, write
from tests.storage.stays import add_house, booking, cancelled, load, passed, rows, told


@pytest.fixture
def two(engine: Engine, clean_database: str) -> Iterator[tuple[Connection, Connection]]:
    with engine.begin() as connection:
        add_house(connection)
    with engine.connect() as one, engine.connect() as other:
        yield one, other


def classified(connection: Connection, row: Incoming, seq: int) -> Fates:
    return classify(connection, frames("reservations", [row], seq))


def write_as(connection: Connection, fates: Fates) -> None:
    write(connection, passed(fates.frames, fates.to_judge()), fates, load_id=9)
    connection.commit()


def test_a_cancel_that_overtakes_the_booking_it_was_classified_without_is_done_again(
    two: tuple[Connection, Connection],
) -> None:
    one, other = two
    fates = classified(one, cancelled(version=2), 2)
    load(other, [told(booking(), 1)], 1)
    other.commit()
    with pytest.raises(ConcurrentLoadError):
        write_as(one, fates)
    one.rollback()
    write_as(one, classified(one, cancelled(version=2), 2))
    sums = "SELECT sum(room_night_delta_count), sum(revenue_delta_minor) FROM core.reservation_changes"
    assert rows(one, sums) == [(0, 0)]
    assert rows(one, "SELECT sum(sold_count) FROM core.inventory") == [(0,)]


def test_a_booking_that_another_transaction_stored_meanwhile_is_done_again(two: tuple[Connection, Connection]) -> None:
    one, other = two
    fates = classified(one, told(booking(), 2), 2)
    load(other, [told(booking(), 1)], 1)
    other.commit()
    with pytest.raises(ConcurrentLoadError):
        write_as(one, fates)

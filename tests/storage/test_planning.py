"""What the planner knows of a house that has just begun to fill."""

import psycopg
import pytest
from sqlalchemy import Connection, text

from storage import planning
from tests.storage.stays import booking, load, room, rows, told

STAYS = ("core.reservations", "core.reservation_rooms", "core.room_nights")
# As a commit looks up the room of a night, whatever the values: the plan is made once and kept.
LOOK_UP = """
PREPARE look_up (text, text, text, text) AS SELECT 1 FROM ONLY core.reservation_rooms
WHERE source = $1 AND property_id = $2 AND source_ref = $3 AND room_ref = $4 FOR KEY SHARE
"""


@pytest.fixture
def empty(connection: Connection) -> Connection:
    """A house whose tables nobody has ever filled or analysed."""
    connection.execute(text("TRUNCATE core.reservations CASCADE"))
    return connection


def fill(connection: Connection, count: int, seq: int = 1) -> None:
    load(connection, [told(booking(f"R{seq}-{number}", room(), room("2"))) for number in range(count)], seq)


def known(connection: Connection) -> list[int]:
    """How many rows the planner believes the tables to have; below 1 where it does not know."""
    query = "SELECT reltuples::int FROM pg_class WHERE oid = CAST(:name AS regclass)"
    return [connection.execute(text(query), {"name": name}).scalar_one() for name in STAYS]


def test_a_house_that_fills_from_nothing_is_made_known_to_the_planner_once(empty: Connection) -> None:
    fill(empty, 400)
    assert known(empty) == [400, 800, 1_600]
    fill(empty, 400, 2)
    assert known(empty) == [400, 800, 1_600]


def test_the_rooms_that_a_commit_checks_are_then_looked_up_by_their_key(empty: Connection) -> None:
    fill(empty, 400)
    empty.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    empty.execute(text(LOOK_UP))
    plan = "\n".join(line for (line,) in rows(empty, "EXPLAIN EXECUTE look_up ('a', 'b', 'c', 'd')"))
    empty.execute(text("DEALLOCATE look_up"))
    assert "pk_reservation_rooms" in plan


def test_a_few_bookings_are_not_worth_it(empty: Connection) -> None:
    fill(empty, 3)
    assert max(known(empty)) < 1


def test_whoever_analyses_a_table_already_is_not_waited_for(
    empty: Connection, clean_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(empty, 3)
    empty.commit()
    monkeypatch.setattr(planning, "_GROWN_BYTES", 1)
    empty.execute(text("LOCK TABLE core.reservation_rooms IN SHARE UPDATE EXCLUSIVE MODE"))
    with psycopg.connect(clean_database) as other:
        other.execute("SET LOCAL lock_timeout = '5s'")
        planning.analyze_unknown(other.cursor(), *STAYS)
    assert [count > 0 for count in known(empty)] == [True, False, True]

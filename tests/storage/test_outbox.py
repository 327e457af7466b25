"""The outbox on its way out: claimed once, closures first, put back or ended, whoever dies or comes in between."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from storage.engine import autocommit, unpooled
from storage.outbox import ALONE_AFTER, DEAD_AFTER, Due, claim, destinations, end, orphans, put_back, turn
from tests.storage.outbox_house import LONG_AGO, add_channel, add_rooms, day, key, sell
from tests.storage.stays import HOUSE, rows
from tests.storage.waiting import wait_for_a_lock

STATES = "SELECT status, error_code, attempts_count FROM ops.outbox ORDER BY outbox_id"
A_WHILE = timedelta(minutes=1)


@pytest.fixture
def house(engine: Engine, clean_database: str) -> Engine:
    """Doubles and suites, two channels that are told."""
    with engine.begin() as connection:
        add_rooms(connection, {"double": 3, "suite": 1})
        add_channel(connection)
        add_channel(connection, "agoda")
    return engine


@pytest.fixture
def beside(house: Engine, clean_database: str) -> Iterator[Connection]:
    """A connection that commits by itself."""
    with autocommit(clean_database).connect() as opened:
        yield opened


def put(house: Engine, ref: str, *numbers: int, kind: str = "double", seq: int = 1) -> None:
    with house.begin() as connection:
        sell(connection, ref, numbers, kind=kind, seq=seq)


def take(house: Engine, source: str = "expedia", limit: int = 100) -> list[Due]:
    with house.begin() as connection:
        return claim(connection, source, limit)


def ask(house: Engine, query: str) -> list[tuple[object, ...]]:
    with house.connect() as connection:
        return rows(connection, query)


def of_expedia(house: Engine) -> list[tuple[object, ...]]:
    return ask(house, STATES.replace("ORDER", "WHERE destination = 'expedia' ORDER"))


def due(house: Engine, *among: str) -> list[str]:
    with house.connect() as connection:
        return destinations(connection, among=among or None)


def test_closures_are_claimed_first_then_what_has_waited_longest(house: Engine) -> None:
    put(house, "R1", 5, 3)
    put(house, "R2", 4, kind="suite", seq=2)
    assert [row.dedupe_key for row in take(house, limit=2)] == [key(4, "suite"), key(3)]
    assert [row.dedupe_key for row in take(house)] == [key(5)]
    assert take(house) == []


def test_a_claim_counts_its_attempt_and_names_its_place(house: Engine) -> None:
    put(house, "R1", 3)
    [row] = take(house)
    assert (row.kind, row.property_id, row.stay_on) == ("availability", HOUSE, day(3))
    assert (row.attempt_no, row.is_probe, row.crash_count, row.is_over) == (1, False, 0, False)
    assert of_expedia(house) == [("sending", None, 1)]


def test_rows_that_somebody_is_enqueueing_again_are_left_until_he_has_committed(house: Engine) -> None:
    put(house, "R1", 3, 4)
    with house.connect() as loader:
        sell(loader, "R2", [3], seq=2)
        assert [row.dedupe_key for row in take(house)] == [key(4)]
        loader.commit()
    assert [row.dedupe_key for row in take(house)] == [key(3)]


def test_a_load_does_not_wait_for_what_is_on_its_way(house: Engine) -> None:
    put(house, "R1", 3)
    take(house)
    put(house, "R2", 3, seq=2)
    assert of_expedia(house) == [("sending", None, 1), ("pending", None, 0)]


def test_one_at_a_time_has_a_destination_s_turn(house: Engine, clean_database: str) -> None:
    alone = unpooled(clean_database)
    with turn(alone, "expedia") as mine, turn(alone, "expedia") as theirs, turn(alone, "agoda") as other:
        assert mine is not None
        assert theirs is None
        assert other is not None
    with turn(alone, "expedia") as again:
        assert again is not None


def test_a_turn_is_gone_with_its_connection(house: Engine, clean_database: str) -> None:
    alone = unpooled(clean_database)
    with turn(alone, "expedia") as mine:
        assert mine is not None
        pid = mine.execute(text("SELECT pg_backend_pid()")).scalar_one()
        ask(house, f"SELECT pg_terminate_backend({pid}, 5000)")
        with pytest.raises(Exception, match="terminating connection"):
            mine.execute(text("SELECT 1"))
        with turn(alone, "expedia") as theirs:
            assert theirs is not None


def test_only_destinations_with_something_due_are_named(house: Engine, beside: Connection) -> None:
    assert due(house) == []
    put(house, "R1", 3)
    assert due(house) == ["agoda", "expedia"]
    assert due(house, "expedia") == ["expedia"]
    [row] = take(house)
    assert due(house) == ["agoda", "expedia"]  # whoever sends it may have died
    put_back(beside, [row], code="try_later", wait=A_WHILE)
    assert due(house) == ["agoda"]


@pytest.mark.parametrize("status", ["paused", "maintenance"])
def test_what_is_for_an_account_at_rest_waits(house: Engine, status: str) -> None:
    put(house, "R1", 3)
    with house.begin() as connection:
        add_channel(connection, status=status)
    assert take(house) == []
    assert due(house) == ["agoda"]
    with house.begin() as connection:
        add_channel(connection)
    assert len(take(house)) == 1


def test_a_row_put_back_with_a_code_holds_its_kind_back_and_is_then_tried_alone(
    house: Engine, beside: Connection
) -> None:
    put(house, "R1", 3, 4, 5)
    first, *others = take(house)
    put_back(beside, [first], code="try_later", wait=A_WHILE)
    put_back(beside, others, is_begun=False)
    assert of_expedia(house) == [("pending", "try_later", 1), ("pending", None, 0), ("pending", None, 0)]
    assert take(house) == []
    ask_again(house)
    [probe] = take(house)
    assert (probe.outbox_id, probe.is_probe, probe.attempt_no) == (first.outbox_id, True, 2)
    with house.begin() as connection:
        end(connection, [probe], "sent")
    assert len(take(house)) == 2


def test_what_is_held_back_holds_back_no_other_property_or_kind(house: Engine, beside: Connection) -> None:
    put(house, "R1", 3)
    [row] = take(house)
    put_back(beside, [row], code="try_later", wait=A_WHILE)
    with house.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO ops.outbox (destination, kind, property_id, dedupe_key, payload) VALUES
                ('expedia', 'availability', 'resort-hotel', 'a', '{}'), ('expedia', 'rates', :house, 'b', '{}'),
                ('expedia', 'confirmation', :house, 'c', '{}')
            """),
            {"house": HOUSE},
        )
    assert [row.dedupe_key for row in take(house)] == ["a", "b"]


def test_a_row_whose_thing_waits_anew_is_superseded_and_hands_its_hold_on(house: Engine, beside: Connection) -> None:
    put(house, "R1", 3)
    [row] = take(house)
    put(house, "R2", 3, seq=2)
    put_back(beside, [row], code="try_later", wait=A_WHILE)
    assert of_expedia(house) == [("superseded", "try_later", 1), ("pending", "try_later", 0)]
    assert take(house) == []
    ask_again(house)
    assert [each.is_probe for each in take(house)] == [True]


def test_a_thing_enqueued_at_the_moment_its_row_is_put_back_waits_once(house: Engine, beside: Connection) -> None:
    put(house, "R1", 3)
    [row] = take(house)
    with house.connect() as loader:
        sell(loader, "R2", [3], seq=2)
        putting = threading.Thread(target=put_back, args=(beside, [row]))
        putting.start()
        wait_for_a_lock(house)
        loader.commit()
        putting.join(10)
    assert of_expedia(house) == [("superseded", None, 1), ("pending", None, 0)]


def test_what_a_dead_deliverer_left_goes_out_again_alone_after_three_deaths(house: Engine, beside: Connection) -> None:
    put(house, "R1", 3)
    put(house, "R2", 4, seq=2)
    for death in range(1, ALONE_AFTER + 1):
        assert len(take(house)) == 2
        with house.connect() as connection:
            left = orphans(connection, "expedia")
        assert [row.attempt_no for row in left] == [death, death]
        put_back(beside, left)
    assert [row.crash_count for row in take(house)] == [3]
    for _ in range(DEAD_AFTER - ALONE_AFTER):
        with house.connect() as connection:
            left = orphans(connection, "expedia")
        assert len(left) == 1
        if left[0].crash_count < DEAD_AFTER:
            put_back(beside, left)
            take(house)
    assert left[0].crash_count == DEAD_AFTER


def test_what_is_over_says_so(house: Engine) -> None:
    put(house, "R1", 0)
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.outbox SET expires_at = now()"))
    assert [row.is_over for row in take(house)] == [True]


def test_ending_a_row_that_somebody_else_has_taken_over_changes_nothing(house: Engine, beside: Connection) -> None:
    put(house, "R1", 3)
    [mine] = take(house)
    put_back(beside, [mine])
    [theirs] = take(house)
    with house.begin() as connection:
        end(connection, [mine], "expired", "not_told")
    assert of_expedia(house) == [("sending", None, 2)]
    put_back(beside, [mine])
    assert of_expedia(house) == [("sending", None, 2)]
    assert theirs.attempt_no == 2


def test_rows_of_an_account_that_is_no_more_are_claimed_to_be_ended(house: Engine) -> None:
    put(house, "R1", 3)
    with house.begin() as connection:
        add_channel(connection, pushes=(), went_live_on=LONG_AGO)
    assert len(take(house)) == 1


def ask_again(house: Engine) -> None:
    """Let the time pass for which anything is held back."""
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.outbox SET not_before_at = now()"))

"""A shift: what it imports, what it leaves to others, and that every message is in exactly one report."""

import threading
import time

import pytest
from sqlalchemy import Engine, text

from expectations.gate import is_warm, warm_up
from operations import shift
from operations.import_waiting import import_waiting
from operations.shift import work_shift
from sandbox.world import World
from tests.operations.messages import CHANNEL, PMS, ask, put, told_by


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A process that has judged nothing yet; what it does in order to judge is noted."""
    noted: list[str] = []
    monkeypatch.setattr(shift, "is_warm", lambda: bool(noted))
    monkeypatch.setattr(shift, "warm_up", lambda: noted.append("warm"))
    return noted


def waiting(house: Engine) -> int:
    return int(ask(house, "SELECT count(*) FROM raw.inbox WHERE status = 'received'")[0][0])


def test_a_warm_process_is_quick_and_says_so() -> None:
    warm_up()
    assert is_warm()


def test_a_shift_imports_what_waits_and_tells_of_each_channel(house: Engine, world: World) -> None:
    put(house, told_by(world, PMS))
    put(house, told_by(world, CHANNEL), CHANNEL)
    summary = work_shift(house, seconds=60, idle_seconds=0)
    assert waiting(house) == summary.waiting_count == 0
    assert {each.source: each.message_count for each in summary.channels} == {
        PMS: len(told_by(world, PMS)),
        CHANNEL: len(told_by(world, CHANNEL)),
    }


def test_every_message_is_in_one_report_whoever_imported_it(house: Engine, world: World) -> None:
    told = told_by(world, PMS)
    put(house, told[:5])
    import_waiting(house)
    first = work_shift(house, seconds=60, idle_seconds=0)
    put(house, told[5:9])
    second = work_shift(house, seconds=60, idle_seconds=0)
    third = work_shift(house, seconds=60, idle_seconds=0)
    assert [first.message_count, second.message_count, third.message_count] == [5, 4, 0]


def test_a_cold_process_leaves_what_came_just_now_to_one_that_has_begun(
    house: Engine, world: World, cold: list[str]
) -> None:
    put(house, told_by(world, PMS)[:5])
    working = threading.Thread(target=import_waiting, args=(house,))
    working.start()
    summary = work_shift(house, seconds=60, idle_seconds=0)
    working.join()
    assert not cold
    assert summary.waiting_count == 0


def test_a_cold_process_begins_with_what_nobody_takes(house: Engine, world: World, cold: list[str]) -> None:
    put(house, told_by(world, PMS)[:5])
    started = time.monotonic()
    work_shift(house, seconds=60, idle_seconds=0)
    assert time.monotonic() - started >= shift.PATIENCE_SECONDS
    assert cold == ["warm"]
    assert waiting(house) == 0


def test_a_cold_process_does_not_wait_for_what_has_waited(house: Engine, world: World, cold: list[str]) -> None:
    put(house, told_by(world, PMS)[:5])
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = received_at - interval '1 minute'"))
    work_shift(house, seconds=60, idle_seconds=0)
    assert cold == ["warm"]
    assert waiting(house) == 0


def test_where_nothing_waits_a_cold_process_stays_cold(house: Engine, cold: list[str]) -> None:
    assert work_shift(house, seconds=60, idle_seconds=0).message_count == 0
    assert not cold

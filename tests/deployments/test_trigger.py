"""Bookings are in at once, whatever Prefect does; a shift tells of them; the trigger comes and goes in peace."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Settings
from storage import embedded
from storage.engine import engine as engine_of
from storage.migrate import upgrade
from tests.deployments.sandbox_house import House, sandbox_house
from tests.deployments.trigger_process import ask, ended, milliseconds, send, shifts_told, trigger, wait_for
from tests.prefect_server import PrefectServer
from tests.storage.embedded_house import server

PER_SECOND = 50
AT_ONCE = 5


def test_bookings_are_in_as_they_come_and_one_shift_tells_of_all(house: House, prefect_api: PrefectServer) -> None:
    with trigger(house, prefect_api.environment) as running:
        wait_for(lambda: running.log.count("Finished in state") >= 3, "the first shift is over", 60)
        send(house, 0, 50, at_once=AT_ONCE, pause_seconds=AT_ONCE / PER_SECOND)
        wait_for(lambda: ended(house.url) == 50, "all bookings are in")
        wait_for(lambda: len(running.flow_run_ids()) >= 2, "a shift has begun")
        # Asked to stop, the shift reports what it has; it would have gone on for seconds.
        assert running.stop() < 10
    told = shifts_told(running, prefect_api)
    assert all(name.startswith("bookings 20") for name, _ in told)
    assert sum(int(sentence.split()[0]) for _, sentence in told) == 50


def test_a_prefect_that_never_answers_holds_up_neither_booking_nor_end(
    house: House, silent_api: dict[str, str]
) -> None:
    with trigger(house, silent_api) as running:
        send(house, 0, 20, at_once=AT_ONCE, pause_seconds=AT_ONCE / PER_SECOND)
        wait_for(lambda: ended(house.url) == 20, "all bookings are in")
        # They came within half a second: had the import waited two for the API, the quickest would have taken longer.
        assert milliseconds(house.url)[0] < 1500
        wait_for(lambda: "does not answer" in running.log, "the trigger has given Prefect up")
        send(house, 20, 20)
        wait_for(lambda: ended(house.url) == 40, "more bookings are in")
        assert running.stop() < 10
        assert running.flow_run_ids() == []
        assert running.log.count("does not answer") == 1  # not asked again for every booking


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house on a database server that a test may kill."""
    given = Settings(data_dir=tmp_path / "own")
    with server(given) as url:
        upgrade(engine_of(url))
        with sandbox_house(url, given.data_dir) as made:
            yield made


def test_a_database_that_is_killed_is_waited_for(own_house: House, silent_api: dict[str, str]) -> None:
    with trigger(own_house, silent_api) as running:
        send(own_house, 0, 5)
        wait_for(lambda: ended(own_house.url) == 5, "the first bookings are in")
        record = embedded.status(Settings(data_dir=own_house.data_dir))
        assert record is not None
        assert record.server is not None
        os.kill(record.server.pid, signal.SIGKILL)
        wait_for(lambda: embedded.status(Settings(data_dir=own_house.data_dir)) not in {None, record}, "it is back")
        send(own_house, 5, 5)
        wait_for(lambda: ended(own_house.url) == 10, "the bookings after it are in, too")
        assert ask(own_house.url, "select count(*) from ops.quarantine") == 0
        assert running.process.poll() is None
        assert running.stop() < 10

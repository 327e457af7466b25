"""Cards on their way through flows: none in what Prefect keeps and shows of them, be it a log, a state or an artifact (law 11)."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from prefect import State, flow, get_run_logger
from sqlalchemy import Engine

from connectors.http import HttpClient
from flows.import_bookings import import_bookings
from flows.pull_bookings import pull_bookings
from flows.replay_messages import replay_messages
from flows.replay_quarantine import replay_quarantine
from flows.sync_guest_profiles import sync_guest_profiles
from operations.house import open_house
from tests.contract.scripted_server import wait_until
from tests.contract.suites import CITY
from tests.hostile.dumps import codes_left, numbers_left
from tests.hostile.house import ask, connect
from tests.hostile.kinds import Answers, samples
from tests.hostile.planting import Plants, planted
from tests.prefect_server import PrefectServer
from tests.shared_run import SharedRun

# Of the messages and pages that can be made of a sample every so many: all kinds of places take part.
_EVERY = 12
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Seen:
    """What Prefect keeps of the flow runs of a test."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._runs: list[str] = []

    def run(self, called: Callable[..., object], *given: object, **named: object) -> None:
        """Run a flow, which may fail."""
        state = called(*given, **named, return_state=True)
        assert isinstance(state, State)
        self._runs.append(str(state.state_details.flow_run_id))

    def rows(self) -> list[str]:
        """Give every row of every table that is about one of the runs, once all that they have logged is there."""
        wait_until(lambda: sum(map(_ends_a_flow, self._rows("log"))) == len(self._runs))
        with closing(self._opened()) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [row for table in tables for row in self._rows(table)]

    def _rows(self, table: str) -> Iterator[str]:
        with closing(self._opened()) as database:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                told = "\n".join(map(str, row))
                if any(run in told for run in self._runs):
                    yield _UUID.sub("", told)  # a part of it may look like a code

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._database.as_uri()}?mode=ro", uri=True)


def _ends_a_flow(row: str) -> bool:
    return "prefect.flow_runs" in row and "Finished in state" in row


@pytest.fixture
def seen(
    house: Engine, prefect_api: PrefectServer, shared_run: SharedRun, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Seen]:
    """The view on Prefect; flows open the house that is under test."""
    monkeypatch.setattr(HttpClient, "_take_turn", lambda *_: None)
    open_house.cache_clear()
    yield Seen(shared_run.folder / "prefect-server" / "prefect.db")
    open_house.cache_clear()


def bodies(kind: str, reader: str, plants: Plants) -> Iterator[bytes]:
    """Give answers of a kind with cards in them."""
    sample = next(each for each in samples(kind) if each.reader == reader)
    return islice(planted(sample.body, plants), 0, None, _EVERY)


def test_no_card_is_shown_of_what_flows_have_met(house: Engine, seen: Seen) -> None:
    plants = Plants(*(each.body for kind in ("channex", "hotel_rest") for each in samples(kind)))
    connect(house, "channex")
    connect(house, "hotel_rest")
    with Answers() as network:
        for network.body in bodies("channex", "queue", plants):
            seen.run(pull_bookings, "channex", CITY.property_id, 0, all_now=True)
        for network.body in bodies("hotel_rest", "guests", plants):
            seen.run(sync_guest_profiles, "hotel_rest", CITY.property_id)
    seen.run(import_bookings, seconds=2, idle_seconds=0.1)
    seen.run(replay_messages)
    seen.run(replay_quarantine)

    told = seen.rows()
    assert ask(house, "SELECT count(*) > 0 FROM raw.inbox") == [(True,)]
    assert {source for row in told for source in ("channex", "hotel_rest") if source in row} == {
        "channex",
        "hotel_rest",
    }
    assert (numbers_left(told, plants), codes_left(told, plants)) == ([], [])


def test_a_card_that_a_flow_logs_is_seen(seen: Seen) -> None:
    plants = Plants()

    @flow
    def careless() -> None:
        get_run_logger().info("card %s cvv %s", plants.number(), plants.code())

    seen.run(careless)
    told = seen.rows()

    assert (numbers_left(told, plants), codes_left(told, plants)) == (plants.numbers, plants.codes)

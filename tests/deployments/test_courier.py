"""Channels hear of a change as it happens, whatever Prefect does, however long another channel hangs, whoever is killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sandbox.server import Sandbox, running
from sandbox.world import build
from settings import Settings
from storage import embedded
from storage.engine import engine as engine_of
from storage.migrate import upgrade
from tests.deployments.sandbox_house import House, sandbox_house
from tests.deployments.trigger_process import ask, service, shifts_told, wait_for
from tests.operations.channels_house import FAR, NEAR, add_house, book, connect, counts, day
from tests.prefect_server import PrefectServer
from tests.storage.embedded_house import server

INVENTORY = {"path": "/v1/inventory", "method": "PUT"}
OPEN = "select count(*) from ops.outbox where status in ('pending', 'sending')"
SENDING = "select count(*) from ops.outbox where status = 'sending' and destination = 'agoda'"
LAG = """
select extract(epoch from max(accepted_at - created_at))::float8 from ops.deliveries join ops.outbox using (outbox_id)
where channel_code = 'expedia'
"""


class Shop:
    """A house of three doubles and two suites, and what two channels were told of it."""

    def __init__(self, engine: Engine, near: Sandbox, far: Sandbox) -> None:
        self.engine = engine
        self.near, self.far = near, far
        self._seq = 0

    def sell(self, *numbers: int) -> None:
        """A booking comes in for these nights."""
        self._seq += 1
        book(self.engine, f"R{self._seq}", *numbers, seq=self._seq)


@contextmanager
def shop(house: House) -> Iterator[Shop]:
    """Open it on a house."""
    with running(build(size=2)) as near, running(build(size=2)) as far:
        add_house(house.engine, {NEAR: near, FAR: far})
        yield Shop(house.engine, near, far)


@pytest.fixture
def opened(house: House) -> Iterator[Shop]:
    with shop(house) as made:
        yield made


def test_every_channel_hears_of_a_sale_and_a_shift_tells_of_it(
    house: House, opened: Shop, prefect_api: PrefectServer
) -> None:
    with service("courier", house, prefect_api.environment) as running_courier:
        wait_for(lambda: running_courier.log.count("Finished in state") >= 2, "the first shift is over", 60)
        for number in (1, 2, 2):
            opened.sell(number)
        expected = {("STD", day(1)): 2, ("STD", day(2)): 1}
        wait_for(lambda: counts(opened.near) == counts(opened.far) == expected, "both channels sell by the new count")
        wait_for(lambda: ask(house.url, OPEN) == 0, "it is recorded")
        wait_for(lambda: len(running_courier.flow_run_ids()) >= 2, "a shift has begun", 60)
        assert running_courier.stop() < 10
    told = shifts_told(running_courier, prefect_api)
    assert all(name.startswith("push all * what waits 20") for name, _ in told)
    assert any("were taken since the last report; nothing waits." in sentence for _, sentence in told)


def test_a_burst_is_few_messages(house: House, opened: Shop, silent_api: dict[str, str]) -> None:
    with service("courier", house, silent_api) as courier:
        for _ in range(40):
            opened.sell(1)
        wait_for(lambda: ask(house.url, OPEN) == 0, "all is told")
        full = {("STD", day(1)): 0, ("SUP", day(1)): 0}  # of a house of five
        assert counts(opened.near) == counts(opened.far) == full
        assert ask(house.url, "select count(*) from ops.requests where source = 'agoda'") < 30  # type: ignore[operator]
        assert courier.stop() < 10


def test_a_prefect_that_never_answers_and_a_channel_that_hangs_hold_up_no_other_channel(
    house: House, opened: Shop, silent_api: dict[str, str]
) -> None:
    connect(house.engine, NEAR, opened.near, settings={"deadline_seconds": 60})
    opened.near.faults.arm("timeout", seconds=60, times=9, **INVENTORY)
    with service("courier", house, silent_api) as courier:
        opened.sell(1)
        wait_for(lambda: counts(opened.far) == {("STD", day(1)): 2}, "the other channel has heard")
        opened.sell(1)
        wait_for(lambda: counts(opened.far) == {("STD", day(1)): 1}, "it hears of the next change, too")
        assert ask(house.url, LAG) < 5  # type: ignore[operator]
        assert ask(house.url, SENDING) == 1
        assert courier.stop() < 10


def test_a_courier_killed_while_it_sends_is_followed_by_another(
    house: House, opened: Shop, silent_api: dict[str, str]
) -> None:
    connect(house.engine, NEAR, opened.near, settings={"deadline_seconds": 60})
    opened.near.faults.arm("timeout", seconds=60, **INVENTORY)
    with service("courier", house, silent_api) as courier:
        opened.sell(1)
        wait_for(lambda: opened.near.faults.armed() == [], "the channel lets it wait")
        os.kill(courier.process.pid, signal.SIGKILL)
        courier.process.wait()
    assert ask(house.url, SENDING) == 1
    opened.sell(2)
    with service("courier", house, silent_api):
        wait_for(lambda: ask(house.url, OPEN) == 0, "all is told")
    assert counts(opened.near) == counts(opened.far) == {("STD", day(1)): 2, ("STD", day(2)): 2}


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house on a database server that a test may kill."""
    given = Settings(data_dir=tmp_path / "own")
    with server(given) as url:
        upgrade(engine_of(url))
        with sandbox_house(url, given.data_dir) as made:
            yield made


def test_a_database_that_is_killed_is_waited_for(own_house: House, silent_api: dict[str, str]) -> None:
    given = Settings(data_dir=own_house.data_dir)
    with shop(own_house) as opened, service("courier", own_house, silent_api) as courier:
        opened.sell(1)
        wait_for(lambda: len(counts(opened.far)) == 1, "the first change is told")
        record = embedded.status(given)
        assert record is not None
        assert record.server is not None
        os.kill(record.server.pid, signal.SIGKILL)
        wait_for(lambda: embedded.status(given) not in {None, record}, "it is back")
        opened.sell(2)
        wait_for(lambda: len(counts(opened.far)) == 2, "the change after it is told, too")
        assert courier.process.poll() is None
        assert courier.stop() < 10

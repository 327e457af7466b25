"""Workers, backends and the database killed at random moments: nothing lost, nothing doubled, the newest version wins."""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import psycopg
import pytest
from sqlalchemy import Engine

from deployments.demo_house import set_up_sandbox
from operations.replay_quarantine import Choice, replay_quarantine
from sandbox.world import World
from settings import Settings
from storage import embedded
from storage.embedded.process import this_process
from storage.engine import engine as engine_of
from storage.inbox import DEAD_AFTER
from storage.migrate import upgrade
from tests.faults.conftest import NOWHERE, receive_all
from tests.faults.feed import shuffled_messages
from tests.faults.fold import Told
from tests.faults.invariants import broken
from tests.faults.storm import Orders
from tests.faults.zygote import Zygote
from tests.storage.embedded_house import server

KILLS: Final = 300
BACKLOG: Final = 60
# Mercy may come too late for a message or two on a busy machine, not for many.
SPARED_TOO_FEW: Final = 30
_BACKENDS: Final = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'night-audit' AND pid <> pg_backend_pid()
"""
_MOST_BEGUN: Final = "SELECT coalesce(max(attempts_count), 0) FROM raw.inbox_attempts"
_WAITING: Final = "SELECT count(*) FROM raw.inbox WHERE status = 'received'"


@pytest.fixture
def own(tmp_path: Path, world: World) -> Iterator[tuple[Settings, Engine]]:
    """A server of the test's own, which may be killed, with a house on it."""
    settings = Settings(data_dir=tmp_path / ".data")
    with server(settings, until=this_process()) as url:
        house = engine_of(url)
        upgrade(house)
        set_up_sandbox(house, world, NOWHERE)
        yield settings, house
        house.dispose()


def test_300_kills_of_workers_backends_and_the_database_change_nothing(
    own: tuple[Settings, Engine], world: World, killer: Zygote, dice: Random
) -> None:
    settings, house = own
    url = house.url.set(drivername="postgresql").render_as_string(hide_password=False)
    told = shuffled_messages(world, dice)
    received = receive_all(house, told.deliveries)
    counted: Counter[str] = Counter()
    orders = Orders(url, "import", dice.randrange(10**9), KILLS, warm_up_count=12, is_worked_off=False)

    def attack() -> None:
        counted[_attack(settings, url, dice)] += 1

    def feed() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            (waiting,) = connection.execute(_WAITING).fetchone() or (0,)
        if waiting < BACKLOG:
            more = told.again(dice, BACKLOG, str(len(received)))
            received.extend(receive_all(house, more))

    killer.begin(orders)
    with every(2.0, attack), every(0.1, feed):
        report = killer.end()
    killer.storm(Orders(url, "import", 0, kills=0))
    # Whose workers were killed five times all the same comes back by an operator's button.
    crashed = replay_quarantine(house, Choice(reason="crashed")).rows
    sys.stdout.write(f"{report}, {dict(counted)}, {len(received)} messages, {len(crashed)} replayed\n")
    assert len(crashed) < SPARED_TOO_FEW
    assert broken(url, _all_received(url, received)) == {}
    assert report.killed_count >= KILLS
    assert counted.total() > counted["spared"]


def _attack(settings: Settings, url: str, dice: Random) -> str:
    """Break one connection kindly, kill one backend (all others follow), or kill the whole server."""
    with psycopg.connect(url, autocommit=True) as connection:
        (most,) = connection.execute(_MOST_BEGUN).fetchone() or (0,)
        backends = [pid for (pid,) in connection.execute(_BACKENDS)]
        if most >= DEAD_AFTER - 1 or not backends:
            return "spared"
        victim, way = dice.choice(backends), dice.randrange(10)
        if way < 7:
            connection.execute("SELECT pg_terminate_backend(%s)", [victim])
            return "terminated"
    if way < 9:
        os.kill(victim, signal.SIGKILL)
        return "backend killed"
    record = embedded.status(settings)
    if record and record.server:
        record.server.send(signal.SIGKILL)
    return "server killed"


def _all_received(url: str, known: list[Told]) -> list[Told]:
    """Read what the inbox holds; it must hold at least what a receipt was given for."""
    with psycopg.connect(url) as connection:
        stored = [Told(*row) for row in connection.execute("SELECT inbox_id, source, body FROM raw.inbox")]
    assert {each.inbox_id for each in known} <= {each.inbox_id for each in stored}
    return stored


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Do something again and again beside the block; a database that is away is left alone."""
    over = threading.Event()

    def again() -> None:
        while not over.wait(seconds):
            with suppress(Exception):
                do()

    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_without_any_kill_the_same_harness_finds_nothing(
    hotel: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    received = receive_all(hotel, shuffled_messages(world, dice).deliveries)
    killer.storm(Orders(database_url, "import", 0, kills=0))
    assert broken(database_url, received) == {}

"""A service that needs no Prefect (the trigger, the puller) as a process of its own, and bookings that arrive meanwhile."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import psycopg

from deployments.supervision import wait_until
from settings.children import inherited
from storage.inbox import receive
from tests.deployments.sandbox_house import House
from tests.guarded import ROOT
from tests.operations.messages import CHANNEL, delivery, told_by
from tests.prefect_server import PrefectServer

LISTENS = "select count(*) = 1 from pg_stat_activity where application_name = '{}' and datname = current_database()"


class ServiceProcess:
    """A running service: its process and what it writes."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def flow_run_ids(self) -> list[str]:
        """Give the runs it has begun, as it writes their addresses down."""
        return re.findall(r"/runs/flow-run/([0-9a-f-]{36})", self.log)

    def stop(self) -> float:
        """Ask it to stop, wait, and give how many seconds it took; it must end in peace."""
        asked_at = time.monotonic()
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0, self.log[-3000:]
        return time.monotonic() - asked_at


@contextmanager
def service(name: str, house: House, prefect: Mapping[str, str]) -> Iterator[ServiceProcess]:
    """Run a service for a block, which begins when it listens; killed in the end where it still runs."""
    house.data_dir.mkdir(parents=True, exist_ok=True)
    path = house.data_dir / f"{name}.log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"deployments.{name}"],
            cwd=ROOT,
            env={**inherited(), **house.environment, **prefect},
            stdout=log,
            stderr=log,
        )
    running = ServiceProcess(process, path)
    listens = LISTENS.format(name)
    try:
        wait_for(lambda: process.poll() is not None or bool(ask(house.url, listens)), f"the {name} listens", 60)
        assert process.poll() is None, running.log[-3000:]
        yield running
    finally:
        process.kill()
        process.wait()


def shifts_told(service: ServiceProcess, prefect: PrefectServer) -> list[tuple[str, str]]:
    """Give the name and the sentence of every shift that a service has told of; none of its runs failed."""
    user, password = prefect.auth_string.split(":")
    of_service = {"flow_runs": {"id": {"any_": service.flow_run_ids()}}}
    with httpx.Client(base_url=prefect.api_url, auth=(user, password), trust_env=False, timeout=30) as api:
        runs = {run["id"]: run for run in api.post("flow_runs/filter", json=of_service).json()}
        artifacts = api.post("artifacts/filter", json=of_service).json()
    assert {run["state_type"] for run in runs.values()} == {"COMPLETED"}
    return [(runs[each["flow_run_id"]]["name"], each["description"]) for each in artifacts]


def trigger(house: House, prefect: Mapping[str, str]) -> AbstractContextManager[ServiceProcess]:
    """Run a trigger for a block."""
    return service("trigger", house, prefect)


def send(house: House, start: int, count: int, *, pause_seconds: float = 0.0, at_once: int = 1) -> None:
    """Let the channel's messages from `start` on arrive, `at_once` in each transaction."""
    told = [delivery(each, CHANNEL) for each in told_by(house.world, CHANNEL)[start : start + count]]
    assert len(told) == count
    for first in range(0, count, at_once):
        with house.engine.begin() as connection:
            receive(connection, told[first : first + at_once])
        time.sleep(pause_seconds)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until it holds."""
    assert wait_until(condition, seconds), f"in {seconds} s it did not become true that {what}"


def ended(url: str) -> int:
    """Count the messages that were brought to an end."""
    count = ask(url, "select count(*) from raw.inbox where status = 'done'")
    assert isinstance(count, int)
    return count


def milliseconds(url: str) -> list[float]:
    """Give how long each message took from the inbox into `core`, ascending."""
    query = (
        "select array_agg(extract(epoch from ended_at - received_at)::float8 * 1000 order by ended_at - received_at)"
    )
    took = ask(url, f"{query} from raw.inbox where status = 'done'")
    assert isinstance(took, list)
    return took


def ask(url: str, statement: str) -> object:
    """Run one statement on a connection of its own and give its first value."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row[0] if row else None

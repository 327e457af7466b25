"""`up` and `down` as a person runs them, and services that are killed while they work."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import msgspec
import pytest

from deployments.health import is_healthy
from deployments.prefect_api import ask
from deployments.supervised import supervised
from deployments.supervision import Supervision
from storage import embedded
from storage.embedded.process import Process
from tests.deployments.clone import Clone, clone
from tests.deployments.trigger_process import ask as ask_database
from tests.deployments.trigger_process import wait_for

KILLS = 12
MANY = "--limit=600"
OPEN = "SELECT count(*) FROM raw.inbox WHERE status <> 'done'"
# Bookings that messages told and `core` does not know.
MISSING = """
SELECT count(*) FROM (
    SELECT convert_from(body, 'UTF8')::jsonb #>> '{data,id}' AS source_ref FROM raw.inbox
    EXCEPT SELECT source_ref FROM core.reservations WHERE source = 'sandbox_channel'
) AS missing
"""
SERVICES = ("database", "prefect", "gateway", "sandbox", "trigger", "puller", "courier", "worker")


def test_services_come_up_come_back_from_every_kill_and_leave_nothing_behind(request: pytest.FixtureRequest) -> None:
    seed = request.config.getoption("--fault-seed") or time.time_ns() % 10**9
    sys.stdout.write(f"--fault-seed {seed}\n")
    dice = Random(seed)
    with clone() as house:
        port_that_is_taken_is_named(house)
        everything_comes_up_once(house)
        killed_services_come_back(house)
        killed_at_random_moments_they_lose_and_double_nothing(house, dice)
        a_killed_supervisor_is_replaced_with_all_it_left(house)
        down_ends_everything_flow_runs_too(house)


def port_that_is_taken_is_named(house: Clone) -> None:
    with socket.create_server(("127.0.0.1", house.settings.gateway_port)):
        refused = house.run("deployments.services", "up")
    assert refused.returncode == 1
    assert f"port {house.settings.gateway_port} for gateway is taken" in refused.stderr
    assert "NIGHT_AUDIT_GATEWAY_PORT" in refused.stderr


def everything_comes_up_once(house: Clone) -> None:
    told = up(house)
    assert [line.split()[:2] for line in told.splitlines()[: len(SERVICES)]] == [[name, "healthy"] for name in SERVICES]
    before = pids(house)
    assert up(house) == told
    assert pids(house) == before
    sent = send(house, "--limit=20")
    assert sent.returncode == 0, sent.stdout + sent.stderr


def killed_services_come_back(house: Clone) -> None:
    before = pids(house)
    record = embedded.status(house.settings)
    assert record is not None
    assert record.server is not None
    for each in (*before.values(), record.server.pid):
        os.kill(each, signal.SIGKILL)
    wait_for(lambda: all_are_healthy(house), "all services are healthy again", 150)
    assert set(pids(house).values()) & set(before.values()) == set()


def killed_at_random_moments_they_lose_and_double_nothing(house: Clone, dice: Random) -> None:
    """Bookings go on coming while whatever works on them dies; what was not taken is sent again, as any sender does."""
    sending = threading.Thread(target=send, args=(house, MANY, "--shuffle", "--rate", "40"))
    sending.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.1, 2))  # the moment is the point: there is nothing to wait for
        kill_one(house, dice)
    sending.join()
    up(house)
    again = send(house, MANY)
    assert again.returncode == 0, again.stdout + again.stderr
    url = house.run("storage.embedded", "url").stdout.strip()
    told = msgspec.json.decode(again.stdout)["sent_count"]
    wait_for(lambda: ask_database(url, OPEN) == 0, "all messages are at their end", 60)
    assert ask_database(url, "SELECT count(*) FROM raw.inbox WHERE status = 'done'") == told
    assert ask_database(url, "SELECT count(*) FROM ops.quarantine") == 0
    assert ask_database(url, MISSING) == 0


def kill_one(house: Clone, dice: Random) -> None:
    """Kill a service, the database's server or keeper, or the supervisor, which a person brings up again."""
    record = embedded.status(house.settings)
    supervisor = Supervision(house.settings).process
    victims = [*pids(house).values(), *(each.pid for each in (record and record.server, supervisor) if each)]
    victim = dice.choice([pid for pid in victims if pid])
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    if supervisor and victim == supervisor.pid:
        up(house)


def send(house: Clone, *words: str) -> subprocess.CompletedProcess[str]:
    """Send a small world's bookings, or some of them, as a channel does."""
    gateway = f"http://127.0.0.1:{house.settings.gateway_port}"
    return house.run("sandbox", "send", "--size", "200", "--gateway", gateway, *words)


def a_killed_supervisor_is_replaced_with_all_it_left(house: Clone) -> None:
    flow_run = long_flow_run(house)
    supervisor = Supervision(house.settings).process
    assert supervisor is not None
    before = [supervisor, *supervised(house.settings)]
    os.kill(supervisor.pid, signal.SIGKILL)
    os.kill(pids_of(before, "worker")[0], signal.SIGKILL)
    up(house)
    assert [each for each in before if each.is_alive] == []
    assert Supervision(house.settings).process not in {None, supervisor}
    assert flow_run_state(house, flow_run) != "COMPLETED"


def down_ends_everything_flow_runs_too(house: Clone) -> None:
    long_flow_run(house)
    before = supervised(house.settings)
    done = house.run("deployments.services", "down")
    assert done.returncode == 0, done.stderr
    assert [each for each in before if each.is_alive] == []
    assert house.left == []
    again = house.run("deployments.services", "down")
    assert again.returncode == 0, again.stderr


def up(house: Clone) -> str:
    done = house.run("deployments.services", "up")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pids(house: Clone) -> dict[str, int]:
    server = Supervision(house.settings)._server
    return {each["name"]: each["pid"] for each in server.getAllProcessInfo()}


def pids_of(processes: list[Process], name: str) -> list[int]:
    """Find processes by a word of their command line."""
    return [
        each.pid for each in processes if name.encode() in Path(f"/proc/{each.pid}/cmdline").read_bytes().split(b"\0")
    ]


def all_are_healthy(house: Clone) -> bool:
    return all(is_healthy(house.settings, name) for name in SERVICES)


def long_flow_run(house: Clone) -> str:
    """Start a flow run whose source does not answer; give it once it runs."""
    fault = {"kind": "timeout", "seconds": 60, "times": 100}
    httpx.post(f"http://127.0.0.1:{house.settings.sandbox_port}/sandbox/faults", json=fault).raise_for_status()
    deployment = ask(house.settings, "GET", "deployments/name/sync-guest-profiles/daily")
    path = f"deployments/{deployment['id']}/create_flow_run"
    flow_run_id = str(ask(house.settings, "POST", path, {"state": {"type": "SCHEDULED"}})["id"])
    wait_for(lambda: flow_run_state(house, flow_run_id) == "RUNNING", "the flow run has begun", 120)
    return flow_run_id


def flow_run_state(house: Clone, flow_run_id: str) -> str:
    try:
        return str(ask(house.settings, "GET", f"flow_runs/{flow_run_id}")["state_type"])
    except httpx.HTTPError:
        return "UNKNOWN"

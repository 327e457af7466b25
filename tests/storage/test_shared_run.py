"""The servers of a test run end with the run, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from settings.ports import free_port
from storage.embedded.process import Process, process
from tests.guarded import start_guarded
from tests.shared_run import SharedRun, end_run, run_from_text
from tests.storage.embedded_house import ROOT

WAITING_TEST = """
import pathlib, time

def test_that_waits(database_url, shared_run):
    pathlib.Path({told!r}).write_text(shared_run.to_text())
    time.sleep(600)
"""

# Who is started in the background of a shell has SIGINT ignored, and so have all it starts.
PYTEST = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("pytest", run_name="__main__")
"""


@contextmanager
def run_of_its_own(tmp_path: Path, workers: int) -> Iterator[tuple[subprocess.Popen[bytes], SharedRun]]:
    """Run pytest on a test that holds the database, until that test waits."""
    told = tmp_path / "told"
    test = tmp_path / "test_waiting.py"
    test.write_text(WAITING_TEST.format(told=str(told)))
    command = [sys.executable, "-c", PYTEST, "-p", "tests.conftest", "-p", "no:cacheprovider", "-n", str(workers)]
    running = subprocess.Popen([*command, str(test)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 90
        while not (told.exists() and told.read_text()):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield running, run_from_text(told.read_text(), None)
    finally:
        running.kill()
        running.wait()
        if told.exists():
            end_run(run_from_text(told.read_text(), None))  # a killed run cannot remove its folder itself


def processes_of(run: SharedRun) -> list[Process]:
    """Find what runs with the run's folder in its command line, and its guards."""
    words = str(run.folder).encode()
    found = [
        process(int(entry.parent.name))
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if words in (entry.read_bytes() if entry.exists() else b"")
    ]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGKILL, 2), (signal.SIGINT, 0)])
def test_a_run_that_is_ended_leaves_no_server(tmp_path: Path, number: signal.Signals, workers: int) -> None:
    with run_of_its_own(tmp_path, workers) as (running, run):
        servers = processes_of(run)
        assert len(servers) == 2  # keeper and PostgreSQL
        os.kill(running.pid, number)
        assert [one.has_ended(within_seconds=30) for one in servers] == [True, True]


def test_a_guarded_server_ends_with_the_process_it_runs_for(tmp_path: Path) -> None:
    port = free_port()
    somebody = subprocess.Popen(["/bin/sleep", "600"])
    guard = start_guarded(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)],
        environment={},
        log=tmp_path / "server.log",
        is_healthy=lambda: is_listening(port),
        run_pid=somebody.pid,
    )
    somebody.kill()
    somebody.wait()
    assert guard.has_ended(within_seconds=30)
    assert not is_listening(port)


def test_a_server_that_never_becomes_healthy_is_ended_and_its_log_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="never mind"):
        start_guarded(
            [sys.executable, "-c", "print('never mind', flush=True)"],
            environment={},
            log=tmp_path / "server.log",
            is_healthy=lambda: False,
        )


def is_listening(port: int) -> bool:
    """Look into the kernel's table, which needs no connection."""
    entry = f"0100007F:{port:04X} 00000000:0000 0A"
    return entry in Path("/proc/net/tcp").read_text()

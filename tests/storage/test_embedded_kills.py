import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from settings import Settings
from storage import embedded
from storage.embedded.place import find_place
from storage.embedded.process import Process, process
from storage.embedded.record import Record
from tests.storage.embedded_house import ROOT, ask, server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A database with one committed row, which outlives whatever all the tests here do to its server."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("killed") / ".data")
    with server(settings) as url:
        ask(url, "create table kept (n int)")
        ask(url, "insert into kept values (42)")
        yield settings


@pytest.fixture
def own(house: Settings) -> Settings:
    """The database with its server up."""
    embedded.ensure_running(house)
    return house


def kept_row(settings: Settings) -> object:
    return ask(embedded.ensure_running(settings), "select n from kept")


def up(settings: Settings) -> tuple[Process, Process]:
    """Give keeper and server, which must be up."""
    record = embedded.status(settings)
    assert record is not None
    assert record.server is not None
    return record.keeper, record.server


def wait_for_other(settings: Settings, server_before: Process, seconds: float = 20) -> Record:
    """Wait until another server is up than the one before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        record = embedded.status(settings)
        if record and record.server != server_before:
            return record
        time.sleep(0.02)
    pytest.fail(f"no new server within {seconds} s")


def kill(victim: Process) -> None:
    victim.send(signal.SIGKILL)
    assert victim.has_ended(within_seconds=10)


def test_a_killed_server_is_back_with_all_it_committed(own: Settings) -> None:
    keeper, killed = up(own)
    killed_at = time.monotonic()
    kill(killed)
    record = wait_for_other(own, killed)
    assert time.monotonic() - killed_at < 10  # about 0.1 s on an idle machine
    assert record.keeper == keeper
    assert kept_row(own) == 42


def test_a_server_killed_again_and_again_comes_back_each_time(own: Settings) -> None:
    for _ in range(3):
        _, killed = up(own)
        kill(killed)
        wait_for_other(own, killed)
    assert kept_row(own) == 42


def test_a_killed_keeper_takes_its_server_along_and_the_next_one_goes_on(own: Settings) -> None:
    keeper, orphan = up(own)
    address = embedded.ensure_running(own)
    kill(keeper)
    assert orphan.has_ended(within_seconds=15)
    assert embedded.status(own) is None
    assert kept_row(own) == 42
    assert embedded.ensure_running(own) == address
    assert up(own)[0] != keeper


def test_keeper_and_server_killed_together_lose_nothing(own: Settings) -> None:
    keeper, killed = up(own)
    keeper.send(signal.SIGKILL)
    killed.send(signal.SIGKILL)
    assert keeper.has_ended(within_seconds=10)
    assert kept_row(own) == 42


def test_a_server_whose_keeper_was_killed_between_is_ended_by_the_next_keeper(own: Settings) -> None:
    keeper, orphan = up(own)
    orphan.send(signal.SIGSTOP)  # it cannot follow the kernel's SIGINT
    kill(keeper)
    try:
        assert kept_row_after_stopped_orphan(own, orphan) == 42
    finally:
        orphan.send(signal.SIGCONT)


def kept_row_after_stopped_orphan(settings: Settings, orphan: Process) -> object:
    answer = kept_row(settings)
    assert not orphan.is_alive
    return answer


@contextmanager
def waiting_keeper(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "storage.embedded", "keep", "--data-dir", str(settings.data_dir)]
    waiting = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield waiting
    finally:
        waiting.terminate()
        waiting.wait(30)


def test_a_keeper_that_waits_takes_over_when_the_other_is_killed(own: Settings) -> None:
    keeper, before = up(own)
    with waiting_keeper(own) as waiting:
        wait_until_blocked(waiting.pid)
        assert up(own) == (keeper, before)
        kill(keeper)
        assert wait_for_other(own, before).keeper.pid == waiting.pid
        assert kept_row(own) == 42


def test_a_keeper_that_waits_takes_over_when_the_other_is_stopped(own: Settings) -> None:
    _, before = up(own)
    with waiting_keeper(own) as waiting:
        wait_until_blocked(waiting.pid)
        embedded.stop(own)
        assert wait_for_other(own, before).keeper.pid == waiting.pid
    assert embedded.status(own) is None


def wait_until_blocked(pid: int) -> None:
    """Wait until the process waits for the file lock, as /proc/locks shows it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for line in Path("/proc/locks").read_text().splitlines():
            if "->" in line and f" {pid} " in line:
                return
        time.sleep(0.02)
    pytest.fail(f"process {pid} does not wait for the lock")


def test_a_dead_servers_file_with_a_strangers_number_does_not_keep_it_down(own: Settings) -> None:
    keeper, killed = up(own)
    place = find_place(own)
    keeper.send(signal.SIGKILL)
    killed.send(signal.SIGKILL)
    assert killed.has_ended(within_seconds=10)
    # A container that is started again gives old numbers to other processes; `sleep` runs as the server's user.
    stranger = subprocess.Popen(["/bin/sleep", "600"], **place.identity.popen)
    try:
        pid_file = place.cluster / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert kept_row(own) == 42
    finally:
        stranger.kill()
        stranger.wait()


def test_the_record_of_a_keeper_that_is_gone_counts_for_nothing(own: Settings) -> None:
    keeper, before = up(own)
    kill(keeper)
    assert before.has_ended(within_seconds=15)
    embedded.stop(own)  # nothing to stop, and it says nothing
    assert process(keeper.pid) != keeper

import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from settings import Settings
from storage import embedded
from storage.embedded.place import find_place
from storage.embedded.process import process, this_process
from storage.embedded.record import lock_path, log_path, port_path
from tests.storage.embedded_house import ROOT, ask, forget_place, server


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Settings]:
    """A data folder with nothing in it; whatever comes to run in it is stopped."""
    settings = Settings(data_dir=tmp_path / ".data")
    yield settings
    embedded.stop(settings)
    forget_place(settings.data_dir)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A data folder with a cluster, whose server may be up or down."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("embedded") / ".data")
    with server(settings):
        yield settings


@pytest.fixture
def running(own: Settings) -> tuple[Settings, str]:
    """The cluster with its server up."""
    return own, embedded.ensure_running(own)


def test_a_second_start_is_a_no_op_and_quiet(running: tuple[Settings, str], capsys: pytest.CaptureFixture[str]) -> None:
    settings, url = running
    before = embedded.status(settings)
    assert embedded.ensure_running(settings) == url
    assert embedded.status(settings) == before
    assert capsys.readouterr().err == ""


def test_it_is_configured_to_keep_what_it_commits_in_utc(running: tuple[Settings, str]) -> None:
    shown = {name: ask(running[1], f"show {name}") for name in ("fsync", "TimeZone", "max_connections", "max_wal_size")}
    assert shown == {"fsync": "on", "TimeZone": "UTC", "max_connections": "200", "max_wal_size": "2GB"}
    assert ask(running[1], "show unix_socket_directories") == ""
    assert ask(running[1], "show listen_addresses") == "127.0.0.1"


def test_without_the_password_nobody_gets_in(running: tuple[Settings, str]) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(running[1].replace(":", ":x", 2).replace("postgresql:x", "postgresql:"))
    assert str(ask(running[1], "select rolpassword from pg_authid where rolname = current_user")).startswith("SCRAM")


def test_names_sort_by_code_point_on_every_machine(running: tuple[Settings, str]) -> None:
    assert ask(running[1], "select string_agg(n, '' order by n) from unnest(array['b', 'A', 'a', 'B']) n") == "ABab"


def test_the_log_shows_no_rows(running: tuple[Settings, str]) -> None:
    settings, url = running
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(url, "create temp table t (name text primary key); insert into t values ('Ada Guest'), ('Ada Guest')")
    logged = log_path(settings).read_text()
    assert "duplicate key" in logged
    assert "Ada" not in logged


def test_everything_under_the_data_folder_is_for_its_owner_alone(running: tuple[Settings, str]) -> None:
    data = running[0].data_dir
    folders = [data, *(path for path in data.glob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "run").iterdir()} == {0o600}


def test_several_that_start_at_once_get_one_server(fresh: Settings) -> None:
    command = [sys.executable, "-m", "storage.embedded", "start", "--data-dir", str(fresh.data_dir)]
    starters = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [starter.wait(60) for starter in starters] == [0] * 4
    record = embedded.status(fresh)
    assert record is not None
    assert record.server is not None
    deadline = time.monotonic() + 20
    while keepers_of(fresh) != [record.keeper.pid]:  # those that came second are on their way out
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert embedded.status(fresh) == record


def keepers_of(settings: Settings) -> list[int]:
    """Find the processes that keep this data folder's server, or want to."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            words = entry.read_bytes().split(b"\0")
            if b"keep" in words and str(settings.data_dir).encode() in words:
                found.append(int(entry.parent.name))
    return found


def test_stop_leaves_no_process_and_may_be_repeated(own: Settings) -> None:
    embedded.ensure_running(own)
    record = embedded.status(own)
    assert record is not None
    assert record.server is not None
    embedded.stop(own)
    assert process(record.keeper.pid) is None
    assert process(record.server.pid) is None
    embedded.stop(own)
    assert embedded.status(own) is None


def test_the_port_stays_unless_a_stranger_has_taken_it(own: Settings) -> None:
    first = urlsplit(embedded.ensure_running(own)).port
    embedded.stop(own)
    assert urlsplit(embedded.ensure_running(own)).port == first
    embedded.stop(own)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", int(port_path(own).read_text())))
        stranger.listen()
        moved = embedded.ensure_running(own)
    assert urlsplit(moved).port != first
    assert ask(moved, "select 1") == 1


def test_a_server_that_runs_for_somebody_ends_with_them(own: Settings) -> None:
    embedded.stop(own)
    somebody = subprocess.Popen(["/bin/sleep", "600"])
    embedded.ensure_running(own, until=process(somebody.pid))
    record = embedded.status(own)
    somebody.kill()
    somebody.wait()
    assert record is not None
    assert record.keeper.has_ended(within_seconds=15)
    assert embedded.status(own) is None


def test_a_cluster_that_was_being_made_when_the_machine_stopped_is_made_anew(fresh: Settings) -> None:
    lock_path(fresh)
    place = find_place(fresh)
    (place.folder / "cluster.part" / "base").mkdir(parents=True)
    assert ask(embedded.ensure_running(fresh), "select current_database()") == "night_audit"


def test_a_server_that_cannot_start_says_why(fresh: Settings) -> None:
    embedded.ensure_running(fresh)
    embedded.stop(fresh)
    (find_place(fresh).cluster / "PG_VERSION").write_text("99\n")
    with pytest.raises(OSError, match=r"(?s)did not start.*database files are incompatible with server"):
        embedded.ensure_running(fresh)


def test_the_commands_say_whether_it_is_up(own: Settings) -> None:
    embedded.stop(own)

    def run(action: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "storage.embedded", action, "--data-dir", str(own.data_dir)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (run("status").returncode, run("status").stdout) == (3, "down\n")
    url = run("url")
    assert url.stdout.startswith("postgresql://")
    assert "Starting" in url.stderr
    assert run("status").stdout.startswith("up on port ")
    assert run("stop").returncode == 0
    assert run("status").returncode == 3


def test_a_process_is_not_mistaken_for_a_later_one_with_its_number() -> None:
    own_process = this_process()
    earlier = own_process._replace(started=own_process.started - 1)
    assert own_process.is_alive
    assert not earlier.is_alive
    earlier.send(signal.SIGKILL)  # would end this test run if it were sent
    assert earlier.has_ended(within_seconds=0)

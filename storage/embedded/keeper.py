"""The keeper: parent of the server for as long as it is wanted. It starts, restarts and stops it."""

import ctypes
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from settings.folders import own_like_folder
from settings.load import Settings
from storage.embedded.cluster import choose_port, ensure_cluster, server_command
from storage.embedded.place import Place, find_place
from storage.embedded.process import Process, process, this_process, wait_for_any_end
from storage.embedded.record import Record, lock_path, read_record, write_record

_POLL_SECONDS: Final = 0.02
_RETRY_SECONDS: Final = 0.5
_ORPHAN_SECONDS: Final = 3
_MOST_FAILURES: Final = 10
_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None)
# Fast shutdown, immediate shutdown, none at all: PostgreSQL recovers from each.
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def keep(settings: Settings, *, is_patient: bool = True, until: Process | None = None) -> None:
    """Keep the server up until SIGTERM or SIGINT, or until the process `until` has ended.

    There is one keeper at a time: while another one lives, a patient keeper waits to take over, else it returns.
    Raises OSError where the server cannot be started.
    """
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    with _only_one(lock_path(settings), is_patient=is_patient) as is_ours:
        if not is_ours:
            return
        _end_orphan(settings)
        write_record(settings, Record(this_process(), None, 0, is_ready=False))
        place = find_place(settings)
        with _locked(place.folder):
            ensure_cluster(settings, place)
            _serve(settings, place, until)


def _serve(settings: Settings, place: Place, until: Process | None) -> None:
    failures = 0
    while failures < _MOST_FAILURES:
        with _server(settings, place) as server:
            if server:
                wait_for_any_end(server, *([until] if until else []))
        if until and not until.is_alive:
            return
        failures = 0 if server else failures + 1
        if failures:
            time.sleep(_RETRY_SECONDS)
    msg = f"the database did not start in {_MOST_FAILURES} attempts; its own messages stand above"
    raise OSError(msg)


@contextmanager
def _server(settings: Settings, place: Place) -> Iterator[Process | None]:
    """Run the server for a block, which gets it once it takes connections, or None where it never did."""
    _remove_stale_pid_file(place.cluster)
    port = choose_port(settings)
    keeper = this_process()
    running = subprocess.Popen(
        server_command(place, port),
        cwd=place.folder,
        env={"LC_ALL": "C"},
        start_new_session=True,
        preexec_fn=lambda: _end_with(keeper),  # noqa: PLW1509 the keeper has one thread
        **place.identity.popen,
    )
    try:
        server = process(running.pid)
        write_record(settings, Record(keeper, server, port, is_ready=False))
        if server and _becomes_ready(running, place.cluster):
            write_record(settings, Record(keeper, server, port, is_ready=True))
            yield server
        else:
            yield None
    finally:
        if server := process(running.pid):
            server.end(*_STOP_SIGNALS)
        running.wait()


def _end_with(keeper: Process) -> None:
    """Ask the kernel to stop this process when the keeper is killed. After the change of user, which would clear it."""
    if _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT) != 0 or os.getppid() != keeper.pid:
        os._exit(1)


def _becomes_ready(running: subprocess.Popen[bytes], cluster: Path) -> bool:
    """Wait until the server says in its own file that it is ready; recovery after a crash may take its time."""
    while running.poll() is None:
        told = _pid_file(cluster)
        if told and told[0] == str(running.pid) and told[-1].strip() == "ready":
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _remove_stale_pid_file(cluster: Path) -> None:
    """Remove a dead server's file whose number a stranger has now (a restarted container), else none would start.

    While any process works in the cluster's folder, a left-over backend for one, the file stays and PostgreSQL decides.
    """
    told = _pid_file(cluster)
    if told and process(int(told[0])) and not _is_worked_in(cluster):
        (cluster / "postmaster.pid").unlink()


def _is_worked_in(folder: Path) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == folder.resolve():
                return True
        except OSError:  # it has just ended, or is another user's and so not the server
            continue
    return False


def _end_orphan(settings: Settings) -> None:
    """End the server of a keeper that was killed. The kernel has told it to stop already."""
    record = read_record(settings)
    if record and record.server and not record.server.end(*_STOP_SIGNALS, seconds_each=_ORPHAN_SECONDS):
        msg = f"the database server of a former keeper, process {record.server.pid}, does not end"
        raise OSError(msg)


@contextmanager
def _only_one(path: Path, *, is_patient: bool) -> Iterator[bool]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        own_like_folder(path)
        fcntl.flock(handle, fcntl.LOCK_EX if is_patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which is how systemd-tmpfiles is told not to age what lies in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _leave(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(0)

"""A PostgreSQL server of our own, for the demo, the tests and whoever has none. Linux."""

import signal
import subprocess
import sys
import time
from typing import Final

from settings.folders import own_like_folder
from settings.load import Settings
from storage.embedded.keeper import keep
from storage.embedded.process import Process
from storage.embedded.record import Record, log_path, read_record, url

__all__ = ["ensure_running", "keep", "status", "stop"]

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 40
_ASK_AGAIN_SECONDS: Final = 1
_POLL_SECONDS: Final = 0.02


def ensure_running(settings: Settings, *, until: Process | None = None) -> str:
    """Give the server's address (psql-ready), starting the server in the background where it is not up.

    It runs until `stop`, or until the process `until` has ended. Raises OSError where it does not start.
    """
    record = read_record(settings)
    if record is None or not record.is_up:
        sys.stderr.write("Starting the embedded PostgreSQL ...\n")
        record = _started(settings, until)
    return url(settings, record.port)


def stop(settings: Settings) -> None:
    """Stop keeper and server and wait for both; nothing to do where none runs. A waiting keeper takes over."""
    record = read_record(settings)
    if record is None:
        return
    if not record.keeper.end(signal.SIGTERM, seconds_each=_STOP_SECONDS):
        msg = f"process {record.keeper.pid}, which keeps the database, did not end in {_STOP_SECONDS} s"
        raise TimeoutError(msg)
    if record.server:
        record.server.end(signal.SIGINT, signal.SIGQUIT)


def status(settings: Settings) -> Record | None:
    """Give who keeps the server on which port, or None where it is not up."""
    record = read_record(settings)
    return record if record and record.is_up else None


def _started(settings: Settings, until: Process | None) -> Record:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        # Of several that are started at once, one gets the lock and the others end in peace: whoever waits asks again.
        keeper = _spawn_keeper(settings, until)
        asked_at = time.monotonic()
        while keeper.poll() is None or time.monotonic() < asked_at + _ASK_AGAIN_SECONDS:
            if (record := status(settings)) is not None:
                return record
            if keeper.poll() or time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        if keeper.poll():
            break
    log = log_path(settings)
    msg = f"the embedded PostgreSQL did not start. The end of {log}:\n{log.read_text(errors='replace')[-2000:]}"
    raise OSError(msg)


def _spawn_keeper(settings: Settings, until: Process | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "storage.embedded", "keep", "--at-once", "--data-dir", str(settings.data_dir)]
    if until:
        command += ["--until", str(until.pid)]
    with log_path(settings).open("ab") as log:
        own_like_folder(log_path(settings))
        return subprocess.Popen(
            command,
            cwd=settings.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

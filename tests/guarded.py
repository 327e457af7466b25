"""A server that cannot outlive the test run: its guard ends it with the run, whatever ends the run.

`python tests/guarded.py <run's pid> <command ...>` is the guard; `start_guarded` starts one and waits for health.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from storage.embedded.process import Process, process, wait_for_any_end

ROOT = Path(__file__).resolve().parent.parent


def start_guarded(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    is_healthy: Callable[[], bool],
    run_pid: int | None = None,
    seconds: float = 60,
) -> Process:
    """Start a server that ends with process `run_pid` (this one), wait until it is healthy, and give its guard.

    End the guard with SIGTERM and the server is stopped and waited for.
    """
    with log.open("ab") as file:
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.guarded", str(run_pid or os.getpid()), *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    guard = process(started.pid)
    deadline = time.monotonic() + seconds
    while guard is None or not is_healthy():
        if started.poll() is not None or guard is None or time.monotonic() > deadline:
            started.terminate()
            started.wait()
            msg = f"{command[0]} is not healthy. The end of its log:\n{log.read_text(errors='replace')[-3000:]}"
            raise RuntimeError(msg)
        time.sleep(0.05)
    return guard


def _guard(run_pid: int, command: list[str]) -> None:
    def leave(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    running = subprocess.Popen(command, start_new_session=True)
    try:
        run, server = process(run_pid), process(running.pid)
        if run and server:
            wait_for_any_end(run, server)
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(running.pid, number)
                running.wait(timeout=8)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


if __name__ == "__main__":
    _guard(int(sys.argv[1]), sys.argv[2:])

"""A module of ours as a process of its own, until the block ends."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection
from typing import NamedTuple


class Route(NamedTuple):
    """A route's port and process."""

    port: int
    pid: int


@contextlib.contextmanager
def served(module: list[str], port: int, environment: dict[str, str]) -> Iterator[Route]:
    """Run a module that listens on a port, from when it does."""
    with running(module, environment) as process:
        deadline = time.monotonic() + 30
        while not _listens(port):
            assert process.poll() is None, f"{module[0]} does not start"
            assert time.monotonic() < deadline, f"{module[0]} does not listen"
            time.sleep(0.05)
        yield Route(port, process.pid)


@contextlib.contextmanager
def running(module: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module with arguments in this environment alone."""
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen([sys.executable, "-m", *module], cwd=root, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

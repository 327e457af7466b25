"""A Prefect server of the benchmark's own, as `make up` runs it: SQLite, analytics off."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from settings.ports import free_port

_START_SECONDS: Final = 60


@contextmanager
def running_prefect(folder: Path) -> Iterator[str]:
    """Run a server whose data lie in `folder`, and give the address of its API."""
    folder.mkdir()
    port = free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-ui",
    ]
    environment = {
        "HOME": str(folder),
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "DO_NOT_TRACK": "1",
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(api_url, server)
        yield api_url
    finally:
        server.terminate()
        server.wait()


def _wait_for(api_url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _is_healthy(api_url):
        if server.poll() is not None or time.monotonic() > deadline:
            msg = "the Prefect server does not start"
            raise OSError(msg)
        time.sleep(0.1)


def _is_healthy(api_url: str) -> bool:
    try:
        return httpx.get(f"{api_url}/health", timeout=2).is_success
    except httpx.TransportError:
        return False

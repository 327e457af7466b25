"""A real Prefect server for tests: SQLite in a folder of its own, a free port, an auth string."""

import signal
import sys
from pathlib import Path
from typing import NamedTuple

import httpx

from settings.ports import free_port
from storage.embedded.process import Process
from tests.guarded import start_guarded
from tests.shared_run import SharedRun

AUTH_STRING = "tests:only"


class PrefectServer(NamedTuple):
    """A running server. `environment` is what a client process needs."""

    api_url: str
    auth_string: str
    guard: Process

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables by which a subprocess finds this server."""
        return {"PREFECT_API_URL": self.api_url, "PREFECT_API_AUTH_STRING": self.auth_string}

    def stop(self) -> None:
        """Stop the server and wait for it; a test stops only one that it has started itself."""
        self.guard.end(signal.SIGTERM, signal.SIGKILL, seconds_each=30)


def shared_server(run: SharedRun) -> PrefectServer:
    """Give the run's server, started by the first who asks; it ends with the run."""

    def start() -> str:
        server = start_prefect_server(run.folder / "prefect-server", run_pid=run.controller.pid)
        return f"{server.api_url} {server.auth_string} {server.guard.pid} {server.guard.started}"

    return _from_text(run.once("prefect", start))


def stop_shared_server(run: SharedRun) -> None:
    """Stop the run's server where one was started."""
    if told := run.told("prefect"):
        _from_text(told).stop()


def _from_text(text: str) -> PrefectServer:
    api_url, auth_string, pid, started = text.split()
    return PrefectServer(api_url, auth_string, Process(int(pid), int(started)))


def start_prefect_server(home: Path, *, run_pid: int | None = None, port: int | None = None) -> PrefectServer:
    """Start a server whose data lie in `home`, and wait until it is healthy (about 8 s)."""
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    environment = {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        "PREFECT_API_AUTH_STRING": AUTH_STRING,
        "PREFECT_SERVER_API_AUTH_STRING": AUTH_STRING,
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }
    guard = start_guarded(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
        environment=environment,
        log=home / "server.log",
        is_healthy=lambda: _is_healthy(api_url),
        run_pid=run_pid,
    )
    return PrefectServer(api_url, AUTH_STRING, guard)


def _is_healthy(api_url: str) -> bool:
    try:
        return httpx.get(f"{api_url}/health", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False

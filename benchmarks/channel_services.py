"""The services that bring bookings in and tell channels, as `make up` runs them, on a database of the benchmark's own."""

import base64
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import psycopg

from settings.children import inherited
from settings.load import ROOT
from settings.ports import free_port

START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 10.0
KEY: Final = bytes(range(32))
# Each names its connection to the database when it is ready for work.
LISTENERS: Final = ("trigger", "puller", "courier")


class Services(NamedTuple):
    """What runs: the gateway's address, and where each service writes its log."""

    gateway: str
    logs: Path


@contextmanager
def running_services(url: str, folder: Path, names: Sequence[str] = LISTENERS) -> Iterator[Services]:
    """Run gateway and listeners until the block ends; Prefect is not there, which keeps nothing from working."""
    folder.mkdir(parents=True, exist_ok=True)
    port, nowhere = free_port(), free_port()
    environment = inherited() | {
        "NIGHT_AUDIT_DATABASE_URL": url,
        "NIGHT_AUDIT_SECRET_KEY": base64.b64encode(KEY).decode(),
        "NIGHT_AUDIT_DATA_DIR": str(folder / "data"),
        "NIGHT_AUDIT_GATEWAY_PORT": str(port),
        "NIGHT_AUDIT_ALLOW_PRIVATE_HOSTS": "1",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{nowhere}/api",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }
    modules = {"gateway": "gateway", **{name: f"deployments.{name}" for name in names}}
    with ExitStack() as stack:
        for name, module in modules.items():
            stack.enter_context(_running(module, environment, folder / f"{name}.log"))
        services = Services(f"http://127.0.0.1:{port}", folder)
        _wait_until_ready(services, url, names)
        yield services


@contextmanager
def _running(module: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as told:
        process = subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=told, stderr=told)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(services: Services, url: str, names: Sequence[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    query = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name = ANY(%s)"
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            listening = {row[0] for row in connection.execute(query, [list(names)])}
            if listening >= set(names) and _answers(services.gateway):
                return
            if time.monotonic() > deadline:
                missing = sorted(set(names) - listening) or ["gateway"]
                ends = [f"{name}: {(services.logs / f'{name}.log').read_text()[-2000:]}" for name in missing]
                raise TimeoutError("\n".join(ends))
            time.sleep(0.1)


def _answers(gateway: str) -> bool:
    try:
        return (
            httpx.get(f"{gateway}/health", timeout=2, trust_env=False).status_code < httpx.codes.INTERNAL_SERVER_ERROR
        )
    except httpx.TransportError:
        return False

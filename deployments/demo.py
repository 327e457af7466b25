"""Show the main job on a fresh machine: `python -m deployments.demo [--input FILE]`.

Everything it needs it starts (the embedded database, a Prefect server, the gateway), and stops again; what `make up`
already runs is used as it is.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import httpx

import settings
from deployments.prefect_environment import full_environment
from deployments.supervision import Supervision, wait_until
from settings import Settings
from settings.folders import data_folder
from settings.ports import free_port
from storage import embedded

START_SECONDS: Final = 90.0
PATIENCE_SECONDS: Final = 15.0


def main() -> int:
    """Start what is missing, run the demo's flows in a process of their own, stop what was started."""
    asked = _parser().parse_args()
    given = settings.load()
    with ExitStack() as started:
        if not given.database_url and not _is_up(given):
            started.callback(embedded.stop, given)
        ports = started.enter_context(_services(given))
        command = [sys.executable, "-m", "deployments.demo_flows", "--gateway", f"http://127.0.0.1:{ports[1]}"]
        if Supervision(given).process:
            command += ["--sandbox", f"http://127.0.0.1:{given.sandbox_port}"]
        for name in ("input", "mapping", "date"):
            if value := getattr(asked, name):
                command += [f"--{name}", str(value)]
        return subprocess.run(
            command,
            cwd=given.root,
            env=full_environment(given, port=ports[0]) | {"PREFECT_LOGGING_LEVEL": "WARNING"},
            check=False,
        ).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.demo", description=__doc__)
    parser.add_argument("--input", type=Path, help="an export to import instead of the sandbox's world")
    parser.add_argument(
        "--mapping", help="which mapping in connectors/file_drop/exports reads it; default: the one that fits"
    )
    parser.add_argument("--date", type=date.fromisoformat, help="the business date to report (yyyy-mm-dd)")
    return parser


def _is_up(given: Settings) -> bool:
    record = embedded.status(given)
    return record is not None and record.is_up


@contextmanager
def _services(given: Settings) -> Iterator[tuple[int, int]]:
    """Give the ports of Prefect and of the gateway: those of `make up` where it runs, else of two started here."""
    if Supervision(given).process:
        yield given.prefect_port, given.gateway_port
        return
    prefect_port, gateway_port = free_port(), free_port()
    environment = full_environment(given, port=prefect_port) | {"NIGHT_AUDIT_GATEWAY_PORT": str(gateway_port)}
    if not given.database_url:
        embedded.ensure_running(given)
    commands = {
        "prefect": ("-m", "prefect", "server", "start"),
        "gateway": ("-m", "gateway"),
    }
    with ExitStack() as running:
        for name, arguments in commands.items():
            running.enter_context(_service(given, name, arguments, environment))
        _wait_for(f"http://127.0.0.1:{prefect_port}/api/health", "prefect")
        _wait_for(f"http://127.0.0.1:{gateway_port}/metrics", "gateway")
        yield prefect_port, gateway_port


@contextmanager
def _service(given: Settings, name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> Iterator[None]:
    with (data_folder(given, "logs") / f"demo-{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=given.root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, name: str) -> None:
    def answers() -> bool:
        try:
            return httpx.get(address, trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False

    if not wait_until(answers, START_SECONDS):
        msg = f"{name} did not start within {START_SECONDS:.0f} s: read .data/logs/demo-{name}.log"
        raise SystemExit(msg)


if __name__ == "__main__":
    sys.exit(main())

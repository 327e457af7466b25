"""Flows as they run in earnest: deployed to a server, started by a worker in processes of their own."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from deployments.deploy import deploy_all
from deployments.prefect_api import ask
from deployments.prefect_environment import full_environment
from deployments.supervised import mark, supervised
from deployments.supervision import end_all, wait_until
from settings import Settings
from settings.folders import data_folder, write_private
from tests.deployments.sandbox_house import KEY, House
from tests.guarded import ROOT
from tests.prefect_server import AUTH_STRING, PrefectServer, start_prefect_server

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Run(NamedTuple):
    """A flow run that is over, with its artifacts by key."""

    name: str
    state: str
    message: str
    tags: list[str]
    artifacts: dict[str, dict[str, Any]]

    def table(self, key: str) -> list[dict[str, Any]]:
        """Give the rows of a table artifact."""
        rows: list[dict[str, Any]] = json.loads(self.artifacts[key]["data"])
        return rows


class Prefect:
    """A server with every flow deployed to it."""

    def __init__(self, given: Settings) -> None:
        self.given = given

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Ask the server."""
        return ask(self.given, method, path, body or None)

    def pause_schedules(self) -> None:
        """Let nothing run but what a test starts."""
        for each in self.call("POST", "deployments/filter"):
            self.call("PATCH", f"deployments/{each['id']}", paused=True)

    def start(self, deployment: str, **parameters: Any) -> str:
        """Start a run of `flow-name/deployment` and give its id."""
        found = self.call("GET", f"deployments/name/{deployment}")
        state = {"type": "SCHEDULED"}
        return str(
            self.call("POST", f"deployments/{found['id']}/create_flow_run", parameters=parameters, state=state)["id"]
        )

    def finished(self, *flow_run_ids: str, seconds: float = 240) -> list[Run]:
        """Wait until runs are over and give them in the same order."""

        def state(flow_run_id: str) -> str:
            try:
                return str(self.call("GET", f"flow_runs/{flow_run_id}")["state_type"])
            except httpx.HTTPError:
                return "UNKNOWN"

        is_over = wait_until(lambda: all(state(each) in FINAL for each in flow_run_ids), seconds)
        assert is_over, {each: state(each) for each in flow_run_ids}
        return [self._run(each) for each in flow_run_ids]

    def _run(self, flow_run_id: str) -> Run:
        run = self.call("GET", f"flow_runs/{flow_run_id}")
        found = self.call("POST", "artifacts/filter", flow_runs={"id": {"any_": [flow_run_id]}})
        artifacts = {each["key"]: each for each in found}
        return Run(run["name"], run["state_type"], run["state"]["message"] or "", run["tags"], artifacts)


@contextmanager
def deployed(data_dir: Path, database_url: str) -> Iterator[Prefect]:
    """Start a server of the test's own and deploy everything to it as `make deploy` does."""
    server = start_prefect_server(data_dir / "prefect")
    try:
        given = _settings(server, data_dir, database_url)
        deploy_all(given)
        yield Prefect(given)
    finally:
        server.stop()


@contextmanager
def worker(prefect: Prefect, house: House) -> Iterator[None]:
    """Run a process worker as the supervisor does, for a block; its flow runs end with it."""
    given = prefect.given
    with (data_folder(given, "logs") / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "night-audit", "--type", "process"],
            cwd=ROOT,
            env=full_environment(given) | house.environment | mark(given) | {"PREFECT_WORKER_QUERY_SECONDS": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        end_all(supervised(given))
        process.wait()


def _settings(server: PrefectServer, data_dir: Path, database_url: str) -> Settings:
    given = Settings(
        database_url=database_url,
        data_dir=data_dir,
        secret_key=base64.b64decode(KEY),
        prefect_port=int(server.api_url.split(":")[2].split("/")[0]),
    )
    write_private(data_folder(given, "run") / "prefect.json", f'{{"auth": "{AUTH_STRING}"}}')
    return given

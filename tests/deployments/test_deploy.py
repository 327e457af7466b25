"""All of `prefect.yaml` into a real server, twice: what is there, when it runs, with which parameters."""

from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.filters import FlowRunFilterDeploymentId as OfDeployment
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from deployments.deploy import deploy_all, is_deployed
from deployments.supervision import wait_until
from tests.flows.running import Prefect, deployed
from tests.guarded import ROOT
from tests.prefect_server import AUTH_STRING

HOUSES = {"harbour-lisbon": "Europe/Lisbon", "kamo-kyoto": "Asia/Tokyo", "pearl-manama": "Asia/Bahrain"}
WRITTEN: list[dict[str, Any]] = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]


def test_everything_deploys_twice_and_is_listed_through_the_client(tmp_path: Path) -> None:
    with deployed(tmp_path, "postgresql://nobody@localhost/none") as prefect:
        first = names_and_ids(prefect)
        assert is_deployed(prefect.given)
        deploy_all(prefect.given)
        assert names_and_ids(prefect) == first
        assert {tuple(name.split("/")) for name in first} == {
            (each["entrypoint"].split(":")[1].replace("_", "-"), each["name"]) for each in WRITTEN
        }
        deployments_are_as_written(prefect)
        schedules_become_runs(prefect)
        the_client_lists_all_of_it(prefect)


def names_and_ids(prefect: Prefect) -> dict[str, str]:
    flows = {each["id"]: each["name"] for each in prefect.call("POST", "flows/filter")}
    return {
        f"{flows[each['flow_id']]}/{each['name']}": each["id"] for each in prefect.call("POST", "deployments/filter")
    }


def deployments_are_as_written(prefect: Prefect) -> None:
    for written in WRITTEN:
        flow = written["entrypoint"].split(":")[1].replace("_", "-")
        stored = prefect.call("GET", f"deployments/name/{flow}/{written['name']}")
        limit = written["concurrency_limit"]
        assert stored["tags"] == written["tags"]
        assert stored["work_pool_name"] == "night-audit"
        assert stored["global_concurrency_limit"]["limit"] == limit["limit"]
        assert stored["concurrency_options"]["collision_strategy"] == limit["collision_strategy"]
        assert stored["enforce_parameter_schema"] is True
        assert stored["pull_steps"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
        schedules = {each["slug"]: each for each in stored["schedules"]}
        assert sorted(schedules) == sorted(each["slug"] for each in written.get("schedules", []))
        for slug, schedule in schedules.items():
            # One schedule per house, each for that house alone.
            assert schedule["active"]
            assert schedule["parameters"] == ({"property_id": slug} if slug in HOUSES else {})
            if written["name"] in {"daily", "nightly"}:
                assert schedule["schedule"]["timezone"] == HOUSES[slug]


def schedules_become_runs(prefect: Prefect) -> None:
    """Every schedule is seen to make runs: a server that merely stores schedules does nothing at night."""
    ids = names_and_ids(prefect)

    def houses(name: str) -> set[str]:
        runs = prefect.call("POST", "flow_runs/filter", deployments={"id": {"any_": [ids[name]]}})
        return {run["parameters"].get("property_id", "none") for run in runs}

    for name in ("sync-reservations/hourly", "publish-daily-report/daily", "take-booking-snapshot/nightly"):
        assert wait_until(lambda name=name: houses(name) == set(HOUSES), 60), name  # type: ignore[misc]
    assert wait_until(lambda: houses("import-bookings/sweeper") == {"none"}, 60)


def the_client_lists_all_of_it(prefect: Prefect) -> None:
    address = f"http://127.0.0.1:{prefect.given.prefect_port}/api"
    given = {PREFECT_API_URL: address, PREFECT_API_AUTH_STRING: AUTH_STRING}
    with temporary_settings(given), get_client(sync_client=True) as client:
        deployments = client.read_deployments()
        assert len(deployments) == len(WRITTEN)
        assert {flow.name.replace("-", "_") for flow in client.read_flows()} == flow_names()
        sweeper = next(each for each in deployments if each.name == "sweeper")
        assert client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=OfDeployment(any_=[sweeper.id])))
        assert client.read_artifacts() == []


def flow_names() -> set[str]:
    return {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}

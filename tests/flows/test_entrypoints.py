"""Every flow loads by its entrypoint as a worker loads it, takes what its deployments give it, and explains itself."""

from typing import Any

import pytest
import yaml
from prefect.exceptions import ParameterTypeError
from prefect.flows import Flow, load_flow_from_entrypoint

from tests.guarded import ROOT

WRITTEN: list[dict[str, Any]] = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]
NAMES = sorted({path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"})


def load(name: str) -> Flow[..., Any]:
    return load_flow_from_entrypoint(f"{ROOT / 'flows'}/{name}.py:{name}")


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_loads_under_its_own_name_and_is_documented(name: str) -> None:
    flow = load(name)
    assert flow.name == name.replace("_", "-")
    assert flow.timeout_seconds
    undescribed = [key for key, told in flow.parameters.properties.items() if not told.get("description")]
    assert undescribed == []
    assert len((ROOT / "flows" / f"{name}.py").read_text().splitlines()) <= 80


@pytest.mark.parametrize("written", WRITTEN, ids=lambda each: f"{each['entrypoint'].split(':')[1]}-{each['name']}")
def test_a_flow_takes_the_parameters_of_its_deployment_and_of_each_schedule(written: dict[str, Any]) -> None:
    flow = load(written["entrypoint"].split(":")[1])
    given = written.get("parameters", {})
    for schedule in [{}, *written.get("schedules", [])]:
        flow.validate_parameters({**given, **schedule.get("parameters", {})})


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("import_bookings", {"seconds": 0}),
        ("import_bookings", {"seconds": 3600}),
        ("sync_reservations", {"source": "Sandbox PMS"}),
        ("sync_reservations", {"source": "sandbox_pms", "property_id": "'; drop table"}),
        ("sync_reservations", {"source": "s", "window": {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}),
        ("sync_reservations", {"source": "s", "window": {"since": "2026-01-01T00:00:00", "until": "2026-01-02T00:00:00"}}),
        ("publish_daily_report", {"property_id": "city-hotel", "business_on": "yesterday"}),
        ("replay_quarantine", {"release": {"actor": "me", "reason": "because"}}),
        ("replay_quarantine", {"choice": {"reasons": "no_guests"}}),
        ("replay_messages", {"choice": {"with_done": True}}),
        ("replay_messages", {"choice": {"origin": "somewhere"}}),
        ("resync_window", {"source": "s", "window": {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}),
        ("pull_bookings", {"seconds": 3600}),
    ],
)  # fmt: skip
def test_what_a_flow_cannot_mean_is_refused_before_it_runs(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterTypeError):
        load(name).validate_parameters(parameters)

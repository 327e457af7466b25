"""The container files agree with the project: no engine here runs them, so names, commands and settings are compared."""

import importlib.util
import re
from typing import Any

import pytest
import yaml

from settings.load import VARIABLES
from tests.guarded import ROOT

FOLDER = ROOT / "deployments"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
OURS = {"gateway", "trigger", "puller", "courier", "worker", "prefect", "migrate", "deploy"}


def pods() -> dict[str, dict[str, Any]]:
    """Give the pod of each Deployment and Job."""
    return {
        each["metadata"]["name"]: each["spec"]["template"] for each in OBJECTS if each["kind"] in {"Deployment", "Job"}
    }


def commands() -> list[Any]:
    composed = [(name, each["command"]) for name, each in COMPOSE["services"].items() if name in OURS]
    return [pytest.param(command, id=f"compose-{name}") for name, command in composed] + [
        pytest.param(container["command"], id=f"kubernetes-{name}")
        for name, pod in pods().items()
        for container in pod["spec"]["containers"]
        if container["image"] == "night-audit"
    ]


@pytest.mark.parametrize("command", commands())
def test_every_command_names_modules_and_files_that_are_there(command: list[str]) -> None:
    words = " ".join(command)
    modules = re.findall(r"python,? -m ([\w.]+)", words)
    assert modules
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []
    assert [path for path in re.findall(r"deployments/[\w.]+", words) if not (ROOT / path).is_file()] == []


def test_both_run_the_same_services_with_the_same_commands() -> None:
    composed = {name: each["command"] for name, each in COMPOSE["services"].items() if name in OURS}
    clustered = {name: pod["spec"]["containers"][0]["command"] for name, pod in pods().items()}
    assert {name: " ".join(command).strip() for name, command in composed.items()} == {
        name: " ".join(command).strip() for name, command in clustered.items()
    }


def test_every_setting_named_there_is_one() -> None:
    text = "".join((FOLDER / name).read_text() for name in ("compose.yaml", "kubernetes.yaml", "Dockerfile"))
    named = set(re.findall(r"NIGHT_AUDIT_[A-Z_]+", text))
    assert named
    assert named <= VARIABLES


def test_pods_find_the_services_configuration_and_volumes_they_name() -> None:
    names = {(each["kind"], each["metadata"]["name"]) for each in OBJECTS}
    for name, pod in pods().items():
        volumes = {each["name"]: each for each in pod["spec"].get("volumes", [])}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= set(volumes), name
            assert {
                ("ConfigMap", each["configMapRef"]["name"])
                for each in container.get("envFrom", [])
                if "configMapRef" in each
            } <= names
        assert {("ConfigMap", each["configMap"]["name"]) for each in volumes.values() if "configMap" in each} <= names
    for service in (each for each in OBJECTS if each["kind"] == "Service"):
        assert pods()[service["spec"]["selector"]["app"]]["metadata"]["labels"] == service["spec"]["selector"]
    assert ("Service", "prefect") in names  # PREFECT_API_URL names it


def test_only_webhooks_are_open_to_the_world() -> None:
    published = {name: each["ports"] for name, each in COMPOSE["services"].items() if "ports" in each}
    assert published == {"proxy": ["80:80", "443:443"], "prefect": ["127.0.0.1:4200:4200"]}
    assert "reverse_proxy /webhooks/* 127.0.0.1:8080" in COMPOSE["configs"]["doors"]["content"]
    assert COMPOSE["services"]["gateway"]["network_mode"] == "service:proxy"


def test_the_image_is_made_from_the_lock_and_never_runs_as_root() -> None:
    assert "pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock" in DOCKERFILE
    assert DOCKERFILE.rstrip().endswith("USER night-audit")
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().split()
    assert ".*" in ignored  # .data, .venv, .git, .env

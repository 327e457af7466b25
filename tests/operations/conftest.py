"""A house with the sandbox's three properties, set up as the demo does it, on the worker's own database."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deployments.demo_house import set_up_sandbox
from sandbox.server import Sandbox, running
from sandbox.world import World, build
from storage.sealing import house_keys
from tests.operations.channels_house import FAR, NEAR, add_house


@pytest.fixture(scope="session")
def world() -> World:
    """A small clean world."""
    return build(seed=11, size=30)


@pytest.fixture(scope="session")
def served(world: World) -> Iterator[Sandbox]:
    with running(world) as up:
        yield up


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """The sandbox as if it had just started."""
    served.state.reset()
    return served


@pytest.fixture
def house(
    engine: Engine, clean_database: str, world: World, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The worker's database, empty but for the sandbox's properties and both of its sides."""
    monkeypatch.setenv("NIGHT_AUDIT_DATABASE_URL", clean_database)
    monkeypatch.setenv("NIGHT_AUDIT_DATA_DIR", str(tmp_path / ".data"))
    monkeypatch.setenv("NIGHT_AUDIT_SECRET_KEY", base64.b64encode(bytes(range(32))).decode())
    house_keys.cache_clear()
    set_up_sandbox(engine, world, sandbox.url)
    yield engine
    house_keys.cache_clear()


@pytest.fixture
def far(world: World) -> Iterator[Sandbox]:
    """Another sandbox, as if it had just started."""
    with running(world) as up:
        yield up


@pytest.fixture
def shop(
    engine: Engine, clean_database: str, sandbox: Sandbox, far: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The worker's database with a house of three doubles and two suites, sold through `sandbox` and `far`."""
    monkeypatch.setenv("NIGHT_AUDIT_DATABASE_URL", clean_database)
    monkeypatch.setenv("NIGHT_AUDIT_DATA_DIR", str(tmp_path / ".data"))
    monkeypatch.setenv("NIGHT_AUDIT_SECRET_KEY", base64.b64encode(bytes(range(32))).decode())
    house_keys.cache_clear()
    add_house(engine, {NEAR: sandbox, FAR: far})
    yield engine
    house_keys.cache_clear()

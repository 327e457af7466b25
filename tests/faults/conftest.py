"""A hotel under fire: its database, its messages, and the process that kills its workers."""

import base64
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from deployments.demo_house import set_up_sandbox
from sandbox.world import World, build
from storage.inbox import Delivery, receive
from storage.sealing import house_keys
from tests.faults.fold import Told
from tests.faults.zygote import Zygote, zygote

SECRET_KEY = base64.b64encode(bytes(range(32))).decode()
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def killer() -> Iterator[Zygote]:
    """Forks workers and kills them; takes some seconds to start, so all tests of a process share it."""
    with zygote(SECRET_KEY) as up:
        yield up


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Random:
    """Another seed each time; the one of a failure is printed with it."""
    seed = request.config.getoption("--fault-seed") or time.time_ns() % 10**9
    sys.stdout.write(f"--fault-seed {seed}\n")
    return Random(seed)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("NIGHT_AUDIT_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("NIGHT_AUDIT_DATA_DIR", str(tmp_path / ".data"))
    house_keys.cache_clear()
    yield
    house_keys.cache_clear()


@pytest.fixture(scope="session")
def world() -> World:
    return build(seed=3, size=60)


@pytest.fixture
def hotel(engine: Engine, clean_database: str, world: World) -> Engine:
    """The worker's database, empty but for the sandbox's properties and both of its sides."""
    set_up_sandbox(engine, world, NOWHERE)
    return engine


def receive_all(house: Engine, deliveries: Sequence[Delivery]) -> list[Told]:
    """Put messages into the inbox in this order; give those that were not there yet."""
    with house.begin() as connection:
        receipts = receive(connection, deliveries)
    pairs = zip(receipts, deliveries, strict=True)
    return [Told(receipt.inbox_id, each.source, each.body) for receipt, each in pairs if not receipt.is_duplicate]

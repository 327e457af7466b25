"""A world, a sandbox that serves it, a client that may ask, and a receiver for what it sends."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.server import Sandbox, running
from sandbox.world import World, build
from tests.sandbox.receiver import Receiver, receiving

HOUSES = ("harbour-lisbon", "kamo-kyoto", "pearl-manama")


@pytest.fixture(scope="session")
def world() -> World:
    return build(seed=7, size=400)


@pytest.fixture(scope="session")
def flawed_world() -> World:
    return build(seed=7, size=400, flawed_per_mille=60)


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
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, headers={"Authorization": "Bearer sandbox-api-key"}) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening

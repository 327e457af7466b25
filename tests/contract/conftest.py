from collections.abc import Iterator

import pytest
import stamina

from connectors.ports import Ports
from tests.contract.fakes import memory_ports
from tests.contract.scripted_server import ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def ports() -> Ports:
    return memory_ports()


@pytest.fixture(autouse=True)
def hasty_retries() -> Iterator[None]:
    """Repeat without pauses: how long they last is tested where they are made."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)

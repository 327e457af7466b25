from collections.abc import Iterator

import pytest
import stamina

from connectors.calls import Call, Response
from connectors.http import HttpClient
from connectors.ports import Ports
from sandbox.channels.desk import Desk
from tests.contract.channel_desk import Clock
from tests.contract.fakes import memory_ports
from tests.contract.scripted_server import ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def ports() -> Ports:
    return memory_ports()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk(clock=clock)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every message of ours that goes out."""
    kept: list[bytes] = []
    send = HttpClient.send

    def recorded(self: HttpClient, call: Call) -> Response:
        kept.extend([call.content] if call.content else [])
        return send(self, call)

    monkeypatch.setattr(HttpClient, "send", recorded)
    return kept


@pytest.fixture(autouse=True)
def hasty_retries() -> Iterator[None]:
    """Repeat without pauses: how long they last is tested where they are made."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)

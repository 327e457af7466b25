"""A gateway on a free port, in front of this worker's database or of a wire that can be cut."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine, text
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.serving import BoundedProtocol, server_config
from settings import Settings
from storage.integrations import Integration, save_integration
from storage.sealing import Keys
from tests.gateway.receivers import KIND, SECRET, receiver_of, signed

SOURCE = "channel"
PATH = f"/webhooks/bookings/{SOURCE}"


class Gateway(NamedTuple):
    """A running gateway and one client of it."""

    port: int
    client: httpx.Client

    def post(self, body: bytes, headers: dict[str, str] | None = None, path: str = PATH) -> httpx.Response:
        """Send a body, signed unless told otherwise."""
        return self.client.post(path, content=body, headers=signed(body) if headers is None else headers)


@contextlib.contextmanager
def serving(app: ASGIApp, protocol: type[BoundedProtocol] = BoundedProtocol) -> Iterator[int]:
    """Serve an app as the gateway is served, on a port that is given."""
    server = uvicorn.Server(server_config(app, 0, protocol=protocol))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(15)


@pytest.fixture
def keys(settings: Settings) -> Keys:
    assert settings.secret_key
    return Keys(settings.secret_key)


@pytest.fixture
def integrate(engine: Engine, keys: Keys, settings: Settings) -> Callable[..., None]:
    """Give a function that sets an integration up, or changes it."""

    def integrate(source: str = SOURCE, *secrets: str, **fields: Any) -> None:
        with engine.begin() as connection:
            told = Integration(**{"source": source, "property_id": "*", "kind": KIND, **fields})
            save_integration(connection, told, webhook_secrets=secrets or [SECRET], keys=keys)

    return integrate


@pytest.fixture
def start(settings: Settings, keys: Keys, integrate: Callable[..., None]) -> Iterator[Callable[..., Gateway]]:
    """Give a function that starts a gateway: `start(url=…, protocol=…)`."""
    integrate()
    (settings.data_dir / "reports").mkdir(parents=True)
    with contextlib.ExitStack() as stack:

        def start(url: str | None = None, protocol: type[BoundedProtocol] = BoundedProtocol) -> Gateway:
            address = url or settings.database_url
            assert address
            app = create_app(address, settings.data_dir / "reports", keys, receiver_of=receiver_of)
            port = stack.enter_context(serving(app, protocol))
            return Gateway(port, stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)))

        yield start


@pytest.fixture
def gateway(start: Callable[..., Gateway]) -> Gateway:
    """A gateway with one integration, `channel`."""
    return start()


@pytest.fixture
def inbox(engine: Engine) -> Callable[[], list[Any]]:
    """Give a function that reads the inbox, in order."""

    def rows() -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT * FROM raw.inbox ORDER BY inbox_id")))

    return rows

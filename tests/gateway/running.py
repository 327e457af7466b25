"""A gateway served on a free port, and what tests ask of it."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import httpx
import uvicorn
from starlette.types import ASGIApp

from gateway.serving import BoundedProtocol, server_config
from tests.gateway.receivers import signed

SOURCE = "channel"
PATH = f"/webhooks/bookings/{SOURCE}"

Inbox = Callable[[], list[Any]]


class Gateway(NamedTuple):
    """A running gateway and one client of it."""

    port: int
    client: httpx.Client

    def post(self, body: bytes, headers: dict[str, str] | None = None, path: str = PATH) -> httpx.Response:
        """Send a body, signed unless told otherwise."""
        given = signed(body) if headers is None else headers
        raw = [(name.encode(), value.encode()) for name, value in given.items()]
        return self.client.post(path, content=body, headers=raw)


class Start(Protocol):
    """Starts a gateway in front of a database, by default this worker's."""

    def __call__(self, url: str | None = None, protocol: type[BoundedProtocol] = ...) -> Gateway: ...


class Integrate(Protocol):
    """Sets an integration up, or changes it."""

    def __call__(self, source: str = ..., *secrets: str, **fields: Any) -> None: ...


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

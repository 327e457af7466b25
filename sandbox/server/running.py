"""Run the sandbox: in the foreground for a person, in a thread for a test."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from sandbox.server.access import Keys
from sandbox.server.app import make_app
from sandbox.server.faults import Faults
from sandbox.server.state import State
from sandbox.server.wire import OpenConnection
from sandbox.world import World

LOOPBACK: Final = "127.0.0.1"
STARTS_WITHIN_SECONDS: Final = 10.0


class Sandbox:
    """A sandbox that is up: where it is, and the strings to pull from the same process."""

    def __init__(self, url: str, state: State) -> None:
        self.url, self.state = url, state

    @property
    def world(self) -> World:
        """The world it serves."""
        return self.state.world

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self.state.faults

    def move_clock(self, now: datetime) -> None:
        """Let the world be as it is at an aware instant."""
        self.state.move_clock(now)


def serve(state: State, port: int, host: str = LOOPBACK) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); what keeps it from starting is logged to stderr."""
    serve_app(make_app(state), port, host)


def serve_app(app: ASGIApp, port: int, host: str = LOOPBACK) -> None:
    """Serve any application as `serve` does a world."""
    uvicorn.Server(_config(app, host=host, port=port, log_level="warning")).run()


@contextmanager
def running(world: World, port: int = 0, keys: Keys | None = None) -> Iterator[Sandbox]:
    """Serve a world from a thread on loopback while the block runs; port 0 picks a free one."""
    state = State(world, keys)
    with serving(make_app(state), port) as url:
        yield Sandbox(url, state)


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an application from a thread on loopback while the block runs, and give its address."""
    # Only a socket that says TCP gets TCP_NODELAY from asyncio; without it every answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    server = uvicorn.Server(_config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    # Listening from here on: whoever connects early waits in the backlog until the server accepts.
    listener.listen()
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STARTS_WITHIN_SECONDS)
        listener.close()


def _config(app: ASGIApp, **settings: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, http=OpenConnection, loop="asyncio", lifespan="off", ws="none",
        access_log=False, server_header=False, date_header=False, **settings,
    )  # fmt: skip

"""Serve channels over HTTP: each vendor's routes under `/<kind>`, with faults on demand."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.channels.desk import Desk
from sandbox.server.running import serving
from sandbox.server.wire import WRONG, Answer


class Channel(NamedTuple):
    """One hotel's desk at one vendor; `kind` is the vendor's module in this folder, which has `routes(desk)`."""

    kind: str
    desk: Desk


@contextmanager
def running_channels(channels: Mapping[str, Channel], port: int = 0) -> Iterator[dict[str, str]]:
    """Serve channels from one thread while the block runs; gives name -> base address, without a slash at its end."""
    mounts = [Mount(f"/{name}", app=channel_app(channel)) for name, channel in channels.items()]
    with serving(Starlette(routes=mounts), port) as url:
        yield {name: f"{url}/{name}" for name in channels}


def channel_app(channel: Channel) -> ASGIApp:
    """Make the ASGI application of one channel."""
    routes = import_module(f"sandbox.channels.{channel.kind}").routes(channel.desk)
    return _Faulty(Starlette(routes=routes), channel.desk)


class _Faulty:
    """Does what the desk's faults say to a request before the vendor's server sees it."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._desk.delay_seconds:
            await asyncio.sleep(self._desk.delay_seconds)
        fault = self._desk.faults.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None or fault.kind not in WRONG:
            await self._app(scope, receive, send)
            return
        connection = scope["state"]["connection"]
        await WRONG[fault.kind](connection, fault, Answer(200, b""))
        connection.close()
        request = Request(scope, receive)
        while (await request.receive())["type"] != "http.disconnect":
            pass

"""What a webhook route is before anybody thinks about it: one durable insert per request, no signature, no cards.

`python -m benchmarks.webhooks_bare <database address> <port>`
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.serving import server_config

# The fastest of 4, 8, 16 and 32 on two cores.
CONNECTIONS: Final = 8

TABLE: Final = """
CREATE TABLE IF NOT EXISTS public.bare_inbox (
    event_id text PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now()
)
"""
INSERT: Final = "INSERT INTO public.bare_inbox (event_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"


class Event(msgspec.Struct):
    """The event's own id."""

    id: str


def bare_app(database_url: str) -> Starlette:
    """Put the application together."""
    idle: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for _ in range(CONNECTIONS):
            idle.put_nowait(await psycopg.AsyncConnection.connect(database_url, autocommit=True))
        yield

    async def receive(request: Request) -> JSONResponse:
        body = await request.body()
        event = msgspec.json.decode(body, type=Event)
        connection = await idle.get()
        try:
            await connection.execute(INSERT, (event.id, body))
        finally:
            idle.put_nowait(connection)
        return JSONResponse({"status": "accepted"}, status_code=202)

    return Starlette(routes=[Route("/webhooks/bookings/bench", receive, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    app = bare_app(sys.argv[1])
    uvicorn.Server(server_config(app, int(sys.argv[2]), protocol=HttpToolsProtocol)).run()

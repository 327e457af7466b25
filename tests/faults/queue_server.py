"""A channel that keeps messages until they are acknowledged, over real HTTP, and the connector that asks it."""

import base64
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors import registry
from connectors.calls import Call, Limits
from connectors.hotel_rest.connector import CONNECTOR
from connectors.http import HttpClient
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.queues import Pulled, Taken
from deployments.demo_house import AS_IS
from hotel.codebook import ANY_PROPERTY
from sandbox.server.running import serving
from sandbox.webhooks.messages import Message
from storage.integrations import Integration, save_integration

KIND: Final = "kept_channel"
PAGE_ROWS: Final = 3
CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=PAGE_ROWS,
    versions={},
    cadence_seconds=1,
    acknowledges=True,
    acknowledge_seconds=1800,
)
_KNOWN: Final = "SELECT event_id FROM raw.inbox WHERE source = %s AND event_id = ANY(%s)"


class QueueServer:
    """The channel's side. `premature`: messages that were acknowledged before they were committed; there must be none."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._lock = Lock()
        self.waiting: dict[str, bytes] = {}
        self.told: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.premature: list[str] = []

    def sell(self, messages: Sequence[Message]) -> None:
        """Put messages into the queue."""
        with self._lock:
            self.waiting |= {each.event_id: each.body for each in messages}

    async def tell(self, _: Request) -> Response:
        """Tell the oldest messages."""
        with self._lock:
            some = list(self.waiting.items())[:PAGE_ROWS]
            self.told.update(event_id for event_id, _ in some)
        rows = [{"id": event_id, "body": base64.b64encode(body).decode()} for event_id, body in some]
        return Response(msgspec.json.encode(rows), media_type="application/json")

    async def acknowledge(self, request: Request) -> Response:
        """Forget messages that are committed at the hotel's."""
        ids: list[str] = msgspec.json.decode(await request.body())
        with psycopg.connect(self._url) as connection:
            known = {event_id for (event_id,) in connection.execute(_KNOWN, (KIND, ids))}
        with self._lock:
            self.premature += sorted(set(ids) - known)
            self.acknowledged.update(ids)
            for event_id in ids:
                self.waiting.pop(event_id, None)
        return Response(b"{}", media_type="application/json")


class Row(NamedTuple):
    """One message as it is told."""

    id: str
    body: str


class Client:
    """A BookingQueue over HTTP."""

    def __init__(self, account: Account, _: Credentials, ports: Ports) -> None:
        limits = Limits(per_second=10_000.0, burst=10_000)
        self._http = HttpClient(account.options["base_url"], account=account, ports=ports, limits=limits)

    def waiting(self) -> Sequence[Pulled]:
        """Give the oldest messages."""
        rows = msgspec.json.decode(self._http.get("/queue", "queue").body, type=list[dict[str, str]])
        told = [Row(**row) for row in rows]
        return [Pulled(row.id, "booking.changed", base64.b64decode(row.body), None, row.id) for row in told]

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Say that these are stored."""
        content = msgspec.json.encode([each.receipt for each in taken])
        self._http.send(Call("POST", "/acknowledge", "acknowledge", content=content, is_repeatable=True))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def register() -> None:
    """Let this process's registry know the connector."""
    module: Any = ModuleType(f"connectors.{KIND}.connector")
    module.CONNECTOR = CONNECTOR._replace(kind=KIND, capabilities=CAPABILITIES, open=Client, webhooks=None, mappers={})
    sys.modules[module.__name__] = module
    if KIND not in registry.KINDS:
        registry.KINDS = (*registry.KINDS, KIND)  # type: ignore[misc, assignment]


@contextmanager
def queue_server(house: Engine) -> Iterator[QueueServer]:
    """Serve such a channel of all properties of a house, and set its account up."""
    made = QueueServer(house.url.set(drivername="postgresql").render_as_string(hide_password=False))
    routes = [Route("/queue", made.tell), Route("/acknowledge", made.acknowledge, methods=["POST"])]
    with serving(Starlette(routes=routes)) as url:
        options = {"base_url": url, "as_is": list(AS_IS), "allow_private_hosts": True}
        with house.begin() as connection:
            save_integration(connection, Integration(KIND, ANY_PROPERTY, KIND, settings=options))
        yield made

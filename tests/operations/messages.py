"""Booking messages put into the inbox as the gateway puts them, and a look at what became of them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Engine, text

from deployments.demo_house import CHANNEL, PMS
from operations.import_waiting import import_waiting
from sandbox.webhooks.messages import Message, message, world_messages
from sandbox.world import World
from storage.inbox import Delivery, Receipt, receive

Json = dict[str, Any]


def delivery(told: Message, source: str = PMS, event_id: str | None = None) -> Delivery:
    """A message as the gateway stores it."""
    kind = msgspec.json.decode(told.body)["type"]
    digest = hashlib.sha256(told.body).digest()
    return Delivery(source, "", event_id or told.event_id, kind, told.body, digest, {}, "standard")


def put(house: Engine, told: Sequence[Message | Delivery], source: str = PMS) -> list[Receipt]:
    """Receive messages in this order."""
    deliveries = [each if isinstance(each, Delivery) else delivery(each, source) for each in told]
    with house.begin() as connection:
        return receive(connection, deliveries)


def drain(house: Engine, limit: int = 200) -> int:
    """Import until nothing waits; give the number of micro-batches."""
    rounds = 0
    while import_waiting(house, limit=limit):
        rounds += 1
    return rounds


def outcomes(house: Engine) -> Counter[tuple[str, str | None, str | None]]:
    """Count messages by status, outcome and error code."""
    with house.connect() as connection:
        rows = connection.execute(text("SELECT status, outcome, error_code FROM raw.inbox"))
        return Counter(tuple(row) for row in rows)


def ask(house: Engine, query: str, **given: Any) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with house.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), given)]


def told_by(world: World, source: str) -> list[Message]:
    """All that one side of the world tells up to its clock."""
    return world_messages(world.view(), "pms" if source == PMS else "channel")


def changed(told: Message, **fields: Any) -> Message:
    """The same event with other fields of its booking."""
    event = msgspec.json.decode(told.body)
    return message(event["type"], {**event["data"], **fields})


def data_of(told: Message) -> Json:
    """What an event says of its booking."""
    data: Json = msgspec.json.decode(told.body)["data"]
    return data


__all__ = ["CHANNEL", "PMS", "ask", "changed", "data_of", "delivery", "drain", "outcomes", "put", "told_by"]

"""What a worker of the storm does until it is killed: the import as the trigger runs it, a batch load, and wrong orders.

A step does one piece of work and gives 0 where nothing is left.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.hotel_rest.connector import CONNECTOR
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused
from operations import import_waiting, messages
from operations.load_batch import load_batch
from storage.inbox import Message, claim, mark
from storage.upserting import ConcurrentLoadError
from tests.faults.pull_steps import acknowledge_and_die, pull_all, pull_and_die, pull_and_import

Step = Callable[[Engine, int], int]
AT_ONCE: Final = 12
IDLE_SECONDS: Final = 0.02
POISON: Final = b"strychnine"
POISONED_EXIT: Final = 66


def work_forever(step: Step, house: Engine, argument: int) -> None:
    """Do step after step; where the database is away, try again, as `deployments.trigger` does."""
    while True:
        try:
            if not step(house, argument):
                time.sleep(IDLE_SECONDS)
        except (psycopg.OperationalError, SQLAlchemyError, ConcurrentLoadError):
            time.sleep(IDLE_SECONDS)


def work_off(step: Step, house: Engine, argument: int) -> None:
    """Do step after step until nothing is left."""
    while step(house, argument):
        pass


def _import(house: Engine, _: int) -> int:
    return import_waiting.import_waiting(house, limit=AT_ONCE)


def _import_poison(house: Engine, _: int) -> int:
    """Import with a mapping that kills its process whenever it meets a certain word."""
    setattr(messages, "connector", lambda _: CONNECTOR._replace(messages=_deadly_map))  # noqa: B010 not exported
    return import_waiting.import_waiting(house, limit=AT_ONCE)


def _deadly_map(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    if POISON in body:
        os._exit(POISONED_EXIT)
    assert CONNECTOR.messages is not None
    return CONNECTOR.messages(body, codebook, place)


def _import_marked_first(house: Engine, _: int) -> int:
    """Import in the wrong order: mark, commit, then apply. A worker killed in between has lost its messages."""
    with house.begin() as connection:
        claimed = claim(connection, AT_ONCE)
        _mark(connection, claimed)
    with house.begin() as connection:
        import_waiting._apply(connection, claimed, import_waiting._TELLING)
    return len(claimed)


def _load_batch(house: Engine, batch_id: int) -> int:
    load_batch(house, batch_id)
    return 0


def _post_at_once(house: Engine, _: int) -> int:
    """Post each message's amount to a ledger without keys, as the import works: claim, post, mark in one transaction."""
    with house.begin() as connection:
        messages = claim(connection, AT_ONCE)
        _post(connection, messages)
        _mark(connection, messages)
    return len(messages)


def _post_marked_first(house: Engine, _: int) -> int:
    with house.begin() as connection:
        messages = claim(connection, AT_ONCE)
        _mark(connection, messages)
    with house.begin() as connection:
        _post(connection, messages)
    return len(messages)


def _post_marked_last(house: Engine, _: int) -> int:
    with house.begin() as connection:
        messages = claim(connection, AT_ONCE)
        _post(connection, messages)
    with house.begin() as connection:
        _mark(connection, messages)
    return len(messages)


def amount_of(body: bytes) -> int:
    """Give the amount a message posts: any number that differs from message to message."""
    return int.from_bytes(hashlib.sha256(body).digest()[:4], "big")


def _post(connection: Connection, messages: list[Message]) -> None:
    rows: list[dict[str, Any]] = [{"id": each.inbox_id, "minor": amount_of(each.body or b"")} for each in messages]
    if rows:
        connection.execute(text("INSERT INTO public.ledger (inbox_id, minor) VALUES (:id, :minor)"), rows)


def _mark(connection: Connection, messages: list[Message]) -> None:
    if messages:
        mark(connection, [each.inbox_id for each in messages], "done", outcome="new")


STEPS: Final[Mapping[str, Step]] = {
    "import": _import,
    "import poison": _import_poison,
    "mark, then import": _import_marked_first,
    "load batch": _load_batch,
    "pull": pull_all,
    "pull and import": pull_and_import,
    "pull and die": pull_and_die,
    "acknowledge, then store": acknowledge_and_die,
    "post and mark": _post_at_once,
    "mark, then post": _post_marked_first,
    "post, then mark": _post_marked_last,
}

"""A connection cut around its COMMIT: nobody knows whether it happened, and doing it again has exactly one effect."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from operations.import_waiting import import_waiting
from operations.load_batch import load_batch
from sandbox.world import World, build
from storage.engine import autocommit
from storage.engine import engine as engine_of
from storage.inbox import receive_async
from tests.faults.batches import loaded_content, stored_batch
from tests.faults.conftest import receive_all
from tests.faults.feed import shuffled_messages
from tests.faults.invariants import broken
from tests.faults.proxy import AFTER, BEFORE, Cut, Proxy, proxy
from tests.faults.zygote import Zygote

LOST = (OperationalError, psycopg.OperationalError, DBAPIError)


@pytest.fixture
def between(database_url: str) -> Iterator[Proxy]:
    with proxy(database_url) as up:
        yield up


@pytest.fixture
def house(between: Proxy, hotel: Engine) -> Iterator[Engine]:
    """The database as seen through the proxy, by engines that have met it: getting to know it takes a COMMIT as well."""
    seen = engine_of(between.url)
    for each in (seen, autocommit(between.url)):
        each.connect().close()
    yield seen
    seen.dispose()
    autocommit(between.url).dispose()


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return list(connection.execute(query.encode()))


def waiting(url: str) -> int:
    return int(ask(url, "SELECT count(*) FROM raw.inbox WHERE status = 'received'")[0][0])


def test_an_import_cut_before_or_after_its_commit_happens_once(
    house: Engine, hotel: Engine, between: Proxy, database_url: str, dice: Random
) -> None:
    told = receive_all(hotel, shuffled_messages(build(seed=5, size=15), dice).deliveries)
    cuts = 0
    while waiting(database_url) > 16:
        between.arm(Cut(dice.choice([BEFORE, AFTER])))
        with pytest.raises(LOST):
            import_waiting(house, limit=8)
        cuts += 1
        import_waiting(house, limit=8)
    while import_waiting(house):
        pass
    assert between.cut_count == cuts > 5
    assert broken(database_url, told) == {}


@pytest.mark.parametrize(("when", "status"), [(BEFORE, "received"), (AFTER, "done")])
def test_the_database_knows_whether_the_commit_happened_the_client_does_not(
    house: Engine, hotel: Engine, between: Proxy, database_url: str, world: World, when: str, status: str
) -> None:
    receive_all(hotel, shuffled_messages(world, Random(1)).deliveries[:3])
    between.arm(Cut(when))
    with pytest.raises(LOST):
        import_waiting(house)
    assert ask(database_url, "SELECT DISTINCT status FROM raw.inbox") == [(status,)]
    changes = "SELECT count(*) FROM core.reservation_changes"
    once = ask(database_url, changes)
    import_waiting(house)
    assert ask(database_url, "SELECT DISTINCT status FROM raw.inbox") == [("done",)]
    assert ask(database_url, changes) == once or when == BEFORE


def test_a_batch_cut_around_each_of_its_commits_loads_once(
    house: Engine, hotel: Engine, between: Proxy, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    batch_id = stored_batch(hotel, world)
    for _ in range(6):
        between.arm(Cut(dice.choice([BEFORE, AFTER])))
        with pytest.raises(LOST):
            load_batch(house, batch_id)
    load_batch(house, batch_id)
    assert between.cut_count == 6
    content = loaded_content(database_url)
    assert ask(database_url, "SELECT sum(rows_inserted_count)::int FROM ops.loads") == [
        (len(content["core.reservations"]),)
    ]
    assert all(count == 1 for count in content["core.reservation_changes"].values())


def test_a_message_whose_receipt_was_cut_off_is_known_when_it_comes_again(
    between: Proxy, database_url: str, hotel: Engine, world: World
) -> None:
    told = shuffled_messages(world, Random(2)).deliveries[:5]

    async def put() -> list[bool]:
        async with await psycopg.AsyncConnection.connect(between.url, autocommit=True) as connection:
            return [receipt.is_duplicate for receipt in await receive_async(connection, told)]

    between.arm(Cut(AFTER, sent=b"INSERT INTO raw.inbox", answered=b"INSERT 0 "))
    with pytest.raises(psycopg.OperationalError):
        asyncio.run(put())
    assert asyncio.run(put()) == [True] * 5
    assert ask(database_url, "SELECT count(*) FROM raw.inbox") == [(5,)]

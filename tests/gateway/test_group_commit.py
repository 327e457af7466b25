"""Deliveries share a commit, and each caller hears of its own."""

import asyncio

import psycopg
import pytest

from gateway.group_commit import GroupCommit


class Store:
    """An insert that notes its groups and can be told to fail."""

    def __init__(self):
        self.groups = []
        self.bad = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def insert(self, connection, deliveries):
        await self.gate.wait()
        if self.bad & set(deliveries):
            raise psycopg.DataError("bad row")
        self.groups.append(list(deliveries))
        return [f"stored {each}" for each in deliveries]


class QuietCommit(GroupCommit):
    """A group commit that needs no database."""

    async def _connect(self):
        return type("Connection", (), {"closed": False, "close": lambda self: asyncio.sleep(0)})()


@pytest.fixture
def store():
    return Store()


async def started(store, lanes=1):
    commit = QuietCommit("unused", lanes=lanes, insert=store.insert)
    await commit.start()
    return commit


async def test_those_who_wait_during_a_commit_share_the_next_one(store):
    commit = await started(store)
    store.gate.clear()
    waiting = [asyncio.create_task(commit.store(n)) for n in range(50)]
    await asyncio.sleep(0)
    store.gate.set()

    receipts = await asyncio.gather(*waiting)
    await commit.stop()

    assert receipts == [f"stored {n}" for n in range(50)]
    assert len(store.groups) <= 2


async def test_one_bad_row_is_refused_alone(store):
    commit = await started(store)
    store.bad = {3}

    receipts = await asyncio.gather(*(commit.store(n) for n in range(5)), return_exceptions=True)
    await commit.stop()

    assert [each for each in receipts if isinstance(each, str)] == ["stored 0", "stored 1", "stored 2", "stored 4"]
    assert isinstance(receipts[3], psycopg.DataError)


async def test_a_lost_connection_refuses_the_group_and_the_next_one_is_stored(store):
    commit = await started(store)
    insert, store_insert = store.insert, []

    async def fails_once(connection, deliveries):
        if not store_insert:
            store_insert.append(1)
            raise psycopg.OperationalError("server closed the connection")
        return await insert(connection, deliveries)

    commit._insert = fails_once
    with pytest.raises(psycopg.OperationalError):
        await commit.store("first")
    assert await commit.store("second") == "stored second"
    await commit.stop()


async def test_stopping_tells_those_who_wait_that_nothing_was_stored(store):
    commit = await started(store)
    store.gate.clear()
    waiting = [asyncio.create_task(commit.store(n)) for n in range(3)]
    await asyncio.sleep(0.01)

    await commit.stop()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(each, BaseException) for each in outcomes)
    assert store.groups == []

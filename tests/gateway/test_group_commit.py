"""Deliveries share a commit, and each caller hears of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import psycopg
import pytest

from gateway.group_commit import GroupCommit
from storage.inbox import Delivery, Receipt

Opened = Callable[..., Awaitable[GroupCommit]]


class Store:
    """An insert that notes its groups, and can be held or told to fail."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.bad: dict[str, Exception] = {}
        self.failures: list[Exception] = []
        self.goes = asyncio.Event()
        self.goes.set()

    async def insert(self, _connection: Any, deliveries: Sequence[Delivery]) -> list[Receipt]:
        await self.goes.wait()
        if self.failures:
            raise self.failures.pop()
        ids = [each.event_id for each in deliveries]
        for each in ids:
            if each in self.bad:
                raise self.bad[each]
        self.groups.append(ids)
        return [Receipt(int(each)) for each in ids]


class FakeConnection:
    closed = False

    async def close(self) -> None:
        self.closed = True


class QuietCommit(GroupCommit):
    """A group commit that needs no database."""

    connected = 0

    async def _connect(self) -> Any:
        self.connected += 1
        return FakeConnection()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def opened(store: Store) -> AsyncIterator[Opened]:
    started: list[QuietCommit] = []

    async def opened(lanes: int = 1, seconds: float = 3) -> GroupCommit:
        started.append(QuietCommit("unused", lanes=lanes, seconds=seconds, insert=store.insert))
        await started[-1].start()
        return started[-1]

    yield opened
    for commit in started:
        await commit.stop()


def delivery(n: int) -> Delivery:
    return Delivery("channel", "", str(n), "booking.created", b"{}", b"", {}, "hmac_sha256")


async def test_those_who_wait_during_a_commit_share_the_next_one(store: Store, opened: Opened) -> None:
    commit = await opened()
    store.goes.clear()
    first = asyncio.create_task(commit.store(delivery(0)))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(commit.store(delivery(n))) for n in range(1, 50)]
    await asyncio.sleep(0)
    store.goes.set()

    assert [each.inbox_id for each in await asyncio.gather(first, *others)] == list(range(50))
    assert [len(group) for group in store.groups] == [1, 49]


async def test_a_group_has_a_largest_size(store: Store, opened: Opened) -> None:
    commit = await opened()

    await asyncio.gather(*(commit.store(delivery(n)) for n in range(450)))

    assert [len(group) for group in store.groups] == [200, 200, 50]


@pytest.mark.parametrize(
    "error",
    [
        psycopg.DataError("no text"),
        psycopg.IntegrityError("no such status"),
        psycopg.errors.ProgramLimitExceeded("too long for the index"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_row_that_cannot_be_stored_is_refused_alone(store: Store, opened: Opened, error: Exception) -> None:
    commit = await opened()
    store.bad = {"3": error}

    told = await asyncio.gather(*(commit.store(delivery(n)) for n in range(5)), return_exceptions=True)

    assert told == [Receipt(0), Receipt(1), Receipt(2), error, Receipt(4)]


@pytest.mark.parametrize("error", [psycopg.OperationalError("gone"), OSError("gone"), KeyError("a fault of ours")])
async def test_after_a_failure_the_next_delivery_is_stored_over_a_connection_of_its_own(
    store: Store, opened: Opened, error: Exception
) -> None:
    commit = await opened()
    store.failures = [error]

    with pytest.raises(type(error)):
        await commit.store(delivery(1))

    assert await commit.store(delivery(2)) == Receipt(2)
    assert isinstance(commit, QuietCommit)
    assert commit.connected == 2


async def test_nobody_waits_longer_than_told_and_the_lane_goes_on(store: Store, opened: Opened) -> None:
    commit = await opened(seconds=0.1)
    store.goes.clear()
    began = time.perf_counter()

    told = await asyncio.gather(*(commit.store(delivery(n)) for n in range(3)), return_exceptions=True)

    assert [type(each) for each in told] == [TimeoutError] * 3
    assert time.perf_counter() - began < 1
    store.goes.set()
    assert await commit.store(delivery(4)) == Receipt(4)
    assert store.groups == [["4"]]


async def test_while_commits_succeed_a_queue_is_waited_for(store: Store, opened: Opened) -> None:
    commit = await opened(seconds=0.3)
    insert = store.insert

    async def slowly(connection: Any, deliveries: Sequence[Delivery]) -> list[Receipt]:
        await asyncio.sleep(0.1)
        return await insert(connection, deliveries)

    commit._insert = slowly

    receipts = await asyncio.gather(*(commit.store(delivery(n)) for n in range(1200)))

    assert [each.inbox_id for each in receipts] == list(range(1200))


async def test_stopping_tells_those_who_wait_that_nothing_was_stored(store: Store, opened: Opened) -> None:
    commit = await opened()
    store.goes.clear()
    waiting = [asyncio.create_task(commit.store(delivery(n))) for n in range(3)]
    await asyncio.sleep(0.01)
    late = asyncio.create_task(commit.store(delivery(3)))
    await asyncio.sleep(0)

    await commit.stop()

    told = await asyncio.gather(*waiting, late, return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 4
    assert store.groups == []


async def test_an_acknowledgement_means_on_disk_whatever_the_server_is_set_to(clean_database: str) -> None:
    shown: list[str] = []

    async def insert(connection: psycopg.AsyncConnection[Any], _deliveries: Sequence[Delivery]) -> list[Receipt]:
        row = await (await connection.execute("SHOW synchronous_commit")).fetchone()
        shown.append(row[0] if row else "")
        return [Receipt(1)]

    commit = GroupCommit(f"{clean_database}?options=-csynchronous_commit%3Doff", insert=insert)
    await commit.start()
    await commit.store(delivery(1))
    await commit.stop()

    assert shown == ["on"]

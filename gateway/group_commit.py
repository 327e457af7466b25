"""Many webhooks, one commit: concurrent deliveries share a transaction, each caller waits for its own receipt.

A commit costs an fsync whatever it carries; under load a hundred deliveries share one. When nobody else is
waiting, a delivery goes out at once: the wait is never longer than the commit before it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import psycopg

from storage.inbox import Delivery, Receipt, receive_async

MOST_AT_ONCE: Final = 200
CONNECT_TIMEOUT_SECONDS: Final = 3
logger = logging.getLogger(__name__)

Waiting = tuple[Delivery, "asyncio.Future[Receipt]"]
Insert = Callable[[psycopg.AsyncConnection, Sequence[Delivery]], Awaitable[list[Receipt]]]


class GroupCommit:
    """Stores deliveries durably, grouped. `start` and `stop` belong to the application's lifespan."""

    def __init__(self, database_url: str, *, lanes: int = 2, insert: Insert = receive_async) -> None:
        self._url = database_url
        self._lanes = lanes
        self._insert = insert
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the lanes; each keeps one connection and commits one group at a time."""
        self._tasks = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]

    async def stop(self) -> None:
        """Let go of the lanes; whoever still waits is told that nothing was stored."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._queue.empty():
            self._queue.get_nowait()[1].cancel()

    async def store(self, delivery: Delivery) -> Receipt:
        """Return once the delivery is committed; raises psycopg.Error where it is not."""
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((delivery, receipt))
        return await receipt

    async def _lane(self) -> None:
        connection: psycopg.AsyncConnection | None = None
        while True:
            group = await self._next_group()
            try:
                if connection is None or connection.closed:
                    connection = await self._connect()
                await self._commit(connection, group)
            except (psycopg.Error, OSError) as error:
                logger.warning("a group of %d deliveries was not stored: %s", len(group), type(error).__name__)
                _refuse(group, error)
                if connection is not None:
                    await _close(connection)
                connection = None
            except asyncio.CancelledError:
                _refuse(group, ConnectionError("the gateway is stopping"))
                if connection is not None:
                    await _close(connection)
                raise

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS, application_name="gateway"
        )

    async def _next_group(self) -> list[Waiting]:
        group = [await self._queue.get()]
        # One turn of the loop lets every request that is ready join.
        await asyncio.sleep(0)
        while len(group) < MOST_AT_ONCE and not self._queue.empty():
            group.append(self._queue.get_nowait())
        return group

    async def _commit(self, connection: psycopg.AsyncConnection, group: list[Waiting]) -> None:
        try:
            receipts = await self._insert(connection, [delivery for delivery, _ in group])
        except (psycopg.DataError, psycopg.IntegrityError):
            await self._one_by_one(connection, group)
            return
        for (_, waiting), receipt in zip(group, receipts, strict=True):
            if not waiting.done():
                waiting.set_result(receipt)

    async def _one_by_one(self, connection: psycopg.AsyncConnection, group: list[Waiting]) -> None:
        """Keep one bad row from refusing the others."""
        for delivery, waiting in group:
            try:
                (receipt,) = await self._insert(connection, [delivery])
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                _refuse([(delivery, waiting)], error)
            else:
                if not waiting.done():
                    waiting.set_result(receipt)


def _refuse(group: list[Waiting], error: Exception) -> None:
    for _, waiting in group:
        if not waiting.done():
            waiting.set_exception(error)


async def _close(connection: psycopg.AsyncConnection) -> None:
    with contextlib.suppress(psycopg.Error, OSError):
        await connection.close()

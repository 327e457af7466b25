"""Many webhooks, one commit: concurrent deliveries share a transaction, each caller waits for its own receipt.

A commit costs an fsync whatever it carries; under load a hundred deliveries share one. When nobody else is
waiting, a delivery goes out at once: the wait is never longer than the commits before it.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import psycopg

from gateway.counters import COMMIT_SECONDS, GROUP_SIZE
from storage.inbox import Delivery, Receipt, receive_async

MOST_AT_ONCE: Final = 200
LANES: Final = 2
# No commit for so long, and whoever waits hears 503; what is stored nevertheless is a duplicate when it comes again.
# While commits succeed a queue is only a queue, and is waited for.
STORE_SECONDS: Final = 3.0
CONNECT_SECONDS: Final = 2
# The server's own limit, so that what we gave up does not go on there.
STATEMENT_MILLISECONDS: Final = 3000
logger = logging.getLogger(__name__)

# An acknowledgement means "on disk" (law 5), whatever the server's default says.
_DURABLE: Final = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
# What one row can cause; anything else is the fault of all or of none.
_ROW_ERRORS: Final = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, ValueError)

Insert = Callable[[psycopg.AsyncConnection, Sequence[Delivery]], Awaitable[list[Receipt]]]
_Waiting = tuple[Delivery, "asyncio.Future[Receipt]"]


class GroupCommit:
    """Stores deliveries durably, grouped. `start` and `stop` belong to the application's lifespan."""

    def __init__(
        self, database_url: str, *, lanes: int = LANES, seconds: float = STORE_SECONDS, insert: Insert = receive_async
    ) -> None:
        self._url = database_url
        self._lanes = lanes
        self._seconds = seconds
        self._insert = insert
        self._queue: deque[_Waiting] = deque()
        self._has_work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._committed_at = 0.0

    async def start(self) -> None:
        """Open the lanes; each keeps one connection and commits one group at a time."""
        self._tasks = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]

    async def stop(self) -> None:
        """Let go of the lanes; whoever still waits is told that nothing was stored."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        _refuse(self._queue, ConnectionError("the gateway is stopping"))
        self._queue.clear()

    async def store(self, delivery: Delivery) -> Receipt:
        """Return once the delivery is committed; raises psycopg.Error, OSError or TimeoutError where it may not be."""
        loop = asyncio.get_running_loop()
        receipt: asyncio.Future[Receipt] = loop.create_future()
        self._queue.append((delivery, receipt))
        self._has_work.set()
        patience = loop.call_later(self._seconds, self._give_up, receipt)
        try:
            return await receipt
        finally:
            patience.cancel()

    def _give_up(self, receipt: "asyncio.Future[Receipt]") -> None:
        loop = asyncio.get_running_loop()
        if receipt.done():
            return
        remaining = self._committed_at + self._seconds - loop.time()
        if remaining > 0:
            loop.call_later(remaining, self._give_up, receipt)
        else:
            receipt.set_exception(TimeoutError())

    async def _lane(self) -> None:
        connection: psycopg.AsyncConnection | None = None
        group: list[_Waiting] = []
        try:
            while True:
                group = await self._next_group()
                try:
                    async with asyncio.timeout(self._seconds):
                        if connection is None or connection.closed:
                            connection = await self._connect()
                        await self._commit(connection, group)
                except Exception as error:  # noqa: BLE001 the lane outlives whatever befalls a group
                    logger.warning("a group of %d deliveries was not stored: %s", len(group), type(error).__name__)
                    _refuse(group, error)
                    await _close(connection)
                    connection = None
        finally:
            _refuse(group, ConnectionError("the gateway is stopping"))
            await _close(connection)

    async def _connect(self) -> psycopg.AsyncConnection:
        connection = await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            application_name="gateway",
            options=f"-c statement_timeout={STATEMENT_MILLISECONDS}",
        )
        await connection.execute(_DURABLE)
        return connection

    async def _next_group(self) -> list[_Waiting]:
        while True:
            await self._has_work.wait()
            # One turn of the loop lets every request that is ready join.
            await asyncio.sleep(0)
            group: list[_Waiting] = []
            while self._queue and len(group) < MOST_AT_ONCE:
                waiting = self._queue.popleft()
                if not waiting[1].done():
                    group.append(waiting)
            if not self._queue:
                self._has_work.clear()
            if group:
                return group

    async def _commit(self, connection: psycopg.AsyncConnection, group: list[_Waiting]) -> None:
        started = time.perf_counter()
        try:
            receipts = await self._insert(connection, [delivery for delivery, _ in group])
        except _ROW_ERRORS:
            await self._one_by_one(connection, group)
            return
        self._committed_at = asyncio.get_running_loop().time()
        COMMIT_SECONDS.observe(time.perf_counter() - started)
        GROUP_SIZE.observe(len(group))
        for (_, waiting), receipt in zip(group, receipts, strict=True):
            if not waiting.done():
                waiting.set_result(receipt)

    async def _one_by_one(self, connection: psycopg.AsyncConnection, group: list[_Waiting]) -> None:
        """Keep one bad row from refusing the others."""
        for delivery, waiting in group:
            try:
                (receipt,) = await self._insert(connection, [delivery])
            except _ROW_ERRORS as error:
                _refuse([(delivery, waiting)], error)
            else:
                if not waiting.done():
                    waiting.set_result(receipt)


def _refuse(group: Sequence[_Waiting] | deque[_Waiting], error: Exception) -> None:
    for _, waiting in group:
        if not waiting.done():
            waiting.set_exception(error)


async def _close(connection: psycopg.AsyncConnection | None) -> None:
    if connection is not None:
        with contextlib.suppress(psycopg.Error, OSError):
            await connection.close()

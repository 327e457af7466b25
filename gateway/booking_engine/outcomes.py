"""Wait for what becomes of messages: one listening connection for all who wait, and a look now and then in case it is deaf."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import psycopg

WAIT_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 0.5
MOST_WAITING: Final = 500
_CONNECT_SECONDS: Final = 2
_AGAIN_SECONDS: Final = 0.5
Found = TypeVar("Found")
logger = logging.getLogger(__name__)


class Outcomes:
    """Hears `inbox_done`. `start` and `stop` belong to the application's lifespan."""

    def __init__(self, database_url: str, *, seconds: float = WAIT_SECONDS) -> None:
        self._url = database_url
        self._seconds = seconds
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._waiting_count = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Listen no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reached(
        self, inbox_id: int, look: Callable[[], Awaitable[Found]], is_over: Callable[[Found], bool]
    ) -> Found:
        """Look until what is found is over, at most so many seconds; give what was found last.

        Where too many wait already, only one look is taken.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self._seconds if self._waiting_count < MOST_WAITING else 0)
        with self._expected(inbox_id) as told:
            while True:
                told.clear()
                found = await look()  # after the event is there: what is told from here on is not missed
                remaining = deadline - loop.time()
                if is_over(found) or remaining <= 0:
                    return found
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(remaining, LOOK_SECONDS)):
                        await told.wait()

    @contextlib.contextmanager
    def _expected(self, inbox_id: int) -> Iterator[asyncio.Event]:
        told = asyncio.Event()
        events = self._waiting.setdefault(inbox_id, set())
        events.add(told)
        self._waiting_count += 1
        try:
            yield told
        finally:
            self._waiting_count -= 1
            events.discard(told)
            if not events:
                self._waiting.pop(inbox_id, None)

    async def _listen(self) -> None:
        is_told = False
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="gateway-outcomes"
                )
                async with connection:
                    await connection.execute("LISTEN inbox_done")
                    is_told = False
                    async for note in connection.notifies():
                        self._tell(note.payload)
            except (psycopg.Error, OSError) as error:
                if not is_told:
                    logger.warning("not listening (%s): trying again until the database is back", type(error).__name__)
                is_told = True
            await asyncio.sleep(_AGAIN_SECONDS)

    def _tell(self, payload: str) -> None:
        for inbox_id in payload.split(","):
            for told in self._waiting.get(int(inbox_id), ()):
                told.set()

"""Ask the database without waiting for it: blocking questions in threads of their own, each bounded in time."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

Answer = TypeVar("Answer")
# A stranger may ask for many names at once; what cannot be asked soon is not queued.
MOST_OPEN: Final = 256


class Questions:
    """Puts blocking questions to the database; who asks what is being asked already shares the answer.

    `seconds` bounds how long anybody waits. The question itself goes on: its thread cannot be stopped.
    """

    def __init__(self, *, seconds: float, threads: int = 2) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="question")
        self._open: dict[Hashable, asyncio.Future[Any]] = {}

    async def ask(self, name: Hashable, question: Callable[[], Answer]) -> Answer:
        """Give the answer to the question of this name; raises what it raises, or TimeoutError."""
        asked: asyncio.Future[Answer] | None = self._open.get(name)
        if asked is None:
            if len(self._open) >= MOST_OPEN:
                raise TimeoutError
            asked = self._open[name] = asyncio.get_running_loop().run_in_executor(self._threads, question)
            asked.add_done_callback(lambda done: self._close(name, done))
        await asyncio.wait({asked}, timeout=self._seconds)
        if not asked.done():
            raise TimeoutError
        return asked.result()

    def _close(self, name: Hashable, done: "asyncio.Future[Any]") -> None:
        del self._open[name]
        if not done.cancelled():
            done.exception()  # seen, even where nobody waits any more

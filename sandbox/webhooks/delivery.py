"""Send messages the way a channel does: so many at a time, at a pace, again until they are taken."""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from sandbox.webhooks.connection import Connection, Reply
from sandbox.webhooks.messages import Message
from sandbox.webhooks.report import DeliveryReport, Tally
from sandbox.webhooks.signing import Sign
from sandbox.world.dice import dice

# Answers that no further try would change.
FINAL: Final = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422})
LONGEST_PAUSE: Final = 10.0
# How the gateway says that it knows an event already: with the same body, or with another.
_KNOWN: Final = re.compile(rb'"status"\s*:\s*"(duplicate|conflict)"')


class Target(NamedTuple):
    """Where messages go, and how they are signed."""

    url: str
    sign: Sign


class Manner(NamedTuple):
    """How to send: `rate` messages a second (None: as fast as answers come) over `concurrency` connections.

    `shuffle` is the seed of another order; `is_twice` posts each message two times; `attempts` in all for a message
    without a final answer, each bounded by `timeout` seconds, with `pause` seconds before the second, doubled after.
    """

    rate: float | None = None
    concurrency: int = 32
    shuffle: int | None = None
    is_twice: bool = False
    limit: int | None = None
    attempts: int = 4
    timeout: float = 10.0
    pause: float = 0.2


def in_order_of(messages: Iterable[Message], manner: Manner) -> list[Message]:
    """Choose, double and shuffle messages as the manner says; the same seed gives the same order."""
    chosen = list(messages)[: manner.limit]
    if manner.is_twice:
        chosen = [message for message in chosen for _ in range(2)]
    if manner.shuffle is not None:
        dice("shuffle", manner.shuffle).shuffle(chosen)
    return chosen


async def deliver(messages: Iterable[Message], target: Target, manner: Manner | None = None) -> DeliveryReport:
    """Send messages and say what became of them. All are prepared before the first goes out."""
    manner = manner or Manner()
    prepared = in_order_of(messages, manner)
    tally, started_at = Tally(), time.perf_counter()
    schedule = _schedule(prepared, manner.rate, started_at)
    async with asyncio.TaskGroup() as group:
        for _ in range(min(manner.concurrency, len(prepared))):
            group.create_task(_work(schedule, target, manner, tally))
    return tally.report(time.perf_counter() - started_at)


def _schedule(messages: Sequence[Message], rate: float | None, started_at: float) -> Iterator[tuple[float, Message]]:
    for n, message in enumerate(messages):
        yield (started_at + n / rate if rate else 0.0), message


async def _work(schedule: Iterator[tuple[float, Message]], target: Target, manner: Manner, tally: Tally) -> None:
    """Take the next message, wait until it is due, send it; until none is left."""
    connection = Connection(target.url)
    try:
        for due_at, message in schedule:
            wait = due_at - time.perf_counter() if due_at else 0.0
            if wait > 0:
                await asyncio.sleep(wait)
            if due_at:
                tally.latest = max(tally.latest, time.perf_counter() - due_at)
            await _send(connection, message, target, manner, tally)
    finally:
        connection.close()


async def _send(connection: Connection, message: Message, target: Target, manner: Manner, tally: Tally) -> None:
    reply: Reply | None = None
    for attempt in range(manner.attempts):
        if attempt:
            tally.retried += 1
            await asyncio.sleep(_pause(manner, attempt, reply))
        started_at = time.perf_counter()
        reply = await _try(connection, message, target, manner.timeout)
        if reply and reply.status // 100 == 2:  # noqa: PLR2004 any 2xx
            tally.accept(_KNOWN.search(reply.body), time.perf_counter() - started_at)
            return
        if reply and reply.status in FINAL:
            break
    tally.give_up(reply.status if reply else None)


async def _try(connection: Connection, message: Message, target: Target, timeout: float) -> Reply | None:  # noqa: ASYNC109
    try:
        async with asyncio.timeout(timeout):
            return await connection.post(target.sign(message, int(time.time())), message.body)
    except (OSError, EOFError, TimeoutError):
        connection.close()
        return None


def _pause(manner: Manner, attempt: int, reply: Reply | None) -> float:
    """Wait as long as the other side asks, else twice as long each time."""
    asked = reply.headers.get("retry-after", "") if reply else ""
    pause = float(asked) if asked.isdigit() else manner.pause * 2 ** (attempt - 1)
    return min(pause, LONGEST_PAUSE)

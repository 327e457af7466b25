"""Drive a webhook route: kept-alive connections that each send the next request as soon as they are answered.

Lean (a few microseconds a request), so that the sender is not what is measured.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

import uvloop


class Load(NamedTuple):
    """What came of it: seconds in all, and the latency in milliseconds that 50 and 99 of 100 stayed under."""

    seconds: float
    p50: float
    p99: float


def drive(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send all requests over so many connections; raises AssertionError for any answer but 202."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(port, requests, connections))


class _Sender(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], latencies: list[float]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._heard = b""
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send_next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self._heard.endswith(b"}"):  # both routes answer with a flat JSON object
            return
        self._latencies.append(time.perf_counter() - self._sent_at)
        if not self._heard.startswith(b"HTTP/1.1 202"):
            self.done.set_exception(AssertionError(self._heard[:200]))
            return
        self._heard = b""
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or AssertionError("closed without an answer"))


async def _drive(port: int, requests: Sequence[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    each, latencies = iter(requests), list[float]()
    senders = [_Sender(each, latencies) for _ in range(connections)]
    for sender in senders:
        await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
    started = time.perf_counter()
    for sender in senders:
        sender.send_next()
    await asyncio.gather(*(sender.done for sender in senders))
    seconds = time.perf_counter() - started
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.50, 0.99))
    return Load(seconds, p50, p99)

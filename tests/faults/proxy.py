"""A proxy before PostgreSQL that cuts a connection at the worst moment: just before a COMMIT, or just after it."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from sqlalchemy import make_url

BEFORE: Final = "before"
AFTER: Final = "after"
_CHUNK: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)  # linger for no time: the other side gets a reset, no farewell


class Cut(NamedTuple):
    """When to cut: `before` the bytes `sent` reach the server, or `after` it has answered `answered` to them."""

    when: str
    sent: bytes = b"COMMIT\x00"
    answered: bytes = b"COMMIT\x00"


class Proxy:
    """Passes everything on until a cut is armed; each armed cut happens once."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._server = (address.host or "127.0.0.1", address.port or 5432)
        self._armed: Cut | None = None
        self.cut_count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.url = address.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)

    def arm(self, cut: Cut) -> None:
        """Cut the next connection that comes to this point."""
        self._armed = cut

    async def serve(self, is_up: "Future[Callable[[], object]]") -> None:
        """Pass connections on until what `is_up` gives is called."""
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        async with await asyncio.start_server(self._connection, sock=self.listener):
            is_up.set_result(lambda: loop.call_soon_threadsafe(over.set))
            await over.wait()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._server)
        except OSError:
            writer.transport.abort()
            return
        waiting: list[Cut] = []
        ways = [self._asking(reader, back, waiting), self._answering(there, writer, waiting)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        with suppress(asyncio.CancelledError):  # the proxy is taken away
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for side in (writer, back):
            _reset(side)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _asking(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, waiting: list[Cut]) -> None:
        while chunk := await reader.read(_CHUNK):
            cut = self._armed
            if cut and cut.sent in chunk:
                self._armed = None
                if cut.when == BEFORE:
                    self.cut_count += 1
                    return
                waiting.append(cut)
            server.write(chunk)
            await server.drain()

    async def _answering(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, waiting: list[Cut]) -> None:
        while chunk := await reader.read(_CHUNK):
            if waiting and waiting[0].answered in chunk:
                self.cut_count += 1
                return
            client.write(chunk)
            await client.drain()


def _reset(side: asyncio.StreamWriter) -> None:
    sock = side.get_extra_info("socket")
    if sock and sock.fileno() != -1:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    side.transport.abort()


@contextmanager
def proxy(url: str) -> Iterator[Proxy]:
    """Run a proxy before a database, in a thread of its own."""
    between = Proxy(url)
    is_up: Future[Callable[[], object]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(between.serve(is_up)), daemon=True)
    thread.start()
    stop = is_up.result(10)
    try:
        yield between
    finally:
        stop()
        thread.join(10)

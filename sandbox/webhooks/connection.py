"""One kept-alive HTTP/1.1 connection that posts: lean, so that the sender is never what is measured."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

MOST_OF_A_REPLY: Final = 1 << 20


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BrokenReplyError(OSError):
    """The other side did not answer in HTTP/1.1, or answered without end."""


class Connection:
    """Posts JSON to one address, one message after the other; connects when needed, again when it was closed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            msg = "the address must be http:// or https:// with a host"
            raise ValueError(msg)
        self._host = parts.hostname
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = (
            f"POST {path} HTTP/1.1\r\nhost: {parts.netloc.rpartition('@')[2]}\r\ncontent-type: application/json\r\n"
        )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post a body; OSError or asyncio's IncompleteReadError where no whole reply comes back."""
        reader, writer = await self._open()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"{self._head}{lines}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        reply = await _read_reply(reader)
        if reply.headers.get("connection", "").lower() == "close" or "content-length" not in reply.headers:
            self.close()
        return reply

    def close(self) -> None:
        """Close it; the next post opens it again."""
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams and self._streams[0].at_eof():
            self.close()
        if not self._streams:
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        return self._streams


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    try:
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        status = int(start.split(" ", 2)[1])
    except (asyncio.LimitOverrunError, ValueError, IndexError) as error:
        msg = "the reply is not HTTP/1.1"
        raise BrokenReplyError(msg) from error
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    # A reply of unknown length is not read: its status says enough, and the connection is closed after it.
    length = min(int(headers.get("content-length", "0")), MOST_OF_A_REPLY)
    return Reply(status, headers, await reader.readexactly(length))

"""Answers that go wrong on the wire: raw bytes on the connection, beneath HTTP's own care."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.server.faults import Fault

GARBAGE: Final = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"
BLANKS: Final = b" " * 65_536
DRIPS: Final = 40


class Answer(NamedTuple):
    """The answer that would have been given."""

    status: int
    body: bytes


class OpenConnection(H11Protocol):
    """uvicorn's HTTP/1.1 with the connection itself handed to the application, in `scope["state"]["connection"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Remember the connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


Wrong = Callable[[asyncio.Transport, Fault, Answer], Awaitable[None]]


async def _rate_limited(connection: asyncio.Transport, fault: Fault, _: Answer) -> None:
    _write(connection, 429, b'{"error":"too_many_requests"}', _retry_after(fault))


async def _server_error(connection: asyncio.Transport, fault: Fault, _: Answer) -> None:
    _write(connection, fault.status, b'{"error":"unavailable"}', _retry_after(fault))


async def _expired_token(connection: asyncio.Transport, _: Fault, __: Answer) -> None:
    _write(connection, 401, b'{"error":"invalid_token"}', b'www-authenticate: Bearer error="invalid_token"\r\n')


async def _timeout(connection: asyncio.Transport, fault: Fault, _: Answer) -> None:
    await _while_open(connection, fault.seconds)


async def _disconnect(connection: asyncio.Transport, _: Fault, __: Answer) -> None:
    connection.abort()


async def _slow_drip(connection: asyncio.Transport, fault: Fault, answer: Answer) -> None:
    connection.write(_head(answer.status, b"content-length: %d\r\n" % len(answer.body)))
    step = max(1, -(-len(answer.body) // DRIPS))
    for start in range(0, len(answer.body), step):
        connection.write(answer.body[start : start + step])
        await _while_open(connection, fault.seconds / DRIPS)


async def _cut_length(connection: asyncio.Transport, _: Fault, answer: Answer) -> None:
    connection.write(_head(answer.status, b"content-length: %d\r\n" % len(answer.body)) + _half(answer))


async def _cut_chunked(connection: asyncio.Transport, _: Fault, answer: Answer) -> None:
    half = _half(answer)
    connection.write(_head(answer.status, b"transfer-encoding: chunked\r\n") + b"%x\r\n%b\r\n" % (len(half), half))


async def _cut_close(connection: asyncio.Transport, _: Fault, answer: Answer) -> None:
    connection.write(_head(answer.status) + _half(answer))


async def _garbage(connection: asyncio.Transport, _: Fault, __: Answer) -> None:
    _write(connection, 200, GARBAGE)


async def _broken_text(connection: asyncio.Transport, _: Fault, answer: Answer) -> None:
    _write(connection, 200, answer.body.replace(b'":"', b'":"\xff\xfe', 1))


async def _endless_body(connection: asyncio.Transport, fault: Fault, answer: Answer) -> None:
    connection.write(_head(answer.status) + b"{")
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + fault.seconds
    while loop.time() < ends_at and not connection.is_closing():
        if connection.get_write_buffer_size() < len(BLANKS):
            connection.write(BLANKS)
        await asyncio.sleep(0.001)


async def _while_open(connection: asyncio.Transport, seconds: float) -> None:
    """Wait, but no longer than the other side does."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    while loop.time() < ends_at and not connection.is_closing():  # noqa: ASYNC110 a transport has no event for its end
        await asyncio.sleep(min(0.02, seconds))


def _half(answer: Answer) -> bytes:
    return answer.body[: len(answer.body) // 2]


def _retry_after(fault: Fault) -> bytes:
    return b"" if fault.retry_after is None else b"retry-after: %d\r\n" % fault.retry_after


def _write(connection: asyncio.Transport, status: int, body: bytes, headers: bytes = b"") -> None:
    connection.write(_head(status, b"content-length: %d\r\n" % len(body) + headers) + body)


def _head(status: int, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Sandbox\r\ncontent-type: application/json\r\nconnection: close\r\n%b\r\n" % (status, headers)


WRONG: Final[dict[str, Wrong]] = {
    "rate_limited": _rate_limited,
    "server_error": _server_error,
    "expired_token": _expired_token,
    "timeout": _timeout,
    "disconnect": _disconnect,
    "slow_drip": _slow_drip,
    "cut_length": _cut_length,
    "cut_chunked": _cut_chunked,
    "cut_close": _cut_close,
    "garbage": _garbage,
    "broken_text": _broken_text,
    "endless_body": _endless_body,
}

"""How uvicorn serves the gateway: fast parts, one write an answer, and no patience with requests that never end."""

import asyncio
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WHOLE_REQUEST_SECONDS: Final = 10.0
MOST_HEAD_BYTES: Final = 64 * 1024
# Longer than the 60 s that reverse proxies keep theirs: the proxy is the one to close.
KEEP_ALIVE_SECONDS: Final = 75
GRACE_SECONDS: Final = 8
_TOO_SLOW: Final = b'{"error":"the request did not arrive in time: send it again"}'
_TOO_SLOW_ANSWER: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b" % (len(_TOO_SLOW), _TOO_SLOW)
)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, but a request arrives whole in `whole_request_seconds`, or hears 408 and is cut off.

    uvicorn itself waits forever for a first request and for the rest of one, and reads heads of any size.
    """

    whole_request_seconds = WHOLE_REQUEST_SECONDS
    most_head_bytes = MOST_HEAD_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_arriving = True  # a connection on which nothing was sent yet is waited for no longer
        self._is_in_head = True
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(_OneWrite(transport, self.loop))  # type: ignore[arg-type]
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that came whole costs no timer."""
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.most_head_bytes:
                self.transport.close()
        self._watch()

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        super().on_message_begin()
        self._is_arriving = self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Note the end of a head."""
        super().on_headers_complete()
        self._is_in_head = False
        self._head_bytes = 0

    def on_message_complete(self) -> None:
        """Note the last byte of a request."""
        super().on_message_complete()
        self._is_arriving = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._is_arriving = False
        self._watch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self._is_arriving and self._deadline is None:
            self._deadline = self.loop.call_later(self.whole_request_seconds, self._cut_off)
        elif not self._is_arriving and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut_off(self) -> None:
        is_answered = self._is_in_head or self.cycle.response_started
        if not is_answered and not self.transport.is_closing():
            self.transport.write(_TOO_SLOW_ANSWER)
        self.transport.close()


class _OneWrite:
    """A transport that sends what is written in one turn of the loop at once: uvicorn writes head and body apart."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _send(self) -> None:
        if self._unsent:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()


def server_config(app: ASGIApp, port: int, *, protocol: type[HttpToolsProtocol] = BoundedProtocol) -> uvicorn.Config:
    """Configure the server for loopback `port`; 0 lets the system choose one."""
    return uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http=protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )

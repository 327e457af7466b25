"""Sockets that keep our two promises: only checked addresses, and a deadline over a whole call.

httpx limits each read; a server that drips one byte a second is never late. Here every connect, read and write gets
what is left of the call's deadline.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

import httpcore
import httpx

from connectors.addresses import resolve

_DEADLINE: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit everything sent and received inside to `seconds` in total; an outer deadline stays in force."""
    outer = _DEADLINE.get()
    ends = time.monotonic() + seconds
    token = _DEADLINE.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def seconds_left() -> float:
    """Give the seconds until the deadline, infinity where none is set."""
    ends = _DEADLINE.get()
    return float("inf") if ends is None else ends - time.monotonic()


def _capped(timeout: float | None, error: type[Exception]) -> float | None:
    left = seconds_left()
    if left <= 0:
        msg = "the call's deadline has passed"
        raise error(msg)
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(timeout, left)


class TimedStream(httpcore.NetworkStream):
    """A stream whose every operation ends by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read as the inner stream does, never past the deadline."""
        return self._stream.read(max_bytes, _capped(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write as the inner stream does, never past the deadline."""
        self._stream.write(buffer, _capped(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the inner stream."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Start TLS with the name the caller asked for, whatever address we connected to."""
        timeout = _capped(timeout, httpcore.ConnectTimeout)
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Ask the inner stream."""
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to addresses that were resolved once and checked."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers; raises RequestRefused for a forbidden one."""
        try:
            addresses = resolve(host, port, allow_private=self._allow_private)
        except OSError as error:
            msg = "the host name does not resolve"
            raise httpcore.ConnectError(msg) from error
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in addresses:
            limit = _capped(timeout, httpcore.ConnectTimeout)
            try:
                return TimedStream(self._sockets.connect_tcp(address, port, limit, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over our sockets. No proxies, no environment."""

    def __init__(self, *, allow_private: bool = False) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        # httpx has no argument for a network backend; its one attribute is replaced by the public httpcore class.
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=20,
            keepalive_expiry=30.0,
            network_backend=CheckedBackend(allow_private=allow_private),
        )

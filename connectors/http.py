"""The one way out: every request of every connector goes through `HttpClient`.

A logical request has one id, one line in the request log, one verdict for the breaker and one deadline, however many
attempts it takes. What comes back is a complete body or an error of `connectors.errors`.
"""

import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import httpx
import stamina

from connectors.attempts import Origin
from connectors.auth import Auth, NoAuth
from connectors.calls import Call, Limits, Response
from connectors.errors import BreakerOpen, ConnectorError, FixCredentials, TryLater
from connectors.network import deadline, seconds_left
from connectors.ports import Account, Ports
from connectors.trace import Trace

# Their own loggers write whole addresses with query values; the request log says what may be said.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

_LONGEST_PATIENCE_SECONDS: Final = 30.0
_LONGEST_BACKOFF_SECONDS: Final = 8.0


class HttpClient:
    """One account's way to one origin. Safe to share between threads; close it when done."""

    def __init__(
        self, base_url: str, *, account: Account, ports: Ports, auth: Auth | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._origin = Origin(base_url, self._limits, allow_private=account.allow_private_hosts)
        self._account = account
        self._ports = ports
        self._auth = auth or NoAuth()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._origin.close()

    def get(self, path: str, endpoint_code: str, params: Mapping[str, str] | None = None) -> Response:
        """Read `path`, repeating as needed."""
        return self.send(Call("GET", path, endpoint_code, params or {}))

    def send(self, call: Call) -> Response:
        """Send a request and give its complete 2xx answer; raises what `connectors.errors` draws."""
        trace = Trace()
        error_code: str | None = "crashed"
        try:
            with deadline(self._limits.deadline_seconds):
                response = self._guarded(call, trace)
            error_code = None
        except ConnectorError as error:
            error_code = error.code
            raise
        finally:
            self._ports.requests.write(trace.record(self._account, call, error_code))
        return response

    def _guarded(self, call: Call, trace: Trace) -> Response:
        breaker, source = self._ports.breaker, self._account.source
        wait = breaker.admit(source, call.endpoint_code)
        if wait > 0:
            msg = f"{call.endpoint_code}: failed too often just now, next probe in {wait:.0f} s"
            raise BreakerOpen(msg, wait)
        try:
            response = self._authorised(call, trace)
        except TryLater:
            breaker.failed(source, call.endpoint_code)
            raise
        except ConnectorError:
            breaker.succeeded(source, call.endpoint_code)
            raise
        breaker.succeeded(source, call.endpoint_code)
        return response

    def _authorised(self, call: Call, trace: Trace) -> Response:
        headers = self._auth.headers()
        try:
            return self._repeated(call, headers, trace)
        except FixCredentials as error:
            renewed = self._auth.renewed(headers) if error.status == httpx.codes.UNAUTHORIZED else None
            if renewed is None:
                raise
        return self._repeated(call, renewed, trace)

    def _repeated(self, call: Call, headers: Mapping[str, str], trace: Trace) -> Response:
        def pause(error: Exception) -> bool | float:
            if not isinstance(error, TryLater) or (error.may_have_acted and not call.may_repeat):
                return False
            wait = error.retry_after or 0.0
            if wait >= min(_LONGEST_PATIENCE_SECONDS, seconds_left()):
                return False  # longer than this call may last: waiting is the caller's to arrange
            return wait or True  # True: exponential with jitter

        attempts = stamina.retry_context(
            on=pause,
            attempts=self._limits.attempts,
            timeout=self._limits.deadline_seconds,
            wait_initial=self._limits.backoff_seconds,
            wait_max=_LONGEST_BACKOFF_SECONDS,
            wait_jitter=self._limits.backoff_seconds,
        )
        for attempt in attempts:
            with attempt:
                self._take_turn(call)
                trace.attempts_count += 1
                return self._origin.attempt(call, headers, trace)
        raise AssertionError  # pragma: no cover  stamina raises the last error itself

    def _take_turn(self, call: Call) -> None:
        limits, source = self._limits, self._account.source
        take = self._ports.rate_limit.take
        while (wait := take(source, limits.bucket, per_second=limits.per_second, burst=limits.burst)) > 0:
            if wait > seconds_left():
                msg = f"{call.endpoint_code}: our own rate limit leaves no turn before the deadline"
                raise TryLater(msg, wait, may_have_acted=False)
            time.sleep(wait)

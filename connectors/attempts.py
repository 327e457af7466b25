"""One attempt of a request: sent, redirected within its origin, read whole, or an error that says what to do."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import httpx

from connectors.addresses import parse_origin, same_origin
from connectors.answers import failure
from connectors.bodies import ACCEPTED_CODINGS, read_body
from connectors.calls import SAFE_METHODS, Call, Limits, Response
from connectors.errors import RequestRefused, TryLater
from connectors.network import CheckedTransport
from connectors.trace import Trace

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 3


class Origin:
    """Connections to one scheme, host and port. Credentials sent here never travel anywhere else."""

    def __init__(self, base_url: str, limits: Limits, *, allow_private: bool) -> None:
        base = parse_origin(base_url, allow_private=allow_private)
        self._base = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + b"/")
        self._limits = limits
        self._http = httpx.Client(
            transport=CheckedTransport(allow_private=allow_private),
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            headers={"User-Agent": "night-audit", "Accept": "application/json", "Accept-Encoding": ACCEPTED_CODINGS},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def attempt(self, call: Call, headers: Mapping[str, str], trace: Trace) -> Response:
        """Send once, follow redirects within the origin, and give the complete 2xx answer."""
        target = self._url(call.path)
        params: Mapping[str, str] | None = call.params or None
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._send(call, target, params, headers, trace)
            if isinstance(answer, Response):
                return answer
            target, params = answer, None
        msg = f"{call.endpoint_code}: redirected more than {_MOST_REDIRECTS} times"
        raise RequestRefused(msg)

    def _url(self, path: str) -> httpx.URL:
        url = self._base.join(path if "://" in path else path.lstrip("/"))
        if not same_origin(url, self._base) or url.userinfo:
            msg = "the address leads to another host than the account's: credentials do not travel there"
            raise RequestRefused(msg)
        return url

    def _send(
        self, call: Call, url: httpx.URL, params: Mapping[str, str] | None, headers: Mapping[str, str], trace: Trace
    ) -> Response | httpx.URL:
        sent = {**call.headers, **headers}
        if call.content is not None:
            sent["Content-Type"] = call.media_type
        if call.idempotency_key is not None:
            sent["Idempotency-Key"] = call.idempotency_key
        try:
            with self._http.stream(call.method, url, params=params, content=call.content, headers=sent) as answer:
                return self._read(call, answer, trace)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if _is_about_the_certificate(error):
                msg = (
                    f"{call.endpoint_code}: the host's certificate is expired, for another name or of an unknown issuer"
                )
                raise RequestRefused(msg) from error
            msg = f"{call.endpoint_code}: no connection"
            raise TryLater(msg, may_have_acted=False) from error
        except httpx.TransportError as error:
            msg = f"{call.endpoint_code}: {type(error).__name__}"
            raise TryLater(msg) from error

    def _read(self, call: Call, answer: httpx.Response, trace: Trace) -> Response | httpx.URL:
        trace.status_code = answer.status_code
        if answer.status_code in _REDIRECTS:
            return self._redirect(call, answer)
        error = failure(answer.status_code, answer.headers, call.endpoint_code, datetime.now(UTC))
        if error:
            raise error
        body = read_body(answer, cap=self._limits.body_bytes)
        trace.bytes_count = len(body.content)
        if call.requires_length and not body.is_length_known:
            msg = f"{call.endpoint_code}: the answer states no length, so a cut one would look whole"
            raise TryLater(msg)
        media_type = answer.headers.get("content-type", "application/octet-stream")
        return Response(answer.status_code, body.content, media_type, trace.request_id, body.is_length_known)

    def _redirect(self, call: Call, answer: httpx.Response) -> httpx.URL:
        location = answer.headers.get("location", "")
        target = answer.request.url.join(location)
        if call.method not in SAFE_METHODS or not location or not same_origin(target, self._base) or target.userinfo:
            msg = f"{call.endpoint_code}: redirected elsewhere; state the new address in the integration's settings"
            raise RequestRefused(msg, answer.status_code)
        return target


def _is_about_the_certificate(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None

"""Around the API: bodies bounded as webhooks' are, answers that no cache keeps, and a log that never shows what was said."""

import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import Refusal, send_answer
from gateway.bodies import whole_body
from operations.errors import error_place

SECONDS: Final = Histogram(
    "night_audit_api_seconds",
    "How long requests to our own API took, by route and status.",
    ["route", "status"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5),
)
_SAFE: Final = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
logger = logging.getLogger(__name__)


class Bounded:
    """An ASGI application whose requests are read whole before it sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an unexpected error is logged by its place alone."""
        started, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_SAFE]
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 the application has answered 500 already; its message may hold a guest's words
            logger.error("a request failed: %s", error_place(error))  # noqa: TRY400
        SECONDS.labels(_route(scope), status).observe(time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await whole_body(headers, receive)
        except Refusal as refusal:
            code = refusal.answer.status.name.lower()
            answer = refusal.answer._replace(fields=refusal.answer.fields | {"code": code})
            await send_answer(send, answer)
            return
        await self._app(scope, _replayed(body, receive), send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    is_told = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _route(scope: Scope) -> str:
    """Name the route, never the path: that holds ids."""
    return str(getattr(scope.get("route"), "path", "none"))

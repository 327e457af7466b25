"""What every request under `/v1/` passes: who asks, what was asked, and whether something is to go wrong."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.server.access import refused
from sandbox.server.faults import Fault
from sandbox.server.spoil import SPOIL
from sandbox.server.state import Asked, State
from sandbox.server.wire import WRONG, Answer

GUARDED: Final = "/v1/"
CONTROL: Final = ("/sandbox", "/health")


class Doorman:
    """ASGI middleware: checks access, notes the request, takes its fault and does it."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state
        self._before: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer, start = await self._answer(request)
        fault = self._state.faults.take(request.method, request.url.path)
        kind = fault.kind if fault else None
        self._state.asked.append(Asked(request.method, request.url.path, request.url.query, answer.status, kind))
        if fault and fault.kind in WRONG:
            await self._wrong(request, fault, answer)
            return
        body = self._page(request, fault, answer)
        start["headers"] = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        start["headers"].append((b"content-length", b"%d" % len(body)))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: Request) -> tuple[Answer, Message]:
        """Let the application answer, and keep it in hand."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        is_allowed = self._state.access.is_granted(request.headers.get("authorization", ""))
        app = self._app if is_allowed or not request.url.path.startswith(GUARDED) else refused()
        await app(request.scope, request.receive, keep)
        start, *rest = messages
        return Answer(start["status"], b"".join(message.get("body", b"") for message in rest)), start

    async def _wrong(self, request: Request, fault: Fault, answer: Answer) -> None:
        if fault.kind == "expired_token":
            self._state.access.expire_all()
        connection = request.scope["state"]["connection"]
        await WRONG[fault.kind](connection, fault, answer)
        connection.close()
        while (await request.receive())["type"] != "http.disconnect":
            pass

    def _page(self, request: Request, fault: Fault | None, answer: Answer) -> bytes:
        """Spoil a page where its fault says so; keep it for a later fault of this path that repeats it."""
        before = self._before.get(request.url.path, answer.body)
        self._before[request.url.path] = answer.body
        if fault is None:
            return answer.body
        page, rows_before = msgspec.json.decode(answer.body), msgspec.json.decode(before).get("items", [])
        if "items" not in page and fault.kind != "success_false":
            return answer.body
        return msgspec.json.encode(SPOIL[fault.kind](page, request.query_params.get("cursor"), rows_before))

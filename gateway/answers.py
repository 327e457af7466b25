"""What a caller hears: a status and a short JSON object that says what to do."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec
from starlette.types import Send

RETRY_AFTER_SECONDS: Final = b"5"


class Answer(NamedTuple):
    """A status and the fields of its JSON object, or a document in a protocol of the caller's own."""

    status: HTTPStatus
    fields: dict[str, Any]
    document: tuple[str, bytes] | None = None  # media type, body


class Refusal(Exception):  # noqa: N818 it is an answer, not a fault
    """The request is turned away with an answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error": message})


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer as ASGI messages."""
    media_type, body = answer.document or ("application/json", msgspec.json.encode(answer.fields))
    headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", RETRY_AFTER_SECONDS))
    elif answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": answer.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""Read a request's body as it was sent: bounded in size and time, never decompressed."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.types import Receive

from gateway.answers import Refusal

MOST_BODY_BYTES: Final = 256 * 1024
BODY_SECONDS: Final = 10.0
_MOST_DIGITS: Final = 18


async def whole_body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """Give the body; refuses what is encoded, too large, or slower than `BODY_SECONDS`."""
    if headers.get("content-encoding", "").lower() not in {"", "identity"}:
        message = "send the body without Content-Encoding: the signature is over the bytes as sent"
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    length = headers.get("content-length", "")
    if length.isdigit() and (len(length) > _MOST_DIGITS or int(length) > MOST_BODY_BYTES):
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive)
    except TimeoutError:
        message = f"the body did not arrive within {BODY_SECONDS:.0f} s: send it again"
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, message, is_last=True) from None


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(HTTPStatus.BAD_REQUEST, "the connection closed before the body was complete", is_last=True)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BODY_BYTES:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _too_large() -> Refusal:
    message = f"the body is larger than {MOST_BODY_BYTES} bytes: send one booking per call"
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)

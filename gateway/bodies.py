"""Read a request's body as it was sent: bounded in size, never decompressed. Its time is bounded in `serving`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.types import Receive

from gateway.answers import Refusal

MOST_BODY_BYTES: Final = 256 * 1024


async def whole_body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """Give the body; refuses what is encoded, too large or cut off."""
    if headers.get("content-encoding", "").lower() not in {"", "identity"}:
        reason = "send the body without Content-Encoding: the signature is over the bytes as sent"
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BODY_BYTES:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(HTTPStatus.BAD_REQUEST, "the connection closed before the body was complete")
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

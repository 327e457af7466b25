"""Reading a response's body: never more than the cap, never half of it taken for the whole."""

import zlib
from typing import Final, NamedTuple

import httpx

from connectors.errors import RequestRefused, TryLater, VendorChangedShape

# Content codings we ask for and can stop in the middle. Others are refused: a decoder without a limit is a bomb.
ACCEPTED_CODINGS: Final = "gzip, identity"
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class Body(NamedTuple):
    """A body as decoded. `is_length_known` False: it ended when the connection did, and may be cut."""

    content: bytes
    is_length_known: bool


def read_body(response: httpx.Response, *, cap: int) -> Body:
    """Read a streamed response's body, decoded, at most `cap` bytes before and after decoding.

    Raises RequestRefused where it is larger, TryLater where it is cut, VendorChangedShape for a coding that does not hold.
    """
    if int(response.headers.get("content-length") or 0) > cap:
        raise _too_large(cap)
    decoder = _decoder(response.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    received = decoded = 0
    for chunk in response.iter_raw():
        received += len(chunk)
        part = decoder.decode(chunk, cap - decoded + 1)
        decoded += len(part)
        if received > cap or decoded > cap:
            raise _too_large(cap)
        parts.append(part)
    decoder.finish(received)
    return Body(b"".join(parts), _is_length_known(response))


def _is_length_known(response: httpx.Response) -> bool:
    headers = response.headers
    is_framed = "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower()
    return is_framed or response.status_code in (204, 304) or response.request.method == "HEAD"


def _too_large(cap: int) -> RequestRefused:
    return RequestRefused(f"the body is larger than {cap} bytes: ask for smaller pages")


def _decoder(coding: str) -> "Plain | Inflating":
    name = coding.strip().lower()
    if name in ("", "identity"):
        return Plain()
    if name in ("gzip", "x-gzip", "deflate"):
        return Inflating()
    msg = "the body has a content coding that we did not ask for"
    raise VendorChangedShape(msg)


class Plain:
    """A body without a coding."""

    def decode(self, chunk: bytes, _limit: int) -> bytes:
        """Give the chunk as it is."""
        return chunk

    def finish(self, _received: int) -> None:
        """Nothing to check."""


class Inflating:
    """A gzip or zlib body, inflated at most to a limit."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_OR_ZLIB)

    def decode(self, chunk: bytes, limit: int) -> bytes:
        """Inflate a chunk to at most `limit` bytes; the rest of a larger one is not needed, the caller stops there."""
        try:
            return self._zlib.decompress(chunk, limit)
        except zlib.error as error:
            msg = "the body says it is compressed and is not"
            raise VendorChangedShape(msg) from error

    def finish(self, received: int) -> None:
        """Raise TryLater where the stream did not come to its end."""
        if received and not self._zlib.eof:
            msg = "the compressed body is cut"
            raise TryLater(msg)

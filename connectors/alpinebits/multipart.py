"""An action with its document as a form of two fields, the way AlpineBits travels."""

import re
from hashlib import sha256
from typing import Final, NamedTuple

from connectors.errors import MalformedBody

_DISPOSITION: Final = re.compile(rb"""content-disposition:[^\r\n]*?;\s*name="?([A-Za-z0-9_-]{1,40})"?""", re.IGNORECASE)
_BOUNDARY: Final = re.compile(rb"--([^\r\n]{1,200}?)\s*\r?\n")


class Form(NamedTuple):
    """The fields `action` and `request`."""

    action: str
    request: bytes


def written(action: str, request: bytes) -> tuple[str, bytes]:
    """Give media type and body of a form; the boundary comes from the content, so that it cannot be in it by chance."""
    boundary = sha256(action.encode() + request).hexdigest()
    fields = ((b"action", b"", action.encode()), (b"request", b"Content-Type: text/xml; charset=utf-8\r\n", request))
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n%s\r\n%s\r\n' % (boundary.encode(), name, kind, content)
        for name, kind, content in fields
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def read(body: bytes) -> Form:
    """Read a form by the boundary its first line names; raises MalformedBody where it lacks one of the fields."""
    opening = _BOUNDARY.match(body)
    if opening is None:
        msg = "the body is no form of several parts"
        raise MalformedBody(msg)
    fields: dict[bytes, bytes] = {}
    for part in body.split(b"--" + opening[1])[1:]:
        head, _, content = part.lstrip(b"\r\n").replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
        named = _DISPOSITION.search(head)
        if named is not None:
            fields.setdefault(named[1].lower(), content.removesuffix(b"\n").removesuffix(b"\r"))
    if b"action" not in fields or b"request" not in fields:
        msg = "the form lacks action or request"
        raise MalformedBody(msg)
    try:
        return Form(fields[b"action"].decode("ascii").strip(), fields[b"request"])
    except UnicodeDecodeError as error:
        msg = "the action is no word"
        raise MalformedBody(msg) from error

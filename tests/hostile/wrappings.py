"""The document a body is about, whatever is around it: nothing, a form with JSON in a field, or parts with XML in one."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

_FORM = re.compile(rb"[A-Za-z_-]{1,40}=[^\s<&]*(?:&[A-Za-z_-]{1,40}=[^\s<&]*)*").fullmatch
_PART = re.compile(rb"(?s)\r\n\r\n(\s*<.*?)(?=\r\n--)")


class Document(NamedTuple):
    """The document, and how a body is made of another in its place; `wrapping` is empty where nothing is around it."""

    content: bytes
    wrapping: str
    around: Callable[[bytes], bytes]


def document(body: bytes) -> Document:
    """Find the document of a body; a body that is none of the known kinds is its own document."""
    if body.lstrip()[:1] not in (b"<", b"{", b"["):
        found = _in_form(body) if _FORM(body) else _in_parts(body)
        if found:
            return found
    return Document(body, "", lambda content: content)


def _in_form(body: bytes) -> Document | None:
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    at = next((n for n, (_, value) in enumerate(fields) if value.startswith("{")), None)
    if at is None:
        return None

    def around(content: bytes) -> bytes:
        told = [*fields[:at], (fields[at][0], content.decode("latin-1")), *fields[at + 1 :]]
        return urlencode(told, encoding="latin-1").encode()

    return Document(fields[at][1].encode("latin-1"), "form", around)


def _in_parts(body: bytes) -> Document | None:
    found = _PART.search(body) if body.startswith(b"--") else None
    if found is None:
        return None
    before, after = body[: found.start(1)], body[found.end(1) :]
    return Document(found[1], "parts", lambda content: before + content + after)

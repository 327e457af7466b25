"""Rows out of a JSON body: all at once where all are well, one by one where some are not. A bad row never takes others along."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from connectors.errors import VendorChangedShape
from hotel.incoming import Reason, shape_of

Shape = TypeVar("Shape", bound=msgspec.Struct)
Json = dict[str, Any]
# What the decoder raises on what it cannot read; what is nested deeper than its stack is unreadable as well.
NOT_JSON: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_AT: Final = re.compile(r" - at `\$(.*)`$")
_MISSING: Final = re.compile(r"missing required field `([^`]*)`")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
# What JSON can say and a text column cannot hold: NUL, and half a character.
_UNSTORABLE: Final = re.compile(
    rb"(\\\\)|\\u0000|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_HALF: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Unreadable(NamedTuple):
    """A row that does not have the agreed shape: as it came, and why."""

    row: Json
    reason: Reason


def storable(body: bytes) -> bytes:
    """Drop escaped NUL characters, replace half surrogates by U+FFFD; the same bytes where there are neither."""
    if not _HALF.search(body):
        return body

    def kept(match: re.Match[bytes]) -> bytes:
        if match[3]:
            return rb"\ufffd"
        return match[1] or match[2] or b""

    return _UNSTORABLE.sub(kept, body)


def rows(body: bytes, key: str, shape: type[Shape]) -> Sequence[Shape | Unreadable]:
    """Read the list under `key` of a JSON object; raises VendorChangedShape where there is no such list."""
    text = storable(body)
    try:
        return list(getattr(_decoder(key, shape).decode(text), key))
    except NOT_JSON:
        return [_row(raw, shape) for raw in _raw_rows(text, key)]


def row(body: bytes, shape: type[Shape]) -> Shape | Unreadable:
    """Read one JSON object; raises VendorChangedShape where it is none."""
    text = storable(body)
    _object(text)
    return _row(msgspec.Raw(text), shape)


def _row(raw: msgspec.Raw, shape: type[Shape]) -> Shape | Unreadable:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        content = _object(bytes(raw))
        return Unreadable(content, _reason(str(error), content))
    except (UnicodeDecodeError, RecursionError) as error:
        msg = "the body is not UTF-8, or nested too deep"
        raise VendorChangedShape(msg) from error


def _raw_rows(text: bytes, key: str) -> list[msgspec.Raw]:
    try:
        found: list[msgspec.Raw] = getattr(_decoder(key, msgspec.Raw).decode(text), key)
    except NOT_JSON as error:
        msg = f"the body is not a JSON object with a list {key!r}"
        raise VendorChangedShape(msg) from error
    return found


def _object(text: bytes) -> Json:
    try:
        content = msgspec.json.decode(text)
    except NOT_JSON as error:
        msg = "the body is not JSON"
        raise VendorChangedShape(msg) from error
    return content if isinstance(content, dict) else {"row": content}


@cache
def _decoder(key: str, shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Envelope", [(key, list[shape])]))


def _reason(message: str, content: Json) -> Reason:
    """Turn msgspec's message into a stable reason: the field by its name, the value by its shape."""
    missing = _MISSING.search(message)
    path = _AT.search(message)
    steps = [(name or int(index)) for name, index in _STEP.findall(path[1] if path else "") if index != "..."]
    names = [str(step) for step in steps if isinstance(step, str)]
    if missing:
        return Reason("field_missing", ".".join([*names, missing[1]]))
    value: Any = content
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = ""
    scalar = "" if isinstance(value, dict | list) else value
    return Reason("unreadable", ".".join(names), shape_of(scalar))


def flat(content: Json) -> dict[str, str]:
    """Show a row as text by field, for whoever looks into the quarantine; what is nested stays JSON."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in content.items()
        if value is not None
    }


def content(told: msgspec.Struct) -> Json:
    """Give a row that was read back as plain JSON, by the source's names."""
    plain: Json = msgspec.to_builtins(told)
    return plain

"""Attacks on whoever reads JSON: deep, long, odd in its numbers, its texts and its keys."""

from collections.abc import Iterator
from typing import Any

import msgspec

Made = Iterator[tuple[str, bytes]]
_MOST_PLACES = 60
_ODD_VALUES: tuple[tuple[str, bytes], ...] = (
    ("a giant number", b"1e999999"),
    ("a tiny number", b"1e-999999"),
    ("minus a giant number", b"-1E+999999999999"),
    ("a giant number as text", b'"1e999999"'),
    ("not a number as text", b'"NaN"'),
    ("a signalling one as text", b'"sNaN"'),
    ("infinity as text", b'"-Infinity"'),
    ("400 digits", b"9" * 400),
    ("400 digits as text", b'"' + b"9" * 400 + b'"'),
    ("2 to the 64th", b"18446744073709551616"),
    ("a half surrogate", b'"x\\ud800y"'),
    ("NUL", b'"x\\u0000y"'),
    ("1,500 deep", b'{"a":' * 1_500 + b"1" + b"}" * 1_500),
    ("nothing", b"null"),
    ("a list", b"[]"),
    ("an object", b"{}"),
    ("yes", b"true"),
    ("an empty text", b'""'),
    ("a date at the end of time", b'"9999-12-31"'),
    ("an instant at the end of time", b'"9999-12-31T23:59:59-14:00"'),
    ("an instant at its beginning", b'"0001-01-01T00:00:00+14:00"'),
    ("30,000 letters", b'"' + b"x" * 30_000 + b'"'),
)  # fmt: skip


def is_json(body: bytes) -> bool:
    """Tell whether a body is one JSON document."""
    try:
        return isinstance(msgspec.json.decode(body), dict | list)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def attacks(body: bytes) -> Made:
    """Yield the attacks on a reader of this message."""
    yield from _values(body)
    yield from _shapes(body)
    yield from _notations(body)


def large(body: bytes) -> Made:
    """Yield what is larger than any honest message."""
    yield "100,000 lists deep", _beside(body, b'"x":' + b"[" * 100_000 + b"]" * 100_000)
    yield "100,000 objects deep", _beside(body, b'"x":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    yield "lists never closed", b"[" * 100_000
    yield "objects never closed", b'{"a":' * 100_000
    yield "a text of 200 kB", _beside(body, b'"x":"' + b"x" * 200_000 + b'"')
    yield "a text of 12 MB", _beside(body, b'"x":"' + b"x" * 12_000_000 + b'"')
    yield "a million digits", _beside(body, b'"x":' + b"7" * 1_000_000)
    yield "200,000 keys", _beside(body, b",".join(b'"k%d":1' % n for n in range(200_000)))


def _values(body: bytes) -> Made:
    """Put each odd value where a value stands, one at a time; not everywhere in a long message."""
    told = msgspec.json.decode(body)
    places = list(_places(told))
    for name, value in _ODD_VALUES:
        for at, (holder, key) in enumerate(places[:_MOST_PLACES]):
            kept, holder[key] = holder[key], msgspec.Raw(value)
            yield f"{name} at {at}", msgspec.json.encode(told)
            holder[key] = kept


def _places(told: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(told) if isinstance(told, dict) else range(len(told)) if isinstance(told, list) else ()
    for key in keys:
        yield told, key
        yield from _places(told[key])


def _beside(body: bytes, more: bytes) -> bytes:
    """Tell something more in the outermost object."""
    end = body.rstrip().rfind(b"}")
    return body[:end] + b"," + more + body[end:]


def _shapes(body: bytes) -> Made:
    for depth in (900, 1_500, 10_000):
        yield f"{depth} lists deep", _beside(body, b'"x":' + b"[" * depth + b"]" * depth)
        yield f"{depth} objects deep", _beside(body, b'"x":' + b'{"a":' * depth + b"1" + b"}" * depth)
    yield "lists around it", b"[" * 2_000 + body + b"]" * 2_000
    yield "10,000 keys", _beside(body, b",".join(b'"k%d":1' % n for n in range(5_000)))
    yield "one key 10,000 times", _beside(body, b",".join([b'"id":1'] * 10_000))
    yield "60,000 nulls", _beside(body, b'"x":[' + b",".join([b"null"] * 12_000) + b"]")
    yield "keys of prototypes", _beside(body, b'"__proto__":{"a":1},"__class__":1,"constructor":{}')
    yield "an empty key", _beside(body, b'"":1')
    yield "all of it twice", _beside(body, body.strip()[1:-1])


def _notations(body: bytes) -> Made:
    yield "no number", _beside(body, b'"x":NaN')
    yield "infinity", _beside(body, b'"x":-Infinity')
    yield "a raw control character", _beside(body, b'"x":"\x01\n"')
    yield "an escape that is none", _beside(body, b'"x":"\\x41"')
    yield "half an escape", _beside(body, b'"x":"\\u00')
    yield "surrogates the wrong way round", _beside(body, b'"x":"\\udc00\\ud800"')
    yield "a half surrogate as key", _beside(body, b'"\\ud800":1')
    yield "a NUL as key", _beside(body, b'"a\\u0000b":1')
    yield "a trailing comma", body.rstrip()[:-1] + b",}"
    yield "a comment", b"/* x */" + body
    yield "single quotes", body.replace(b'"', b"'")
    yield "something behind it", body + b"x"
    yield "a number with a leading zero", _beside(body, b'"x":007')
    yield "a plus sign", _beside(body, b'"x":+1')
    yield "hexadecimal", _beside(body, b'"x":0x1F')

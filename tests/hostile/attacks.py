"""What somebody may send to do harm: on the parser itself, whatever the vendor, or inside a message that is right otherwise."""

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.hostile import json_attacks, xml_attacks
from tests.hostile.wrappings import document
from tests.hostile.xml_attacks import Bait

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "hostile"


class Attack(NamedTuple):
    """A body and what it tries; `is_forbidden`: nobody may make a row of it."""

    name: str
    body: bytes
    is_forbidden: bool = False


def attacks_on(body: bytes, bait: Bait) -> Iterator[Attack]:
    """Turn a right message against its reader: as XML or JSON, inside a form or parts where it lies in them."""
    told = document(body)
    content = told.content
    if content.lstrip()[:1] == b"<":
        made = xml_attacks.attacks(content, bait)
        forbidden = xml_attacks.forbidden(content, bait)
        yield from (Attack(name, told.around(attack), is_forbidden=True) for name, attack in forbidden)
    else:
        made = json_attacks.attacks(content) if json_attacks.is_json(content) else _delimited(content)
    yield from (Attack(name, told.around(attack)) for name, attack in made)
    if told.wrapping:
        yield from (Attack(f"{told.wrapping}: {name}", told.around(attack)) for name, attack in _worn(told.content))
    yield from (Attack(name, attack) for name, attack in _worn(body))
    if told.wrapping == "form":
        yield Attack("a field 12,000 times", body + b"&a=1" * 12_000)
        yield Attack("percent signs", body + b"&x=" + b"%" * 20_000)
        yield Attack("bytes that are no text", body + b"&x=%ff%fe%00")
    if told.wrapping == "parts":
        yield Attack("4,000 parts", b"--sandbox\r\n\r\n\r\n" * 4_000 + body)
        yield Attack("a name of 50,000 letters", body.replace(b'name="', b'name="' + b"x" * 50_000, 1))


def _delimited(body: bytes) -> Iterator[tuple[str, bytes]]:
    header, _, rows = body.partition(b"\n")
    yield "a quote never closed", body + b'"' + b"x,\n" * 1_000
    yield "quotes alone", header + b"\n" + b'"' * 20_000
    yield "10,000 delimiters", body + b"," * 10_000
    yield "10,000 columns", header.rstrip() + b",a" * 10_000 + b"\n" + rows
    yield "one column twice", header.rstrip() + b"," + header.split(b",")[0] + b"\n" + rows
    yield "a header alone", header
    yield "rows without a header", rows
    yield "60,000 empty lines", body + b"\n" * 60_000
    yield "a cell of 60,000 letters", rows.replace(b",", b"," + b"x" * 60_000, 1)
    yield "returns alone", body.replace(b"\n", b"\r")


def large_attacks_on(body: bytes) -> Iterator[Attack]:
    """Make a right message larger than any honest one."""
    told = document(body)
    is_xml, is_json = told.content.lstrip()[:1] == b"<", json_attacks.is_json(told.content)
    made = xml_attacks.large(told.content) if is_xml else json_attacks.large(told.content) if is_json else ()
    yield from (Attack(name, told.around(attack)) for name, attack in made)


def _worn(body: bytes) -> Iterator[tuple[str, bytes]]:
    text = body.decode("utf-8", "replace")
    yield "nothing", b""
    yield "blanks", b" \n\t" * 1000
    yield "half of it", body[: len(body) // 2]
    yield "twice", body + body
    yield "gzip", gzip.compress(body, mtime=0)
    yield "a NUL in the middle", body[: len(body) // 2] + b"\0" + body[len(body) // 2 :]
    yield "a NUL at the end", body + b"\0"
    yield "bytes that are no UTF-8", body.replace(b"2026", b"\xff\xfe\xc0\x80", 1)
    yield "half a character", body.replace(b"2026", b"\xed\xa0\x80", 1)
    for encoding in (
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-be",
        "utf-7",
        "cp037",
        "latin-1",
    ):
        yield f"in {encoding}", text.encode(encoding, "replace")
    yield "a mark of UTF-16 before UTF-8", b"\xff\xfe" + body
    yield "two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + body


@cache
def corpus() -> tuple[Attack, ...]:
    """Give the published attacks and conformance tests; none where they are absent."""
    paths = sorted(path for folder in ("defusedxml", "jsontestsuite") for path in (CORPUS / folder).rglob("*.*ml"))
    paths += sorted((CORPUS / "jsontestsuite").rglob("*.json"))
    return tuple(Attack(path.name, path.read_bytes()) for path in paths)


@cache
def naughty_strings() -> tuple[str, ...]:
    """Give the published naughty strings, and some of ours; only ours where they are absent."""
    path = CORPUS / "blns" / "blns.json"
    published: list[Any] = msgspec.json.decode(path.read_bytes()) if path.is_file() else []
    return (*_OURS, *(each for each in published if each))


_OURS = (
    "O'Neil", "D'Angelo & Söhne", "<Smith>", "]]>", "<![CDATA[x]]>", "<!DOCTYPE html>", "&amp;", "&lt;b&gt;", "\\", '"', "\\u0041", "%41", "a\tb",
    "a\nb", "a\r\nb", "\u00a0x\u00a0", "\u200b", "\u202eevil", "\ufeffmark", "\ufffd", "e\u0301", "İ", "ß", "ﬁ", "👩‍👩‍👧", "ไทย", "山田 太郎", "null",
    "None", "true", "NaN", "1e3", "2026-03-01", "=1+1", "+351912345678", "@SUM(A1)", "-", "unmapped", "*", "'; DROP TABLE core.guests; --",
    "{{7*7}}", "${7*7}", "%s%n", "../../../etc/passwd", "a" * 2_000,
)  # fmt: skip

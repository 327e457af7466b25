"""What mutations put in: numbers, dates, texts and scraps at which parsers are known to stumble."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from lxml import etree

from tests.hostile.wrappings import document

NUMBERS = (
    "0", "-0", "-1", "1", "00", "007", "0.1", ".5", "5.", "1e2", "1E-7", "1e999999", "-1e999999", "1e-999999", "NaN", "-NaN", "sNaN",
    "Infinity", "-Infinity", "0x10", "1_000", "1,000.00", "1.000,00", "+1", "--1", "1/2", "99999999999999999999", "2147483648",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.000000000000000000001", "1" * 39, "9" * 400, "\u0663", "\uff11\uff12", "\u00b2",
)  # fmt: skip
DATES = (
    "2026-03-01", "2026-02-30", "2026-13-01", "0001-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "2026-W09-1", "20260301", "2026-060",
    "01.03.2026", "2026-03-01T24:00:00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+14:00", "2026-03-01T10:00:00-23:59",
    "2026-03-01T10:00:00.123456789Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-29T01:30:00", "2026-10-25T01:30:00",
    "24:00", "25:61", "T10:00", "1969-12-31T23:59:59Z", "-2026-03-01", "2026-03-01 ", "\u0662\u0660\u0662\u0666-03-01",
)  # fmt: skip
TEXTS = (
    "", " ", "\t", "\n", "null", "None", "true", "false", "yes", "*", "-", "EUR", "JPY", "BHD", "XXX", "eur", "Cancelled", "Commit", "Modify",
    "Book", "Jane", "unmapped", "none", "CITY", "TOKYO", "MARS", "STD", "BAR", "10", "8", "7", "14", "16", "a" * 300, "é", "Ω", "ไทย", "山田",
    "🙂", "\u202e", "\ufeff", "\ufffd", "\u0000", "\u2028", "'; drop table x; --", "<b>", "&amp;", "{{7*7}}", "%s%s%n", "../../etc/passwd",
    "4111 1111 1111 1111", "[card …1111]", "[cvv]", "jane@guest.booking.com", "@", "+351912345678", "+", "00", "PT", "pt", "de-DE",
)  # fmt: skip
SCRAPS = (
    b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"null", b"true", b"1e999999", b"\\ud800", b"\\udfff", b"\\u0000", b"<", b">", b"</", b"/>",
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>", b"<!DOCTYPE x [<!ENTITY e 'v'>]>", b"&e;", b"&#0;", b"&#x110000;", b"&amp;", b"xmlns=''",
    b"xmlns:a='u'", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"=", b"&", b"%00",
    b"%", b"+", b"\r\n", b'""', b"=cmd|' /C calc'!A0", b";", b"4111111111111111", b"cvv",
)  # fmt: skip
ODD_JSON: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**20, -(10**30), 0.5, -0.0, 1e308, "", [], {}, [None], [[]], [{}], {"": ""}, {"value": 1}, ["STD"], [1, "1"],
)  # fmt: skip


class Words(NamedTuple):
    """The words of some bodies: keys, element and attribute names, and what stood under them."""

    names: tuple[str, ...]
    values: tuple[str, ...]


def words_of(bodies: Iterable[bytes]) -> Words:
    """Gather the words of bodies, in a fixed order."""
    names: dict[str, None] = {}
    values: dict[str, None] = {}
    for content in (document(body).content for body in bodies):
        for name, value in [*_of_json(_json(content)), *_of_xml(content)]:
            names[name] = values[value] = None
    kept = tuple(value for value in values if value and len(value) <= 80)
    return Words(tuple(name for name in names if name), kept)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _of_json(told: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(told, dict):
        return [(name, ""), *(each for key, value in told.items() for each in _of_json(value, key))]
    if isinstance(told, list):
        return [each for value in told for each in _of_json(value, name)]
    return [(name, told if isinstance(told, str) else "")]


def _of_xml(body: bytes) -> list[tuple[str, str]]:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return []
    found: list[tuple[str, str]] = []
    for each in root.iter(etree.Element):
        found.append((each.tag.rpartition("}")[2], (each.text or "").strip()))
        found += each.items()
    return found

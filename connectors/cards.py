"""Card numbers and verification codes never land (law 11): `remove_cards` runs on raw bytes before the first INSERT.

Structure first (fields named for cards, in JSON, XML, forms, CSV and prose), then a scan of everything else, then one
level of base64. Nothing is parsed, so an unreadable body is cleaned like any other. Without a card the bytes stay.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from connectors import card_disguises, card_fields
from connectors.card_base64 import inside_base64
from connectors.card_numbers import SEPARATORS, Found, card_numbers

_CODE_MARK: Final = b"[cvv]"
_MOST_ROUNDS: Final = 5
_THIRTEEN_DIGITS: Final = b"9" * 13
_TO_NINES: Final = bytes.maketrans(b"012345678", b"9" * 9)
_JSON_BEGIN: Final = re.compile(rb"[{\[]|[A-Za-z_-]{1,40}=[{\[]")  # alone, or in the first field of a form
_JSON_KEY_BEFORE: Final = re.compile(rb'"[\s\0]*:[\s\0]*$')
_QUOTE: Final = re.compile(rb'\\*"\0*')
_NEAR: Final = 200
_JSON_LIST_BEFORE: Final = re.compile(rb"[\[,][\s\0]*$")
_JSON_AFTER: Final = re.compile(rb"[\s\0]*[,}\]]|\s*$")


class Cleaned(NamedTuple):
    """A body without cards, and how many numbers and codes were taken out."""

    body: bytes
    found_count: int


def remove_cards(body: bytes) -> Cleaned:
    """Mask card numbers to `[card …1111]` and drop verification codes; the same bytes where there are none."""
    encoding = card_disguises.wide_encoding(body)
    if encoding is None:
        return _cleaned(body)
    # A last byte or half a character cut off stays as it is.
    end = len(body) - len(body) % (4 if "32" in encoding else 2)
    inner = _cleaned(body[:end].decode(encoding, "replace").encode())
    if not inner.found_count:
        return Cleaned(body, 0)
    return Cleaned(inner.body.decode().encode(encoding) + body[end:], inner.found_count)


def _cleaned(body: bytes) -> Cleaned:
    """Clean a body until nothing is found: what stood glued to a number may be a field of its own once that is gone."""
    count = 0
    for _ in range(_MOST_ROUNDS):
        once = _cleaned_once(body)
        if not once.found_count:
            break
        body, count = once.body, count + once.found_count
    return Cleaned(body, count)


def _cleaned_once(body: bytes) -> Cleaned:
    count = 0

    def clean_inside(held: bytes) -> bytes:
        nonlocal count
        inner = _scanned(held)
        count += inner.found_count
        return inner.body

    outer = _scanned(body)
    told = outer.body.replace(b"\\/", b"/")  # as PHP writes slashes, also those of base64
    cleaned = inside_base64(told, clean_inside)
    return Cleaned(cleaned if count else outer.body, outer.found_count + count)


def _scanned(body: bytes) -> Cleaned:
    plain = card_disguises.unescaped(body)
    columns_count = 0
    if card_fields.has_card_columns(plain):
        plain, columns_count = card_fields.without_columns(plain, _CODE_MARK.decode())
    is_utf8 = plain.isascii() or card_fields.is_utf8(plain)
    text = card_disguises.shown(plain, is_utf8=is_utf8)
    cuts = _without_overlap([*_named(text), *_looking_like_cards(text)])
    if not cuts:
        return Cleaned(plain, columns_count) if columns_count else Cleaned(body, 0)
    dots = "…".encode() if is_utf8 else b"..."
    parts: list[bytes] = []
    done = 0
    for cut in cuts:
        mark = b"[card " + dots + cut.last_four + b"]" if cut.last_four else _CODE_MARK
        parts += [plain[done : cut.start], _fitted(mark, plain, text, cut)]
        done = cut.end
    return Cleaned(b"".join([*parts, plain[done:]]), len(cuts) + columns_count)


def _named(text: bytes) -> Iterator[Found]:
    for field in card_fields.fields(text):
        digits = text[field.start : field.end].translate(None, SEPARATORS)
        yield Found(field.start, field.end, b"" if field.kind == "code" else digits[-4:])


def _looking_like_cards(text: bytes) -> Iterator[Found]:
    # Bytes in a row are the fastest thing to look for: most bodies end here.
    if _THIRTEEN_DIGITS in text.translate(_TO_NINES, SEPARATORS):
        yield from card_numbers(text)


def _without_overlap(cuts: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for cut in sorted(cuts):
        if not kept or cut.start >= kept[-1].end:
            kept.append(cut)
    return kept


def _fitted(mark: bytes, plain: bytes, text: bytes, cut: Found) -> bytes:
    """Quote a mark that takes the place of a bare JSON number, with the quotes that stand before it, however written."""
    begin = max(0, cut.start - _NEAR)
    before = text[begin : cut.start]
    is_bare = _JSON_AFTER.match(text, cut.end) and (
        _JSON_KEY_BEFORE.search(before) or (_JSON_LIST_BEFORE.search(before) and _JSON_BEGIN.match(text))
    )
    if not is_bare:
        return mark
    quotes = list(_QUOTE.finditer(before))
    quote = plain[begin + quotes[-1].start() : begin + quotes[-1].end()] if quotes else b'"'
    return quote + mark + quote

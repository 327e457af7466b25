"""What makes digits a card number: grouping, issuer, length, check digit, and where they stand.

One in ten random numbers passes the check digit alone, one in forty with issuer and length. What stands where phones
and references stand is excused: masking a booking's reference would merge it with another.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# `\0` pads what a disguise (an escape, a wide digit) took more bytes for: see card_disguises.
_DIGIT: Final = rb"[0-9]\0*"
SEPARATORS: Final = b" .+-\0"
SEPARATOR: Final = rb"[ .+\-\0]"
_GAP: Final = rb"(?:[ .+\-]\0*){1,3}"

# Issuer and length: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, RuPay, Mir, Troy.
_ISSUED: Final = (
    rb"(?:4(?:\d{18}|\d{17}|\d{15}|\d{12})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    rb"|36\d{14,17}|3(?:0[0-59]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"
    rb"|(?:62|81)\d{14,17}|(?:5018|5020|5038|5893|6304|6390|6759|676[1-3])\d{12,15}|(?:508\d|6069|607\d|608\d)\d{12}"
    rb"|220[0-4]\d{12,15}|9792\d{12})(?!\d)"
)
_SOLID: Final = _ISSUED + rb"(?:\.00?(?![0-9]))?"


def _grouped(*sizes: int) -> bytes:
    return _GAP.join(b"(?:" + _DIGIT + b"){%d}" % size for size in sizes) + b"(?![0-9\0])"


# How people and printers group a card number; longer ones first, since a verification code may follow a shorter one.
_GROUPINGS: Final = (
    _grouped(4, 4, 4, 4, 3),
    _grouped(4, 4, 4, 4, 2),
    _grouped(4, 4, 4, 4, 1),
    _grouped(4, 4, 4, 4),
    _grouped(4, 6, 5),
    _grouped(4, 6, 4),
    _grouped(4, 4, 4, 1),
    _grouped(4, 3, 3, 3),
    _grouped(8, 8),
    _grouped(6, 13),
)
# Any other grouping counts where one single sign separates all groups and nothing more of the kind adjoins.
_EVEN: Final = rb"(?<![0-9][ .+\-])(?=(?:[0-9][ .+\-]?){13})[0-9]{1,18}([ .+\-])[0-9]{1,18}(?:\1[0-9]{1,18}){0,17}(?![ .+\-]?[0-9])"
_WIDE: Final = rb"(?=[0-9]{1,18}\0)(?:" + _DIGIT + rb"){13,19}(?![0-9\0])"
_SHAPES: Final = tuple(re.compile(shape) for shape in (_WIDE, *_GROUPINGS, _EVEN))
_NUMBER: Final = re.compile(_SOLID)
# Thirteen digits from the start of a group on: one pass over the text, and nearly nothing is left to look at.
_START: Final = re.compile(rb"[2-689](?<![0-9]{2})(?=(?:[ .+\-\0]{0,40}+[0-9]){12})")
_PROMISING: Final = re.compile(
    b"|".join((_DIGIT * 4 + _GAP + _DIGIT * 3, _WIDE, _grouped(8, 8), _grouped(6, 13), _EVEN))
)
_SHORTEST: Final = 13
_LONGEST: Final = 19
_LONGEST_PHONE: Final = 15
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ISSUED_ALONE: Final = re.compile(_ISSUED)

_EXCUSED_NAME: Final = re.compile(
    rb"(?:.*(?:id|ref|reference|revision|version|uuid|hash|timestamp|phone|mobile|fax|msisdn|whatsapp|iban)"
    rb"|(?:reservation|booking|confirmation|invoice|folio|voucher|order|itinerary|tracking)[ _-]?"
    rb"(?:no|nr|num|number|code)?|tel)",
    re.IGNORECASE,
)
# Words that only end like the name of a reference.
_NO_REFERENCE: Final = re.compile(
    rb"(?:.*[^A-Za-z])?(?:(?:pre|un)?paid|(?:in)?valid|void|grid|bid|said|preference|pref|brief|conversion)",
    re.IGNORECASE,
)
_CARDLIKE_NAME: Final = re.compile(rb"card|pan|cc|pay|guarantee|credit|debit|visa|amex", re.IGNORECASE)
_NAME_BEFORE: Final = re.compile(
    rb"""([A-Za-z][A-Za-z0-9 _:-]{0,40})\\*["']?[\s\0]{0,4}[:=>][\s\0]{0,4}\\*["']?\0{0,4}$"""
)
# A number of JSON that is below zero; a hyphen in prose ("card no:-4111") has no quote before its colon.
_NEGATIVE_BEFORE: Final = re.compile(rb"""(?:"\s{0,4}:|[\[{]|[0-9},\]"],)\s{0,12}-$""")
_LONGEST_LINE: Final = 10_000


class Found(NamedTuple):
    """A stretch [start, end) to mask, and the last four digits that may stay."""

    start: int
    end: int
    last_four: bytes


def is_checked(digits: bytes) -> bool:
    """Tell whether the check digit holds (Luhn)."""
    values = [byte - 48 for byte in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def is_card_number(digits: bytes) -> bool:
    """Tell whether digits have a known issuer, its length and a right check digit."""
    return _ISSUED_ALONE.fullmatch(digits) is not None and is_checked(digits)


def card_numbers(text: bytes) -> Iterator[Found]:
    """Find card numbers, left to right, none overlapping another."""
    columns = Columns(text)
    done = 0
    for candidate in _START.finditer(text):
        start = candidate.start()
        found = _found_at(text, start, columns) if start >= done else None
        if found:
            done = found.end
            yield found


def _found_at(text: bytes, start: int, columns: "Columns") -> Found | None:
    solid = _NUMBER.match(text, start)
    if solid and _NEGATIVE_BEFORE.search(text, max(0, start - 20), start):
        return None
    if solid:
        digits = solid[0].partition(b".")[0]
        is_card = is_checked(digits) and not _is_phone(text, start, len(digits))
        name = (_name_before(text, start) or columns.name_at(start)) if is_card else b""
        return Found(start, solid.end(), digits[-4:]) if is_card and not is_excused_name(name) else None
    for shape in _SHAPES if _PROMISING.match(text, start) else ():
        match = shape.match(text, start)
        digits = match[0].translate(None, SEPARATORS) if match else b""
        if match and _SHORTEST <= len(digits) <= _LONGEST and is_card_number(digits):
            return None if _is_phone(text, start, len(digits)) else Found(start, match.end(), digits[-4:])
    return None


def _is_phone(text: bytes, start: int, digit_count: int) -> bool:
    return text[start - 1 : start] == b"+" and digit_count <= _LONGEST_PHONE


def is_excused_name(name: bytes) -> bool:
    """Tell whether a key or column of this name holds references or phones, and nothing about cards."""
    is_reference = _EXCUSED_NAME.fullmatch(name) is not None and _NO_REFERENCE.fullmatch(name) is None
    return is_reference and _CARDLIKE_NAME.search(name) is None


def _name_before(text: bytes, start: int) -> bytes:
    found = _NAME_BEFORE.search(text, max(0, start - 60), start)
    return found[1] if found else b""


class Columns:
    """The column names of delimited text, to tell in which one a position stands."""

    def __init__(self, text: bytes) -> None:
        end = text.find(b"\n", 0, _LONGEST_LINE)
        header = text[:end].rstrip(b"\r") if end > 0 and text[:1] not in b"{[<" else b""
        self._text = text
        self._delimiter = max(b",;\t|", key=header.count)
        self._names = header.split(bytes([self._delimiter]))

    def name_at(self, position: int) -> bytes:
        """Give the name of the column a position stands in; nothing where there is no header."""
        line = self._text.rfind(b"\n", max(0, position - _LONGEST_LINE), position) + 1
        if not line or len(self._names) == 1:
            return b""
        before = re.sub(rb'"[^"]*"', b"", self._text[line:position])
        column = before.count(self._delimiter)
        return self._names[column].strip(b' "') if column < len(self._names) else b""

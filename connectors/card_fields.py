"""Where cards are by name: keys, attributes, elements and columns called cvv, security code, card number.

By name nothing has to look like a card: a mistyped number is masked too, and a verification code is only three digits.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from connectors.card_numbers import SEPARATOR


class Field(NamedTuple):
    """A value [start, end) that stands in a field named for it; `kind` is `card` or `code`."""

    kind: str
    start: int
    end: int


# What may stand between a name and its value: quotes, brackets, blanks, CDATA, an inner element or key, "is".
_BETWEEN: Final = rb"""[\\"' \t:=<>\[({#\0.*+-]{0,40}(?:!\[cdata\[ {0,20})?"""
_WORD: Final = rb"(?:value|code|number|plaintext|text|is|was|no|v)"
_INNER: Final = rb"(?:(?:[a-z0-9]{1,10}:)?" + _WORD + rb"\b" + _BETWEEN + rb")?"
# The attributes of an element, up to its end; an empty element has no value.
_ATTRIBUTES: Final = rb"(?: [^<>]{0,200}[^<>/])?>" + _BETWEEN
# Where name and value are told as values themselves: {"name": "cvv", "value": "123"}, <Name>cvv</Name><Value>123.
_PAIRED: Final = (
    rb"""(?:\\{0,3}["'] {0,3}, {0,20}\\{0,3}["']|</[a-z0-9:_-]{1,20}> {0,40}<(?:[a-z0-9]{1,10}:)?)""" + _WORD + rb"\b"
    + _BETWEEN
)  # fmt: skip
_AFTER: Final = rb"(?:" + _ATTRIBUTES + _INNER + rb"|" + _PAIRED + rb"|" + _BETWEEN + _INNER + rb")"
_FIRM: Final = rb"""(?=[\\ \t]{0,3}["':=>]| [^<>]{0,200}>|</)"""
_SUFFIX: Final = rb"(?:[ _-]?(?:code|number|value|no))?"
_CODE_NAME: Final = (
    rb"(?:cvv2?|cvc2?|ccv2?|cvd|cav2|security[ _-]?code|(?:card|cc)[ _-]?verification|verification[ _-]?value"
    rb"|fnummer|fziffer|cryptogramme|seguridad|curit(?:\xc3\xa9|e)|sicurezza)" + _SUFFIX
)
# Names that mean something else in prose ("CSC 400") and count only where a sign says that a value follows.
_LOOSE_CODE_NAME: Final = (
    rb"(?:csc|cvn2?|series[ _-]?code|card[ _-]?code|verification[ _-]?(?:code|number|no))" + _SUFFIX
)
_CARD_NAME: Final = rb"(?:(?:credit|debit)?[ _-]?card|cc|pan)[ _-]?(?:number|num|no|nr|pan)?"
_NAME_START: Final = rb"(?<![a-z])(?:card|cc|credit|payment|guarantee)?[ _-]?"
_DIGIT: Final = rb"[0-9]" + SEPARATOR + rb"{0,3}"
_CODE: Final = re.compile(
    rb"(?:" + _CODE_NAME + rb"|" + _LOOSE_CODE_NAME + _FIRM + rb")" + _AFTER + rb"((?:[0-9][ \0]*){3,4})(?![0-9a-z\0])"
)
_CARD: Final = re.compile(_CARD_NAME + _AFTER + rb"((?:" + _DIGIT + rb"){11,18}[0-9]\0*)(?![0-9\0])")
_CODE_COLUMN: Final = re.compile(_NAME_START + rb"(?:" + _CODE_NAME + rb"|" + _LOOSE_CODE_NAME + rb")")
_CARD_COLUMN: Final = re.compile(_NAME_START + _CARD_NAME)
# Literal beginnings of the names above: finding them is far cheaper than asking the patterns at each byte.
_WORDS: Final = (
    b"card", b"cc", b"pan", b"cv", b"csc", b"cav2", b"security", b"series", b"verification",
    b"cryptogramme", b"seguridad", b"sicurezza", b"curit", b"fnummer", b"fziffer",
)  # fmt: skip
_LONGEST_HEADER: Final = 10_000
_ALNUM: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
# The last ones begin "Prüfnummer" and "securité".
_WORDS_THAT_LEAD: Final = (
    b"card",
    b"cc",
    b"credit",
    b"payment",
    b"guarantee",
    b"debit",
    b"pr\xc3\xbc",
    b"prue",
    b"pru",
    b"se",
)


def fields(text: bytes) -> Iterator[Field]:
    """Find the values of card fields in any notation; `text` as card_disguises shows it."""
    lower = text.lower()
    for word in _WORDS:
        position = lower.find(word)
        while position >= 0:
            if _starts_a_name(text, lower, position):
                yield from _values(lower, position)
            position = lower.find(word, position + len(word))


def _values(lower: bytes, position: int) -> Iterator[Field]:
    for kind, pattern in (("code", _CODE), ("card", _CARD)):
        found = pattern.match(lower, position)
        if found:
            yield Field(kind, found.start(1), found.start(1) + len(found[1].rstrip(b" ")))


def _starts_a_name(text: bytes, lower: bytes, position: int) -> bool:
    before = lower[max(0, position - 12) : position]
    is_hump = text[position : position + 1].isupper() and text[position - 1 : position].islower()
    return not before or before[-1] not in _ALNUM or is_hump or before.endswith(_WORDS_THAT_LEAD)


def has_card_columns(body: bytes) -> bool:
    """Tell whether a body is delimited text whose header names a column of cards or codes."""
    header = b"" if body[:1] in b"{[<" else body[: body.find(b"\n", 0, _LONGEST_HEADER) + 1]
    return any(_kinds(re.split(rb"[,;\t|]", header)))


def _kinds(names: list[bytes]) -> list[str]:
    def kind(name: bytes) -> str:
        plain = name.strip(b' "\r\n\xef\xbb\xbf').lower()
        if _CODE_COLUMN.fullmatch(plain):
            return "code"
        return "card" if _CARD_COLUMN.fullmatch(plain) else ""

    return [kind(name) for name in names]


def without_columns(body: bytes, code_mark: str) -> tuple[bytes, int]:
    """Empty the code columns of delimited text and mask the card columns; other cells keep their values.

    Gives the text and how many cells were changed; unchanged text is given back byte for byte.
    """
    encoding = "utf-8" if is_utf8(body) else "latin-1"
    text = body.decode(encoding)
    header = text.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    ending = "\r\n" if header.endswith("\r") else "\n"
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    kinds = _kinds([name.encode() for name in rows[0]])
    changed = 0
    for row in rows[1:]:
        for column, kind in enumerate(kinds[: len(row)]):
            cell = _cleaned(kind, row[column], code_mark)
            changed += cell != row[column]
            row[column] = cell
    if not changed:
        return body, 0
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(rows)
    return out.getvalue().encode(encoding, "replace"), changed


def _cleaned(kind: str, cell: str, code_mark: str) -> str:
    digits = "".join(char for char in cell if char.isdecimal())
    if kind == "code" and digits:
        return code_mark
    if kind == "card" and len(digits) >= 12:  # noqa: PLR2004 the shortest card numbers
        return f"[card …{digits[-4:]}]"
    return cell


def is_utf8(body: bytes) -> bool:
    """Tell whether a body is UTF-8 from end to end."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True

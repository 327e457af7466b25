"""How digits and separators hide: escapes, digits of any script, odd blanks, wide encodings. Shown plain, at the same positions."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from functools import lru_cache
from typing import Final
from unicodedata import category, decimal, normalize

# Each pattern begins with a set of bytes: such a one is looked for without trying the rest at every byte.
# ASCII letters and digits written as JSON, XML or URL escapes mean the same when written plainly.
_ESCAPED_ALNUM: Final = re.compile(
    rb"[\\&%](?:(?<=\\)\\*u00([0-9a-fA-F]{2})|(?<=&)#x0*([0-9a-fA-F]{2});|(?<=&)#0*([0-9]{2,3});|(?<=%)([0-9a-fA-F]{2}))"
)
# What a parser leaves out of the text it gives: it may lie in the middle of a number.
_LEFT_OUT: Final = re.compile(rb"(?s)[0-9] ?(?:\]\]><!\[CDATA\[|<!--.{0,200}?-->|<\?.{0,200}?\?>)(?=[0-9 .-])")
# Signs that part groups as hyphens and full stops do, whatever Unicode calls them.
_DASHES: Final = frozenset("\u2212\u30fc\u301c\uff5e\u2500")
_DOTS: Final = frozenset("\u00b7\u2022\u2024\u2219\u22c5\u30fb\uff0e\uff65.")
_AS_THEY_ARE: Final = frozenset("0123456789/_")
# Dashes, blanks and what cannot be seen; marks belong to the character before them.
_KINDS: Final = {"Pd": "-", "Mn": "", "Me": ""} | dict.fromkeys(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"), " ")
# To be seen as blanks, although Unicode calls them letters or symbols.
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_ENTITY: Final = rb"(?:nbsp|thinsp|ensp|emsp|ndash|mdash|shy|"
_ODD: Final = re.compile(
    rb"[\\&%\xc2-\xf4](?:(?<=[\xc2-\xdf])[\x80-\xbf]|(?<=[\xe0-\xef])[\x80-\xbf]{2}|(?<=[\xf0-\xf4])[\x80-\xbf]{3}"
    rb"|(?<=\\)\\*u[dD]8[0-9a-fA-F]{2}\\+u[dD][c-fC-F][0-9a-fA-F]{2}|(?<=\\)(?:\\*(?:u[0-9a-fA-F]{4}|[nrt])|/)"
    rb"|(?<=&)(?:amp;)?"
    + _ENTITY
    + rb"#[xX]?[0-9a-fA-F]{1,6});|(?<=%)26"
    + _ENTITY
    + rb"%23[xX]?[0-9a-fA-F]{1,6})%3[bB]"
    rb"|(?<=%)(?:[c-fC-F][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){1,3}|[0-7][0-9a-fA-F]))"
)
_ENTITIES: Final = {
    b"nbsp": 160,
    b"thinsp": 0x2009,
    b"ensp": 0x2002,
    b"emsp": 0x2003,
    b"ndash": 0x2013,
    b"mdash": 0x2014,
    b"shy": 173,
}
_WHITE: Final = {b"n": "\n", b"r": "\n", b"t": "\t"}
_HINTS: Final = (b"\\", b"&", b"%")
# Where lines and tabs part no rows and cells (XML, JSON, the parts of a form), they are blanks like others.
_WHITE_SPACE: Final = bytes.maketrans(b"\n\r\t", b"   ")
# Latin-1 and Windows-1252: their no-break space, soft hyphen, dashes and middle dot.
_SINGLE_BYTES: Final = bytes.maketrans(b"\xa0\xad\x96\x97\xb7", b" ---.")
_SLASHED: Final = (b"9999/999", b"9999_999", b"9999/\0", b"9999_\0")
# Where the first two characters are ASCII: which of four bytes are zero.
_WIDE_HEADS: Final = {
    b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be", b"\1\0\0\0": "utf-32-le", b"\0\0\0\1": "utf-32-be",
}  # fmt: skip
_NINES: Final = bytes.maketrans(b"012345678", b"9" * 9)
# Slashes and underscores part groups of a number too, but dates and paths more often: only behind four digits, before three.
_SLASH: Final = re.compile(rb"[/_](?<=[0-9]{4}[/_])\0*(?=[0-9]{3})")


def unescaped(body: bytes) -> bytes:
    """Write escaped ASCII letters and digits plainly, leave out markup inside numbers; everything else stays."""
    if any(hint in body for hint in _HINTS):
        body = _ESCAPED_ALNUM.sub(_plain, body).replace(b"\\/", b"/")
    nines = body.translate(_NINES)
    if b"9]]>" in nines or b"9<!" in nines or b"9<?" in nines or b" <!" in nines:
        body = _LEFT_OUT.sub(lambda match: match[0][:2].rstrip(b"]<"), body)
    return body


def _plain(match: re.Match[bytes]) -> bytes:
    code = int(match[3]) if match[3] else int(match[1] or match[2] or match[4], 16)
    char = chr(code)
    return char.encode() if char.isascii() and char.isalnum() else match[0]


def shown(body: bytes, *, is_utf8: bool) -> bytes:
    """Show odd digits, blanks and dashes as plain ones, padded with NUL so that all positions stay the same."""
    if not is_utf8:
        body = body.translate(_SINGLE_BYTES)
    if not body.isascii() or any(hint in body for hint in _HINTS):
        body = _ODD.sub(lambda match: _shown_char(match[0]), body)
    if body.lstrip()[:1] in (b"<", b"{", b"[") or body.startswith(b"--"):
        body = body.translate(_WHITE_SPACE)
    nines = body.translate(_NINES)
    if any(sign in nines for sign in _SLASHED):
        body = _SLASH.sub(lambda match: b"-".ljust(len(match[0]), b"\0"), body)
    return body


@lru_cache(maxsize=8192)
def _shown_char(odd: bytes) -> bytes:
    char = _char(odd)
    # The signs around a value in a form: what they are written with is no part of the number beside them.
    is_sign = odd[:1] == b"%" and char.isascii() and char.isprintable() and not char.isalnum()
    plain = char if is_sign else _as_plain(char) if len(char) == 1 else None
    return odd if plain is None else plain.encode().ljust(len(odd), b"\0")


def _as_plain(char: str) -> str | None:
    """Give the digit, dash, full stop or blank a character passes for; nothing for a mark on the one before; else None."""
    digit = decimal(char, None)
    compatible = normalize("NFKC", char)
    if digit is not None:
        return str(digit)
    if compatible in _AS_THEY_ARE:
        return compatible
    kind = category(char)
    if kind in _KINDS:
        return _KINDS[kind]
    return "-" if char in _DASHES else "." if char in _DOTS else " " if char in _BLANKS else None


def _char(odd: bytes) -> str:
    if odd[:1] == b"\\":
        return _escaped(odd.lstrip(b"\\"))
    if odd[:3] == b"%26" and len(odd) > len(b"%26"):
        return _referred(odd[3:-3].replace(b"%23", b"#"))
    if odd[:1] == b"%":
        return bytes.fromhex(odd.replace(b"%", b"").decode()).decode("utf-8", "replace")
    if odd[:1] == b"&":
        return _referred(odd.removeprefix(b"&amp;").removeprefix(b"&")[:-1])
    return odd.decode("utf-8", "replace")


def _escaped(odd: bytes) -> str:
    if odd[:1] != b"u":
        return _WHITE.get(odd, odd.decode())
    units = b"".join(bytes.fromhex(unit.decode()) for unit in re.findall(rb"u([0-9a-fA-F]{4})", odd))
    return units.decode("utf-16-be", "replace")


def _referred(name: bytes) -> str:
    if name[:1] != b"#":
        return chr(_ENTITIES[name])
    digits = name[1:]
    code = int(digits[1:] or b"0", 16) if digits[:1] in (b"x", b"X") else int(digits) if digits.isdigit() else 0
    return chr(code) if 0 < code <= 0x10FFFF else "\0\0"  # noqa: PLR2004 the last character


def wide_encoding(body: bytes) -> str | None:
    """Name the encoding of a body in characters of two or four bytes, by its mark or by its first characters."""
    if body.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        return "utf-32"
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    return _WIDE_HEADS.get(bytes(byte and 1 for byte in body[:4]))

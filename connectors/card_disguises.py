"""How digits and separators hide: escapes, wide digits, odd blanks, base64, UTF-16. Shown plain, at the same positions."""

import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from typing import Final

# ASCII letters and digits written as JSON, XML or URL escapes mean the same when written plainly. What is before the
# backslash is looked at after it: a pattern that begins by looking behind is tried at every byte.
_ESCAPED_ALNUM: Final = re.compile(
    rb"\\(?<!\\\\)u00([0-9a-fA-F]{2})|&#x0*([0-9a-fA-F]{2});|&#0*([0-9]{2,3});|%([0-9a-fA-F]{2})"
)
# By name, for the eye cannot tell them apart: hyphens, dashes, the minus sign; full stops, leaders, the middle dot.
_DASHES: Final = frozenset(map(chr, (*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D, 0x2D)))
_DOTS: Final = frozenset(map(chr, (0xB7, 0x2024, 0xFF0E, 0x2E)))
_ODD: Final = re.compile(
    rb"\xc2[\xa0\xad\xb7]|\xe2\x80[\x80-\x95\xa4\xaf]|\xe2\x81[\x9f\xa0]|\xe2\x88\x92|\xe3\x80\x80|\xef\xbb\xbf"
    rb"|\xef\xb9\xa3|\xef\xbc[\x8d\x8e\x90-\x99]|\xf0\x9d\x9f[\x8e-\xbf]"
    rb"|\\u(?:00[aA][0dD]|20[0-6][0-9a-fA-F]|2212|3000|[fF][fF]1[0-9]|[fF][fF]0[dDeE])"
    rb"|&(?:nbsp|thinsp|ensp|emsp|ndash|mdash|shy|#x?[0-9a-fA-F]{2,5});|%(?:20|2[dDeE]|[cC]2%[aA]0)"
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
# Three digits at a multiple of three bytes always look like this in base64; tokens without it hold no card number.
_DIGITS_IN_BASE64: Final = re.compile(rb"[MNO][DTjz][AEIMQUYcgk][wxyz0-5]")
_TOKEN_REST: Final = re.compile(rb"[A-Za-z0-9+/_-]*+=*+")
_TOKEN_CHARS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_MARKED: Final = bytes(ord("x") if byte in _TOKEN_CHARS else ord(" ") for byte in range(256))
_SHORTEST_TOKEN: Final = 18
_NEAR: Final = 256
_HINTS: Final = (b"\\u", b"&", b"%")


def unescaped(body: bytes) -> bytes:
    """Write escaped ASCII letters and digits plainly; everything else stays."""
    if not any(hint in body for hint in _HINTS):
        return body

    def plain(match: re.Match[bytes]) -> bytes:
        code = int(match[3]) if match[3] else int(match[1] or match[2] or match[4], 16)
        char = chr(code)
        return char.encode() if char.isascii() and char.isalnum() else match[0]

    return _ESCAPED_ALNUM.sub(plain, body)


def shown(body: bytes) -> bytes:
    """Show odd digits, blanks and dashes as plain ones, padded with NUL so that all positions stay the same."""
    if body.isascii() and not any(hint in body for hint in _HINTS):
        return body
    return _ODD.sub(lambda match: _shown_char(match[0]).ljust(len(match[0]), b"\0"), body)


def _shown_char(odd: bytes) -> bytes:
    char = _char(odd)
    if char.isdecimal():
        return str(int(char)).encode()
    if char in _DASHES:
        return b"-"
    if char in _DOTS:
        return b"."
    return b" " if char.isspace() or not char.isprintable() else odd


def _char(odd: bytes) -> str:
    if odd.startswith(b"\\u"):
        return chr(int(odd.removeprefix(b"\\u"), 16))
    if odd.startswith(b"%"):
        return bytes(int(part, 16) for part in odd.split(b"%")[1:]).decode()
    if odd.startswith(b"&#"):
        digits = odd[2:-1]
        code = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits) if digits.isdigit() else 0
        return chr(code)
    if odd.startswith(b"&"):
        return chr(_ENTITIES[odd[1:-1]])
    return odd.decode()


def inside_base64(body: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """Clean what base64 tokens hold, one level deep; a token that held a card is encoded again, others stay."""
    parts: list[bytes] = []
    done = seen = 0
    for match in _DIGITS_IN_BASE64.finditer(body):
        if match.start() < seen:
            continue
        start, seen = _token(body, match.start())
        cleaned = _cleaned_token(body[start:seen], clean) if seen - start >= _SHORTEST_TOKEN else None
        if cleaned is not None:
            parts += [body[done:start], cleaned]
            done = seen
    return b"".join([*parts, body[done:]]) if parts else body


def _token(body: bytes, inside: int) -> tuple[int, int]:
    start, reach = -1, _NEAR
    while start < 0:
        window = max(0, inside - reach)
        start = window + body[window:inside].translate(_MARKED).rfind(b" ") + 1
        start, reach = (start if start > window or window == 0 else -1), reach * 16
    rest = _TOKEN_REST.match(body, inside)
    return start, rest.end() if rest else inside


def _cleaned_token(token: bytes, clean: Callable[[bytes], bytes]) -> bytes | None:
    is_urlsafe = b"-" in token or b"_" in token
    bare = token.rstrip(b"=")
    try:
        held = (urlsafe_b64decode if is_urlsafe else b64decode)(bare + b"=" * (-len(bare) % 4))
    except NotBase64:
        return None
    cleaned = clean(held)
    if cleaned == held:
        return None
    packed = (urlsafe_b64encode if is_urlsafe else b64encode)(cleaned)
    return packed if token.endswith(b"=") or len(token) % 4 == 0 else packed.rstrip(b"=")


def utf16_name(body: bytes) -> str | None:
    """Name the UTF-16 encoding of a body that has one, by its mark or by its first character."""
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    head = body[:4]
    if len(head) == 4 and head[1] == head[3] == 0 and head[0] and head[2]:  # noqa: PLR2004
        return "utf-16-le"
    if len(head) == 4 and head[0] == head[2] == 0 and head[1] and head[3]:  # noqa: PLR2004
        return "utf-16-be"
    return None

"""Base64 inside a body, one level deep: opened, cleaned and closed again where it held a card; others stay."""

import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import Final

Clean = Callable[[bytes], bytes]

# Three digits at a multiple of three bytes always look like this in base64; tokens without it hold no card number.
_DIGITS_IN_BASE64: Final = re.compile(rb"[MNO][DTjz][AEIMQUYcgk][wxyz0-5]")
_TOKEN_REST: Final = re.compile(rb"[A-Za-z0-9+/_-]*+=*+")
_TOKEN_CHARS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_MARKED: Final = bytes(ord("x") if byte in _TOKEN_CHARS else ord(" ") for byte in range(256))
_SHORTEST_TOKEN: Final = 18
_NEAR: Final = 256
# Encoders of mail break lines at 64 or 76 characters; JSON escapes the breaks, XML may refer to them.
_BREAK: Final = rb"(?:\\r)?\\n|\r?\n[ \t]{0,20}|&#1[03];(?:&#10;)?"
_WRAPPED: Final = re.compile(
    rb"(?:[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{12})?(?:" + _BREAK + rb"))++[A-Za-z0-9+/]{1,76}+={0,2}"
)
_LINE: Final = b"x" * 64
_LINE_BREAK: Final = re.compile(_BREAK)


def inside_base64(body: bytes, clean: Clean) -> bytes:
    """Clean what base64 holds, in one line or in many; the same bytes where no card is in it."""
    if _LINE in body.translate(_MARKED):
        body = _WRAPPED.sub(lambda match: _cleaned_lines(match[0], clean), body)
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


def _cleaned_lines(wrapped: bytes, clean: Clean) -> bytes:
    found = _LINE_BREAK.search(wrapped)
    cleaned = _cleaned_token(_LINE_BREAK.sub(b"", wrapped), clean) if found else None
    if cleaned is None or found is None:
        return wrapped
    width = found.start()
    return found[0].join(cleaned[start : start + width] for start in range(0, len(cleaned), width))


def _token(body: bytes, inside: int) -> tuple[int, int]:
    start, reach = -1, _NEAR
    while start < 0:
        window = max(0, inside - reach)
        start = window + body[window:inside].translate(_MARKED).rfind(b" ") + 1
        start, reach = (start if start > window or window == 0 else -1), reach * 16
    rest = _TOKEN_REST.match(body, inside)
    return start, rest.end() if rest else inside


def _cleaned_token(token: bytes, clean: Clean) -> bytes | None:
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

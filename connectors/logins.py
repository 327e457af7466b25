"""Logins that stand in a message's body (UsernameToken, POS, a form's password) are none of what is kept of it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

MARK: Final = b"[login]"
# Shorter words stand in bookings by chance; whoever chooses one as a password has none.
LEAST_CHARACTERS: Final = 6


def without_logins(body: bytes, secrets: Sequence[str]) -> bytes:
    """Take an account's own secrets out of a body, however XML, JSON or a form spells them; the same bytes without any.

    Of a secret `name:password` the password goes and the name stays.
    """
    for spelt in sorted(set(_spellings(secrets)), key=len, reverse=True):
        if spelt in body:
            body = body.replace(spelt, MARK)
    return body


def _spellings(secrets: Iterable[str]) -> Iterator[bytes]:
    for secret in secrets:
        word = secret.partition(":")[2] or secret
        if len(word) < LEAST_CHARACTERS:
            continue
        in_json = (json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1])
        in_xml = (escape(word), escape(word, {'"': "&quot;"}), quoteattr(word)[1:-1])
        spelt = (word, *in_json, *in_xml, quote(word, safe=""), quote_plus(word))
        yield from (each.encode() for each in spelt)
        yield word.encode("utf-16-le")

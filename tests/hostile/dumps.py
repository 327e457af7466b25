"""The whole database as `pg_dump` writes it, and what of planted cards is left in it or in any other text."""

import re
import subprocess
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from unicodedata import digit, normalize

import zstandard

from storage.embedded import install
from tests.hostile.planting import PREFIX, Plants

_BYTES = re.compile(r"\\\\x([0-9a-f]+)")
_ZSTD = b"\x28\xb5\x2f\xfd"
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{18,}")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_PLANTED = re.compile(PREFIX + r"[0-9]{10}")


def dump(url: str) -> list[str]:
    """Give every row of every table as text, its binary columns opened and unfolded."""
    program = install._site() / install._TREE / "bin" / "pg_dump"
    ran = subprocess.run([str(program), "--data-only", "--no-owner", url], capture_output=True, check=True)
    lines = ran.stdout.decode("utf-8", "surrogateescape").split("\n")
    return [*lines, *(text for line in lines for text in _binary(line))]


def _binary(line: str) -> Iterator[str]:
    for match in _BYTES.finditer(line):
        held = bytes.fromhex(match[1])
        if held.startswith(_ZSTD):
            held = zstandard.ZstdDecompressor().decompress(held)
        yield held.decode("utf-8", "replace")
        if b"\0" in held[:4] or held.startswith((b"\xff\xfe", b"\xfe\xff")):
            yield held.decode("utf-16", "replace")


def numbers_left(texts: Iterable[str], plants: Plants) -> list[str]:
    """List the planted numbers that texts still hold, whatever stands between their digits."""
    found = {number for text in texts for shown in _readings(text) for number in _PLANTED.findall(_digits(shown))}
    return sorted(found.intersection(plants.numbers))


def codes_left(texts: Iterable[str], plants: Plants) -> list[str]:
    """List the planted codes that texts hold by themselves."""
    wanted = re.compile(r"(?<![0-9A-Za-z.])(?:" + "|".join(plants.codes) + r")(?![0-9A-Za-z.])")
    return sorted({found for text in texts for shown in _readings(text) for found in wanted.findall(shown)})


def _digits(text: str) -> str:
    """Give the digits of a text in a row, in ASCII."""
    plain = text if text.isascii() else normalize("NFKC", text)
    return "".join(str(digit(char)) for char in plain if digit(char, None) is not None)


def _readings(text: str) -> Iterator[str]:
    """Yield a text as any later reader may show it: as it is, escapes read, base64 opened."""
    yield text
    if "\\u" in text:
        yield _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    for token in _TOKEN.findall(text):
        try:
            held = urlsafe_b64decode(token.replace("+", "-").replace("/", "_") + "=" * (-len(token) % 4))
        except (NotBase64, ValueError):
            continue
        yield held.decode("latin-1")

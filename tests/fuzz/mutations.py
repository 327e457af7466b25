"""Bodies made worse: bits flipped, pieces moved, and JSON, XML and forms changed as what they are."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzz.json_mutations import mutated_json
from tests.fuzz.words import DATES, NUMBERS, SCRAPS, TEXTS, Words, words_of
from tests.fuzz.xml_mutations import mutated_xml
from tests.hostile.wrappings import document

LARGEST = 64 * 1024
_MOST_STEPS = 4
_LONGEST_PIECE = 200


class Mutations:
    """Makes inputs from a pool of bodies; the same dice and pool make the same inputs."""

    def __init__(self, dice: Random, pool: Sequence[bytes]) -> None:
        self._dice = dice
        self.pool = list(pool)
        self._words = words_of(pool)

    def next(self) -> bytes:
        """Make one input: structure first, mostly, then bytes, now and then."""
        dice = self._dice
        body = dice.choice(self.pool)
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3, _MOST_STEPS))):
            body = self._changed(body) if dice.random() < 0.7 else self._worn(body)
        return body[:LARGEST]

    def _changed(self, body: bytes) -> bytes:
        """Change a body as what it is; what is nothing is worn."""
        told = document(body)
        first = told.content.lstrip()[:1]
        if first in (b"{", b"["):
            changed = mutated_json(told.content, self._dice, self._words)
        elif first == b"<":
            changed = mutated_xml(told.content, self._dice, self._words)
        else:
            return self._lines(body) if b"\n" in body else self._worn(body)
        return self._worn(body) if changed is None else told.around(changed)

    def _lines(self, body: bytes) -> bytes:
        """Change a delimited text: a cell gets another value, a line is dropped or told again."""
        dice, lines = self._dice, body.split(b"\n")
        at = dice.randrange(len(lines))
        match dice.randrange(4):
            case 0:
                lines.insert(at, dice.choice(lines))
            case 1:
                del lines[at]
            case _:
                cells = lines[at].split(b",")
                cells[dice.randrange(len(cells))] = self._value().encode("utf-8", "surrogatepass")
                lines[at] = b",".join(cells)
        return b"\n".join(lines)

    def _value(self) -> str:
        return odd_value(self._dice, self._words)

    def _worn(self, body: bytes) -> bytes:
        return self._dice.choice(_WEARS)(self._dice, bytearray(body), self.pool)


def odd_value(dice: Random, words: Words) -> str:
    """Choose a value: odd numbers, dates and texts, or one that stood elsewhere."""
    return dice.choice(dice.choice((NUMBERS, DATES, TEXTS, words.values or TEXTS)))


Wear = Callable[[Random, bytearray, Sequence[bytes]], bytes]


def _span(dice: Random, body: Any) -> tuple[int, int]:
    start = dice.randrange(len(body) + 1)
    return start, min(len(body), start + dice.randint(1, _LONGEST_PIECE))


def _flip(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    for _ in range(dice.choice((1, 1, 2, 8))):
        if body:
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
    return bytes(body)


def _set(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    if body:
        body[dice.randrange(len(body))] = dice.choice(b"\x00\x01\x1f\x20\"'<>&{}[]\\/=,:;%+0-9\x7f\x80\xc2\xff")
    return bytes(body)


def _delete(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    start, end = _span(dice, body)
    del body[start:end]
    return bytes(body)


def _repeat(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    start, end = _span(dice, body)
    body[end:end] = body[start:end] * dice.choice((1, 1, 2, 20))
    return bytes(body)


def _move(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    start, end = _span(dice, body)
    piece = body[start:end]
    del body[start:end]
    at = dice.randrange(len(body) + 1)
    body[at:at] = piece
    return bytes(body)


def _splice(dice: Random, body: bytearray, pool: Sequence[bytes]) -> bytes:
    other = dice.choice(pool)
    return bytes(body[: dice.randrange(len(body) + 1)]) + other[dice.randrange(len(other) + 1) :]


def _insert(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(body) + 1)
    body[at:at] = dice.choice(SCRAPS) * dice.choice((1, 1, 1, 3, 50))
    return bytes(body)


def _cut(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    return bytes(body[: dice.randrange(len(body) + 1)])


def _recode(dice: Random, body: bytearray, _pool: Sequence[bytes]) -> bytes:
    """Write it in another encoding, with or without its mark."""
    text = body.decode("utf-8", "replace")
    return text.encode(
        dice.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-32", "utf-7")), "replace"
    )


_WEARS: tuple[Wear, ...] = (_flip, _flip, _set, _delete, _repeat, _move, _splice, _insert, _insert, _cut, _recode)

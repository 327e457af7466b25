"""JSON changed as JSON: values dropped, repeated, swapped, nested, renamed, of another type, or told in odd notation."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from tests.fuzz.words import DATES, NUMBERS, ODD_JSON, TEXTS, Words

Place = tuple[Any, Any]  # a list or dict, and the index or key of what is meant
_RAW = "\uf8ff"  # in front of what is written as it stands, without quotes
_NESTINGS = (1, 2, 50, 600)


def mutated_json(body: bytes, dice: Random, words: Words) -> bytes | None:
    """Give the document with one change; None where it is no JSON."""
    try:
        told = [msgspec.json.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    holder, key = _place(told, dice)
    dice.choice(_CHANGES)(holder, key, dice, words)
    try:
        return _written(told[0] if told else None)
    except (msgspec.MsgspecError, OverflowError, RecursionError, UnicodeEncodeError):
        return None


def _place(root: Any, dice: Random) -> Place:
    """Walk down from the root a random way, so that deep and shallow places are as likely."""
    holder, key = root, 0
    while True:
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or dice.random() < 0.15:
            return holder, key
        holder, key = inner, dice.choice(list(inner)) if isinstance(inner, dict) else dice.randrange(len(inner))


def _written(told: Any) -> bytes:
    text = msgspec.json.encode(told)
    if _RAW.encode() not in text:
        return text
    # What is marked loses its quotes: a number no encoder would write.
    head, *rest = text.split(b'"' + _RAW.encode())
    return head + b"".join(piece.replace(b'"', b"", 1) for piece in rest)


def _drop(holder: Any, key: Any, _dice: Random, _words: Words) -> None:
    del holder[key]


def _nothing(holder: Any, key: Any, _dice: Random, _words: Words) -> None:
    holder[key] = None


def _odd(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    holder[key] = dice.choice(ODD_JSON)


def _text(holder: Any, key: Any, dice: Random, words: Words) -> None:
    holder[key] = dice.choice(dice.choice((TEXTS, DATES, NUMBERS, words.values or TEXTS)))


def _number(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    holder[key] = _RAW + dice.choice(NUMBERS)


def _escaped(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    """Tell a text in escapes that no encoder would choose."""
    scraps = ("\\ud800", "\\udc00\\ud800", "\\u0000", "x\\u0000y", "\\/", "\\ud83d\\ude42", "\\u0031\\u0032", "\\ufeff")
    holder[key] = _RAW + "\\" + dice.choice(scraps)


def _retype(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    value = holder[key]
    changed: Any = str(value) if not isinstance(value, str) else _number_of(value)
    holder[key] = dice.choice((changed, [value], {"value": value}, {"": value}))


def _number_of(text: str) -> Any:
    return int(text) if text.isdecimal() and len(text) < 19 else len(text)


def _repeat(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    if isinstance(holder, list):
        holder[key:key] = [holder[key]] * dice.choice((1, 1, 2, 30))
    else:
        holder[f"{key}{dice.choice(('', ' ', '_', '2'))}"] = holder[key]


def _nest(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    inner = holder[key]
    for _ in range(dice.choice(_NESTINGS)):
        inner = [inner] if dice.random() < 0.5 else {"a": inner}
    holder[key] = inner


def _rename(holder: Any, key: Any, dice: Random, words: Words) -> None:
    if isinstance(holder, dict):
        value = holder.pop(key)
        holder[dice.choice((*words.names, key.upper(), key.lower(), ""))] = value
    else:
        holder.reverse()


def _add(holder: Any, _key: Any, dice: Random, words: Words) -> None:
    """Tell something more, under a name of the vendor's."""
    value = dice.choice((*ODD_JSON, *TEXTS, *DATES))
    if isinstance(holder, dict):
        holder[dice.choice(words.names or ("id",))] = value
    else:
        holder.append(value)


def _swap(holder: Any, key: Any, dice: Random, _words: Words) -> None:
    other = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
    holder[key], holder[other] = holder[other], holder[key]


_CHANGES: tuple[Callable[[Any, Any, Random, Words], None], ...] = (
    _drop, _nothing, _odd, _text, _text, _text, _number, _escaped, _retype, _repeat, _nest, _rename, _add, _swap,
)  # fmt: skip

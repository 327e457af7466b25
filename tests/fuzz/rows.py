"""What must hold of every row a mapping yields, whatever it was made of: types as declared, texts that can be stored."""

import re
import types
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hotel.incoming import CANCEL, WRITE, Incoming, Refused
from hotel.reservations import Reservation
from hotel.status import COLLECTS, COMMISSION_MODELS

Check = Callable[[Any], str | None]
_RAW_REF = re.compile(r"i:7:\d+").fullmatch
_CODE = re.compile(r"[a-z][a-z0-9_]*").fullmatch
# Without it the gate holds the row (`value_missing`).
_HELD_BY_THE_GATE = frozenset({"room_type_code"})
_SHORT = 40
_CURRENCY = 3
_LAST = 4


def complaints(rows: Iterable[Any]) -> list[str]:
    """List what is wrong with the rows of one document."""
    rows = list(rows)
    found = [each for row in rows for each in _of_row(row)]
    refs = [row.raw_ref for row in rows if isinstance(row, Incoming | Refused)]
    if len(set(refs)) != len(refs):
        found.append("two rows have one raw_ref")
    return found


def _of_row(row: Any) -> Iterator[str]:
    if not isinstance(row, Incoming | Refused):
        yield f"a {type(row).__name__} is no row"
        return
    kind: Any = type(row)
    wrong = _check_of(kind)(row)
    if wrong:
        yield wrong
        return
    if not _RAW_REF(row.raw_ref):
        yield "the raw_ref is not one of this document"
    yield from _of_incoming(row) if isinstance(row, Incoming) else _of_refused(row)


def _of_refused(row: Refused) -> Iterator[str]:
    if not row.reasons:
        yield "a refusal without a reason"
    for reason in row.reasons:
        if not _CODE(reason.code):
            yield f"the reason {reason.code[:_SHORT]!r} is no stable code"
        if len(reason.shape) > _SHORT:
            yield "a shape tells too much"
    if row.room_night_count < 0:
        yield "fewer nights than none are withheld"


def _of_incoming(incoming: Incoming) -> Iterator[str]:
    if incoming.action not in (WRITE, CANCEL):
        yield "an action nobody knows"
    if not all(map(_CODE, incoming.warnings)):
        yield "a warning is no stable code"
    row = incoming.row
    if isinstance(row, Reservation):
        yield from _of_reservation(row, incoming.action)


def _of_reservation(row: Reservation, action: str) -> Iterator[str]:
    if not row.source_ref:
        yield "a reservation without a reference"
    if action == CANCEL and (row.rooms or row.arrival_on or row.total_minor is not None):
        yield "a cancel says more than that it is one"
    if row.collect not in (None, *COLLECTS) or row.commission_model not in (None, *COMMISSION_MODELS):
        yield "a word that is none of ours"
    nights = [night for room in row.rooms for night in room.nights]
    taxes = [tax for night in nights for tax in night.taxes]
    # The gate sees to rooms and nights that come twice; these would take their whole page along.
    yield from _repeated("extra_ref", (extra.extra_ref for extra in row.extras))
    yield from _repeated("card_ref", (card.card_ref for card in row.virtual_cards))
    for night in nights:
        yield from _repeated("tax_code", (tax.tax_code for tax in night.taxes))
    money: Any
    for money in (*row.extras, *row.virtual_cards, *taxes):
        if len(money.currency or "EUR") != _CURRENCY:
            yield f"the currency of a {type(money).__name__} is none"
    if any(len(card.last_four or "1111") != _LAST for card in row.virtual_cards):
        yield "the last four digits are not four"


def _repeated(name: str, keys: Iterable[str]) -> Iterator[str]:
    told = list(keys)
    if len(set(told)) != len(told):
        yield f"two of one {name}"


@cache
def _check_of(kind: Any) -> Check:
    """Make the check of a declared type, as deep as it goes; a check gives what is wrong, None where nothing is."""
    if kind is Any or kind is object:
        return lambda _: None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _any_of(get_args(kind))
    if origin is tuple:
        return _each_of(_check_of(get_args(kind)[0]))
    if origin is dict:
        return _texts  # of the quarantine, which makes them storable itself
    if hasattr(kind, "_fields"):
        return _tuple_of(kind)
    return _PLAIN[kind]


def _any_of(kinds: tuple[Any, ...]) -> Check:
    checks = [_check_of(each) for each in kinds]
    by_type = {each: check for each, check in zip(kinds, checks, strict=True) if hasattr(each, "_fields")}

    def check(value: Any) -> str | None:
        own = by_type.get(type(value))
        wrong = [own(value)] if own else [each(value) for each in checks]
        return None if None in wrong else wrong[0]

    return check


def _each_of(check_one: Check) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, tuple):
            return f"a {type(value).__name__} is no tuple"
        return next((wrong for each in value if (wrong := check_one(each))), None)

    return check


def _texts(value: Any) -> str | None:
    is_plain = type(value) is dict and all(type(each) is str for pair in value.items() for each in pair)
    return None if is_plain else "a row is shown by texts"


def _tuple_of(kind: Any) -> Check:
    hints = get_type_hints(kind)
    checks = [(name, _check_of(hints[name])) for name in kind._fields]

    def check(value: Any) -> str | None:
        if not isinstance(value, kind):
            return f"a {type(value).__name__} is no {kind.__name__}"
        for (name, check_one), each in zip(checks, value, strict=True):
            may_miss = name in _HELD_BY_THE_GATE or type(None) in get_args(hints[name])
            wrong = None if each is None and may_miss else check_one(each)
            if wrong:
                return f"{kind.__name__}.{name}: {wrong}"
        return None

    return check


def _text(value: Any) -> str | None:
    if type(value) is not str:
        return f"a {type(value).__name__} is no text"
    if value.isascii():
        return "a NUL cannot be stored" if "\0" in value else None
    try:
        value.encode()
    except UnicodeEncodeError:
        return "half a character cannot be stored"
    return "a NUL cannot be stored" if "\0" in value else None


def _instant(value: Any) -> str | None:
    if type(value) is not datetime:
        return f"a {type(value).__name__} is no instant"
    return None if value.tzinfo else "an instant without a zone"


def _decimal(value: Any) -> str | None:
    if type(value) is not Decimal:
        return f"a {type(value).__name__} is no decimal"
    return None if value.is_finite() else "a decimal that is no number"


def _plainly(kind: type) -> Check:
    return lambda value: None if type(value) is kind else f"a {type(value).__name__} is no {kind.__name__}"


_PLAIN: dict[Any, Check] = {
    str: _text,
    datetime: _instant,
    Decimal: _decimal,
    **{kind: _plainly(kind) for kind in (int, date, time, bool, type(None))},
}

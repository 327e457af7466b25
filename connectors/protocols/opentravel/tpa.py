"""What OpenTravel has no place for, in TPA_Extensions under a namespace of ours: written and read by this file alone.

Beside the standard element of a booking, room, night, tax, extra or guest stands one element named like our row, whose
attributes are named like its fields. What it says goes before what the standard element says. A field named in `untold`
is not known, whatever a reader would otherwise assume. Virtual cards stand whole beside the booking.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from lxml import etree

from connectors.errors import RequestRefused
from connectors.protocols.safe_xml import Element, child
from connectors.reading import RefuseError
from hotel.guests import Guest
from hotel.reservations import Extra, Night, NightTax, Reservation, Room, VirtualCard

NAMESPACE: Final = "urn:night-audit:booking:1"
EXTENSIONS: Final = "TPA_Extensions"
UNTOLD: Final = "untold"
# What names a row, and what stands in elements of its own.
FIXED: Final = frozenset(
    {"source", "property_id", "source_ref", "rooms", "nights", "taxes", "extras", "virtual_cards", "stay_on"}
)


class _Field(NamedTuple):
    kind: type
    may_be_unknown: bool


Row = TypeVar("Row", Reservation, Room, Night, NightTax, Extra, VirtualCard, Guest)


def overlay(row: Row, element: Element | None) -> Row:
    """Put what the TPA_Extensions of a standard element say of a row over it; raises RefuseError for what is no value."""
    told = next(_told(element, type(row).__name__), None)
    return row if told is None else _over(row, told)


def virtual_cards(element: Element | None) -> tuple[VirtualCard, ...] | None:
    """Give the virtual cards in the TPA_Extensions of a booking, None where they name none."""
    blank = VirtualCard("", None, None, None, None)
    return tuple(_over(blank, each) for each in _told(element, VirtualCard.__name__)) or None


def extend(extensions: Element, kind: type, values: Mapping[str, object]) -> None:
    """Write fields of a row of this kind into a TPA_Extensions element; None: that the field is not known.

    Raises RequestRefused where a value holds what XML cannot.
    """
    told = etree.SubElement(extensions, f"{{{NAMESPACE}}}{kind.__name__}", nsmap={"na": NAMESPACE})
    for name, value in values.items():
        if value is not None:
            _set(told, name, _written(value))
    untold = [name for name, value in values.items() if value is None]
    if untold:
        told.set(UNTOLD, " ".join(untold))


def _over(row: Row, told: Element) -> Row:
    kind: Any = type(row)
    fields = _fields(kind)
    values: dict[str, Any] = {
        name: None for name in told.get(UNTOLD, "").split() if name in fields and fields[name].may_be_unknown
    }
    values |= {name: _read(name, value, fields[name].kind) for name, value in told.attrib.items() if name in fields}
    changed: Row = row._replace(**values)
    return changed


def _told(element: Element | None, name: str) -> Iterator[Element]:
    extensions = child(element, EXTENSIONS)
    if extensions is not None:
        yield from extensions.iterchildren(f"{{{NAMESPACE}}}{name}")


def _set(told: Element, name: str, value: str) -> None:
    try:
        told.set(name, value)
    except ValueError as error:
        msg = f"{name} holds a character that XML cannot carry"
        raise RequestRefused(msg) from error


@cache
def _fields(kind: type) -> dict[str, _Field]:
    return {name: _field(hint) for name, hint in get_type_hints(kind).items() if name not in FIXED}


def _field(hint: Any) -> _Field:
    is_optional = isinstance(hint, UnionType)
    if is_optional:
        hint = next(each for each in get_args(hint) if each is not type(None))
    return _Field(get_origin(hint) or hint, is_optional)


def _read(name: str, value: str, kind: type) -> Any:
    try:
        return _READERS[kind](value)
    except (ValueError, InvalidOperation, KeyError) as error:
        code = "unreadable"
        raise RefuseError(code, f"{EXTENSIONS}.{name}", value) from error


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _truth(value: str) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[value]


def _numbers(value: str) -> tuple[int, ...]:
    return tuple(map(int, value.split()))


def _number(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidOperation
    return number


_READERS: Final[Mapping[type, Any]] = {
    str: str,
    int: int,
    bool: _truth,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    Decimal: _number,
    tuple: _numbers,
}

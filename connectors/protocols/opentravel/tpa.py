"""What OpenTravel has no place for, in TPA_Extensions under a namespace of ours: written and read by this file alone.

Beside the standard element of a booking, room, night, tax, extra or guest stands one element named like our row, whose
attributes are named like its fields. What it says goes before what the standard element says. A field named in `untold`
is not known, whatever a reader would otherwise assume.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from lxml import etree

from connectors.errors import RequestRefused
from connectors.protocols.safe_xml import Element, child
from connectors.reading import RefuseError
from hotel.reservations import VirtualCard

NAMESPACE: Final = "urn:night-audit:booking:1"
EXTENSIONS: Final = "TPA_Extensions"
UNTOLD: Final = "untold"
# What names a row, and what stands in elements of its own.
_FIXED: Final = frozenset(
    {"source", "property_id", "source_ref", "rooms", "nights", "taxes", "extras", "virtual_cards", "stay_on"}
)

Row = TypeVar("Row", bound=tuple[Any, ...])


def overlay(row: Row, element: Element | None) -> Row:
    """Put what the TPA_Extensions of a standard element say of a row over it; raises RefuseError for what is no value."""
    told = next(_told(element, type(row).__name__), None)
    if told is None:
        return row
    changed: Row = row._replace(**_values(told, type(row)))  # type: ignore[attr-defined]
    return changed


def virtual_cards(element: Element | None) -> tuple[VirtualCard, ...] | None:
    """Give the virtual cards in the TPA_Extensions of a booking, None where they name none."""
    found = tuple(
        VirtualCard("", None, None, None, None)._replace(**_values(each, VirtualCard))
        for each in _told(element, VirtualCard.__name__)
    )
    return found or None


def extend(extensions: Element, kind: type, values: Mapping[str, object], untold: tuple[str, ...] = ()) -> None:
    """Write fields of a row of this kind into a TPA_Extensions element; fields that are None are left out.

    Raises RequestRefused where a value holds what XML cannot.
    """
    told = etree.SubElement(extensions, f"{{{NAMESPACE}}}{kind.__name__}", nsmap={"na": NAMESPACE})
    for name, value in values.items():
        if value is not None:
            _set(told, name, _written(value))
    if untold:
        told.set(UNTOLD, " ".join(untold))


def _set(told: Element, name: str, value: str) -> None:
    try:
        told.set(name, value)
    except ValueError as error:
        msg = f"{name} holds a character that XML cannot carry"
        raise RequestRefused(msg) from error


def _told(element: Element | None, name: str) -> Iterator[Element]:
    extensions = child(element, EXTENSIONS)
    if extensions is not None:
        yield from extensions.iterchildren(f"{{{NAMESPACE}}}{name}")


def _values(told: Element, kind: type) -> dict[str, Any]:
    types = _types(kind)
    read: dict[str, Any] = dict.fromkeys(told.get(UNTOLD, "").split())
    read |= {name: _read(name, value, types.get(name, str)) for name, value in told.attrib.items()}
    return {name: value for name, value in read.items() if name in types}


@cache
def _types(kind: type) -> dict[str, type]:
    return {name: _bare(hint) for name, hint in get_type_hints(kind).items() if name not in _FIXED}


def _bare(hint: Any) -> type:
    if isinstance(hint, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    bare: type = get_origin(hint) or hint
    return bare


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

"""What OpenTravel has no place for, in TPA_Extensions of a booking, under a namespace of ours.

One element named like our row, its attributes named like the row's fields, inside it the rooms, nights, taxes and extras by
their place among their kind, virtual cards whole, guests by their reference. What it says goes before what the standard
elements say; a field named in `untold` is not known, whatever a reader would assume. A reader of bookings calls
`restored` with what it made of the standard elements, and `restored_guest` with each guest.
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
PLACE: Final = "place"
# What names a row, and what stands in elements of its own.
FIXED: Final = frozenset(
    {"source", "property_id", "source_ref", "rooms", "nights", "taxes", "extras", "virtual_cards", "stay_on"}
)


class _Field(NamedTuple):
    kind: type
    may_be_unknown: bool


Row = TypeVar("Row", Reservation, Room, Night, NightTax, Extra, VirtualCard, Guest)


def restored(row: Reservation, item: Element) -> Reservation:
    """Put over a booking, and all that hangs on it, what its element says in our extensions.

    The same row where it says nothing; raises RefuseError for what is no value of its field.
    """
    told = next(_named(child(item, EXTENSIONS), Reservation), None)
    if told is None:
        return row
    cards = tuple(_over(VirtualCard("", None, None, None, None), each) for each in _named(told, VirtualCard))
    return _over(row, told)._replace(
        rooms=tuple(_room(room, each) for room, each in _paired(row.rooms, told, Room)),
        extras=tuple(_over(extra, each) for extra, each in _paired(row.extras, told, Extra)),
        virtual_cards=cards or row.virtual_cards,
    )


def restored_guest(guest: Guest, item: Element) -> Guest:
    """Put over a guest what the booking's element says of it in our extensions."""
    told = next(_named(child(item, EXTENSIONS), Reservation), None)
    named = (each for each in _named(told, Guest) if each.get("source_ref") == guest.source_ref)
    return _over(guest, next(named, None))


def write(parent: Element, kind: type, values: Mapping[str, object], **names: str) -> Element:
    """Append what is said of a row of this kind; None: that the field is not known. `names` say which row is meant.

    Raises RequestRefused where a value holds what XML cannot.
    """
    told = etree.SubElement(parent, f"{{{NAMESPACE}}}{kind.__name__}", nsmap={"na": NAMESPACE})
    written = {name: _written(value) for name, value in values.items() if value is not None}
    untold = [name for name, value in values.items() if value is None]
    for name, value in (names | written).items():
        _set(told, name, value)
    if untold:
        told.set(UNTOLD, " ".join(untold))
    return told


def _room(room: Room, told: Element | None) -> Room:
    nights = tuple(_night(night, each) for night, each in _paired(room.nights, told, Night))
    return _over(room, told)._replace(nights=nights)


def _night(night: Night, told: Element | None) -> Night:
    taxes = tuple(_over(tax, each) for tax, each in _paired(night.taxes, told, NightTax))
    return _over(night, told)._replace(taxes=taxes)


def _over(row: Row, told: Element | None) -> Row:
    if told is None:
        return row
    kind: Any = type(row)
    fields = _fields(kind)
    values: dict[str, Any] = {
        name: None for name in told.get(UNTOLD, "").split() if name in fields and fields[name].may_be_unknown
    }
    values |= {name: _read(name, value, fields[name].kind) for name, value in told.attrib.items() if name in fields}
    changed: Row = row._replace(**values)
    return changed


def _paired(rows: tuple[Any, ...], told: Element | None, kind: type) -> Iterator[tuple[Any, Element | None]]:
    """Give each row with what is said of it, by its place from 1."""
    found = {each.get(PLACE): each for each in _named(told, kind)}
    for place, row in enumerate(rows, 1):
        yield row, found.get(str(place))


def _named(told: Element | None, kind: type) -> Iterator[Element]:
    if told is not None:
        yield from told.iterchildren(f"{{{NAMESPACE}}}{kind.__name__}")


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

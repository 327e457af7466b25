"""What a booking's standard elements do not give back: found by reading them, written into our extensions."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from connectors.ports import MappingPlace
from connectors.protocols.opentravel import tpa
from connectors.protocols.opentravel.compose_xml import Element, Hotel, add
from connectors.protocols.opentravel.dialect import STANDARD, Dialect
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.opentravel.words import NEW, status_word
from connectors.protocols.safe_xml import serialised
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming
from hotel.properties import Property
from hotel.reservations import Extra, Night, NightTax, Reservation, Room, VirtualCard
from hotel.status import CANCELLED, CONFIRMED

# Codes a house translates for itself: they stand in extensions only where the standard has no place for them.
_TRANSLATED: Final = frozenset(
    {
        "room_type_code", "assigned_room_type_code", "rate_plan_code", "market_segment_code", "channel_code", "origin_code",
        "meal_plan_code", "guarantee_code", "customer_type_code",
    }
)  # fmt: skip
_AS_IS: Final = frozenset(
    {"room_type", "rate_plan", "market_segment", "channel", "origin", "customer_type", "meal_plan", "guarantee"}
)
# What a reader works out by itself, from what is told or from what it knows of its house.
_WORKED_OUT: Final = frozenset(
    {"booked_on", "cancelled_on", "phone", "folded_name", "is_email_relay", "raw_room_code", "raw_rate_code"}
)
# What a cancellation says beside who and when (law 6).
_OF_A_CANCEL: Final = frozenset({"cancelled_at", "cancellation_fee_minor", "no_show_fee_minor", "is_fee_waived"})


def add_extensions(
    told: Element, row: Reservation, guests: Sequence[Guest], hotel: Hotel, statuses: Mapping[str, str]
) -> None:
    """Append TPA_Extensions with all of a booking and its guests that a reader would not get from what stands there."""
    read, read_guests = _read(told, row, hotel, _dialect(statuses))
    if read is None:
        return
    extensions = add(told, tpa.EXTENSIONS)
    differences = dict(_differences(row, read))
    if row.status == CANCELLED:
        differences = {name: value for name, value in differences.items() if name in _OF_A_CANCEL}
    beyond = tpa.write(extensions, Reservation, differences)
    if row.status != CANCELLED:
        _add_parts(beyond, row, read)
        _add_guests(beyond, guests, read_guests)
    if _is_empty(beyond, ()):
        told.remove(extensions)


def _add_parts(beyond: Element, row: Reservation, read: Reservation) -> None:
    for place, (room, read_room) in enumerate(zip(row.rooms, read.rooms, strict=False), 1):
        _keep(beyond, _room(beyond, room, read_room, str(place)))
    for place, (extra, read_extra) in enumerate(zip(row.extras, read.extras, strict=False), 1):
        _keep(beyond, tpa.write(beyond, Extra, dict(_differences(extra, read_extra)), place=str(place)))
    for card in row.virtual_cards:
        tpa.write(beyond, VirtualCard, card._asdict())


def _add_guests(beyond: Element, guests: Sequence[Guest], read: Mapping[str, Guest]) -> None:
    for guest in guests:
        if guest.source_ref in read:
            values = dict(_differences(guest, read[guest.source_ref]))
            _keep(beyond, tpa.write(beyond, Guest, values, source_ref=guest.source_ref))


def _room(beyond: Element, room: Room, read: Room, place: str) -> Element:
    told = tpa.write(beyond, Room, dict(_differences(room, read)), place=place)
    for number, (night, read_night) in enumerate(zip(room.nights, read.nights, strict=False), 1):
        inside = tpa.write(told, Night, dict(_differences(night, read_night)), place=str(number))
        for count, (tax, read_tax) in enumerate(zip_longest(night.taxes, read_night.taxes), 1):
            if tax and read_tax:
                _keep(inside, tpa.write(inside, NightTax, dict(_differences(tax, read_tax)), place=str(count)))
        _keep(told, inside)
    return told


def _differences(row: Any, read: Any) -> Iterator[tuple[str, Any]]:
    for name, value in row._asdict().items():
        got = getattr(read, name)
        if value == got or name in tpa.FIXED or name in _WORKED_OUT or (name in _TRANSLATED and got is not None):
            continue
        yield name, value


def _read(
    told: Element, row: Reservation, hotel: Hotel, dialect: Dialect
) -> tuple[Reservation | None, Mapping[str, Guest]]:
    house = Property(row.property_id, "", "UTC", row.currency or "EUR")
    book = Codebook(row.source, {row.property_id: house}, {hotel.code: row.property_id}, {}, _AS_IS)
    place = MappingPlace("", property_id=row.property_id)
    rows = [each.row for each in map_reservations(serialised(told), book, place, dialect) if isinstance(each, Incoming)]
    bookings = [each for each in rows if isinstance(each, Reservation)]
    guests = {each.source_ref: each for each in rows if isinstance(each, Guest)}
    return (bookings[0] if bookings else None), guests


def _dialect(statuses: Mapping[str, str]) -> Dialect:
    meanings = {status_word(word): {CONFIRMED: NEW}.get(meaning, meaning) for meaning, word in statuses.items()}
    return STANDARD._replace(statuses={**STANDARD.statuses, **meanings})


def _keep(parent: Element, told: Element) -> None:
    """Take an element out again that says nothing but which row it would be about."""
    if _is_empty(told, (tpa.PLACE, "source_ref")):
        parent.remove(told)


def _is_empty(told: Element, names: Sequence[str]) -> bool:
    return not len(told) and set(told.attrib) <= set(names)

"""What a booking's standard elements do not give back: found by reading them, written into our extensions beside them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.ports import MappingPlace
from connectors.protocols.opentravel import tpa
from connectors.protocols.opentravel.compose_xml import NAMESPACE, Element, Hotel
from connectors.protocols.opentravel.dialect import STANDARD, Dialect
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.opentravel.words import NEW, status_word
from connectors.protocols.safe_xml import child, children, descendants, local, serialised, told
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming
from hotel.properties import Property
from hotel.reservations import Reservation, VirtualCard
from hotel.status import CONFIRMED

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
# What the schema wants after the extensions of an element.
_LATER: Final = frozenset(
    {"ResGuestRPHs", "Memberships", "Comments", "SpecialRequests", "ServiceRPHs", "Reference", "BookingRules"}
)


def add_extensions(
    item: Element, row: Reservation, guests: Sequence[Guest], hotel: Hotel, statuses: Mapping[str, str]
) -> None:
    """Put TPA_Extensions wherever a reader would not get from the standard elements what the booking is."""
    read, read_guests = _read(item, row, hotel, _dialect(statuses))
    if read is None:
        return
    _extend(item, row, read, row.virtual_cards)
    for stay, room, read_room in zip(_all(item, "RoomStays", "RoomStay"), row.rooms, read.rooms, strict=False):
        _extend(stay, room, read_room)
        for rate, night, read_night in zip(descendants(stay, "Rate"), room.nights, read_room.nights, strict=False):
            _extend(rate, night, read_night)
            for each, tax, read_tax in zip(descendants(rate, "Tax"), night.taxes, read_night.taxes, strict=False):
                _extend(each, tax, read_tax)
    for service, extra, read_extra in zip(_all(item, "Services", "Service"), row.extras, read.extras, strict=False):
        _extend(service, extra, read_extra)
    profiles = dict(_profiles(item, row.source_ref))
    for guest in guests:
        if guest.source_ref in profiles and guest.source_ref in read_guests:
            _extend(profiles[guest.source_ref], guest, read_guests[guest.source_ref])


def _extend(element: Element, row: Any, read: Any, cards: Sequence[VirtualCard] = ()) -> None:
    beyond = dict(_differences(row, read))
    if not beyond and not cards:
        return
    extensions = element.makeelement(f"{{{NAMESPACE}}}{tpa.EXTENSIONS}")
    later = next((each for each in element if local(each) in _LATER), None)
    if later is None or local(element) != "RoomStay":
        element.append(extensions)
    else:
        later.addprevious(extensions)
    if beyond:
        tpa.extend(extensions, type(row), beyond)
    for card in cards:
        tpa.extend(extensions, VirtualCard, card._asdict())


def _differences(row: Any, read: Any) -> Iterator[tuple[str, Any]]:
    for name, value in row._asdict().items():
        got = getattr(read, name)
        if value == got or name in tpa.FIXED or name in _WORKED_OUT or (name in _TRANSLATED and got is not None):
            continue
        yield name, value


def _read(
    item: Element, row: Reservation, hotel: Hotel, dialect: Dialect
) -> tuple[Reservation | None, Mapping[str, Guest]]:
    house = Property(row.property_id, "", "UTC", row.currency or "EUR")
    book = Codebook(row.source, {row.property_id: house}, {hotel.code: row.property_id}, {}, _AS_IS)
    place = MappingPlace("", property_id=row.property_id)
    rows = [each.row for each in map_reservations(serialised(item), book, place, dialect) if isinstance(each, Incoming)]
    bookings = [each for each in rows if isinstance(each, Reservation)]
    guests = {each.source_ref: each for each in rows if isinstance(each, Guest)}
    return (bookings[0] if bookings else None), guests


def _dialect(statuses: Mapping[str, str]) -> Dialect:
    meanings = {status_word(word): {CONFIRMED: NEW}.get(meaning, meaning) for meaning, word in statuses.items()}
    return STANDARD._replace(statuses={**STANDARD.statuses, **meanings})


def _all(item: Element, holder: str, name: str) -> list[Element]:
    found = child(item, holder)
    return [] if found is None else list(children(found, name))


def _profiles(item: Element, ref: str) -> Iterator[tuple[str, Element]]:
    """Yield the profile of each guest with the reference a reader gives it."""
    for each in _all(item, "ResGuests", "ResGuest"):
        for customer in descendants(each, "Customer"):
            yield f"{ref}:{told(each, 'ResGuestRPH')}", customer
    for customer in descendants(item, "Customer"):
        if child(item, "ResGlobalInfo") in customer.iterancestors():
            yield f"{ref}:booker", customer

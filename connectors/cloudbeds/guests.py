"""Who comes, as the bookings of a page tell it: profiles with ids of the vendor's own."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from connectors import json_rows
from connectors.bookings import Person, guest, own
from connectors.cloudbeds import shapes
from connectors.cloudbeds.mapping import NAIVE_ZONE, change_of, map_reservations, rows_of, turned_down
from connectors.json_rows import Unreadable
from connectors.ports import Mapper, MappingPlace
from connectors.reading import Reading, RefuseError
from connectors.texts import ref
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused

GUESTS: Final = "guests"
_NO_DATE: Final = frozenset({"", "0000-00-00"})


class Told(NamedTuple):
    """One guest as it came, with the booking it came in."""

    booking: shapes.GuestList
    guest: shapes.Guest


def guests_of(body: bytes) -> Iterator[Told | Unreadable]:
    """Yield every guest of every booking of a page, in order; a booking or guest that cannot be read counts as one."""
    for raw in rows_of(body):
        booking = json_rows.row(raw, shapes.GuestList)
        if isinstance(booking, Unreadable):
            yield booking
            continue
        listed = booking.guest_list
        for each in listed.values() if isinstance(listed, dict) else listed or ():
            told = json_rows.row(bytes(each), shapes.Guest)
            yield _placed(told, booking) if isinstance(told, Unreadable) else Told(booking, told)


def map_guests(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map the guests of a page; one that cannot be understood is refused, the others pass."""
    reading = Reading(codebook, place, naive_zone=NAIVE_ZONE)
    for number, told in enumerate(guests_of(body)):
        if isinstance(told, Unreadable):
            yield turned_down(reading, GUESTS, number, told.reason, told.row)
            continue
        reading.begin_row()
        try:
            yield _incoming(reading, told, number)
        except RefuseError as refusal:
            bad = _placed(Unreadable(json_rows.content(told.guest), refusal.reason), told.booking)
            yield turned_down(reading, GUESTS, number, bad.reason, bad.row)


MAPPERS: Final[Mapping[str, Mapper]] = {"reservations": map_reservations, GUESTS: map_guests}


def _incoming(reading: Reading, told: Told, number: int) -> Incoming:
    booking, profile = told
    house = reading.house(ref(booking.property_id), "propertyID")
    change = change_of(reading, booking, house)
    phone = profile.guest_phone or profile.guest_cell_phone
    person = Person(
        profile.guest_first_name, profile.guest_last_name, profile.guest_email, phone, profile.guest_country
    )
    row = guest(reading, house, own(ref(profile.guest_id), "guestID"), person)._replace(
        birth_on=_birth(reading, profile)
    )
    return Incoming(row, reading.raw_ref(number), change.version, change.made_at, warnings=reading.warnings)


def _birth(reading: Reading, profile: shapes.Guest) -> date | None:
    text = (profile.guest_birthdate or "").strip()
    try:
        return None if text in _NO_DATE else date.fromisoformat(text[:10])
    except ValueError:
        reading.warn("birth_date_unreadable")
        return None


def _placed(bad: Unreadable, booking: shapes.GuestList) -> Unreadable:
    """Say of a guest that is refused whose it is, in the fields a booking has."""
    own = {"propertyID": booking.property_id, "reservationID": bad.row.get("guestID")}
    return Unreadable(bad.row | own, bad.reason)

"""Bookings: which of them load, which are refused, and what a refused one keeps out of the reports."""

from collections.abc import Iterator

from connectors import json_rows
from connectors.hotel_rest import shapes
from connectors.hotel_rest.bookings import Booking
from connectors.hotel_rest.reading import RestReading, source_version
from connectors.hotel_rest.words import STATUSES, status_word
from connectors.json_rows import Unreadable
from connectors.ports import MappingPlace
from connectors.reading import RefuseError, decimals_of
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.reservations import Withheld
from hotel.status import LOST

DATASET = "reservations"


def map_reservations(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page of bookings; a booking that cannot be understood is refused, the others pass."""
    reading = RestReading(codebook, place)
    for number, told in enumerate(json_rows.rows(body, "items", shapes.Reservation)):
        yield reservation(reading, told, number)


def reservation(reading: RestReading, told: shapes.Reservation | Unreadable, number: int) -> Incoming | Refused:
    """Map one booking."""
    if isinstance(told, Unreadable):
        return reading.unreadable(DATASET, number, told)
    try:
        return _incoming(reading, told, number)
    except RefuseError as refusal:
        return _refused(reading, told, number, refusal.reason)


def _incoming(reading: RestReading, told: shapes.Reservation, number: int) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    modified_at = reading.at(told.modified_at, "modifiedAt", house)
    row = Booking(reading, told, house).reservation()
    version = source_version(told, modified_at)
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    return Incoming(
        row, reading.raw_ref(number), version, modified_at, WRITE, "reservation", reading.warnings, unmapped
    )


def _refused(reading: RestReading, told: shapes.Reservation, number: int, reason: Reason) -> Refused:
    kept_out = _withheld(told)
    return reading.turned_down(
        DATASET,
        number,
        reason,
        json_rows.content(told),
        source_version=told.revision,
        **kept_out._asdict(),
    )


def _withheld(told: shapes.Reservation) -> Withheld:
    """Count the nights and, rounded where they are inexact, the money of a booking that may not be readable itself."""

    def is_lost(word: str | None) -> bool:
        return STATUSES.get(status_word(word or "")) in LOST

    rooms = [] if is_lost(told.status) else [room for room in told.rooms if not is_lost(room.status)]
    nights = [night for room in rooms for night in room.nights or ()]
    try:
        decimals = decimals_of(told.currency)
        amount = sum(int(night.price.scaleb(decimals).to_integral_value()) for night in nights)
    except (RefuseError, ArithmeticError, ValueError):
        return Withheld(len(nights), 0, None)
    return Withheld(len(nights), amount, told.currency)

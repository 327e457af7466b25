"""A stored booking message into our language: an event with its booking, a cancellation, or a flat booking."""

from collections.abc import Iterator
from typing import Final

import msgspec

from connectors import json_rows
from connectors.bookings import Change, cancellation, own
from connectors.errors import VendorChangedShape
from connectors.hotel_rest import shapes
from connectors.hotel_rest.reading import RestReading, source_version
from connectors.hotel_rest.reservations import DATASET, reservation
from connectors.hotel_rest.words import STATUSES, status_word
from connectors.json_rows import Unreadable
from connectors.ports import MappingPlace
from connectors.reading import RefuseError
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Reason, Refused
from hotel.properties import Property
from hotel.status import CANCELLED

CANCELLED_EVENT: Final = "booking.cancelled"
WRITING_EVENTS: Final = frozenset({"booking.created", "booking.modified"})
MOST_ROOMS: Final = 200


class Event(msgspec.Struct):
    """The envelope of an event."""

    type: str | None = None
    data: msgspec.Raw = msgspec.Raw()


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield the booking a message tells of; a message that nobody can read raises VendorChangedShape."""
    reading = RestReading(codebook, place)
    try:
        event = msgspec.json.decode(body, type=Event)
    except json_rows.NOT_JSON as error:
        msg = "the message is not a JSON object"
        raise VendorChangedShape(msg) from error
    if event.type is None:
        yield from _flat_booking(reading, body)
    elif event.type == CANCELLED_EVENT:
        yield _cancellation(reading, json_rows.row(bytes(event.data), shapes.Cancellation))
    elif event.type in WRITING_EVENTS:
        yield reservation(reading, json_rows.row(bytes(event.data), shapes.Reservation), 0)
    else:
        yield reading.turned_down(DATASET, 0, Reason("event_unknown", "type"), {"type": event.type})


def _cancellation(reading: RestReading, told: shapes.Cancellation | Unreadable) -> Incoming | Refused:
    if isinstance(told, Unreadable):
        return reading.unreadable(DATASET, 0, told)
    try:
        return _cancelled(reading, told)
    except RefuseError as refusal:
        return reading.turned_down(DATASET, 0, refusal.reason, json_rows.content(told), source_version=told.revision)


def _cancelled(reading: RestReading, told: shapes.Cancellation) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    modified_at = reading.at(told.modified_at, "modifiedAt", house)
    cancelled_at = reading.at(told.cancelled_at, "cancelledAt", house)
    change = Change(source_version(told, modified_at), modified_at)
    return cancellation(
        reading,
        house,
        own(told.id, "id"),
        0,
        change,
        cancelled_at=cancelled_at,
        channel=told.channel,
        channel_ref=told.channel_ref,
    )


def _flat_booking(reading: RestReading, body: bytes) -> Iterator[Incoming | Refused]:
    told = json_rows.row(body, shapes.FlatBooking)
    if isinstance(told, Unreadable):
        yield reading.unreadable(DATASET, 0, told)
        return
    if STATUSES.get(status_word(told.status)) == CANCELLED:
        cancelled = shapes.Cancellation(told.property_id, told.modified_at, told.revision, id=told.id)
        yield _cancellation(reading, cancelled)
        return
    try:
        house = reading.house(told.property_id)
        full = _as_reservation(told, house)
    except RefuseError as refusal:
        yield reading.turned_down(DATASET, 0, refusal.reason, json_rows.content(told), source_version=told.revision)
        return
    yield reservation(reading, full, 0)


def _as_reservation(told: shapes.FlatBooking, house: Property) -> shapes.Reservation:
    """Write a flat booking in the full shape: as many equal rooms as it counts, in the house's currency if it names none."""
    if not 1 <= told.room_count <= MOST_ROOMS:
        code = "room_count_unreadable"
        raise RefuseError(code, "roomCount", told.room_count)
    room = shapes.Room(room_type=told.room_type, check_in=told.check_in, check_out=told.check_out)
    return shapes.Reservation(
        told.property_id,
        told.modified_at,
        told.revision,
        id=told.id,
        status=told.status,
        rooms=[room] * told.room_count,
        channel=told.source,
        currency=told.currency or house.currency,
        total_price=told.total_price,
        adults=told.guest_count,
    )

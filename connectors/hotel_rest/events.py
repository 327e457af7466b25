"""A stored booking message into our language: an event with its booking, a cancellation, or a flat booking."""

from collections.abc import Iterator
from typing import Final

import msgspec

from connectors import json_rows
from connectors.contacts import e164, is_relay
from connectors.errors import VendorChangedShape
from connectors.hotel_rest import shapes
from connectors.hotel_rest.reading import Reading, RefuseError, source_version
from connectors.hotel_rest.reservations import DATASET, reservation
from connectors.hotel_rest.words import STATUSES, status_word
from connectors.json_rows import Unreadable
from hotel.guests import Guest, fold_name
from hotel.incoming import CANCEL, WRITE, Incoming, Reason, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Reservation
from hotel.status import CANCELLED

CANCELLED_EVENT: Final = "booking.cancelled"
WRITING_EVENTS: Final = frozenset({"booking.created", "booking.modified"})
MOST_ROOMS: Final = 200


class Event(msgspec.Struct):
    """The envelope of an event."""

    type: str | None = None
    data: msgspec.Raw | None = None


def map_event(body: bytes, reading: Reading) -> Iterator[Incoming | Refused]:
    """Yield the booking a message tells of; a message that nobody can read raises VendorChangedShape."""
    try:
        event = msgspec.json.decode(body, type=Event)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        msg = "the message is not a JSON object"
        raise VendorChangedShape(msg) from error
    if event.type is None or event.data is None:
        yield from _flat_booking(reading, body)
    elif event.type == CANCELLED_EVENT:
        yield _cancellation(reading, json_rows.row(bytes(event.data), shapes.Cancellation))
    elif event.type in WRITING_EVENTS:
        yield reservation(reading, json_rows.row(bytes(event.data), shapes.Reservation), 0)
    else:
        yield reading.refused(DATASET, 0, Reason("event_unknown", "type"), {"type": event.type})


def _cancellation(reading: Reading, told: shapes.Cancellation | Unreadable) -> Incoming | Refused:
    if isinstance(told, Unreadable):
        return reading.unreadable(DATASET, 0, told)
    try:
        return _cancelled(reading, told)
    except RefuseError as refusal:
        return reading.refused(DATASET, 0, refusal.reason, json_rows.content(told), source_version=told.revision)


def _cancelled(reading: Reading, told: shapes.Cancellation) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    modified_at = reading.at(told.modified_at, "modifiedAt", house)
    cancelled_at = reading.at(told.cancelled_at, "cancelledAt", house)
    row = Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=told.id,
        status=CANCELLED,
        arrival_on=None,
        departure_on=None,
        currency=None,
        total_minor=None,
        rooms=(),
        is_inventory_held=False,
        cancelled_at=cancelled_at,
        cancelled_on=hotel_date(house, cancelled_at) if cancelled_at else None,
        channel_code=reading.code(house, "channel", told.channel),
        channel_ref=told.channel_ref,
    )
    version = source_version(told, modified_at)
    return Incoming(
        row,
        reading.raw_ref(0),
        version,
        modified_at,
        CANCEL,
        warnings=reading.warnings,
        unmapped=tuple(reading.unmapped),
    )


def _flat_booking(reading: Reading, body: bytes) -> Iterator[Incoming | Refused]:
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
        yield reading.refused(DATASET, 0, refusal.reason, json_rows.content(told), source_version=told.revision)
        return
    mapped = reservation(reading, full, 0)
    yield mapped
    if isinstance(mapped, Incoming) and (told.guest.first_name or told.guest.last_name):
        yield _guest_of(reading, told, house, mapped)


def _as_reservation(told: shapes.FlatBooking, house: Property) -> shapes.Reservation:
    """Write a flat booking in the full shape: as many equal rooms as it counts, in the house's currency if it names none."""
    if not 1 <= told.room_count <= MOST_ROOMS:
        code = "room_count_unreadable"
        raise RefuseError(code, "roomCount", told.room_count)
    has_guest = told.guest.first_name or told.guest.last_name
    room = shapes.Room(room_type=told.room_type, check_in=told.check_in, check_out=told.check_out)
    return shapes.Reservation(
        told.property_id,
        told.modified_at,
        told.revision,
        id=told.id,
        status=told.status,
        rooms=[room] * told.room_count,
        channel=told.source,
        guest_id=_guest_ref(told.id) if has_guest else None,
        currency=told.currency or house.currency,
        total_price=told.total_price,
        adults=told.guest_count,
    )


def _guest_of(reading: Reading, told: shapes.FlatBooking, house: Property, booking: Incoming) -> Incoming:
    guest = told.guest
    full_name = " ".join(filter(None, (guest.first_name, guest.last_name)))
    row = Guest(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=_guest_ref(told.id),
        kind="person",
        first_name=guest.first_name,
        last_name=guest.last_name,
        full_name=full_name,
        folded_name=fold_name(full_name),
        email=guest.email,
        is_email_relay=is_relay(guest.email),
        phone=e164(guest.phone, house.country_code),
        phone_raw=guest.phone,
    )
    return Incoming(row, reading.raw_ref(0), booking.source_version, booking.source_updated_at, WRITE)


def _guest_ref(booking_id: str) -> str:
    # A flat booking's guest has no id of its own; the booking's names the one profile it brought.
    return f"booking:{booking_id}"

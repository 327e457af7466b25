"""A stored message into our language: revisions, or an event that says nothing by itself."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from connectors import json_rows
from connectors.bookings import Change, cancellation, incoming_guests, kept_out, status_of
from connectors.channex import shapes
from connectors.channex.booking import Booking, booking_ref, withheld_amounts
from connectors.channex.words import CANCELLATION, STATUSES, folded
from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.json_rows import Json, Unreadable
from connectors.ports import MappingPlace
from connectors.reading import Reading, RefuseError, decimals_of, minor
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property
from hotel.status import CANCELLED

DATASET: Final = "reservations"
NAIVE_ZONE: Final = "utc"


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield the bookings of a message, each before its guests; an event without a booking yields nothing.

    Raises VendorChangedShape where nobody can read it.
    """
    reading = Reading(codebook, place, naive_zone=NAIVE_ZONE)
    number = 0
    for item in _items(body):
        for row in _booking(reading, bytes(item.attributes), number):
            number += 1
            yield row


def _items(body: bytes) -> list[shapes.Item]:
    try:
        message = msgspec.json.decode(json_rows.storable(body).decode(), type=shapes.Message)
    except json_rows.NOT_JSON as error:
        msg = "the message is no booking and no event"
        raise VendorChangedShape(msg) from error
    if message.data is None and message.event is None:
        msg = "the message has neither data nor an event"
        raise VendorChangedShape(msg)
    if message.data is None or message.event is not None:
        return []  # an event only says that it is time to ask
    return message.data if isinstance(message.data, list) else [message.data]


def _booking(reading: Reading, attributes: bytes, number: int) -> Iterator[Incoming | Refused]:
    told = json_rows.row(attributes, shapes.Revision)
    if isinstance(told, Unreadable):
        yield _turned_down(reading, number, told.reason, told.row)
        return
    reading.begin_row()
    try:
        yield from list(_rows(reading, told, number))
    except RefuseError as refusal:
        yield _refused(reading, told, attributes, number, refusal.reason)


def _rows(reading: Reading, told: shapes.Revision, number: int) -> Iterator[Incoming]:
    house = reading.house(told.property_id, "property_id")
    made_at = reading.at(told.inserted_at, "inserted_at", house)
    change = Change(None if made_at is None else micros(made_at), made_at)
    status = status_of(reading, house, told.status, STATUSES)
    if status == CANCELLED:
        yield _cancelled(reading, told, house, number, change)
        return
    booking = Booking(reading, told, house, status, change)
    row = booking.reservation()
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    yield Incoming(
        row, reading.raw_ref(number), change.version, made_at, WRITE, "reservation", reading.warnings, unmapped
    )
    yield from incoming_guests(reading, house, booking.people, change, number + 1)


def _cancelled(reading: Reading, told: shapes.Revision, house: Property, number: int, change: Change) -> Incoming:
    fees = [
        each.total_price
        for each in told.services or ()
        if CANCELLATION in folded(each.type or each.name) and each.total_price is not None
    ]
    fee = sum(minor(fee, decimals_of(told.currency), "services.total_price") or 0 for fee in fees) if fees else None
    return cancellation(
        reading,
        house,
        booking_ref(told),
        number,
        change,
        cancelled_at=change.made_at,
        channel=told.ota_name,
        channel_ref=told.ota_reservation_code,
        fee_minor=fee,
    )


def _refused(reading: Reading, told: shapes.Revision, attributes: bytes, number: int, reason: Reason) -> Refused:
    night_count, amounts = withheld_amounts(told)
    kept = kept_out(told.currency, night_count, amounts, STATUSES.get(told.status.lower()))
    return _turned_down(
        reading,
        number,
        reason,
        msgspec.json.decode(json_rows.storable(attributes)),
        **kept._asdict(),
    )


def _turned_down(reading: Reading, number: int, reason: Reason, row: Json, **rest: Any) -> Refused:
    hotel_ref = row.get("property_id")
    ref = row.get("unique_id") or row.get("booking_id") or row.get("id") or ""
    return reading.refused(
        DATASET,
        number,
        reason,
        row,
        hotel_ref=hotel_ref if isinstance(hotel_ref, str) else None,
        source_ref=str(ref),
        **rest,
    )

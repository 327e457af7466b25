"""Vendor to hotel: bookings retrieved or notified, each with its guest. Vendor words end behind this line."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors.bookings import Change, cancellation, incoming_guests, kept_out
from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.expedia import notifications, retrieval, shapes
from connectors.expedia.bookings import Booking
from connectors.expedia.guests import guest_ref, person_of
from connectors.expedia.payments import brand_of
from connectors.expedia.values import required, stamp
from connectors.ports import Mapper, MappingPlace
from connectors.protocols.safe_xml import local
from connectors.protocols.soap import unwrap
from connectors.reading import Reading, RefuseError
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Withheld
from hotel.status import CONFIRMED

DATASET: Final = "reservations"
_NOTIFIED: Final = frozenset({notifications.RESERVE, notifications.MODIFY, notifications.CANCEL})
_KINDS: Final = frozenset({shapes.BOOK, shapes.MODIFY, shapes.CANCEL})


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield what a message tells, each booking followed by its guest.

    A message is a BookingRetrievalRS, one Booking of it, or a notification in SOAP or without. VendorChangedShape for
    anything else.
    """
    reading, number = Reading(codebook, place), 0
    for told in _bookings(body):
        for row in _rows(reading, told, number):
            yield row
            number += 1


def map_reservations(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield the bookings of a page, without their guests."""
    reading = Reading(codebook, place)
    for number, told in enumerate(_bookings(body)):
        yield next(_rows(reading, told, number))


def _bookings(body: bytes) -> Iterator[shapes.Booking]:
    root = unwrap(body).payload
    name = local(root)
    if name == retrieval.ANSWER and any(local(part) == "Bookings" for part in root):
        return retrieval.bookings(root)
    if name == retrieval.BOOKING:
        return iter((retrieval.booking_of(root),))
    if name in _NOTIFIED:
        return iter((notifications.booking_of(root),))
    msg = "the message tells of no booking: neither BookingRetrievalRS with Bookings nor a notification"
    raise VendorChangedShape(msg)


def _rows(reading: Reading, told: shapes.Booking, number: int) -> Iterator[Incoming | Refused]:
    try:
        house, change = _placed(reading, told)
        if told.kind == shapes.CANCEL:
            yield _cancelled(reading, told, house, change, number)
            return
        yield _written(reading, told, house, change, number)
    except RefuseError as refusal:
        yield _refused(reading, told, number, refusal.reason)
        return
    ref, person = guest_ref(told), person_of(told.guest)
    yield from incoming_guests(reading, house, {ref: person} if ref else {}, change, number + 1)


def _placed(reading: Reading, told: shapes.Booking) -> tuple[Property, Change]:
    """Give whose booking it is and which version; refuses what has no number, no kind, no house or no time."""
    reading.begin_row()
    required(told.ref, "Booking.id")
    if told.kind not in _KINDS:
        code = "status_unknown"
        raise RefuseError(code, "Booking.type", told.kind or "")
    house = reading.house(told.hotel_ref, "Hotel.id")
    made_at = reading.at(stamp(told.made_at, "Booking.createDateTime"), "Booking.createDateTime", house)
    return house, Change(None if made_at is None else micros(made_at), made_at)


def _written(reading: Reading, told: shapes.Booking, house: Property, change: Change, number: int) -> Incoming:
    row, made_at = Booking(reading, told, house).reservation(), change.made_at
    if told.kind == shapes.BOOK and made_at is not None:
        row = row._replace(booked_at=made_at, booked_on=hotel_date(house, made_at))
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    raw_ref = reading.raw_ref(number)
    return Incoming(row, raw_ref, change.version, made_at, WRITE, warnings=reading.warnings, unmapped=unmapped)


def _cancelled(reading: Reading, told: shapes.Booking, house: Property, change: Change, number: int) -> Incoming:
    """Tell who is cancelled and when: what else stands in such a message (zeros, years of nights) means nothing."""
    return cancellation(
        reading,
        house,
        told.ref or "",
        number,
        change,
        cancelled_at=change.made_at,
        channel=brand_of(told.point_of_sale),
        channel_ref=told.ref,
    )


def _refused(reading: Reading, told: shapes.Booking, number: int, reason: Reason) -> Refused:
    kept = _withheld(told)
    return reading.refused(
        DATASET,
        number,
        reason,
        _shown(told),
        hotel_ref=told.hotel_ref,
        source_ref=told.ref or "",
        source_version=_version(told),
        **kept._asdict(),
    )


def _version(told: shapes.Booking) -> int | None:
    try:
        made_at = datetime.fromisoformat(told.made_at or "")
    except ValueError:
        return None
    return micros(made_at) if made_at.tzinfo else None


def _shown(told: shapes.Booking) -> dict[str, Any]:
    """Give what a look into the quarantine needs, and nobody's name."""
    row: dict[str, Any] = {"id": told.ref, "type": told.kind, "createDateTime": told.made_at, "hotel": told.hotel_ref}
    if stay := told.stay:
        row |= {"arrival": stay.arrival, "departure": stay.departure, "roomTypeID": stay.room_type}
        row |= {"ratePlanID": stay.rate_plan, "total": stay.total, "taxes": stay.taxes, "currency": stay.currency}
    return row


def _withheld(told: shapes.Booking) -> Withheld:
    """Count what a booking that cannot be read itself would have added to the reports."""
    stay = None if told.kind == shapes.CANCEL else told.stay
    nights = stay.nights if stay else ()
    currency = stay.rate_currency or stay.currency if stay else None
    return kept_out(currency, len(nights), (_rate(night) for night in nights), CONFIRMED if stay else None)


def _rate(night: shapes.Night) -> Decimal | None:
    try:
        return Decimal(night.rate or "0")
    except InvalidOperation:
        return None


MAPPERS: Final[Mapping[str, Mapper]] = {"reservations": map_reservations}

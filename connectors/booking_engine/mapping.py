"""An event of the booking engine into our language: the booking first, then its people. Vendor words end here."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec

from connectors import json_rows
from connectors.booking_engine import shapes
from connectors.booking_engine.asked import is_asked, map_asked
from connectors.booking_engine.envelope import Opened, opened
from connectors.booking_engine.rooms import Terms, map_rooms, rooms_of, withheld_amounts
from connectors.booking_engine.words import CANCELLATION, CHANNEL, PENDING, STATUSES, event_word, status_word
from connectors.bookings import Change, Person, cancellation, incoming_guests, kept_out, status_of
from connectors.clocks import micros
from connectors.json_rows import Json, Unreadable
from connectors.ports import MappingPlace
from connectors.reading import Reading, RefuseError, decimals_of, minor
from connectors.texts import count, ref
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Reservation
from hotel.status import CANCELLED, HOLDING, LOST

DATASET: Final = "reservations"


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield the booking an event is about, then its people; a test of the way in yields nothing.

    What was asked for through our own API is read as it was written. Raises VendorChangedShape where nobody can read it.
    """
    if is_asked(body):
        yield from map_asked(body, codebook, place)
        return
    message = opened(body)
    if message.event.test:
        return
    reading = Reading(codebook, place)
    if message.name is not None and event_word(message.name) is None:
        yield _turned_down(reading, Reason("event_unknown", "event"), message.booking)
        return
    told = json_rows.row(msgspec.json.encode(message.booking), shapes.Reservation)
    if isinstance(told, Unreadable):
        yield _turned_down(reading, told.reason, told.row)
        return
    try:
        yield from list(_rows(reading, message, told))
    except RefuseError as refusal:
        yield _refused(reading, message, told, refusal.reason)


def _rows(reading: Reading, message: Opened, told: shapes.Reservation) -> Iterator[Incoming]:
    own_ref = ref(told.reservation_id) or ref(told.booking_id) or ref(told.id)
    if own_ref is None:
        code = "field_missing"
        raise RefuseError(code, "reservationId")
    house = reading.house(ref(told.hotel_id) or ref(told.property_id), "hotelId")
    stamp = told.updated_at or told.modified_at or message.event.timestamp
    changed_at = reading.at(stamp, "updatedAt", house)
    change = Change(None if changed_at is None else micros(changed_at), changed_at)
    status = status_of(reading, house, status_word(told.status), STATUSES)
    if status == CANCELLED or event_word(message.name) == CANCELLATION:
        yield _cancelled(reading, told, house, own_ref, change)
        return
    people, guests = _people(own_ref, told)
    row = _reservation(reading, told, house, own_ref, status, people, guests)
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    yield Incoming(
        row, reading.raw_ref(0), change.version, changed_at, WRITE, "reservation", reading.warnings, unmapped
    )
    yield from incoming_guests(reading, house, people, change, 1)


def _cancelled(reading: Reading, told: shapes.Reservation, house: Property, own_ref: str, change: Change) -> Incoming:
    fee = None
    if told.cancellation_fee is not None:
        fee = minor(told.cancellation_fee, decimals_of(told.currency or house.currency), "cancellationFee")
    return cancellation(
        reading, house, own_ref, 0, change,
        cancelled_at=reading.at(told.cancelled_at, "cancelledAt", house) or change.made_at,
        channel=_channel(told), channel_ref=ref(told.channel_ref), fee_minor=fee,
    )  # fmt: skip


def _reservation(
    reading: Reading,
    told: shapes.Reservation,
    house: Property,
    own_ref: str,
    status: str,
    people: Mapping[str, Person],
    guests: list[str | None],
) -> Reservation:
    terms = _terms(reading, told, house, status, guests)
    rooms = map_rooms(terms)
    live = [room for room in rooms if room.status not in LOST] or rooms
    booked_at = reading.at(told.booked_at or told.created_at, "createdAt", house)
    booker = f"{own_ref}:booker" if f"{own_ref}:booker" in people else None
    adults = told.adults if told.adults is not None else told.guest_count
    return Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=own_ref,
        status=status,
        arrival_on=min((room.arrival_on for room in live if room.arrival_on), default=None),
        departure_on=max((room.departure_on for room in live if room.departure_on), default=None),
        currency=terms.currency,
        total_minor=_whole(terms, [room.total_minor for room in live]),
        rooms=rooms,
        is_inventory_held=status in HOLDING or status_word(told.status) == PENDING,
        booked_at=booked_at,
        booked_on=_day(house, booked_at),
        channel_code=reading.code(house, "channel", _channel(told)),
        channel_ref=ref(told.channel_ref),
        booker_guest_ref=booker,
        primary_guest_ref=next((each for each in guests if each), booker),
        adult_count=count(adults, "adults"),
        child_count=count(told.children, "children"),
        room_count=len(live),
        tax_minor=terms.minor(told.tax, "tax"),
        is_tax_included=terms.is_tax_included,
        comment=_comment(told),
    )


def _terms(reading: Reading, told: shapes.Reservation, house: Property, status: str, guests: list[str | None]) -> Terms:
    # The engine is the hotel's own: where it names no currency it sells in the house's.
    currency = house.currency if told.currency is None else told.currency
    is_included = house.is_price_tax_included if told.tax_included is None else told.tax_included
    return Terms(reading, house, told, currency, decimals_of(currency), status, is_included, guests)


def _channel(told: shapes.Reservation) -> str:
    return told.channel or told.source or CHANNEL


def _whole(terms: Terms, totals: list[int | None]) -> int | None:
    if terms.told.total_price is not None:
        return terms.minor(terms.told.total_price, "totalPrice")
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None


def _comment(told: shapes.Reservation) -> str | None:
    notes = [note.strip() for note in (told.comments, told.special_requests) if note and note.strip()]
    return "\n".join(dict.fromkeys(notes)) or None


def _day(house: Property, instant: datetime | None) -> date | None:
    return hotel_date(house, instant) if instant else None


def _people(own_ref: str, told: shapes.Reservation) -> tuple[dict[str, Person], list[str | None]]:
    """Name the booker and the guest of each room."""
    people = {f"{own_ref}:booker": _person(told.guest)} if told.guest else {}
    guests: list[str | None] = []
    for n, room in enumerate(rooms_of(told), 1):
        person = _person(room.guest) if room.guest else Person()
        people[f"{own_ref}:{n}"] = person
        guests.append(f"{own_ref}:{n}" if person.is_named else None)
    return {name: person for name, person in people.items() if person.is_named}, guests


def _person(told: shapes.Guest) -> Person:
    last_name = told.last_name if told.first_name or told.last_name else told.name
    return Person(told.first_name, last_name, told.email, told.phone, told.country, told.language)


def _refused(reading: Reading, message: Opened, told: shapes.Reservation, reason: Reason) -> Refused:
    night_count, amounts = withheld_amounts(told)
    is_gone = event_word(message.name) == CANCELLATION
    status = CANCELLED if is_gone else STATUSES.get(status_word(told.status))
    kept = kept_out(told.currency, night_count, amounts, status)
    return _turned_down(
        reading,
        reason,
        message.booking,
        **kept._asdict(),
    )


def _turned_down(reading: Reading, reason: Reason, row: Json, **rest: Any) -> Refused:
    hotel_ref = row.get("hotelId") or row.get("propertyId")
    own_ref = row.get("reservationId") or row.get("bookingId") or row.get("id") or ""
    named = str(hotel_ref) if hotel_ref else None
    return reading.refused(DATASET, 0, reason, row, hotel_ref=named, source_ref=str(own_ref), **rest)

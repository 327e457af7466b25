"""Vendor to hotel: a page of bookings, or the one of a callback with its people. Vendor words end behind this line."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

import msgspec

from connectors import json_rows
from connectors.bookings import Change, Person, cancellation, incoming_guests, kept_out, own
from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.json_rows import Json, Unreadable
from connectors.myallocator import shapes
from connectors.myallocator.callback import booking_of
from connectors.myallocator.rooms import Terms, departure, map_rooms, withheld_amounts
from connectors.myallocator.words import COLLECTS, flag
from connectors.ports import Mapper, MappingPlace
from connectors.reading import Reading, RefuseError, decimals_of, minor
from connectors.texts import count, ref
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Reservation
from hotel.status import CANCELLED, CONFIRMED

DATASET: Final = "reservations"
NAIVE_ZONE: Final = "utc"


def map_reservations(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page of bookings; a booking that cannot be understood is refused, the others pass."""
    reading = Reading(codebook, place, naive_zone=NAIVE_ZONE)
    try:
        page = msgspec.json.decode(json_rows.storable(body).decode(), type=shapes.BookingList)
    except json_rows.NOT_JSON as error:
        msg = "the body is no list of bookings"
        raise VendorChangedShape(msg) from error
    if page.bookings is None:
        msg = "the answer has no list 'Bookings'"
        raise VendorChangedShape(msg)
    for number, raw in enumerate(page.bookings):
        # Of a page only the bookings count: its rows are counted, and guests have no number in it.
        yield next(_booking(reading, bytes(raw), number))


def map_message(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield the booking of a callback, then its guests; raises VendorChangedShape where nobody can read it."""
    reading = Reading(codebook, place, naive_zone=NAIVE_ZONE)
    yield from _booking(reading, booking_of(body), 0)


MAPPERS: Final[Mapping[str, Mapper]] = {DATASET: map_reservations}


def _booking(reading: Reading, raw: bytes, number: int) -> Iterator[Incoming | Refused]:
    told = json_rows.row(raw, shapes.Booking)
    if isinstance(told, Unreadable):
        yield _turned_down(reading, number, told.reason, told.row)
        return
    reading.begin_row()
    try:
        yield from list(_rows(reading, told, number))
    except RefuseError as refusal:
        yield _refused(reading, told, raw, number, refusal.reason)


def _rows(reading: Reading, told: shapes.Booking, number: int) -> Iterator[Incoming]:
    house = reading.house(ref(told.property_id), "PropertyId")
    changed_at = _instant(
        reading, house, told.myallocator_modification_date, told.myallocator_modification_time, "Modification"
    )
    change = Change(None if changed_at is None else micros(changed_at), changed_at)
    if flag(told.is_cancellation, "IsCancellation"):
        yield cancellation(
            reading, house, _own_ref(told), number, change,
            cancelled_at=changed_at, channel=_channel(told), channel_ref=ref(told.order_id),
        )  # fmt: skip
        return
    people, occupants = _people(told)
    row = _reservation(reading, told, house, people, occupants)
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    yield Incoming(
        row, reading.raw_ref(number), change.version, changed_at, WRITE, "reservation", reading.warnings, unmapped
    )
    yield from incoming_guests(reading, house, people, change, number + 1)


def _reservation(
    reading: Reading,
    told: shapes.Booking,
    house: Property,
    people: Mapping[str, Person],
    occupants: list[str | None],
) -> Reservation:
    decimals = decimals_of(told.total_currency)
    booked_at = _instant(reading, house, told.myallocator_creation_date, told.myallocator_creation_time, "Creation")
    rooms = map_rooms(Terms(reading, house, told, _arrival_time(reading, told), occupants))
    booker = f"{_own_ref(told)}:booker"
    booker_ref = booker if booker in people else None
    return Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=_own_ref(told),
        status=CONFIRMED,
        arrival_on=min((room.arrival_on for room in rooms if room.arrival_on), default=told.start_date),
        departure_on=max((room.departure_on for room in rooms if room.departure_on), default=departure(told.end_date)),
        currency=told.total_currency,
        total_minor=minor(told.total_price, decimals, "TotalPrice"),
        rooms=rooms,
        is_inventory_held=True,
        booked_at=booked_at,
        booked_on=hotel_date(house, booked_at) if booked_at else None,
        channel_code=reading.code(house, "channel", _channel(told)),
        channel_ref=ref(told.order_id),
        company_ref=next((ref for ref, person in people.items() if person.kind == "company"), None),
        booker_guest_ref=booker_ref,
        primary_guest_ref=next((each for each in occupants if each), booker_ref),
        adult_count=count(told.order_adults, "OrderAdults"),
        child_count=count(told.order_children, "OrderChildren"),
        room_count=len(rooms),
        is_tax_included=house.is_price_tax_included,
        change_count=count(told.version, "Version"),
        collect=_collect(reading, told),
        commission_minor=_commission(reading, told, decimals),
        comment=_comment(told),
    )


def _own_ref(told: shapes.Booking) -> str:
    return own(told.myallocator_id, "MyallocatorId")


def _channel(told: shapes.Booking) -> str | None:
    return told.channel or told.order_source


def _instant(reading: Reading, house: Property, day: date | None, at: time | None, column: str) -> datetime | None:
    if day is None or at is None:
        return None
    return reading.at(datetime.combine(day, at), f"Myallocator{column}Time", house)


def _arrival_time(reading: Reading, told: shapes.Booking) -> time | None:
    text = next((each.customer_arrival_time for each in told.customers or () if each.customer_arrival_time), "")
    try:
        return time.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        reading.warn("arrival_hour_unreadable")
        return None


def _collect(reading: Reading, told: shapes.Booking) -> str | None:
    word = (told.payment_collect or "").lower()
    found = next((mine for theirs, mine in COLLECTS.items() if word.startswith(theirs)), None)
    if word and found is None:
        reading.warn("collect_unknown")
    return found


def _commission(reading: Reading, told: shapes.Booking, decimals: int) -> int | None:
    if told.deposit:
        reading.warn("deposits_not_read")
    if told.commission is None:
        return None
    if (told.commission_currency or told.total_currency) != told.total_currency:
        reading.warn("commission_currency_differs")
        return None
    return minor(told.commission, decimals, "Commission")


def _comment(told: shapes.Booking) -> str | None:
    notes = [each.customer_note for each in told.customers or ()] + [room.occupant_note for room in told.rooms]
    return "\n".join(dict.fromkeys(note.strip() for note in notes if note and note.strip())) or None


def _people(told: shapes.Booking) -> tuple[dict[str, Person], list[str | None]]:
    """Name the customers, their company and the occupants of rooms; the first customer is the booker."""
    own_ref = _own_ref(told)
    people: dict[str, Person] = {}
    for n, each in enumerate(told.customers or (), 1):
        phone = each.customer_phone or each.customer_phone_mobile
        person = Person(each.customer_f_name, each.customer_l_name, each.customer_email, phone, each.customer_country)
        people[f"{own_ref}:customer{n}" if n > 1 else f"{own_ref}:booker"] = person
    company = next(
        (each.customer_company for each in told.customers or () if (each.customer_company or "").strip()), None
    )
    people[f"{own_ref}:company"] = Person(last_name=company, kind="company")
    occupants: list[str | None] = []
    for n, room in enumerate(told.rooms, 1):
        person = Person(room.occupant_f_name, room.occupant_l_name)
        people[f"{own_ref}:{n}"] = person
        occupants.append(f"{own_ref}:{n}" if person.is_named else None)
    return {name: person for name, person in people.items() if person.is_named}, occupants


def _refused(reading: Reading, told: shapes.Booking, raw: bytes, number: int, reason: Reason) -> Refused:
    night_count, amounts = withheld_amounts(told)
    is_gone = str(told.is_cancellation).lower() in {"true", "1"}
    kept = kept_out(told.total_currency, night_count, amounts, CANCELLED if is_gone else CONFIRMED)
    return _turned_down(
        reading,
        number,
        reason,
        msgspec.json.decode(json_rows.storable(raw)),
        **kept._asdict(),
    )


def _turned_down(reading: Reading, number: int, reason: Reason, row: Json, **rest: Any) -> Refused:
    hotel_ref = row.get("PropertyId")
    named = str(hotel_ref) if hotel_ref else None
    own_ref = str(row.get("MyallocatorId") or "")
    return reading.refused(DATASET, number, reason, row, hotel_ref=named, source_ref=own_ref, **rest)

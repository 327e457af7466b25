"""Bookings asked for through our own API: codes are the house's own, prices those it sells at, so nothing is looked up."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

import msgspec

from connectors.booking_engine.words import CHANNEL
from connectors.bookings import Change, Person, cancellation, incoming_guests, use
from connectors.clocks import micros
from connectors.errors import VendorChangedShape
from connectors.json_rows import NOT_JSON
from connectors.ports import MappingPlace
from connectors.reading import Reading, RefuseError
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Night, Reservation, Room
from hotel.status import CONFIRMED

_MARK: Final = b'{"asked":'


class AskedNight(msgspec.Struct):
    """One night at the price it is sold for, minor units of the booking's currency."""

    date: date
    price_minor: int
    tax_included: bool | None = None
    is_derived: bool = False


class AskedRoom(msgspec.Struct):
    """One room; `ref` is its place in the booking."""

    ref: str
    room_type: str
    rate_plan: str
    adults: int
    children: int
    nights: list[AskedNight]
    child_ages: list[int] | None = None


class AskedGuest(msgspec.Struct):
    """Who books."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    language: str | None = None


class AskedBooking(msgspec.Struct, tag_field="asked", tag="booking"):
    """A booking as it shall be, all of it. Without a guest the one that is known stays."""

    ref: str
    check_in: date
    check_out: date
    currency: str
    booked_at: datetime
    rooms: list[AskedRoom]
    guest: AskedGuest | None = None
    comment: str | None = None
    channel_ref: str | None = None


class AskedCancel(msgspec.Struct, tag_field="asked", tag="cancel"):
    """The end of a booking; the fee is what is charged, in the booking's currency."""

    ref: str
    cancelled_at: datetime
    fee_minor: int | None = None


Asked = AskedBooking | AskedCancel


def is_asked(body: bytes) -> bool:
    """Tell whether a message of the inbox was written by our own API."""
    return body.startswith(_MARK)


def written(asked: Asked) -> bytes:
    """Write a message for the inbox."""
    return msgspec.json.encode(asked)


def map_asked(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Read one message back; its version is when it was received."""
    try:
        asked: Asked = msgspec.json.decode(body, type=Asked)
    except NOT_JSON as error:
        msg = "the message is not what our own API writes"
        raise VendorChangedShape(msg) from error
    reading = Reading(codebook, place)
    try:
        yield from _rows(reading, asked)
    except RefuseError as error:
        yield reading.refused("reservations", 0, error.reason, {}, source_ref=asked.ref)


def _rows(reading: Reading, asked: Asked) -> Iterator[Incoming]:
    house = reading.house(None)
    at = reading.place.received_at
    change = Change(micros(at) if at else None, at)
    if isinstance(asked, AskedCancel):
        yield cancellation(
            reading, house, asked.ref, 0, change, cancelled_at=asked.cancelled_at, channel=CHANNEL,
            fee_minor=asked.fee_minor,
        )  # fmt: skip
        return
    row = _reservation(reading, asked, house)
    yield Incoming(row, reading.raw_ref(0), change.version, at, unmapped=tuple(reading.unmapped))
    if asked.guest:
        person = Person(**msgspec.structs.asdict(asked.guest))
        yield from incoming_guests(reading, house, {_booker(asked): person}, change, 1)


def _reservation(reading: Reading, asked: AskedBooking, house: Property) -> Reservation:
    rooms = tuple(_room(asked, room, house) for room in asked.rooms)
    told = {night.is_tax_included for room in rooms for night in room.nights}
    return Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=asked.ref,
        status=CONFIRMED,
        arrival_on=asked.check_in,
        departure_on=asked.check_out,
        currency=asked.currency,
        total_minor=sum(room.total_minor or 0 for room in rooms),
        rooms=rooms,
        is_inventory_held=True,
        booked_at=asked.booked_at,
        booked_on=hotel_date(house, asked.booked_at),
        channel_code=reading.code(house, "channel", CHANNEL),
        channel_ref=asked.channel_ref or asked.ref,
        booker_guest_ref=_booker(asked),
        primary_guest_ref=_booker(asked),
        adult_count=sum(room.adults for room in asked.rooms),
        child_count=sum(room.children for room in asked.rooms),
        room_count=len(rooms),
        is_tax_included=told.pop() if len(told) == 1 else None,
        collect="property",
        comment=asked.comment,
    )


def _room(asked: AskedBooking, room: AskedRoom, house: Property) -> Room:
    nights = tuple(
        Night(
            stay_on=night.date,
            use=use(house, night.price_minor),
            room_type_code=room.room_type,
            rate_plan_code=room.rate_plan,
            currency=asked.currency,
            price_minor=night.price_minor,
            is_tax_included=night.tax_included,
            adult_count=room.adults,
            child_count=room.children,
            is_price_derived=night.is_derived,
        )
        for night in room.nights
    )
    return Room(
        room_ref=room.ref,
        status=CONFIRMED,
        room_type_code=room.room_type,
        arrival_on=asked.check_in,
        departure_on=asked.check_out,
        currency=asked.currency,
        total_minor=sum(night.price_minor for night in nights),
        nights=nights,
        rate_plan_code=room.rate_plan,
        adult_count=room.adults,
        child_count=room.children,
        child_ages=None if room.child_ages is None else tuple(room.child_ages),
        raw_room_code=room.room_type,
        raw_rate_code=room.rate_plan,
    )


def _booker(asked: AskedBooking) -> str:
    return f"{asked.ref}:booker"

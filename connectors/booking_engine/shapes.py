"""What the hotel's own booking engine sends, field by field, whether it writes `check_in` or `checkIn`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from connectors.texts import Count


class Event(Struct, rename="camel"):
    """An event: the booking lies inside, or is the event's own fields."""

    id: Count | None = None
    event: str | None = None
    type: str | None = None
    timestamp: datetime | None = None
    reservation: dict[str, Any] | None = None
    booking: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    test: bool | None = None


class Guest(Struct, rename="camel"):
    """Who booked, or comes to a room."""

    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    language: str | None = None


class Night(Struct, rename="camel"):
    """One room, one date."""

    date: date
    price: Decimal
    tax: Decimal | None = None


class Room(Struct, rename="camel"):
    """One room of a booking; what it does not say itself is as the booking says."""

    id: Count | None = None
    room_id: Count | None = None
    status: str | None = None
    room_type: Count | None = None
    room_type_id: Count | None = None
    rate_plan: Count | None = None
    rate_plan_id: Count | None = None
    check_in: date | None = None
    check_out: date | None = None
    adults: Count | None = None
    children: Count | None = None
    total_price: Decimal | None = None
    nights: list[Night] | None = None
    guest: Guest | None = None


class Reservation(Room, rename="camel", kw_only=True):
    """A booking: of rooms told one by one, or of so many equal ones. Its stamps have two names each."""

    reservation_id: Count | None = None
    booking_id: Count | None = None
    hotel_id: Count | None = None
    property_id: Count | None = None
    rooms: list[Room] | None = None
    room_count: int | None = None
    guest_count: Count | None = None
    currency: str | None = None
    tax: Decimal | None = None
    tax_included: bool | None = None
    source: str | None = None
    channel: str | None = None
    channel_ref: Count | None = None
    comments: str | None = None
    special_requests: str | None = None
    cancellation_fee: Decimal | None = None
    created_at: datetime | None = None
    booked_at: datetime | None = None
    updated_at: datetime | None = None
    modified_at: datetime | None = None
    cancelled_at: datetime | None = None


class PushError(Struct):
    """One count that was not taken."""

    index: int
    code: str


class Refreshed(Struct):
    """What is answered to a refresh: a 200 with `success` false, or with errors, did not take all of it."""

    success: bool = True
    errors: list[PushError] = field(default_factory=list)


class Health(Struct):
    """How the engine says it is."""

    status: str | None = None

"""What the vendor sends, field by field. Amounts are text or JSON numbers in major units; both are read exactly."""

from datetime import date, datetime
from decimal import Decimal

from msgspec import Raw, Struct, field


class Envelope(Struct, rename="camel"):
    """What is around the rows of any answer; the rows themselves are read by the mappers."""

    items: list[Raw] | None = None
    rooms: list[Raw] | None = None
    rates: list[Raw] | None = None
    properties: list[Raw] | None = None
    next_cursor: str | None = None
    total: int | None = None


class PushError(Struct):
    """One row of a push that was not taken."""

    index: int
    code: str


class PushAnswer(Struct):
    """What is answered to a push: a 200 with `success` false, or with errors, did not take all of it."""

    success: bool = True
    errors: list[PushError] = field(default_factory=list)


class Told(Struct, gc=False, rename="camel"):
    """What every reservation and guest tells of its own history."""

    property_id: str | None = None
    modified_at: datetime | None = None
    revision: int | None = None


class Guest(Told, gc=False, rename="camel", kw_only=True):
    """One profile."""

    id: str
    kind: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    nationality: str | None = None
    language: str | None = None
    email: str | None = None
    phone: str | None = None
    vip_level: str | int | None = None
    merged_into_id: str | None = None
    active: bool | None = None
    created_at: datetime | None = None


class Night(Struct, gc=False, rename="camel"):
    """One room, one date."""

    date: date
    price: Decimal
    tax: Decimal | None = None
    package: Decimal | None = None


class Room(Struct, rename="camel", kw_only=True):
    """One room of a booking."""

    id: str | None = None
    status: str | None = None
    room_type: str | None = None
    assigned_room_type: str | None = None
    rate_plan: str | None = None
    meal_plan: str | None = None
    check_in: date | None = None
    check_out: date | None = None
    day_use: bool | None = None
    complimentary: bool | None = None
    house_use: bool | None = None
    adults: int | None = None
    children: int | None = None
    infants: int | None = None
    total_price: Decimal | None = None
    nights: list[Night] | None = None


class Reservation(Told, rename="camel", kw_only=True):
    """One booking with its rooms."""

    id: str
    status: str
    rooms: list[Room]
    group_id: str | None = None
    booked_at: datetime | None = None
    cancelled_at: datetime | None = None
    no_show_on: date | None = None
    checked_in_on: date | None = None
    checked_out_on: date | None = None
    channel: str | None = None
    channel_ref: str | None = None
    segment: str | None = None
    origin: str | None = None
    customer_type: str | None = None
    guarantee: str | None = None
    meal_plan: str | None = None
    guest_id: str | None = None
    booker_id: str | None = None
    agent_id: str | None = None
    company_id: str | None = None
    currency: str | None = None
    total_price: Decimal | None = None
    tax_included: bool | None = None
    tax: Decimal | None = None
    adults: int | None = None
    children: int | None = None
    infants: int | None = None
    change_count: int | None = None
    repeat_guest: bool | None = None
    special_requests: int | list[Raw] | str | None = None


class Cancellation(Told, rename="camel", kw_only=True):
    """A cancelled booking: who it is and when, nothing else (law 6)."""

    id: str
    channel: str | None = None
    channel_ref: str | None = None
    cancelled_at: datetime | None = None


class FlatBooking(Told, rename="camel", kw_only=True):
    """A booking as simple channel managers post it: one stay, one total, no rooms, no nights.

    Its guest has no id of its own and no place in a booking of ours: the profile comes with the guests.
    """

    id: str
    check_in: date
    check_out: date
    status: str = "Confirmed"
    guest_count: int | None = None
    room_count: int = 1
    room_type: str | None = None
    total_price: Decimal | None = None
    currency: str | None = None
    source: str = "channel_manager"


class RoomStatus(Struct, gc=False, rename="camel"):
    """One room now."""

    number: str
    status: str
    housekeeping: str | None = None
    observed_at: datetime | None = None
    property_id: str | None = None


class Rate(Struct, gc=False, rename="camel"):
    """One price of one date."""

    date: date
    price: Decimal
    currency: str
    room_type: str
    rate_plan: str
    occupancy: int = 0
    tax_included: bool | None = None
    property_id: str | None = None

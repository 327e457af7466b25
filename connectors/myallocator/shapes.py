"""What the vendor sends, field by field. Amounts, counts and flags come as text as often as not; each is read exactly."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from msgspec import Raw, Struct, field

from connectors.texts import Count

Flag = bool | int | str


class Answer(Struct, rename="pascal"):
    """What every method answers, always with 200: `success` is true, partial or false, in whatever type."""

    success: Flag | None = None
    errors: list[Any] | None = None
    error: Any = None


class BookingList(Answer, rename="pascal"):
    """The bookings of a window, and how many there are."""

    bookings: list[Raw] | None = None
    count: Count | None = None


class Note(Struct):
    """What became of one allocation: an `info`, or a warning that repeats it."""

    type: str = "info"
    id: Count | None = None
    msg: str = ""
    room_id: Count | None = field(default=None, name="RoomId")
    start_date: date | None = field(default=None, name="StartDate")
    end_date: date | None = field(default=None, name="EndDate")


class Update(Answer, rename="pascal"):
    """What is answered to an update; channels get it later, under `update_id`."""

    messages: list[Note] = field(default_factory=list)
    update_id: Count | None = None


class ChannelStatus(Answer, rename="pascal"):
    """How far one channel is: no parts are left once it is done, or gave up."""

    parts: Count | None = None


class UpdateStatus(Answer, rename="pascal"):
    """How far every channel is, by its code."""

    channels: dict[str, ChannelStatus] = field(default_factory=dict)


class DayRate(Struct, rename="pascal"):
    """The price of one night."""

    date: date
    rate: Decimal


class Room(Struct, rename="pascal"):
    """Some rooms of one kind; `end_date` is the last night, `price` is that of all of them for the whole stay."""

    start_date: date | None = None
    end_date: date | None = None
    price: Decimal | None = None
    currency: str | None = None
    room_type_ids: list[Count] | None = None
    myallocator_rateplan_ids: list[Any] | None = None
    channel_room_type: Count | None = None
    rate_id: Count | None = None
    room_desc: str | None = None
    units: Count = 1
    day_rates: list[DayRate] | None = None
    adults: Count | None = None
    children: Count | None = None
    occupancy: Count | None = None
    occupant_f_name: str | None = None
    occupant_l_name: str | None = None
    occupant_note: str | None = None


class Customer(Struct, rename="pascal"):
    """Who booked; more than one is possible."""

    customer_f_name: str | None = None
    customer_l_name: str | None = None
    customer_email: str | None = None
    customer_phone: str | None = None
    customer_phone_mobile: str | None = None
    customer_country: str | None = None
    customer_company: str | None = None
    customer_arrival_time: str | None = None
    customer_note: str | None = None


class Booking(Struct, rename="pascal", kw_only=True):
    """One booking as it stands: told by a callback and by the list in the same words."""

    myallocator_id: str
    is_cancellation: Flag
    rooms: list[Room] = field(default_factory=list)
    property_id: Count | None = None
    channel: str | None = None
    order_id: Count | None = None
    order_source: str | None = None
    order_adults: Count | None = None
    order_children: Count | None = None
    start_date: date | None = None
    end_date: date | None = None
    total_price: Decimal | None = None
    total_currency: str | None = None
    commission: Decimal | None = None
    commission_currency: str | None = None
    deposit: Decimal | None = None
    payment_collect: str | None = None
    myallocator_creation_date: date | None = None
    myallocator_creation_time: time | None = None
    myallocator_modification_date: date | None = None
    myallocator_modification_time: time | None = None
    version: Count | None = None
    customers: list[Customer] | None = None

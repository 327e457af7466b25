"""What the vendor sends, field by field. Amounts are JSON numbers in major units; counts and ids come as text or not."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Raw, Struct, field

from connectors.texts import Count

# An empty object of theirs is written as an empty list.
Rates = dict[date, Decimal] | list[Any]


class Envelope(Struct):
    """What is around the rows of any answer: a 200 without success is a failure."""

    success: bool
    data: list[Raw] | None = None
    total: Count | None = None
    count: Count | None = None
    message: str | None = None


class Source(Struct):
    """Who sold the booking, and who takes the money."""

    name: str | None = None
    payment_collect: str | None = field(default=None, name="paymentCollect")


class Balance(Struct, rename="camel"):
    """What a booking costs, in parts: `grand_total` is the sum of the three before it."""

    sub_total: Decimal | None = None
    additional_items: Decimal | None = None
    taxes_fees: Decimal | None = None
    grand_total: Decimal | None = None


class Room(Struct, rename="camel"):
    """One room of a booking; `room_id` is the room itself, which may change."""

    sub_reservation_id: Count | None = field(default=None, name="subReservationID")
    reservation_room_id: Count | None = field(default=None, name="reservationRoomID")
    room_type_id: Count | None = field(default=None, name="roomTypeID")
    rate_id: Count | None = field(default=None, name="rateID")
    guest_id: Count | None = field(default=None, name="guestID")
    room_check_in: str | None = None
    room_check_out: str | None = None
    room_status: str | None = None
    adults: Count | None = None
    children: Count | None = None
    market_code: str | None = None
    detailed_room_rates: Rates | None = None


class Guest(Struct, rename="camel"):
    """Somebody who comes, as a profile of the vendor."""

    guest_id: Count = field(name="guestID")
    guest_first_name: str | None = None
    guest_last_name: str | None = None
    guest_email: str | None = None
    guest_phone: str | None = None
    guest_cell_phone: str | None = None
    guest_country: str | None = None
    guest_birthdate: str | None = None
    is_anonymized: bool | None = None


class Stamps(Struct, rename="camel", kw_only=True):
    """Whose a booking is and when it changed: in UTC where that is told, else in a zone nobody documents."""

    property_id: Count | None = field(default=None, name="propertyID")
    reservation_id: Count = field(name="reservationID")
    date_modified: datetime | None = None
    date_modified_utc: datetime | None = field(default=None, name="dateModifiedUTC")


class Reservation(Stamps, rename="camel", kw_only=True):
    """One booking with its rooms and their nights."""

    status: str
    rooms: list[Room]
    is_deleted: bool | None = None
    date_created: datetime | None = None
    date_created_utc: datetime | None = field(default=None, name="dateCreatedUTC")
    date_cancelled: datetime | None = None
    date_cancelled_utc: datetime | None = field(default=None, name="dateCancelledUTC")
    guest_id: Count | None = field(default=None, name="guestID")
    source_name: str | None = None
    source: Source | None = None
    source_reservation_id: Count | None = field(default=None, name="sourceReservationID")
    third_party_identifier: Count | None = None
    property_currency: str | None = None
    balance_detailed: Balance | list[Any] | None = None
    total: Decimal | None = None
    origin: str | None = None
    meal_plans: str | None = None
    estimated_arrival_time: str | None = None


class GuestList(Stamps, rename="camel", kw_only=True):
    """The same booking, for who comes."""

    guest_list: dict[str, Raw] | list[Raw] | None = None


class Token(Struct):
    """What the token address answers."""

    access_token: str
    expires_in: float = 3600.0

"""What the vendor sends, field by field. Amounts are text or JSON numbers in major units; both are read exactly."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import Raw, Struct, field

NOTHING: Final = Raw(b"null")


class Counted(Struct):
    """Where a list stands in what there is in all."""

    total: int | None = None
    page: int | None = None
    limit: int | None = None


class Feed(Struct):
    """A page of revisions that are not acknowledged."""

    data: list[Raw]
    meta: Counted = field(default_factory=Counted)


class Head(Struct):
    """What names a revision on its way, before anything else of it is read."""

    property_id: str | None = None
    status: str | None = None


class Named(Struct):
    """One entry of a list, by its id."""

    id: str | None = None


class Item(Struct):
    """One entry of a list, by what it says."""

    attributes: Raw


class Message(Struct):
    """One message: a revision, several of them, or an event that only says that it is time to ask."""

    data: Item | list[Item] | None = None
    event: str | None = None


class Occupancy(Struct, gc=False):
    """How many come; `ages` are those of the children."""

    adults: int | None = None
    children: int | None = None
    infants: int | None = None
    ages: list[int] | None = None


class Person(Struct):
    """A guest of a room, or, with everything else, the customer."""

    name: str | None = None
    surname: str | None = None
    mail: str | None = None
    phone: str | None = None
    country: str | None = None
    language: str | None = None
    company: Any = None


class Service(Struct):
    """Something sold beside the nights, or the fee of a cancellation."""

    name: str | None = None
    type: str | None = None
    total_price: Decimal | None = None


class Tax(Struct):
    """A tax or fee of a room, for the whole stay."""

    total_price: Decimal
    name: str | None = None
    type: str | None = None
    is_inclusive: bool | None = None


class Promotion(Struct):
    """Why a night is cheaper."""

    id: str | int | None = None


class Breakdown(Struct):
    """What the channel says of one night beside its price."""

    date: date
    promotion: Promotion | None = None


class RoomMeta(Struct):
    """What the channel itself said of a room. Free-form: each channel says other things."""

    room_type_code: str | int | None = None
    rate_plan_code: str | int | None = None
    parent_rate_plan_id: str | None = None
    booking_com_room_index: str | int | None = None
    payment_instruction: str | None = None
    days_breakdown: list[Breakdown] | None = None


class Room(Struct):
    """One room. `booking_room_id` changes with every revision, so it names nothing for us."""

    checkin_date: date | None = None
    checkout_date: date | None = None
    arrival_date: date | None = None
    departure_date: date | None = None
    room_type_id: str | None = None
    rate_plan_id: str | None = None
    ota_unique_id: str | int | None = None
    amount: Decimal | None = None
    days: dict[date, Decimal] | None = None
    occupancy: Occupancy | None = None
    guests: list[Person] | None = None
    services: list[Service] | None = None
    taxes: list[Tax] | None = None
    meta: Raw = NOTHING
    is_cancelled: bool | None = None


class CardMeta(Struct):
    """The money of a virtual card, in minor units of so many decimals."""

    virtual_card_currency_code: str | None = None
    virtual_card_current_balance: Decimal | None = None
    virtual_card_decimal_places: int | str | None = None
    virtual_card_effective_date: date | None = None
    virtual_card_expiration_date: date | None = None


class Guarantee(Struct):
    """The card a booking came with, masked."""

    card_number: str | None = None
    expiration_date: str | None = None
    is_virtual: bool | None = None
    token: str | None = None
    meta: Raw = NOTHING


class Revision(Struct):
    """A booking at one time: a revision of the feed, or the booking as it stands now."""

    id: str
    status: str
    rooms: list[Room]
    inserted_at: datetime | None = None
    property_id: str | None = None
    booking_id: str | None = None
    revision_id: str | None = None
    unique_id: str | None = None
    ota_name: str | None = None
    ota_reservation_code: str | None = None
    ota_commission: Decimal | None = None
    services: list[Service] | None = None
    guarantee: Guarantee | None = None
    customer: Person | None = None
    occupancy: Occupancy | None = None
    arrival_date: date | None = None
    departure_date: date | None = None
    arrival_hour: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    notes: str | None = None
    payment_collect: str | None = None
    payment_type: str | None = None
    deposits: list[Any] | None = None


class Warned(Struct):
    """A change that was not taken, as it was sent, with what is wrong with which field."""

    warning: dict[str, list[str]]
    date: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    room_type_id: str | None = None
    rate_plan_id: str | None = None


class PushMeta(Struct):
    """How a push went."""

    message: str | None = None
    warnings: list[Warned] = field(default_factory=list)


class Task(Struct):
    """The vendor's name for a push."""

    id: str | None = None


class PushAnswer(Struct):
    """What is answered to a push, always with 200: a warning is a change that was not taken."""

    meta: PushMeta
    data: list[Task] = field(default_factory=list)

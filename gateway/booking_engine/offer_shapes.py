"""What callers hear of a hotel and of what it offers."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, PlainSerializer

from gateway.booking_engine.shapes import Amount, Currency

Degrees = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float, when_used="json"),
]
TimeOfDay = Annotated[
    time,
    PlainSerializer(lambda told: told.strftime("%H:%M"), return_type=str, when_used="json"),
    Field(examples=["15:00"]),
]


class Picture(BaseModel):
    """One picture of the house, or of a room type where one is named."""

    url: str
    caption: str | None
    room_type: str | None


class Hotel(BaseModel):
    """What a hotel shows of itself; null where it told nothing."""

    id: str
    name: str
    description: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    phone: str | None
    email: str | None
    latitude: Degrees | None
    longitude: Degrees | None
    time_zone: str
    currency: Currency
    check_in_from: TimeOfDay | None
    check_out_until: TimeOfDay | None
    amenities: list[str]
    images: list[Picture]


class Images(BaseModel):
    """A hotel's pictures."""

    hotel_id: str
    images: list[Picture]


class RoomAmenities(BaseModel):
    """What a room type has; null where nobody told."""

    room_type: str
    amenities: list[str] | None


class Amenities(BaseModel):
    """What a hotel and its rooms have."""

    hotel_id: str
    amenities: list[str]
    room_types: list[RoomAmenities]


class RoomType(BaseModel):
    """A room type a hotel sells."""

    room_type: str
    name: str
    description: str | None
    bed: str | None
    room_class: str | None
    room_count: Annotated[int | None, Field(description="Rooms of the type; null: nobody told.")]
    most_adults: int | None
    most_guests: int | None
    amenities: list[str] | None
    images: list[Picture]


class RoomTypes(BaseModel):
    """All of them."""

    hotel_id: str
    room_types: list[RoomType]


class DateAvailable(BaseModel):
    """One night."""

    date: date
    available: Annotated[int | None, Field(description="Rooms that may be sold; null: not known.")]


class NightPrice(BaseModel):
    """One night of an offer."""

    date: date
    price: Amount


class Offer(BaseModel):
    """A rate plan at which the stay can be booked, one room of it."""

    rate_plan: str
    name: str | None
    meal_plan: str | None
    refundable: bool | None
    total: Amount
    currency: Currency
    tax_included: bool | None
    nights: list[NightPrice]


class TypeAvailable(BaseModel):
    """A room type for the dates asked for."""

    room_type: str
    name: str
    available: Annotated[
        int | None, Field(description="Rooms that may be sold for the whole stay; null: not known for every night.")
    ]
    most_guests: int | None
    dates: list[DateAvailable]
    offers: Annotated[list[Offer], Field(description="Empty where the stay cannot be sold, or no price is known.")]


class Availability(BaseModel):
    """What a hotel offers for dates, as of now: nothing here is cached."""

    hotel_id: str
    check_in: date
    check_out: date
    guests: int
    room_types: list[TypeAvailable]


class Price(BaseModel):
    """One price of one date and what restricts its sale; null: not told."""

    date: date
    room_type: str
    rate_plan: str
    guests: Annotated[int | None, Field(description="The price is for so many adults; null: for the room.")]
    price: Amount
    currency: Currency
    tax_included: bool | None
    closed: bool | None
    closed_to_arrival: bool | None
    closed_to_departure: bool | None
    min_stay_on_arrival: int | None
    min_stay: int | None
    max_stay: int | None


class Pricing(BaseModel):
    """Prices by rate plan, room type and date."""

    hotel_id: str
    check_in: date
    check_out: date
    prices: list[Price]


class KeyFacts(BaseModel):
    """Whether a key is good, and what for. Of one that is not good, nothing else is told."""

    valid: bool
    hotel_id: str | None = None
    scopes: list[str] | None = None
    expires_at: datetime | None = None


class Token(BaseModel):
    """The key to be looked at, where it is not the one the request is made with."""

    token: Annotated[str, Field(max_length=200)]

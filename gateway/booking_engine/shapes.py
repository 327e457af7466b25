"""What callers say and hear, as the document at `/docs` shows it. Amounts are decimal text, dates are the hotel's own."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST_NIGHTS: Final = 90
MOST_ROOMS: Final = 9


def _printable(text: str) -> str:
    if any((ord(char) < ord(" ") and char not in "\t\r\n") or char == "\x7f" for char in text):
        msg = "must not hold control characters"
        raise ValueError(msg)
    return text.strip()


Printable = AfterValidator(_printable)
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$", examples=["240.00"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["DBL"]), Printable]
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["WEB-1001"])]
# Far from where arithmetic of dates ends.
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1))]
Name = Annotated[str, Field(max_length=100), Printable]


class _Said(BaseModel):
    """What a caller says; a field nobody knows is a mistake, not a detail."""

    model_config = ConfigDict(extra="forbid")


class Guest(_Said):
    """Who books."""

    last_name: Annotated[str, Field(min_length=1, max_length=100, examples=["Reis"]), Printable]
    first_name: Name | None = None
    email: Annotated[str, Field(max_length=254, examples=["ana@example.com"]), Printable] | None = None
    phone: Annotated[str, Field(max_length=40, examples=["+351210000000"]), Printable] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["PT"])] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$", examples=["pt"])] | None = None


class RoomAsked(_Said):
    """One room: what it is, at which rate plan, for whom."""

    room_type: Code
    rate_plan: Annotated[Code, Field(examples=["BAR"])]
    adults: Annotated[int, Field(ge=1, le=20)] = 2
    children: Annotated[int, Field(ge=0, le=10)] = 0
    child_ages: Annotated[list[Annotated[int, Field(ge=0, le=17)]], Field(max_length=10)] | None = None


class BookingChange(_Said):
    """A booking as it shall be, all of it: rooms that are not named are given back."""

    check_in: Day
    check_out: Day
    rooms: Annotated[list[RoomAsked], Field(min_length=1, max_length=MOST_ROOMS)]
    guest: Annotated[Guest | None, Field(description="Without one, who booked stays as known.")] = None
    total: Annotated[Amount | None, Field(description="What the guest was shown. 409 where the price is another.")] = (
        None
    )
    currency: Annotated[Currency | None, Field(description="Of the total; the hotel's where left out.")] = None
    comment: Annotated[str, Field(max_length=2000), Printable] | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if not 1 <= (self.check_out - self.check_in).days <= MOST_NIGHTS:
            msg = f"check_out must be 1 to {MOST_NIGHTS} nights after check_in"
            raise ValueError(msg)
        return self


class BookingAsked(BookingChange):
    """A booking to be made, identified by the `Idempotency-Key` of the request or by a reference of the caller's own."""

    guest: Guest
    hotel_id: Annotated[str | None, Field(max_length=64, description="The hotel of the key, where left out.")] = None
    reference: Annotated[
        Reference | None, Field(description="The caller's own number; it becomes the booking's id.")
    ] = None


class NightBooked(BaseModel):
    """One night and its price."""

    date: date
    price: Amount


class RoomBooked(BaseModel):
    """One room of a booking."""

    room_type: str
    rate_plan: str | None
    adults: int | None
    children: int | None
    child_ages: list[int] | None
    total: Amount | None
    nights: list[NightBooked]


class GuestBooked(BaseModel):
    """Who booked, as known."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    country: str | None
    language: str | None


class Booking(BaseModel):
    """A booking as it stands."""

    id: str
    hotel_id: str
    status: Annotated[str, Field(examples=["confirmed", "cancelled", "in_house", "checked_out", "no_show"])]
    check_in: date | None
    check_out: date | None
    currency: Currency | None
    total: Amount | None
    tax_included: bool | None
    rooms: list[RoomBooked]
    guest: GuestBooked | None
    comment: str | None
    booked_at: datetime | None
    changed_at: datetime
    cancelled_at: datetime | None
    cancellation_fee: Amount | None


class Pending(BaseModel):
    """The request is stored and not decided yet: ask at the status address."""

    id: str
    status: Annotated[str, Field(examples=["pending"])]
    status_url: str


class FieldProblem(BaseModel):
    """One field and what is wrong with it."""

    field: str
    problem: str


class Problem(BaseModel):
    """Why not, for people and for programs."""

    error: str
    code: Annotated[str, Field(examples=["sold_out"])]
    fields: list[FieldProblem] | None = None
    dates: Annotated[list[date] | None, Field(description="sold_out: the nights without a room.")] = None
    total: Annotated[Amount | None, Field(description="price_changed: what it costs now.")] = None
    currency: Currency | None = None

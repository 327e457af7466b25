"""One booking as Expedia tells it, retrieved or notified: text as it came, under one name whichever road it took."""

from typing import NamedTuple

BOOK = "Book"
MODIFY = "Modify"
CANCEL = "Cancel"


class Night(NamedTuple):
    """One date: what the room costs before tax, what further people and the house's service charge add to it."""

    stay_on: str | None
    rate: str | None
    person_fees: tuple[str, ...] = ()
    service_fee: str | None = None
    promotion: str | None = None


class Card(NamedTuple):
    """A card as far as it may be known: never its number, at most the digits its mask left."""

    number: str | None = None
    expires: str | None = None
    holder: str | None = None
    activates_at: str | None = None


class Guest(NamedTuple):
    """Who the room is for."""

    first: str | None = None
    middle: str | None = None
    last: str | None = None
    phone_country: str | None = None
    phone_area: str | None = None
    phone_number: str | None = None
    email: str | None = None


class Stay(NamedTuple):
    """The room of a booking (there is never more than one), its people, nights and money."""

    room_type: str | None
    rate_plan: str | None
    arrival: str | None
    departure: str | None
    adults: str | None = None
    children: str | None = None
    child_ages: tuple[str, ...] = ()
    rate_currency: str | None = None
    nights: tuple[Night, ...] = ()
    total: str | None = None
    taxes: str | None = None
    currency: str | None = None
    commission_rate: str | None = None
    card: Card | None = None
    payment_method: str | None = None
    payment_model: str | None = None
    payment_amount: str | None = None
    payment_currency: str | None = None


class Booking(NamedTuple):
    """One transaction on a booking. `kind` is Book, Modify or Cancel; `requests` are (code, text) in the order told."""

    ref: str | None
    kind: str | None
    made_at: str | None
    point_of_sale: str | None
    hotel_ref: str | None
    stay: Stay | None = None
    guest: Guest = Guest()
    rewards: tuple[tuple[str, str], ...] = ()
    requests: tuple[tuple[str, str], ...] = ()
    our_ref: str | None = None

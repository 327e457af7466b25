"""A reservation as every system here understands it: the booking, its rooms, their nights.

The fields bear the names of the columns of `core.reservations`, `core.reservation_rooms`, `core.room_nights`,
`core.room_night_taxes`, `core.reservation_extras` and `core.virtual_cards`.
Values may be wrong (a departure before the arrival): the gate judges them, a constructor does not.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from hotel.money import split_evenly
from hotel.status import LOST


class NightTax(NamedTuple):
    """One tax or fee of one night. `is_included`: inside the night's price; `is_pass_through`: city tax, no revenue."""

    tax_code: str
    is_included: bool | None
    amount_minor: int
    currency: str
    base_minor: int | None = None
    tax_rate: Decimal | None = None
    is_pass_through: bool = False


class Extra(NamedTuple):
    """Something sold beside the rooms (breakfast, transfer, cot). `is_in_price`: already inside the booking's total."""

    extra_ref: str
    extra_code: str
    currency: str | None
    total_minor: int | None
    room_ref: str | None = None
    serves_on: date | None = None
    quantity_count: int = 1
    is_in_price: bool | None = None
    is_tax_included: bool | None = None


class VirtualCard(NamedTuple):
    """A channel's virtual card: what may be charged when. Never its number: `last_four` and a token at most.

    `usable_for`: `stay`, or `no_show_or_cancellation` where it guarantees and does not pay.
    """

    card_ref: str
    currency: str | None
    limit_minor: int | None
    activates_on: date | None
    expires_on: date | None
    last_four: str | None = None
    token_ref: str | None = None
    channel_ref: str | None = None
    is_net: bool | None = None
    status: str = "active"
    usable_for: str = "stay"


class Night(NamedTuple):
    """One room, one date. Money is minor units of `currency`; None means that the source does not say."""

    stay_on: date
    use: str
    room_type_code: str
    rate_plan_code: str | None
    currency: str | None
    price_minor: int
    is_tax_included: bool | None = None
    tax_minor: int | None = None
    package_minor: int | None = None
    adult_count: int | None = None
    child_count: int | None = None
    market_segment_code: str | None = None
    is_price_derived: bool = False
    promotion_code: str | None = None
    taxes: tuple[NightTax, ...] = ()


class Room(NamedTuple):
    """One room of a booking. `room_ref` is the provider's room id or its position, never the room number.

    `raw_room_code` and `raw_rate_code` are the codes the source sent, whatever they mean in our house.
    """

    room_ref: str
    status: str
    room_type_code: str
    arrival_on: date | None
    departure_on: date | None
    currency: str | None
    total_minor: int | None
    nights: tuple[Night, ...] = ()
    assigned_room_type_code: str | None = None
    rate_plan_code: str | None = None
    meal_plan_code: str | None = None
    is_day_use: bool = False
    is_complimentary: bool = False
    is_house_use: bool = False
    adult_count: int | None = None
    child_count: int | None = None
    infant_count: int | None = None
    tax_minor: int | None = None
    is_tax_included: bool | None = None
    cancelled_at: datetime | None = None
    cancelled_on: date | None = None
    child_ages: tuple[int, ...] | None = None
    occupant_guest_ref: str | None = None
    arrival_time: time | None = None
    cancellation_fee_minor: int | None = None
    promotion_code: str | None = None
    raw_room_code: str | None = None
    raw_rate_code: str | None = None


class Reservation(NamedTuple):
    """One booking of one property as one source tells it, keyed by (source, property_id, source_ref).

    `collect` says who takes the guest's money: `property`, `channel` or `split`. Fees are what was charged, not what a
    policy threatens. `comment` is personal and free of card numbers.
    """

    source: str
    property_id: str
    source_ref: str
    status: str
    arrival_on: date | None
    departure_on: date | None
    currency: str | None
    total_minor: int | None
    rooms: tuple[Room, ...]
    is_inventory_held: bool
    booked_at: datetime | None = None
    booked_on: date | None = None
    cancelled_at: datetime | None = None
    cancelled_on: date | None = None
    no_show_on: date | None = None
    checked_in_on: date | None = None
    checked_out_on: date | None = None
    group_ref: str | None = None
    block_ref: str | None = None
    channel_code: str | None = None
    market_segment_code: str | None = None
    origin_code: str | None = None
    customer_type_code: str | None = None
    meal_plan_code: str | None = None
    guarantee_code: str | None = None
    channel_ref: str | None = None
    agent_ref: str | None = None
    company_ref: str | None = None
    booker_guest_ref: str | None = None
    primary_guest_ref: str | None = None
    adult_count: int | None = None
    child_count: int | None = None
    infant_count: int | None = None
    room_count: int = 1
    tax_minor: int | None = None
    is_tax_included: bool | None = None
    change_count: int | None = None
    is_repeat_guest: bool | None = None
    special_request_count: int | None = None
    parking_count: int | None = None
    waitlist_day_count: int | None = None
    prior_stay_count: int | None = None
    prior_cancellation_count: int | None = None
    collect: str | None = None
    commission_minor: int | None = None
    commission_rate: Decimal | None = None
    commission_model: str | None = None
    cancellation_policy_code: str | None = None
    free_cancel_until_at: datetime | None = None
    cancellation_fee_minor: int | None = None
    no_show_fee_minor: int | None = None
    is_fee_waived: bool | None = None
    comment: str | None = None
    promotion_code: str | None = None
    voucher_ref: str | None = None
    purpose_code: str | None = None
    is_walk_in: bool | None = None
    hold_until_at: datetime | None = None
    extras: tuple[Extra, ...] = ()
    virtual_cards: tuple[VirtualCard, ...] = ()


class Withheld(NamedTuple):
    """What a refused reservation keeps out of the reports: room nights and money that would have counted."""

    room_night_count: int
    amount_minor: int
    currency: str | None


def stay_dates(arrival_on: date, departure_on: date) -> list[date]:
    """List the nights of a stay: every date from arrival up to, not including, departure. Dates, not 24 hours."""
    return [arrival_on + timedelta(days=n) for n in range((departure_on - arrival_on).days)]


def price_nights(arrival_on: date, departure_on: date, total_minor: int) -> list[tuple[date, int]]:
    """Spread a stay's total over its nights so that the parts add up again; no nights, no prices."""
    dates = stay_dates(arrival_on, departure_on)
    return list(zip(dates, split_evenly(total_minor, len(dates)), strict=True)) if dates else []


def withheld(reservation: Reservation) -> Withheld:
    """Count what a reservation would have added to the reports; a cancelled or no-show booking withholds nothing."""
    nights = [
        night
        for room in reservation.rooms
        if room.status not in LOST and reservation.status not in LOST
        for night in room.nights
    ]
    return Withheld(len(nights), sum(night.price_minor for night in nights), reservation.currency)

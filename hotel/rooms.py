"""Rooms and what is sold in them: types, rate plans, status axes, prices with their restrictions."""

from datetime import date, datetime
from typing import NamedTuple


class RoomType(NamedTuple):
    """A sellable room type, keyed by (property_id, room_type_code); from `bed_code` on: what is shown of it to guests."""

    property_id: str
    room_type_code: str
    name: str
    room_count: int | None = None
    adult_count: int | None = None
    occupancy_count: int | None = None
    is_pseudo: bool = False
    is_active: bool = True
    bed_code: str | None = None
    class_code: str | None = None
    description: str | None = None
    amenities: tuple[str, ...] | None = None


class RatePlan(NamedTuple):
    """A rate plan, keyed by (property_id, rate_plan_code)."""

    property_id: str
    rate_plan_code: str
    name: str
    meal_plan_code: str | None = None
    is_refundable: bool | None = None
    market_segment_code: str | None = None
    currency: str | None = None
    is_tax_included: bool | None = None


class RoomStatus(NamedTuple):
    """One room's three independent axes, keyed by (source, property_id, room_code)."""

    source: str
    property_id: str
    room_code: str
    occupancy: str
    housekeeping: str
    sellability: str
    observed_at: datetime


class Rate(NamedTuple):
    """One price of one date and its restrictions, keyed by the first six fields; `occupancy_count` 0 means per room.

    Restrictions are independent of each other; None means that the source does not tell one, never that it is open.
    """

    source: str
    property_id: str
    rate_plan_code: str
    room_type_code: str
    stay_on: date
    occupancy_count: int
    price_minor: int
    currency: str
    is_tax_included: bool | None = None
    is_stop_sell: bool | None = None
    is_closed_to_arrival: bool | None = None
    is_closed_to_departure: bool | None = None
    min_stay_arrival_count: int | None = None
    min_stay_through_count: int | None = None
    max_stay_count: int | None = None
    min_advance_day_count: int | None = None
    max_advance_day_count: int | None = None

"""Rooms and what is sold in them: types, rate plans, status axes, rates, restrictions-free prices."""

from datetime import date, datetime
from typing import NamedTuple


class RoomType(NamedTuple):
    """A sellable room type, keyed by (property_id, room_type_code)."""

    property_id: str
    room_type_code: str
    name: str
    room_count: int | None = None
    adult_count: int | None = None
    occupancy_count: int | None = None
    is_pseudo: bool = False
    is_active: bool = True


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
    """One price of one date, keyed by all but price, currency and tax; `occupancy_count` 0 means per room."""

    source: str
    property_id: str
    rate_plan_code: str
    room_type_code: str
    stay_on: date
    occupancy_count: int
    price_minor: int
    currency: str
    is_tax_included: bool | None = None

"""A property: its zone, its currency, and the policies that decide what counts."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Property(NamedTuple):
    """One hotel. `business_on` is as last told by its PMS; a `clock` property rolls its day at `day_rolls_at`."""

    property_id: str
    name: str
    time_zone: str
    currency: str
    group_code: str | None = None
    country_code: str | None = None
    business_on: date | None = None
    business_on_kind: str = "clock"
    day_rolls_at: time = time(3)
    of_record_source: str | None = None
    room_count: int | None = None
    is_price_tax_included: bool | None = None
    zero_price_use: str = "sold"
    is_active: bool = True
    opened_on: date | None = None
    closed_on: date | None = None


def business_date(house: Property, instant: datetime) -> date | None:
    """Give the property's business date at an aware instant.

    A PMS property has the date its PMS last told, or None: it is never derived from a timestamp.
    A clock property is still in yesterday until `day_rolls_at` local time (K-24).
    """
    if house.business_on_kind == "pms":
        return house.business_on
    local = instant.astimezone(ZoneInfo(house.time_zone))
    return local.date() - timedelta(days=1) if local.time() < house.day_rolls_at else local.date()


def hotel_date(house: Property, instant: datetime) -> date:
    """Give the hotel-local calendar date of an aware instant."""
    return instant.astimezone(ZoneInfo(house.time_zone)).date()

"""What the suites of room status and of rates look at."""

from typing import Any

import numpy as np

from expectations.columns.arrays import Columns, times_seen
from expectations.columns.stays import key_count
from expectations.facts import HouseFacts


def room_status_columns(told: Columns, _: HouseFacts) -> dict[str, Any]:
    """Compute the judged columns, one row per room."""
    return {
        "occupancy": told.category("occupancy"),
        "housekeeping": told.category("housekeeping"),
        "sellability": told.category("sellability"),
        "has_key": ~(told.is_blank("source") | told.is_blank("property_id") | told.is_blank("room_code")),
        "key_count": key_count(told, "source", "property_id", "room_code"),
        "is_time_known": told.known("observed_at"),
    }


def rates_columns(told: Columns, _: HouseFacts) -> dict[str, Any]:
    """Compute the judged columns, one row per price."""
    names = (told.places(name) for name in ("source", "property_id", "rate_plan_code", "room_type_code"))
    stay_on = np.nan_to_num(told.days("stay_on")).astype(np.int64)
    return {
        "currency": told.category("currency"),
        "has_key": ~(told.is_blank("source") | told.is_blank("property_id") | told.is_blank("room_type_code"))
        & told.known("rate_plan_code")
        & told.known("stay_on"),
        "key_count": times_seen(*names, stay_on, told.whole("occupancy_count")),
        "price_minor": told.whole("price_minor"),
        "is_price_known": told.known("price_minor"),
        "occupancy_count": told.whole("occupancy_count"),
    }

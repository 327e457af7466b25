"""What the suites of room status and of rates look at."""

from typing import Any

import numpy as np

from expectations.columns.arrays import Columns, times_seen
from expectations.columns.stays import key_count
from expectations.facts import HouseFacts

ROOM_KEY = ("source", "property_id", "room_code")


def room_status_columns(told: Columns, _: HouseFacts) -> dict[str, Any]:
    """Compute the judged columns, one row per room."""
    return {
        "occupancy": told.category("occupancy"),
        "housekeeping": told.category("housekeeping"),
        "sellability": told.category("sellability"),
        "is_complete": told.is_complete(texts=ROOM_KEY, values=("observed_at",)),
        "key_count": key_count(told, *ROOM_KEY),
    }


def rates_columns(told: Columns, _: HouseFacts) -> dict[str, Any]:
    """Compute the judged columns, one row per price."""
    names = (told.places(name) for name in ("source", "property_id", "rate_plan_code", "room_type_code"))
    stay_on = np.nan_to_num(told.days("stay_on")).astype(np.int64)
    return {
        "currency": told.category("currency"),
        "is_complete": told.is_complete(
            texts=("source", "property_id", "room_type_code"), values=("rate_plan_code", "stay_on", "occupancy_count")
        ),
        "key_count": times_seen(*names, stay_on, told.whole("occupancy_count")),
        "price_minor": told.whole("price_minor"),
        "is_price_known": told.known("price_minor"),
        "occupancy_count": told.whole("occupancy_count"),
    }

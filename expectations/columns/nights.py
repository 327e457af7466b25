"""What the suite of room nights looks at."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.columns.arrays import NOT_FOUND, Columns, Flags, Whole
from expectations.columns.reservations import counts_are_possible, unmapped_count
from expectations.columns.stays import Stays
from expectations.facts import PropertyFacts
from hotel.money import exponent, is_currency
from hotel.status import COMPLIMENTARY, SOLD

ENOUGH_NIGHTS = 100  # fewer say nothing of a property's 99th percentile
NO_LIMIT = np.iinfo(np.int64).max


def columns(stays: Stays) -> dict[str, Any]:
    """Compute the judged columns, one row per night of the batch."""
    told = stays.nights
    price = stays.prices
    return {
        "use": told.category("use"),
        "currency": told.category("currency"),
        "is_complete": told.is_complete(texts=("room_ref", "room_type_code"), values=("stay_on",)),
        "has_room": stays.room_of_night != NOT_FOUND,
        "is_price_known": told.known("price_minor"),
        "is_price_whole": _is_price_whole(told),
        "price_minor": price,
        "price_limit_minor": _price_limit(stays),
        "is_given_away": (price == 0) & told.is_in("use", (SOLD, COMPLIMENTARY)) & ~_is_lost(stays),
        "is_count_possible": counts_are_possible(told, ("adult_count", "child_count")),
        "unmapped_count": unmapped_count(told, ("rate_plan_code", "market_segment_code")),
    }


def _is_lost(stays: Stays) -> Flags:
    """Tell which nights are of a room that was cancelled or never came: what they cost matters no more."""
    room = stays.room_of_night
    is_lost: Flags = np.append(stays.is_lost_room, False)
    return is_lost[room]


def _is_price_whole(told: Columns) -> Flags:
    prices = told.array("price_minor")
    if pa.types.is_integer(prices.type):
        return np.ones(told.row_count, np.bool_)
    whole = pc.equal(prices, pc.floor(prices))
    return np.asarray(whole.fill_null(fill_value=True).to_numpy(zero_copy_only=False), np.bool_)


def _price_limit(stays: Stays) -> Whole:
    """Give each night the price above which its property would be surprised; no limit where too little is known."""
    told, price = stays.nights, stays.prices
    properties, names = told.codes("property_id")
    limits = np.full(told.row_count, NO_LIMIT, np.int64)
    for at, name in enumerate(names):
        facts = stays.house.properties.get(name)
        if facts and facts.currencies and is_currency(facts.currencies[0]):
            of_house = (properties == at) & told.is_in("currency", facts.currencies[:1])
            limits[of_house] = _limit(price[of_house & (price > 0)], facts)
    return limits


def _limit(prices: Whole, facts: PropertyFacts) -> int:
    high = facts.high_price_minor
    if prices.size >= ENOUGH_NIGHTS:
        high = int(np.percentile(prices, 99, method="higher"))
    return NO_LIMIT if high is None else max(5 * high, 1000 * 10 ** exponent(facts.currencies[0]))

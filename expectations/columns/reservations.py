"""What the suites of reservations and cancellations look at."""

from typing import Any

import numpy as np

from expectations.columns.arrays import Columns, Days, Flags, Whole, same_words
from expectations.columns.cards import carries_card_number
from expectations.columns.stays import Stays, key_count, night_count, sums_of_lines, totals, unit_minor
from hotel.status import CANCELLED, CHECKED_OUT, IN_HOUSE, UNMAPPED_CODE

KEY = ("source", "property_id", "source_ref")
CODES = (
    "channel_code",
    "market_segment_code",
    "origin_code",
    "customer_type_code",
    "meal_plan_code",
    "guarantee_code",
)
COUNTS = (
    "adult_count",
    "child_count",
    "infant_count",
    "room_count",
    "change_count",
    "special_request_count",
    "parking_count",
    "waitlist_day_count",
    "prior_stay_count",
    "prior_cancellation_count",
)
# Where a person types: our own keys and the channel's booking number are neither free text nor secret.
TYPED_TEXTS = ("group_ref", "block_ref", "agent_ref", "company_ref", "booker_guest_ref", "primary_guest_ref", "comment")


def columns(stays: Stays) -> dict[str, Any]:
    """Compute the judged columns, one row per reservation of the batch."""
    told = stays.reservations
    return {
        "status": told.category("status"),
        "currency": told.category("currency"),
        # A booking and the message that cancels it may come in one batch: that is not the same thing twice.
        "key_count": key_count(told, *KEY, "action"),
        "is_complete": told.is_complete(texts=KEY, values=("is_inventory_held", "room_count")),
        "has_dates": told.known("arrival_on") & told.known("departure_on"),
        "night_count": night_count(told),
        "is_property_known": told.is_in("property_id", stays.house.properties.keys()),
        "is_currency_listed": _currency_is_listed(stays),
        "carries_card_number": carries_card_number(told, TYPED_TEXTS),
        "unmapped_count": unmapped_count(told, CODES),
        **_guests(told),
        **_order(stays),
        **_totals(stays),
    }


def unmapped_count(told: Columns, names: tuple[str, ...]) -> Whole:
    """Count for each row how many of its code columns wait for a mapping."""
    count = np.zeros(told.row_count, np.int64)
    for name in names:
        count += told.is_in(name, (UNMAPPED_CODE,))
    return count


def counts_are_possible(told: Columns, names: tuple[str, ...]) -> Flags:
    """Tell which rows count in numbers that a count of people or rooms can be: the tables hold 16 bits."""
    is_possible = np.ones(told.row_count, np.bool_)
    for name in names:
        count = told.whole(name)
        is_possible &= (count >= 0) & (count <= np.iinfo(np.int16).max)
    return is_possible


def _guests(told: Columns) -> dict[str, Any]:
    names = ("adult_count", "child_count", "infant_count")
    adults, children, infants = (told.whole(name) for name in names)
    everybody = adults + children + infants
    # Nobody told of is not the same as nobody: only a count in which each part is known can be zero.
    is_counted = np.all([told.known(name) for name in names], axis=0) | (everybody > 0)
    return {
        "guest_count": np.where(is_counted, everybody, np.nan),
        "is_child_count_known": told.known("child_count"),
        "has_children_alone": told.known("adult_count") & (adults == 0) & (children + infants > 0),
        "adults_per_room": adults // np.maximum(told.whole("room_count"), 1),
        "is_count_possible": counts_are_possible(told, COUNTS),
    }


def _order(stays: Stays) -> dict[str, Any]:
    """Compute how far dates stand in the wrong order, in days; NaN where one of them is not known."""
    told = stays.reservations
    arrival, departure, booked = (told.days(name) for name in ("arrival_on", "departure_on", "booked_on"))
    cancelled, checked_out = told.days("cancelled_on"), told.days("checked_out_on")
    is_cancelled = told.is_in("status", (CANCELLED,))
    left = told.is_in("status", (CHECKED_OUT,))
    business = _business_days(stays)
    today = float(np.datetime64(stays.house.today, "D").astype(np.int64))
    return {
        "days_booked_after_arrival": booked - arrival,
        "days_booked_after_departure": booked - departure,
        "days_booked_ahead_of_today": booked - today,
        "has_cancellation_date": ~is_cancelled | told.known("cancelled_on"),
        "is_cancellation_in_order": ~is_cancelled | ~((cancelled < booked) | (cancelled > departure)),
        # Who left early has left on the day of the check-out, whatever was planned.
        "days_left_ahead_of_business": np.where(left, np.fmin(departure, checked_out) - business, np.nan),
        "days_in_house_ahead_of_business": np.where(told.is_in("status", (IN_HOUSE,)), arrival - business, np.nan),
        "days_left_early": np.where(left, departure - checked_out, np.nan),
    }


def _business_days(stays: Stays) -> Days:
    days = {
        property_id: float(np.datetime64(facts.business_on, "D").astype(np.int64))
        for property_id, facts in stays.house.properties.items()
        if facts.business_on is not None
    }
    return stays.reservations.per_word("property_id", days, np.nan, np.float64)


def _currency_is_listed(stays: Stays) -> Flags:
    properties, names = stays.reservations.codes("property_id")
    currencies, words = stays.reservations.codes("currency")
    listed = np.ones((len(names) + 1, len(words) + 1), np.bool_)
    for at, name in enumerate(names):
        if facts := stays.house.properties.get(name):
            listed[at, : len(words)] = [word in facts.currencies for word in words]
    return np.asarray(listed[properties, currencies])


def _totals(stays: Stays) -> dict[str, Whole]:
    """Compare a reservation's total with its rooms', all of them or those that are still held."""
    told, rooms, of_room = stays.reservations, stays.rooms, stays.reservation_of_room
    is_told = rooms.known("total_minor") & same_words(rooms.array("currency"), told.array("currency").take(of_room))
    is_whole = np.bincount(of_room[~is_told], minlength=told.row_count) == 0
    amounts = rooms.whole("total_minor")
    every, lines = sums_of_lines(rooms, amounts, of_room, is_told, told.row_count)
    live, _ = sums_of_lines(rooms, amounts, of_room, is_told & ~stays.is_lost_room, told.row_count)
    is_stated = told.known("total_minor") & is_whole & ~_covers_one_room(told)
    # Some tell the tax that comes on top of the rooms for the whole booking only.
    tax = np.where(told.flag("is_tax_included"), 0, told.whole("tax_minor"))
    taxed = [every[0] + tax, live[0] + tax] if tax.any() else []
    # Extras that lie in the total come to the rooms; where a source does not say whether they do, either will do.
    rooms_alone = [*every, *live, *taxed]
    sums = (
        [*rooms_alone, *(each + stays.extras_minor for each in rooms_alone)]
        if stays.extras_minor.any()
        else rooms_alone
    )
    return totals(told.whole("total_minor"), is_stated, sums, lines, unit_minor(told))


def _covers_one_room(told: Columns) -> Flags:
    """Tell which messages speak of one room of a larger booking: its other rooms are not here to add up (law 6)."""
    if "covers" not in told.table.column_names:
        return np.zeros(told.row_count, np.bool_)
    return told.is_in("covers", ("room",))

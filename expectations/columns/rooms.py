"""What the suite of reservation rooms looks at."""

from typing import Any

import numpy as np

from expectations.columns.arrays import NOT_FOUND, Flags, Whole, add_up, same_words, times_seen
from expectations.columns.reservations import counts_are_possible, unmapped_count
from expectations.columns.stays import Stays, night_count, sums_of_lines, totals, unit_minor
from hotel.money import is_currency

FLAGS = ("is_day_use", "is_complimentary", "is_house_use")
CODES = ("room_type_code", "assigned_room_type_code", "rate_plan_code", "meal_plan_code")


def columns(stays: Stays) -> dict[str, Any]:
    """Compute the judged columns, one row per room of the batch."""
    told = stays.rooms
    return {
        "status": told.category("status"),
        "is_complete": told.is_complete(texts=("room_ref", "room_type_code"), values=FLAGS),
        "room_count_of_key": times_seen(told.whole("row_number"), told.places("room_ref")),
        "night_count": night_count(told),
        "misplaced_night_count": _misplaced_nights(stays),
        "adult_count": told.whole("adult_count"),
        "is_count_possible": counts_are_possible(told, ("adult_count", "child_count", "infant_count")),
        "is_money_named": _money_is_named(stays),
        "total_minor": told.whole("total_minor"),
        "unmapped_count": unmapped_count(told, CODES),
        "is_room_type_as_booked": _room_type_is_as_booked(stays),
        **_totals(stays),
    }


def _misplaced_nights(stays: Stays) -> Whole:
    """Count for each room the nights that are missing, repeated or outside its stay."""
    told, nights, room = stays.rooms, stays.nights, stays.room_of_night
    planned = np.nan_to_num(np.where(told.flag("is_day_use"), 0, night_count(told))).clip(min=0).astype(np.int64)
    stay = nights.days("stay_on")
    is_inside = (room != NOT_FOUND) & (stay >= told.days("arrival_on")[room]) & (stay < told.days("departure_on")[room])
    is_first = _first_of_each(room, np.nan_to_num(stay).astype(np.int64))
    here = add_up(room, np.ones(nights.row_count, np.int64), told.row_count)
    right = add_up(room, (is_inside & is_first).astype(np.int64), told.row_count)
    # A source may drop the nights of a room that is cancelled; what was known of them stays (law 6).
    return np.where(stays.is_lost_room & (here == 0), 0, planned - right + here - right)


def _first_of_each(room: Whole, stay: Whole) -> Flags:
    """Tell which nights are the first of their room and date."""
    combined = room * (stay.max(initial=0) + 1) + stay
    if bool((np.diff(combined) > 0).all()):
        return np.ones(room.size, np.bool_)
    first = np.zeros(room.size, np.bool_)
    first[np.unique(combined, return_index=True)[1]] = True
    return first


def _money_is_named(stays: Stays) -> Flags:
    """Tell which rooms name a currency of ISO 4217, or have no money to name one for."""
    _, words = stays.rooms.codes("currency")
    is_named = stays.rooms.per_word(
        "currency", {word: is_currency(word) for word in words}, otherwise=False, dtype=np.bool_
    )
    return is_named | ~(stays.rooms.known("currency") | stays.rooms.known("total_minor"))


def _room_type_is_as_booked(stays: Stays) -> Flags:
    assigned = stays.rooms.array("assigned_room_type_code")
    return same_words(assigned, stays.rooms.array("room_type_code")) | ~stays.rooms.known("assigned_room_type_code")


def _totals(stays: Stays) -> dict[str, Whole]:
    """Compare a room's total with its nights'; a day-use room has none and is not compared."""
    told, nights, room = stays.rooms, stays.nights, stays.room_of_night
    is_told = (room != NOT_FOUND) & same_words(
        nights.array("currency"), told.array("currency").take(np.maximum(room, 0))
    )
    is_whole = np.bincount(room[(room != NOT_FOUND) & ~is_told], minlength=told.row_count) == 0
    sums, lines = sums_of_lines(nights, stays.prices, room, is_told, told.row_count)
    return totals(told.whole("total_minor"), told.known("total_minor") & is_whole, sums, lines, unit_minor(told))

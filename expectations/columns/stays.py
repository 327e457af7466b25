"""Reservations, rooms and nights of one batch, and which belongs to which."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.columns.arrays import NOT_FOUND, Columns, Days, Flags, Whole, add_up, look_up, same_words, times_seen
from expectations.facts import HouseFacts
from hotel.incoming import CANCEL
from hotel.money import exponent, is_currency
from hotel.status import LOST

_USUAL_UNIT = 100  # one unit of a currency with two decimals; an unknown currency is held by its own rule


class Stays:
    """The three frames of a batch of reservations. Nights belong to a room of the same message (`row_number`)."""

    def __init__(
        self, reservations: Columns, rooms: Columns, nights: Columns, house: HouseFacts, extras: Columns | None = None
    ) -> None:
        self.reservations = reservations
        self.rooms = rooms
        self.nights = nights
        self.house = house
        self.extras = extras

    @cached_property
    def is_cancel(self) -> Flags:
        """Tell which reservations only cancel what is known."""
        return self.reservations.is_in("action", (CANCEL,))

    @cached_property
    def reservation_of_room(self) -> Whole:
        """Give each room the position of its reservation."""
        return look_up(self.reservations.whole("row_number"), self.rooms.whole("row_number"))

    @cached_property
    def reservation_of_night(self) -> Whole:
        """Give each night the position of its reservation."""
        return look_up(self.reservations.whole("row_number"), self.nights.whole("row_number"))

    @cached_property
    def room_of_night(self) -> Whole:
        """Give each night the position of its room: the same message and the same room_ref."""
        places, refs = self.rooms.codes("room_ref")
        night_places, night_refs = self.nights.codes("room_ref")
        known = {ref: place for place, ref in enumerate(refs)}
        here = np.array([*(known.get(ref, NOT_FOUND) for ref in night_refs), NOT_FOUND], np.int64)[night_places]
        span = len(refs) + 1
        wanted = np.where(here == NOT_FOUND, NOT_FOUND, self.nights.whole("row_number") * span + here)
        return look_up(self.rooms.whole("row_number") * span + places, wanted)

    @cached_property
    def prices(self) -> Whole:
        """Give each night its price; what a source left behind the last minor unit is cut off and has its own rule."""
        prices = self.nights.array("price_minor")
        whole = prices if pa.types.is_integer(prices.type) else pc.floor(prices)
        return np.asarray(whole.cast(pa.int64()).fill_null(0))

    @cached_property
    def extras_minor(self) -> Whole:
        """Add up what each reservation's total has in it beside the rooms: extras in its currency, none said to come on top."""
        told, extras = self.reservations, self.extras
        if extras is None or not extras.row_count:
            return np.zeros(told.row_count, np.int64)
        of_extra = look_up(told.whole("row_number"), extras.whole("row_number"))
        on_top = extras.known("is_in_price") & ~extras.flag("is_in_price")
        fits = same_words(extras.array("currency"), told.array("currency").take(pa.array(of_extra)))
        return add_up(np.where(fits & ~on_top, of_extra, NOT_FOUND), extras.whole("total_minor"), told.row_count)

    @cached_property
    def is_lost_room(self) -> Flags:
        """Tell which rooms are cancelled or no-show, by themselves or with their reservation."""
        lost = self.rooms.is_in("status", LOST)
        return lost | self.reservations.is_in("status", LOST)[self.reservation_of_room]


def key_count(columns: Columns, *names: str) -> Whole:
    """Count for each row how many rows of the frame have the same key; key columns are texts."""
    return times_seen(*(columns.places(name) for name in names))


def night_count(columns: Columns) -> Days:
    """Count the nights between arrival and departure, NaN where either is unknown; negative where they are swapped."""
    return columns.days("departure_on") - columns.days("arrival_on")


def unit_minor(columns: Columns) -> Whole:
    """Give one major unit of each row's currency in minor units (100 for EUR, 1 for JPY, 1000 for KWD)."""
    _, words = columns.codes("currency")
    units = {word: 10 ** exponent(word) for word in words if is_currency(word)}
    return columns.per_word("currency", units, _USUAL_UNIT, np.int64)


def totals(stated: Whole, is_stated: Flags, sums: list[Whole], lines: Whole, unit: Whole) -> dict[str, Whole]:
    """Compare stated totals with what their lines add up to; the nearest of several ways to add counts.

    Gives three columns: how far they lie apart, what rounding may explain (a minor unit per line), and what no longer
    passes as a difference in bookkeeping (1 % and one unit of the currency).
    """
    apart = np.min([np.abs(stated - each) for each in sums], axis=0)
    comparable = is_stated & (lines > 0)
    return {
        "total_apart_minor": np.where(comparable, apart, 0),
        "total_rounding_minor": lines,
        "total_far_minor": np.maximum(np.abs(stated) // 100, unit),
    }


def sums_of_lines(
    columns: Columns, amounts: Whole, line_of: Whole, kept: Flags, count: int
) -> tuple[list[Whole], Whole]:
    """Add up lines per parent, once as stated and once with the tax on top; and count the lines."""
    groups = np.where(kept, line_of, NOT_FOUND)
    bare = add_up(groups, amounts, count)
    extra_tax = np.where(columns.flag("is_tax_included"), 0, columns.whole("tax_minor"))
    with_tax = bare + add_up(groups, extra_tax, count)
    return [bare, with_tax], add_up(groups, np.ones(columns.row_count, np.int64), count)

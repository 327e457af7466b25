"""Counts, restrictions and prices in the words of pmsXchange, and which rows of a message it does not take."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.compose_ari import (
    AvailStyle,
    RateStyle,
    avail_counts,
    avail_restrictions,
    rate_amounts,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.outcomes import Outcome, check
from connectors.protocols.safe_xml import Element, descendants, told
from connectors.pushes import Availability, Price, RefusedCell, Restriction

_AVAIL: Final = AvailStyle(limit_type=None)
_RATES: Final = RateStyle()
_SHORTEST_STAY: Final = 1
# Error Codes: invalid date, value, dates together, room type, rate code; room or rate not found. One is reason enough to
# refuse the message, and says nothing of its other rows.
_OF_A_ROW: Final = frozenset({"15", "320", "404", "402", "249", "783"})
# How many messages are spent to find the rows that spoil one; more are likely to spoil them all.
_MOST_HALVINGS: Final = 32


class Sayable(NamedTuple):
    """The rows that can be said, with their places among all, and the rows of which something cannot."""

    rows: list[Restriction]
    places: list[int]
    refused: list[RefusedCell]


def counts(head: Head, hotel: Hotel, rows: Sequence[Availability]) -> Element:
    """Write counts per room type."""
    return avail_counts(head, hotel, rows, _AVAIL).element


def restrictions(head: Head, hotel: Hotel, rows: Sequence[Restriction]) -> Element:
    """Write restrictions, each in an entry of its own."""
    root = avail_restrictions(head, hotel, rows, _AVAIL).element
    for status in descendants(root, "RestrictionStatus"):
        if told(status, "Restriction") == "Master":
            del status.attrib["Restriction"]
    return root


def prices(head: Head, hotel: Hotel, rows: Sequence[Price]) -> Element:
    """Write prices per room type and rate plan, for the room or for numbers of guests."""
    root = rate_amounts(head, hotel, rows, _RATES).element
    for rate in descendants(root, "Rate"):
        currency = rate.attrib.pop("CurrencyCode")
        for name in ("RateTimeUnit", "UnitMultiplier"):
            del rate.attrib[name]
        for amount in descendants(rate, "BaseByGuestAmt"):
            amount.set("CurrencyCode", currency)
    return root


def sayable(rows: Sequence[Restriction], *, sells_stay_through: bool) -> Sayable:
    """Part restrictions into what pmsXchange has a word for and what it has none for; the former still goes out."""
    found = Sayable([], [], [])
    for position, row in enumerate(rows):
        words, code = _words(row, sells_stay_through=sells_stay_through)
        if any(value is not None for value in words[3:]):
            found.rows.append(words)
            found.places.append(position)
        if code:
            found.refused.append(RefusedCell(position, code))
    return found


def isolated(rows: Sequence[Any], send: Callable[[Sequence[Any]], Outcome]) -> list[RefusedCell]:
    """Send rows; where one spoils the message, halve it until it is found, so that all others are taken.

    Raises what the first error asks for where it is about no row, or about too many.
    """
    refused: list[RefusedCell] = []
    parts, halvings = [(0, len(rows))], 0
    while parts:
        start, end = parts.pop(0)
        answer = send(rows[start:end])
        if answer.is_success:
            continue
        code = next((error.code for error in answer.errors if error.code in _OF_A_ROW), None)
        if code is None or halvings >= _MOST_HALVINGS:
            check(answer)
        if end - start == 1:
            refused.append(RefusedCell(start, code or ""))
            continue
        middle, halvings = (start + end) // 2, halvings + 1
        # What stands first goes first: closures before openings.
        parts[:0] = [(start, middle), (middle, end)]
    return refused


def _words(row: Restriction, *, sells_stay_through: bool) -> tuple[Restriction, str | None]:
    """Give a restriction as it can be said, and the code of the first thing that cannot."""
    codes = []
    if row.max_stay_count is not None and row.max_stay_count < _SHORTEST_STAY:
        row, codes = row._replace(max_stay_count=None), ["max_stay_not_removable"]
    if row.min_stay_through_count is not None and not sells_stay_through:
        row, codes = row._replace(min_stay_through_count=None), [*codes, "min_stay_kind_not_sold"]
    if row.min_advance_day_count is not None or row.max_advance_day_count is not None:
        row = row._replace(min_advance_day_count=None, max_advance_day_count=None)
        codes.append("advance_not_sold")
    # One night at least is no minimum at all.
    at_least = {
        name: max(value, _SHORTEST_STAY)
        for name in ("min_stay_arrival_count", "min_stay_through_count")
        if (value := getattr(row, name)) is not None
    }
    return row._replace(**at_least), codes[0] if codes else None

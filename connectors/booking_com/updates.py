"""Counts, restrictions and prices in the words of Booking.com, and which rows an answer says were not taken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.compose_ari import (
    AvailStyle,
    Composed,
    RateStyle,
    avail_counts,
    avail_restrictions,
    rate_amounts,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.outcomes import Complaint, Outcome, check
from connectors.protocols.safe_xml import descendants, told
from connectors.pushes import Availability, Price, RefusedCell, Restriction

VERSION: Final = "1.005"
# Their room ids are nobody else's: a message needs no hotel.
_NO_HOTEL: Final = Hotel("")
# Their SetMinLOS is checked for every night, their SetForwardMinStay for the arrival.
_AVAIL: Final = AvailStyle(
    limit_type=None, locates=True, min_stay_arrival="SetForwardMinStay", min_stay_through="SetMinLOS"
)
_RATES: Final = RateStyle(locates=True)
_SHORTEST_STAY: Final = 1
# Beyond the most entries of a message.
_FIRST_NUMBER: Final = 1001
_OFFSETS: Final = ("MinAdvancedBookingOffset", "MaxAdvancedBookingOffset")


class Sayable(NamedTuple):
    """The rows that can be said, with their places among all, and the rows of which something cannot."""

    rows: list[Any]
    places: list[int]
    refused: list[RefusedCell]


def counts(rows: Sequence[Availability], sent_at: datetime) -> Composed:
    """Write counts per room type."""
    return _numbered(avail_counts(_head(sent_at), _NO_HOTEL, rows, _AVAIL))


def restrictions(rows: Sequence[Restriction], sent_at: datetime) -> Composed:
    """Write restrictions, each in an entry of its own."""
    told_of = _numbered(avail_restrictions(_head(sent_at), _NO_HOTEL, rows, _AVAIL))
    for status in descendants(told_of.element, "RestrictionStatus"):
        if told(status, "Restriction") == "Master":
            del status.attrib["Restriction"]
        for name in _OFFSETS:
            if offset := told(status, name):
                status.set(name, offset.removeprefix("P"))
    return told_of


def prices(rows: Sequence[Price], sent_at: datetime) -> Composed:
    """Write prices per room type and rate plan, with the decimal point in them."""
    told_of = _numbered(rate_amounts(_head(sent_at), _NO_HOTEL, rows, _RATES))
    for rate in descendants(told_of.element, "Rate"):
        currency = rate.attrib.pop("CurrencyCode")
        for name in ("RateTimeUnit", "UnitMultiplier"):
            del rate.attrib[name]
        for amount in descendants(rate, "BaseByGuestAmt"):
            amount.set("CurrencyCode", currency)
    return told_of


def sayable(rows: Sequence[Restriction]) -> Sayable:
    """Part restrictions into what Booking.com has a word for and what it has none for; the former still goes out."""
    found = Sayable([], [], [])
    for position, row in enumerate(rows):
        words, code = _words(row)
        if any(value is not None for value in words[3:]):
            found.rows.append(words)
            found.places.append(position)
        if code:
            found.refused.append(RefusedCell(position, code))
    return found


def refused(answer: Outcome, composed: Composed, places: Sequence[int]) -> list[RefusedCell]:
    """Name the rows that an answer turns down; raises what its first error asks for where that names no entry.

    A warning about an entry says that it was not taken as sent; one about nothing in particular says nothing of rows.
    """
    found: dict[int, str] = {}
    for complaint in (*answer.errors, *answer.warnings):
        for entry in _entries(complaint, len(composed.positions)):
            for position in composed.positions[entry]:
                found.setdefault(places[position], complaint.code or complaint.type or "refused")
    is_open = any(not _entries(error, len(composed.positions)) for error in answer.errors)
    if is_open or not (answer.errors or answer.is_success):
        check(answer)
    return [RefusedCell(position, code) for position, code in sorted(found.items())]


def _entries(complaint: Complaint, count: int) -> list[int]:
    """Give the entries that a complaint may mean: by the number we gave, else by its place, counted from 0 or from 1."""
    record = complaint.record or ""
    if not (record.isascii() and record.isdigit() and len(record) <= len(str(_FIRST_NUMBER))):
        return []
    told_number = int(record)
    meant = (told_number - _FIRST_NUMBER,) if told_number >= _FIRST_NUMBER else (told_number - 1, told_number)
    return [entry for entry in meant if 0 <= entry < count]


def _words(row: Restriction) -> tuple[Restriction, str | None]:
    """Give a restriction as it can be said, and the code of the first thing that cannot."""
    code = None
    if not row.rate_plan_ref:
        bare = Restriction(row.stay_on, row.room_type_ref, is_stop_sell=row.is_stop_sell)
        return bare, None if bare == row else "needs_rate_plan"
    if row.max_stay_count is not None and row.max_stay_count < _SHORTEST_STAY:
        row, code = row._replace(max_stay_count=None), "max_stay_not_removable"
    # One night at least is no minimum at all.
    at_least = {
        name: max(value, _SHORTEST_STAY)
        for name in ("min_stay_arrival_count", "min_stay_through_count")
        if (value := getattr(row, name)) is not None
    }
    return row._replace(**at_least), code


def _head(sent_at: datetime) -> Head:
    return Head(sent_at=sent_at, version=VERSION)


def _numbered(composed: Composed) -> Composed:
    """Number the entries so that a number of ours is no place of any."""
    for number, entry in enumerate((entry for holder in composed.element for entry in holder), _FIRST_NUMBER):
        entry.set("LocatorID", str(number))
    return composed

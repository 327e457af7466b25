"""Availability, restrictions and prices as OpenTravel messages: absolute, dates of one state joined, in the order given."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from connectors.batches import Run, runs
from connectors.protocols.opentravel.compose_xml import (
    Element,
    Head,
    Hotel,
    add,
    amount,
    document,
    hotel_attributes,
)
from connectors.pushes import Availability, Price, Restriction

AFTER_TAX: Final = "AmountAfterTax"
BEFORE_TAX: Final = "AmountBeforeTax"
ADULT: Final = "10"
PHYSICAL: Final = "1"
AVAILABLE: Final = "2"
_CLOSED: Final = {True: "Close", False: "Open"}


class Composed(NamedTuple):
    """A message, and for each entry in it, in order, the places of the rows it says something of."""

    element: Element
    positions: tuple[tuple[int, ...], ...]


class AvailStyle(NamedTuple):
    """How a receiver wants OTA_HotelAvailNotifRQ.

    `limit_type` is BookingLimitMessageType (None: leave it out). `closes_sold_out`: a count of 0 also says Master Close,
    another count Master Open. `locates`: number the entries (LocatorID), for receivers that refuse by number.
    `min_stay_arrival` and `min_stay_through` are the words for the two kinds of minimum stay.
    """

    limit_type: str | None = "SetLimit"
    closes_sold_out: bool = False
    locates: bool = False
    min_stay_arrival: str = "SetMinLOS"
    min_stay_through: str = "SetForwardMinStay"
    max_stay: str = "SetMaxLOS"
    room_attribute: str = "InvTypeCode"


class RateStyle(NamedTuple):
    """How a receiver wants OTA_HotelRateAmountNotifRQ.

    `unstated_tax` is the attribute of a price that does not say whether tax is inside; `always` overrides all of them.
    """

    unstated_tax: str = AFTER_TAX
    always: str | None = None
    locates: bool = False
    room_attribute: str = "InvTypeCode"


USUAL_AVAIL: Final = AvailStyle()
USUAL_RATES: Final = RateStyle()


def avail_counts(head: Head, hotel: Hotel, rows: Sequence[Availability], style: AvailStyle = USUAL_AVAIL) -> Composed:
    """Write counts as OTA_HotelAvailNotifRQ with a BookingLimit per room type."""
    entries = _Entries(head, hotel, style)
    for run in runs(rows):
        entry = entries.entry(run, BookingLimit=run.row.available_count, BookingLimitMessageType=style.limit_type)
        if style.closes_sold_out:
            add(entry, "RestrictionStatus", Restriction="Master", Status=_CLOSED[run.row.available_count < 1])
    return entries.composed()


def avail_restrictions(
    head: Head, hotel: Hotel, rows: Sequence[Restriction], style: AvailStyle = USUAL_AVAIL
) -> Composed:
    """Write restrictions as OTA_HotelAvailNotifRQ, each in an entry of its own: one says nothing of the others.

    Lengths of stay stand together. A length or an offset of 0 takes the restriction away.
    """
    entries = _Entries(head, hotel, style)
    for run in runs(rows):
        for restriction, is_closed in _doors(run.row):
            add(entries.entry(run), "RestrictionStatus", Restriction=restriction, Status=_CLOSED[is_closed])
        lengths = list(_lengths(run.row, style))
        if lengths:
            told = add(entries.entry(run), "LengthsOfStay")
            for word, nights in lengths:
                _length(told, word, nights)
        offsets = _offsets(run.row)
        if offsets:
            add(entries.entry(run), "RestrictionStatus", **offsets)
    return entries.composed()


def inventory_counts(head: Head, hotel: Hotel, rows: Sequence[Availability]) -> Composed:
    """Write counts as OTA_HotelInvCountNotifRQ: definitive availability, and the physical count where it is known."""
    root = document("OTA_HotelInvCountNotifRQ", head)
    held = add(root, "Inventories", **hotel_attributes(hotel))
    positions = []
    for run in runs(rows):
        entry = add(held, "Inventory")
        add(entry, "StatusApplicationControl", **_dates(run.first_on, run.last_on), InvTypeCode=run.row.room_type_ref)
        counts = add(entry, "InvCounts")
        if run.row.physical_count is not None:
            add(counts, "InvCount", CountType=PHYSICAL, Count=run.row.physical_count)
        add(counts, "InvCount", CountType=AVAILABLE, Count=run.row.available_count)
        positions.append(run.positions)
    return Composed(root, tuple(positions))


def rate_amounts(head: Head, hotel: Hotel, rows: Sequence[Price], style: RateStyle = USUAL_RATES) -> Composed:
    """Write prices as OTA_HotelRateAmountNotifRQ; all occupancies of a date stand in one entry, which replaces them all."""
    root = document("OTA_HotelRateAmountNotifRQ", head)
    held = add(root, "RateAmountMessages", **hotel_attributes(hotel))
    positions = []
    for number, (run, places) in enumerate(price_runs(rows), 1):
        entry = add(held, "RateAmountMessage", LocatorID=number if style.locates else None)
        place = {"RatePlanCode": run.row.rate_plan_ref, style.room_attribute: run.row.room_type_ref}
        add(entry, "StatusApplicationControl", **_dates(run.first_on, run.last_on), **place)
        rate = add(add(entry, "Rates"), "Rate", UnitMultiplier=1, RateTimeUnit="Day")
        rate.set("CurrencyCode", run.row.prices[0].currency)
        amounts = add(rate, "BaseByGuestAmts")
        for price in run.row.prices:
            _base_amount(amounts, price, style)
        positions.append(places)
    return Composed(root, tuple(positions))


class _Entries:
    """The entries of an OTA_HotelAvailNotifRQ being written."""

    def __init__(self, head: Head, hotel: Hotel, style: AvailStyle) -> None:
        self._style = style
        self._root = document("OTA_HotelAvailNotifRQ", head)
        self._held = add(self._root, "AvailStatusMessages", **hotel_attributes(hotel))
        self._positions: list[tuple[int, ...]] = []

    def entry(self, run: Run, **attributes: object) -> Element:
        self._positions.append(run.positions)
        locator = len(self._positions) if self._style.locates else None
        entry = add(self._held, "AvailStatusMessage", **attributes, LocatorID=locator)
        place = {
            "RatePlanCode": getattr(run.row, "rate_plan_ref", None),
            self._style.room_attribute: run.row.room_type_ref,
        }
        add(entry, "StatusApplicationControl", **_dates(run.first_on, run.last_on), **place)
        return entry

    def composed(self) -> Composed:
        return Composed(self._root, tuple(self._positions))


class _DatePrices(NamedTuple):
    """All prices of a room type and rate plan on a date."""

    stay_on: date
    room_type_ref: str
    rate_plan_ref: str
    prices: tuple[Any, ...]


def price_runs(rows: Sequence[Price]) -> Iterator[tuple[Run, tuple[int, ...]]]:
    """Gather the occupancies of each date, then join dates that say the same; with the places of the rows they hold.

    A run's `row` has `room_type_ref`, `rate_plan_ref` and `prices`.
    """
    gathered: dict[tuple[str, str, date], list[int]] = {}
    for position, row in enumerate(rows):
        gathered.setdefault((row.room_type_ref, row.rate_plan_ref, row.stay_on), []).append(position)
    dates, places = [], []
    for (room, plan, stay_on), held in gathered.items():
        prices = tuple(rows[position]._replace(stay_on=date.min) for position in held)
        dates.append(_DatePrices(stay_on, room, plan, prices))
        places.append(held)
    for run in runs(dates):
        yield run, tuple(position for each in run.positions for position in places[each])


def _base_amount(parent: Element, price: Price, style: RateStyle) -> None:
    stated = {True: AFTER_TAX, False: BEFORE_TAX, None: style.unstated_tax}[price.is_tax_included]
    people = {"NumberOfGuests": price.occupancy_count, "AgeQualifyingCode": ADULT} if price.occupancy_count else {}
    add(parent, "BaseByGuestAmt", **{style.always or stated: amount(price.price_minor, price.currency)}, **people)


def _doors(row: Restriction) -> Iterator[tuple[str, bool]]:
    """Yield which doors are told, and whether they are closed; closed ones first."""
    doors = (
        ("Master", row.is_stop_sell),
        ("Arrival", row.is_closed_to_arrival),
        ("Departure", row.is_closed_to_departure),
    )
    told = [(name, is_closed) for name, is_closed in doors if is_closed is not None]
    yield from sorted(told, key=lambda door: not door[1])


def _lengths(row: Restriction, style: AvailStyle) -> Iterator[tuple[str, int]]:
    told = (
        (style.min_stay_arrival, row.min_stay_arrival_count),
        (style.min_stay_through, row.min_stay_through_count),
        (style.max_stay, row.max_stay_count),
    )
    for word, nights in told:
        if nights is not None:
            yield word, nights


def _length(parent: Element, word: str, nights: int) -> None:
    if nights < 1 and word.startswith("Set"):
        add(parent, "LengthOfStay", MinMaxMessageType="Remove" + word.removeprefix("Set"))
    else:
        add(parent, "LengthOfStay", Time=nights, TimeUnit="Day", MinMaxMessageType=word)


def _offsets(row: Restriction) -> Mapping[str, str]:
    told = {
        "MinAdvancedBookingOffset": row.min_advance_day_count,
        "MaxAdvancedBookingOffset": row.max_advance_day_count,
    }
    return {name: f"P{days}D" for name, days in told.items() if days is not None}


def _dates(first_on: date, last_on: date) -> dict[str, object]:
    return {"Start": first_on, "End": last_on}

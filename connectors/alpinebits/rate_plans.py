"""Prices and restrictions as OTA_HotelRatePlanNotifRQ: overlays of single dates, one RatePlan for each plan."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from connectors.alpinebits.handshake import HEAD
from connectors.batches import Run, runs
from connectors.protocols.opentravel.compose_ari import Composed, price_runs
from connectors.protocols.opentravel.compose_xml import Element, Hotel, add, amount, document, hotel_attributes
from connectors.pushes import Price, RefusedCell, Restriction

OVERLAY: Final = "Overlay"
ADULT: Final = "10"
_DAYS: Final = ("Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun")
_CLOSED: Final = {True: "Close", False: "Open"}


class Sorted(NamedTuple):
    """What can be sent, each with its place in the rows given, and what cannot and why."""

    places: tuple[int, ...]
    refused: tuple[RefusedCell, ...]


def sendable_prices(rows: Sequence[Price], usual_occupancy: int) -> Sorted:
    """Sort prices: AlpineBits tells them after tax, above zero and for a number of guests."""

    def wrong(row: Price) -> str | None:
        if row.is_tax_included is False:
            return "price_before_tax"
        if row.price_minor <= 0:
            return "price_not_above_zero"
        return None if row.occupancy_count or usual_occupancy else "occupancy_missing"

    return _sorted([wrong(row) for row in rows])


def sendable_restrictions(rows: Sequence[Restriction]) -> Sorted:
    """Sort restrictions: AlpineBits hangs them on rate plans, and knows no days of advance outside of offers."""

    def wrong(row: Restriction) -> str | None:
        if not row.rate_plan_ref:
            return "rate_plan_missing"
        has_advance = row.min_advance_day_count is not None or row.max_advance_day_count is not None
        return "advance_days_not_known" if has_advance else None

    return _sorted([wrong(row) for row in rows])


def prices(hotel: Hotel, rows: Sequence[Price], usual_occupancy: int) -> Composed:
    """Write prices of dates; a price per room counts for the usual number of guests."""
    root, plans = _RatePlans(hotel), []
    told = [row._replace(occupancy_count=row.occupancy_count or usual_occupancy) for row in rows]
    for run, places in price_runs(told):
        currency = run.row.prices[0].currency
        held = root.part(run.row.rate_plan_ref, "Rates", CurrencyCode=currency)
        rate = add(held, "Rate", InvTypeCode=run.row.room_type_ref, Start=run.first_on, End=run.last_on)
        amounts = add(rate, "BaseByGuestAmts")
        for price in sorted(run.row.prices, key=lambda each: each.occupancy_count):
            add(
                amounts,
                "BaseByGuestAmt",
                NumberOfGuests=price.occupancy_count,
                AgeQualifyingCode=ADULT,
                AmountAfterTax=amount(price.price_minor, price.currency),
            )
        plans.append(places)
    return Composed(root.element, tuple(plans))


def restrictions(hotel: Hotel, rows: Sequence[Restriction]) -> Composed:
    """Write restrictions of dates; what an overlay tells of a date replaces the rule of that date as a whole."""
    root, places = _RatePlans(hotel), []
    for run in runs(rows):
        _rule(root.part(run.row.rate_plan_ref, "BookingRules"), run)
        places.append(run.positions)
    return Composed(root.element, tuple(places))


class _RatePlans:
    """An OTA_HotelRatePlanNotifRQ being written."""

    def __init__(self, hotel: Hotel) -> None:
        self.element = document("OTA_HotelRatePlanNotifRQ", HEAD)
        self._held = add(self.element, "RatePlans", **hotel_attributes(hotel))
        self._parts: dict[tuple[str, str, str], Element] = {}

    def part(self, plan_ref: str, name: str, **attributes: str) -> Element:
        """Give the part of a plan's overlay, begun where there is none yet."""
        key = plan_ref, name, attributes.get("CurrencyCode", "")
        if key not in self._parts:
            plan = add(self._held, "RatePlan", RatePlanNotifType=OVERLAY, **attributes, RatePlanCode=plan_ref)
            self._parts[key] = add(plan, name)
        return self._parts[key]


def _rule(held: Element, run: Run) -> None:
    row: Restriction = run.row
    room: Mapping[str, str] = {"CodeContext": "ROOMTYPE", "Code": row.room_type_ref} if row.room_type_ref else {}
    rule = add(held, "BookingRule", **room, Start=run.first_on, End=run.last_on)
    lengths = {
        "SetMinLOS": row.min_stay_arrival_count,
        "SetForwardMinStay": row.min_stay_through_count,
        "SetMaxLOS": row.max_stay_count,
    }
    if any(nights is not None for nights in lengths.values()):
        told = add(rule, "LengthsOfStay")
        for word, nights in lengths.items():
            if nights is not None:
                add(told, "LengthOfStay", Time=nights, TimeUnit="Day", MinMaxMessageType=word)
    doors = {"ArrivalDaysOfWeek": row.is_closed_to_arrival, "DepartureDaysOfWeek": row.is_closed_to_departure}
    if any(is_closed is not None for is_closed in doors.values()):
        told = add(rule, "DOW_Restrictions")
        for name, is_closed in doors.items():
            if is_closed is not None:
                add(told, name, **dict.fromkeys(_DAYS, not is_closed))
    if row.is_stop_sell is not None:
        add(rule, "RestrictionStatus", Restriction="Master", Status=_CLOSED[row.is_stop_sell])


def _sorted(codes: Sequence[str | None]) -> Sorted:
    return Sorted(
        tuple(place for place, code in enumerate(codes) if code is None),
        tuple(RefusedCell(place, code) for place, code in enumerate(codes) if code is not None),
    )

"""OpenTravel messages about what may be sold, read entry by entry into a desk; whose rules hold is the vendor's affair."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from sandbox.channels.desk import Desk, Json
from sandbox.channels.xml_answers import Element, below, first

_DAY: Final = timedelta(days=1)
_DOORS: Final = {
    None: "stop_sell",
    "Master": "stop_sell",
    "Arrival": "closed_to_arrival",
    "Departure": "closed_to_departure",
}
_CLOSED: Final = {"Close": True, "Open": False}


class Entry(NamedTuple):
    """One AvailStatusMessage or RateAmountMessage: whose rooms, under which rate plan, on which dates."""

    element: Element
    room_type: str
    rate_plan: str
    dates: tuple[date, ...]


def entries(message: Element) -> Iterator[Entry]:
    """Yield the entries of an OTA_HotelAvailNotifRQ or OTA_HotelRateAmountNotifRQ; raises ValueError for odd dates."""
    for holder in (*below(message, "AvailStatusMessages"), *below(message, "RateAmountMessages")):
        for element in holder:
            control = first(element, "StatusApplicationControl")
            if control is None:
                msg = "an entry needs a StatusApplicationControl"
                raise ValueError(msg)
            start, end = date.fromisoformat(control.get("Start", "")), date.fromisoformat(control.get("End", ""))
            dates = tuple(start + n * _DAY for n in range((end - start).days + 1))
            yield Entry(element, control.get("InvTypeCode", ""), control.get("RatePlanCode", ""), dates)


def limits(entry: Entry) -> Json:
    """Give the restrictions of an entry: doors as truths, lengths of stay by their words, offsets as written."""
    told: Json = {}
    for status in below(entry.element, "RestrictionStatus"):
        if status.get("Status"):
            told[_DOORS[status.get("Restriction")]] = _CLOSED[status.get("Status")]
        told |= {name: value for name, value in status.attrib.items() if name.endswith("Offset")}
    for length in below(entry.element, "LengthsOfStay", "LengthOfStay"):
        told[length.get("MinMaxMessageType")] = int(length.get("Time", "0"))
    return told


def take(desk: Desk, entry: Entry) -> dict[str, int]:
    """Apply an entry to the desk; gives how many cells of each kind it had."""
    count, told = entry.element.get("BookingLimit"), limits(entry)
    prices = [
        (amount, rate) for rate in below(entry.element, "Rates", "Rate") for amount in rate.iter("{*}BaseByGuestAmt")
    ]
    for stay_on in entry.dates:
        if count is not None:
            desk.take_count(entry.room_type, stay_on, int(count))
        if told:
            desk.take_restriction(entry.room_type, entry.rate_plan, stay_on, told)
        for amount, rate in prices:
            people = amount.get("NumberOfGuests")
            plan = f"{entry.rate_plan}:{people}" if people else entry.rate_plan
            written = amount.get("AmountAfterTax") or amount.get("AmountBeforeTax") or ""
            desk.take_price(
                entry.room_type, plan, stay_on, written, amount.get("CurrencyCode") or rate.get("CurrencyCode") or ""
            )
    days = len(entry.dates)
    return {"availability": days * (count is not None), "restrictions": days * bool(told), "rates": days * len(prices)}


def note(desk: Desk, taken: Iterator[dict[str, int]]) -> None:
    """Note in the desk what one message held, each kind once."""
    totals: dict[str, int] = {}
    for each in taken:
        for kind, count in each.items():
            totals[kind] = totals.get(kind, 0) + count
    for kind, count in totals.items():
        if count:
            desk.note(kind, count)

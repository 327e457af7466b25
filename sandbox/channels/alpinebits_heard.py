"""What an AlpineBits server reads of ours: counts by category, overlays of rate plans; and what of it breaks the profile."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from sandbox.channels.desk import Desk, Json
from sandbox.channels.xml_answers import Element, below, first, name_of

AVAILABLE: Final = "2"
USUAL_GUESTS: Final = "2"
_LENGTHS: Final = ("SetMinLOS", "SetForwardMinStay", "SetMaxLOS", "SetForwardMaxStay")


def take_counts(desk: Desk, message: Element) -> str | None:
    """Take counts; gives what is wrong with the message, None where it is taken."""
    is_old = name_of(message) == "OTA_HotelAvailNotifRQ"
    path = ("AvailStatusMessages", "AvailStatusMessage") if is_old else ("Inventories", "Inventory")
    entries = list(below(message, *path))
    if not entries:
        return "the message holds no entry"
    told = [_count(each, is_old=is_old) for each in entries]
    if any(each is None for each in told):
        return "an entry lacks a room category, dates or a count"
    return _take_cells(desk, message, [cell for each in told if each for cell in each])


def _take_cells(desk: Desk, message: Element, cells: list[tuple[str, date, int]]) -> str | None:
    if len({cell[:2] for cell in cells}) != len(cells):
        return "two entries speak of the same date"
    unique_id = first(message, "UniqueID")
    if unique_id is not None:
        if unique_id.get("Instance") != "CompleteSet":
            desk.problems.append("a UniqueID that marks no complete set")
        desk.counts.clear()
    for room, day, count in cells:
        desk.take_count(room, day, count)
    desk.note("availability", len(cells))
    return None


def take_rate_plans(desk: Desk, message: Element) -> str | None:
    """Take overlays of rate plans; gives what is wrong with the message, None where it is taken."""
    plans = list(below(message, "RatePlans", "RatePlan"))
    if not plans or any(plan.get("RatePlanNotifType") != "Overlay" or not plan.get("RatePlanCode") for plan in plans):
        return "only overlays of named rate plans are taken"
    rates = [(plan, rate) for plan in plans for rate in below(plan, "Rates", "Rate")]
    rules = [(plan, rule) for plan in plans for rule in below(plan, "BookingRules", "BookingRule")]
    if any(not rate.get("InvTypeCode") or not _amounts(rate) for _, rate in rates):
        return "a rate lacks its room category, its guests or its amounts"
    _each(desk, "rates", rates, _take_rate)
    _each(desk, "restrictions", rules, _take_rule)
    return None


def _each(
    desk: Desk, kind: str, told: list[tuple[Element, Element]], take: Callable[[Desk, Element, Element, date], None]
) -> None:
    cells = [(plan, entry, day) for plan, entry in told for day in _days(entry)]
    for plan, entry, day in cells:
        take(desk, plan, entry, day)
    if cells:
        desk.note(kind, len(cells))


def _take_rate(desk: Desk, plan: Element, rate: Element, day: date) -> None:
    for guests, amount in _amounts(rate):
        room = rate.get("InvTypeCode") if guests == USUAL_GUESTS else f"{rate.get('InvTypeCode')}/{guests}"
        desk.take_price(room, plan.get("RatePlanCode"), day, amount, plan.get("CurrencyCode"))


def _take_rule(desk: Desk, plan: Element, rule: Element, day: date) -> None:
    told: Json = {}
    for length in below(rule, "LengthsOfStay", "LengthOfStay"):
        if length.get("MinMaxMessageType") not in _LENGTHS or length.get("TimeUnit") != "Day":
            desk.problems.append("a length of stay of an unknown kind")
        told[length.get("MinMaxMessageType")] = int(length.get("Time"))
    for name in ("ArrivalDaysOfWeek", "DepartureDaysOfWeek"):
        door = first(rule, "DOW_Restrictions", name)
        if door is not None:
            told[name] = door.get(("Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun")[day.weekday()])
    status = first(rule, "RestrictionStatus")
    if status is not None:
        told["Master"] = status.get("Status")
    desk.take_restriction(rule.get("Code") or "", plan.get("RatePlanCode"), day, told)


def _count(entry: Element, *, is_old: bool) -> list[tuple[str, date, int]] | None:
    control = first(entry, "StatusApplicationControl")
    count = entry.get("BookingLimit") if is_old else _available(entry)
    if control is None or count is None or not control.get("InvTypeCode"):
        return None
    return [(control.get("InvTypeCode"), day, int(count)) for day in _days(control)]


def _available(entry: Element) -> str | None:
    counts = {each.get("CountType"): each.get("Count") for each in below(entry, "InvCounts", "InvCount")}
    return counts.get(AVAILABLE) if set(counts) <= {AVAILABLE, "6", "9"} else None


def _amounts(rate: Element) -> list[tuple[str, str]]:
    amounts = list(below(rate, "BaseByGuestAmts", "BaseByGuestAmt"))
    told = [(each.get("NumberOfGuests"), each.get("AmountAfterTax")) for each in amounts]
    is_whole = all(guests and amount and float(amount) > 0 for guests, amount in told)
    return told if is_whole else []


def _days(entry: Element) -> Iterator[date]:
    start, end = date.fromisoformat(entry.get("Start")), date.fromisoformat(entry.get("End"))
    for n in range((end - start).days + 1):
        yield start + timedelta(days=n)

"""Counts, restrictions and prices that a partner tells us, as rows of dates: always the state, a change to it is refused."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.messages import kind_of
from connectors.protocols.opentravel.places import elements, first_told
from connectors.protocols.opentravel.restrictions import restrictions_of
from connectors.protocols.opentravel.values import amount, count, day, flag
from connectors.protocols.opentravel.words import ADULT, AGE_CODES
from connectors.protocols.safe_xml import child, descendants, local, told
from connectors.protocols.soap import unwrap
from connectors.pushes import Availability, Price, Restriction
from connectors.reading import RefuseError, decimals_of, minor
from hotel.incoming import Reason, shape_of

Element = Any  # lxml has no types of its own

MOST_DATES: Final = 1500
_DAY: Final = timedelta(days=1)
_WEEK: Final = ("Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun")
_ENTRIES: Final = {
    "AvailStatusMessage": "AvailStatusMessages",
    "Inventory": "Inventories",
    "RateAmountMessage": "RateAmountMessages",
}
_AVAILABLE: Final = "2"
_PHYSICAL: Final = "1"
_COMPLETE: Final = "CompleteSet"


class Problem(NamedTuple):
    """What an entry of the message says and no row of ours holds: its place from 0, and why."""

    position: int
    reason: Reason


class Told(NamedTuple):
    """What a message tells us to sell by. `is_complete`: what it does not name is not for sale any more."""

    kind: str
    hotel_ref: str | None
    is_complete: bool = False
    counts: tuple[Availability, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    prices: tuple[Price, ...] = ()
    problems: tuple[Problem, ...] = ()


def ari(body: bytes, *, currency: str | None = None) -> Told:
    """Read OTA_HotelAvailNotifRQ, OTA_HotelInvCountNotifRQ or OTA_HotelRateAmountNotifRQ; `currency` of prices that name none.

    The codes are the sender's. Raises VendorChangedShape for another message.
    """
    root = unwrap(body).payload
    holder = next((each for name in _ENTRIES.values() for each in descendants(root, name)), None)
    if holder is None:
        msg = "the body is no message of counts, restrictions or prices"
        raise VendorChangedShape(msg)
    counts: list[tuple[Availability, str | None]] = []
    restrictions: list[Restriction] = []
    prices: list[Price] = []
    problems: list[Problem] = []
    entries = [each for each in holder if local(each) in _ENTRIES]
    for position, entry in enumerate(entries):
        try:
            counts += _counts(entry)
            restrictions += _restrictions(entry)
            prices += _prices(entry, currency)
        except RefuseError as refusal:
            problems.append(Problem(position, refusal.reason))
            continue
        problems += [Problem(position, reason) for reason in _left_out(entry)]
    is_complete = _COMPLETE in {told(each, "Instance") for each in elements("UniqueID", root)}
    hotel_ref = first_told(("@HotelCode",), holder, root)
    return Told(
        kind_of(root), hotel_ref, is_complete, _added_up(counts), tuple(restrictions), tuple(prices), tuple(problems)
    )


def dates_of(control: Element | None, *others: Element) -> list[date]:
    """List the dates an entry is for: both ends are meant, and only the days of the week it names, if it names any."""
    first_on = next((found for each in (*others, control) if (found := day(told(each, "Start"), "Start"))), None)
    last_on = next((found for each in (*others, control) if (found := day(told(each, "End"), "End"))), None)
    if first_on is None or last_on is None:
        code = "dates_missing"
        raise RefuseError(code, "StatusApplicationControl@Start")
    if not first_on <= last_on < first_on + MOST_DATES * _DAY:
        code = "dates_unreadable"
        raise RefuseError(code, "StatusApplicationControl@End", last_on)
    weekdays = _weekdays(control, *others)
    days = (first_on + n * _DAY for n in range((last_on - first_on).days + 1))
    return [each for each in days if each.weekday() in weekdays]


def _weekdays(*controls: Element | None) -> set[int]:
    for each in controls:
        flags = {n: flag(told(each, name)) for n, name in enumerate(_WEEK)}
        if any(value is not None for value in flags.values()):
            # Named days alone are meant; where some are only taken away, the others stay.
            return {n for n, value in flags.items() if value} or {n for n, value in flags.items() if value is None}
    return set(range(len(_WEEK)))


def _left_out(entry: Element) -> Iterator[Reason]:
    """Yield what an entry says beside what became of it."""
    if next(elements("Rates/Rate/AdditionalGuestAmounts/AdditionalGuestAmount", entry), None) is not None:
        yield Reason("additional_guest_amounts", "AdditionalGuestAmount")
    kinds = {told(each, "CountType") or _AVAILABLE for each in elements("InvCounts/InvCount", entry)}
    for kind in sorted(kinds - {_AVAILABLE, _PHYSICAL}):
        yield Reason("count_type_unknown", "InvCount@CountType", shape_of(kind))
    if told(entry, "BookingLimit") and told(child(entry, "StatusApplicationControl"), "RatePlanCode"):
        yield Reason("count_of_rate_plan", "BookingLimit")
    if local(entry) == "Inventory" and _AVAILABLE not in kinds:
        yield Reason("count_missing", "InvCount")


def _counts(entry: Element) -> Iterator[tuple[Availability, str | None]]:
    """Yield the counts of an entry, each with the single room it is about, where it is about one."""
    available, physical = _available(entry), None
    if local(entry) == "Inventory":
        available, physical = _inventory(entry, _AVAILABLE), _inventory(entry, _PHYSICAL)
    if available is None:
        return
    control = child(entry, "StatusApplicationControl")
    room_type, room = _room(control)
    for stay_on in dates_of(control):
        yield Availability(stay_on, room_type, available, physical), room


def _available(entry: Element) -> int | None:
    """Read how many may be sold: the limit, less those that are to be kept back."""
    limit = count(told(entry, "BookingLimit"), "BookingLimit")
    if limit is None or local(entry) != "AvailStatusMessage":
        return None
    kind = told(entry, "BookingLimitMessageType") or "SetLimit"
    if kind != "SetLimit":
        code = "not_a_state"
        raise RefuseError(code, "BookingLimitMessageType", kind)
    kept_back = count(told(entry, "BookingThreshold"), "BookingThreshold") or 0
    return max(0, limit - kept_back)


def _inventory(entry: Element, kind: str) -> int | None:
    for each in elements("InvCounts/InvCount", entry):
        if told(each, "ActionType") == "Adjustment":
            code = "not_a_state"
            raise RefuseError(code, "InvCount@ActionType", "Adjustment")
        if (told(each, "CountType") or _AVAILABLE) == kind:
            return count(told(each, "Count"), "InvCount@Count")
    return None


def _room(control: Element | None) -> tuple[str, str | None]:
    """Give the room type, and the single room where both are named; one code alone is the room type's."""
    room_type, room = told(control, "InvTypeCode"), told(control, "InvCode")
    code = room_type or room
    if code is None:
        reason = "room_type_missing"
        raise RefuseError(reason, "StatusApplicationControl@InvTypeCode")
    return code, room if room_type else None


def _added_up(counts: list[tuple[Availability, str | None]]) -> tuple[Availability, ...]:
    """Add up single rooms of a type and date; of what is told twice the later counts."""
    rooms: dict[tuple[str, date], dict[str | None, Availability]] = {}
    for row, room in counts:
        rooms.setdefault((row.room_type_ref, row.stay_on), {})[room] = row
    return tuple(
        next(iter(found.values()))._replace(available_count=sum(row.available_count for row in found.values()))
        for found in rooms.values()
    )


def _restrictions(entry: Element) -> Iterator[Restriction]:
    if local(entry) != "AvailStatusMessage":
        return
    control = child(entry, "StatusApplicationControl")
    said = restrictions_of(entry)
    if not said:
        return
    room_type, _ = _room(control)
    plan = told(control, "RatePlanCode") or ""
    for stay_on in dates_of(control):
        yield Restriction(stay_on, room_type, plan, **said)


def _prices(entry: Element, currency: str | None) -> Iterator[Price]:
    if local(entry) != "RateAmountMessage":
        return
    control = child(entry, "StatusApplicationControl")
    room_type, _ = _room(control)
    plan = told(control, "RatePlanCode")
    if plan is None:
        code = "rate_plan_missing"
        raise RefuseError(code, "StatusApplicationControl@RatePlanCode")
    rates = list(elements("Rates/Rate", entry))
    found = [(rate, each) for rate in rates for each in elements("BaseByGuestAmts/BaseByGuestAmt", rate)]
    if not found:
        code = "price_missing"
        raise RefuseError(code, "BaseByGuestAmt")
    for rate, each in found:
        for stay_on in dates_of(control, rate):
            yield _price(each, rate, currency, (stay_on, room_type, plan))


def _price(each: Element, rate: Element, currency: str | None, place: tuple[date, str, str]) -> Price:
    named = told(each, "CurrencyCode") or told(rate, "CurrencyCode") or currency
    decimals = decimals_of(named)
    names = {"AmountAfterTax": True, "AmountBeforeTax": False, "Amount": None}
    said = next((name for name in names if told(each, name)), None)
    if said is None:
        code = "price_missing"
        raise RefuseError(code, "BaseByGuestAmt")
    value = minor(amount(told(each, said), f"BaseByGuestAmt@{said}"), decimals, f"BaseByGuestAmt@{said}")
    kind = told(each, "AgeQualifyingCode")
    if kind is not None and AGE_CODES.get(kind) != ADULT:
        code = "price_of_children"
        raise RefuseError(code, "BaseByGuestAmt@AgeQualifyingCode", kind)
    people = count(told(each, "NumberOfGuests"), "BaseByGuestAmt@NumberOfGuests") or 0
    return Price(*place, value or 0, str(named), people, names[said])

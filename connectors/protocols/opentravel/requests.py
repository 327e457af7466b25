"""What partners ask and confirm: which bookings to read, which messages are stored, what is free and at which price."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.dialect import STANDARD, Dialect
from connectors.protocols.opentravel.lanes import code_of
from connectors.protocols.opentravel.messages import message_of
from connectors.protocols.opentravel.money import AMOUNTS, Price, Terms, currency_of, price
from connectors.protocols.opentravel.outcomes import Complaint, outcome_of
from connectors.protocols.opentravel.places import elements, first_told
from connectors.protocols.opentravel.stays import Stay, stay_of
from connectors.protocols.opentravel.values import count, day
from connectors.protocols.safe_xml import child, descendants, told
from connectors.protocols.soap import unwrap
from connectors.reading import RefuseError

Element = Any  # lxml has no types of its own

_READ_REQUESTS: Final = ("HotelReadRequest", "ReadRequest")


class Asked(NamedTuple):
    """One question of an OTA_ReadRQ: by number, or by hotel, delivery, status and dates (texts as told)."""

    hotel_ref: str | None = None
    ref: str | None = None
    delivery: str | None = None
    status: str | None = None
    dates: str | None = None
    start: str | None = None
    end: str | None = None


class Reported(NamedTuple):
    """One booking of an OTA_NotifReportRQ: its number, the message's, and the number the sender knows it by."""

    ref: str | None
    message_id: str | None
    our_ref: str | None


class Report(NamedTuple):
    """What a notification report says: which messages are stored; errors: why others are not."""

    is_success: bool
    stored: tuple[Reported, ...] = ()
    errors: tuple[Complaint, ...] = ()
    warnings: tuple[Complaint, ...] = ()


class Search(NamedTuple):
    """What an OTA_HotelAvailRQ wants to know: a hotel, dates, so many rooms; counts of guests as told."""

    hotel_ref: str | None
    stay: Stay | None
    room_count: int = 1
    room_type_ref: str | None = None
    rate_plan_ref: str | None = None


class Offered(NamedTuple):
    """One room type at one rate plan of an OTA_HotelAvailRS; None: not told."""

    hotel_ref: str | None
    room_type_ref: str | None
    rate_plan_ref: str | None
    available_count: int | None = None
    price: Price | None = None
    stay: Stay | None = None
    room_name: str | None = None
    rate_name: str | None = None


def asked(body: bytes) -> tuple[Asked, ...]:
    """Read the questions of an OTA_ReadRQ; raises VendorChangedShape where it asks nothing."""
    root = unwrap(body).payload
    found = [_asked(each, root) for name in _READ_REQUESTS for each in descendants(root, name)]
    own = first_told(("UniqueID",), root)
    if own:
        found.append(Asked(ref=own))
    if not found:
        msg = "the body asks for no booking"
        raise VendorChangedShape(msg)
    return tuple(found)


def reported(body: bytes, dialect: Dialect = STANDARD) -> Report:
    """Read an OTA_NotifReportRQ, or any response that names the bookings it took."""
    root = unwrap(body).payload
    answer = outcome_of(root)
    holders = list(descendants(root, "HotelNotifReport")) or [root]
    items = [item for holder in holders for item in message_of(holder).items if item is not root]
    stored = tuple(
        Reported(
            first_told(dialect.reservation_refs, item),
            first_told(dialect.message_ids, item),
            first_told(dialect.pms_refs, item),
        )
        for item in items
    )
    return Report(answer.is_success, stored, answer.errors, answer.warnings)


def search(body: bytes) -> Search:
    """Read an OTA_HotelAvailRQ, also one without segments, criteria or a namespace."""
    root = unwrap(body).payload
    holder = next(descendants(root, "AvailRequestSegment"), root)
    hotel = next(descendants(holder, "HotelRef"), None)
    candidate = next(descendants(holder, "RoomStayCandidate"), None)
    plan = next(descendants(holder, "RatePlanCandidate"), None)
    return Search(
        told(hotel, "HotelCode"),
        _dates(holder) or _dates(candidate),
        count(told(candidate, "Quantity"), "RoomStayCandidate@Quantity") or 1,
        told(candidate, "RoomTypeCode"),
        told(plan, "RatePlanCode"),
    )


def offered(body: bytes, *, currency: str | None = None, dialect: Dialect = STANDARD) -> tuple[Offered, ...]:
    """Read what an OTA_HotelAvailRS offers, a row for each room type and rate plan of a RoomStay.

    `currency` is that of amounts that name none; without one they are refused (RefuseError `currency_unknown`).
    """
    root = unwrap(body).payload
    return tuple(row for room_stay in descendants(root, "RoomStay") for row in _offers(room_stay, currency, dialect))


def _asked(each: Element, root: Element) -> Asked:
    criteria = child(each, "SelectionCriteria")
    return Asked(
        told(each, "HotelCode") or told(root, "HotelCode"),
        first_told(("UniqueID",), each),
        told(criteria, "SelectionType"),
        told(criteria, "ResStatus"),
        told(criteria, "DateType"),
        told(criteria, "Start"),
        told(criteria, "End"),
    )


def _dates(holder: Element | None) -> Stay | None:
    """Read dates of a stay, whatever they are called."""
    for name in ("StayDateRange", "DateRange"):
        span = next(descendants(holder, name), None) if holder is not None else None
        first_on, last_on = day(told(span, "Start"), f"{name}@Start"), day(told(span, "End"), f"{name}@End")
        if first_on and last_on:
            return Stay(first_on, last_on)
    return None


def _offers(room_stay: Element, currency: str | None, dialect: Dialect) -> Iterator[Offered]:
    hotel_ref = first_told(("BasicPropertyInfo@HotelCode",), room_stay)
    stay = stay_of(room_stay)
    types = {code_of(dialect.room_types, each): each for each in elements("RoomTypes/RoomType", room_stay)}
    plans = {code_of(dialect.rate_plans, each): each for each in elements("RatePlans/RatePlan", room_stay)}
    room_rates = list(elements("RoomRates/RoomRate", room_stay))
    pairs = [(code_of(dialect.room_types, each), code_of(dialect.rate_plans, each), each) for each in room_rates]
    pairs = pairs or [(room, plan, None) for room in types or {None: None} for plan in plans or {None: None}]
    for room, plan, room_rate in pairs:
        room_code, plan_code = room or _only(types), plan or _only(plans)
        room_type, rate_plan = types.get(room_code), plans.get(plan_code)
        units = told(room_rate, "NumberOfUnits") or told(room_type, "NumberOfUnits")
        yield Offered(
            hotel_ref,
            room_code,
            plan_code,
            count(units, "NumberOfUnits"),
            _price((room_rate, room_stay, rate_plan), currency, dialect),
            stay,
            first_told(("RoomDescription@Name", "RoomDescription/Text"), room_type),
            first_told(("@RatePlanName", "RatePlanDescription@Name", "RatePlanDescription/Text"), rate_plan),
        )


def _only(found: dict[str | None, Element]) -> str | None:
    known = [code for code in found if code]
    return known[0] if len(known) == 1 else None


def _price(holders: tuple[Element | None, ...], currency: str | None, dialect: Dialect) -> Price | None:
    """Give the first price told: of the rate for a night, else of the whole, else of the plan itself."""
    room_rate, room_stay, rate_plan = holders
    candidates = [
        *elements("Rates/Rate/Base", room_rate),
        *elements("Rates/Rate/Total", room_rate),
        *elements("Total", room_rate),
        *elements("Total", room_stay),
        *([rate_plan] if rate_plan is not None else []),
    ]
    for each in candidates:
        named = currency_of(each) or currency
        if not any(told(each, name) for name in AMOUNTS):
            continue
        if named is None:
            code = "currency_unknown"
            raise RefuseError(code, "CurrencyCode")
        terms = Terms(named, dialect.is_tax_included, dialect.decimal_places == "scales")
        return price(each, terms, "RoomStay")
    return None

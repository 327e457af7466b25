"""One room of a booking as a RoomStay: its codes, its nights with their prices, its people."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final, NamedTuple

from connectors.protocols.opentravel.compose_money import add_amount
from connectors.protocols.opentravel.compose_xml import Element, Hotel, add, hotel_attributes, is_listed
from hotel.reservations import Night, Reservation, Room
from hotel.status import UNMAPPED_CODE

ADULT: Final = "10"
CHILD: Final = "8"
INFANT: Final = "7"
_DAY: Final = timedelta(days=1)


class Ties(NamedTuple):
    """What binds a room to the rest of its booking: the hotel, the numbers of its guest and of its services.

    `status` only where it is not the booking's.
    """

    hotel: Hotel
    status: str | None = None
    guest_number: str | None = None
    service_numbers: tuple[int, ...] = ()


def add_room(parent: Element, room: Room, booking: Reservation, ties: Ties) -> None:
    """Append one RoomStay with all that the standard, and then our extensions, can hold."""
    stay = add(
        parent,
        "RoomStay",
        MarketCode=booking.market_segment_code,
        SourceOfBusiness=booking.origin_code,
        PromotionCode=room.promotion_code,
        RoomStayStatus=ties.status,
        IndexNumber=room.room_ref if _is_index(room.room_ref) else None,
    )
    _add_codes(stay, room)
    add_counts(stay, room.adult_count, room.child_count, room.infant_count, room.child_ages, is_per_room=True)
    if room.arrival_on or room.departure_on:
        add(stay, "TimeSpan", Start=room.arrival_on, End=room.departure_on)
    if room.total_minor is not None and room.currency:
        add_amount(
            stay,
            "Total",
            room.total_minor,
            room.currency,
            is_tax_included=room.is_tax_included,
            tax_minor=room.tax_minor,
        )
    add(stay, "BasicPropertyInfo", **hotel_attributes(ties.hotel))
    if ties.guest_number:
        add(stay, "ResGuestRPHs", ties.guest_number)
    if ties.service_numbers:
        services = add(stay, "ServiceRPHs")
        for number in ties.service_numbers:
            add(services, "ServiceRPH", RPH=number)


def add_counts(
    parent: Element,
    adults: int | None,
    children: int | None,
    infants: int | None,
    ages: Sequence[int] | None = None,
    *,
    is_per_room: bool | None = None,
) -> None:
    """Append GuestCounts: adults, children one by one where their ages are known, infants; nobody told is nothing said."""
    told: list[tuple[str, int | None, int | None]] = [(ADULT, None, adults)]
    told += [(CHILD, age, 1) for age in ages or ()]
    told += [(CHILD, None, (children or 0) - len(ages or ())), (INFANT, None, infants)]
    counted = [(code, age, count) for code, age, count in told if count and count > 0]
    if not counted:
        return
    held = add(parent, "GuestCounts", IsPerRoom=is_per_room)
    for code, age, count in counted:
        add(held, "GuestCount", AgeQualifyingCode=code, Age=age, Count=count)


def _add_codes(stay: Element, room: Room) -> None:
    room_code, rate_code = (
        room.raw_room_code or _known(room.room_type_code),
        room.raw_rate_code or _known(room.rate_plan_code),
    )
    add(add(stay, "RoomTypes"), "RoomType", NumberOfUnits=1, RoomTypeCode=room_code)
    if rate_code or is_listed(room.meal_plan_code):
        plan = add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=rate_code)
        if is_listed(room.meal_plan_code):
            add(plan, "MealsIncluded", MealPlanCodes=room.meal_plan_code)
    if room.nights:
        _add_nights(add(stay, "RoomRates"), room, room_code, rate_code)


def _add_nights(parent: Element, room: Room, room_code: str | None, rate_code: str | None) -> None:
    """Append a RoomRate for nights in a row of one room type, plan and promotion, with a Rate for each night."""
    for (room_type, plan, promotion), nights in groupby(room.nights, key=_sold_as):
        told = add(
            parent,
            "RoomRate",
            RoomTypeCode=room_code if room_type == room.room_type_code else room_type,
            NumberOfUnits=1,
            RatePlanCode=rate_code if plan == room.rate_plan_code else plan,
            PromotionCode=promotion if promotion != room.promotion_code else None,
        )
        held = add(told, "Rates")
        for night in nights:
            _add_night(held, night, room)


def _add_night(parent: Element, night: Night, room: Room) -> None:
    rate = add(
        parent,
        "Rate",
        EffectiveDate=night.stay_on,
        ExpireDate=night.stay_on + _DAY,
        ExpireDateExclusiveInd=True,
        RateTimeUnit="Day",
        UnitMultiplier=1,
    )
    add_amount(
        rate,
        "Base",
        night.price_minor,
        night.currency or room.currency or "",
        is_tax_included=night.is_tax_included,
        tax_minor=night.tax_minor,
        taxes=night.taxes,
    )


def _known(code: str | None) -> str | None:
    return None if code == UNMAPPED_CODE else code


def _sold_as(night: Night) -> tuple[str, str | None, str | None]:
    return night.room_type_code, night.rate_plan_code, night.promotion_code


def _is_index(ref: str) -> bool:
    return ref.isascii() and ref.isdecimal() and ref == str(int(ref)) and 1 <= int(ref) <= 999  # noqa: PLR2004 as the schema says

"""A plan as a reservation in our language: rooms, nights, prices, taxes, and the sums that follow from them."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Final

from hotel.reservations import Night, Reservation, Room, stay_dates
from hotel.status import CANCELLED, CONFIRMED, HOLDING, WAITLISTED, use_of_night
from sandbox.world.houses import PLANS, SOURCE, House
from sandbox.world.plans import OPTION, PREFIXES, WAIT, Plan, PlannedUnit

ORIGINS: Final[Mapping[str, str]] = {
    "booking_com": "ota", "expedia": "ota", "agoda": "ota", "direct_web": "web", "phone": "phone", "walk_in": "walk_in",
    "gds": "gds", "corporate": "web",
}  # fmt: skip
# A day-use room costs so much of its price for the night.
DAY_USE_PERCENT: Final = 60


def reservation_of(plan: Plan, house: House) -> Reservation:
    """Make the reservation a plan asks for, as it is when just booked."""
    ref = f"{house.prefix}{plan.number:06d}"
    status = WAITLISTED if plan.fate in {WAIT, OPTION} else CONFIRMED
    rooms = tuple(_room(f"{ref}-{n}", unit, plan, house, status) for n, unit in enumerate(plan.units, start=1))
    return with_sums(
        Reservation(
            source=SOURCE,
            property_id=house.place.property_id,
            source_ref=ref,
            status=status,
            arrival_on=plan.arrival_on,
            departure_on=plan.departure_on,
            currency=house.place.currency,
            total_minor=None,
            rooms=rooms,
            is_inventory_held=plan.fate != WAIT,
            booked_at=plan.booked_at.astimezone(UTC),
            booked_on=plan.booked_at.date(),
            group_ref=plan.group_ref,
            channel_code=plan.channel_code,
            market_segment_code=_segment(plan),
            origin_code=ORIGINS[plan.channel_code],
            customer_type_code="group" if plan.group_ref else "transient",
            meal_plan_code=PLANS[plan.rate_plan_code][1],
            guarantee_code="non_refundable" if plan.rate_plan_code == "NRF" else "card",
            channel_ref=plan.channel_ref,
            is_tax_included=house.place.is_price_tax_included,
            change_count=0,
            special_request_count=plan.number % 4,
        )
    )


def _segment(plan: Plan) -> str:
    if plan.use != "sold":
        return plan.use
    if plan.group_ref:
        return "group"
    return "ota" if plan.channel_code in PREFIXES else PLANS[plan.rate_plan_code][3]


def _room(ref: str, unit: PlannedUnit, plan: Plan, house: House, status: str) -> Room:
    is_day_use = plan.arrival_on == plan.departure_on
    room = Room(
        room_ref=ref,
        status=status,
        room_type_code=unit.room_type_code,
        arrival_on=plan.arrival_on,
        departure_on=plan.departure_on,
        currency=house.place.currency,
        total_minor=None,
        nights=tuple(_night(unit, plan, house, day) for day in stay_dates(plan.arrival_on, plan.departure_on)),
        assigned_room_type_code=unit.assigned_code,
        rate_plan_code=plan.rate_plan_code,
        meal_plan_code=PLANS[plan.rate_plan_code][1],
        is_day_use=is_day_use,
        is_complimentary=plan.use == "complimentary",
        is_house_use=plan.use == "house_use",
        adult_count=unit.adult_count,
        child_count=unit.child_count,
        infant_count=unit.infant_count,
        is_tax_included=house.place.is_price_tax_included,
    )
    if not is_day_use:
        return room
    price = house.price(unit.room_type_code, plan.rate_plan_code, plan.arrival_on) * DAY_USE_PERCENT // 100
    price = price // house.step * house.step
    return room._replace(total_minor=price, tax_minor=house.tax(price))


def _night(unit: PlannedUnit, plan: Plan, house: House, stay_on: date) -> Night:
    is_sold = plan.use == "sold"
    package = house.breakfast_minor * unit.adult_count if PLANS[plan.rate_plan_code][1] == "breakfast" else 0
    price = house.price(unit.room_type_code, plan.rate_plan_code, stay_on) + package if is_sold else 0
    return Night(
        stay_on=stay_on,
        use=use_of_night(
            price_minor=price, is_complimentary=plan.use == "complimentary", is_house_use=plan.use == "house_use"
        ),
        room_type_code=unit.room_type_code,
        rate_plan_code=plan.rate_plan_code,
        currency=house.place.currency,
        price_minor=price,
        is_tax_included=house.place.is_price_tax_included,
        tax_minor=house.tax(price),
        package_minor=package if is_sold and package else None,
        adult_count=unit.adult_count,
        child_count=unit.child_count,
    )


def with_sums(reservation: Reservation) -> Reservation:
    """Recompute what follows from the rooms: sums, persons, dates and count of the rooms that are meant.

    A cancelled booking counts all its rooms, any other only those that were not cancelled on their own.
    """
    rooms = tuple(_summed(room) for room in reservation.rooms)
    meant = [room for room in rooms if reservation.status == CANCELLED or room.status != CANCELLED]
    return reservation._replace(
        rooms=rooms,
        arrival_on=min((room.arrival_on for room in meant if room.arrival_on), default=None),
        departure_on=max((room.departure_on for room in meant if room.departure_on), default=None),
        total_minor=sum(room.total_minor or 0 for room in meant),
        tax_minor=None if meant[0].tax_minor is None else sum(room.tax_minor or 0 for room in meant),
        adult_count=sum(room.adult_count or 0 for room in meant),
        child_count=sum(room.child_count or 0 for room in meant),
        infant_count=sum(room.infant_count or 0 for room in meant),
        room_count=len(meant),
    )


def _summed(room: Room) -> Room:
    if room.is_day_use:
        return room
    taxes = [night.tax_minor for night in room.nights]
    return room._replace(
        total_minor=sum(night.price_minor for night in room.nights),
        tax_minor=sum(tax or 0 for tax in taxes) if any(tax is not None for tax in taxes) else None,
    )


def with_departure(reservation: Reservation, departure_on: date) -> Reservation:
    """Give every room that departure, dropping the nights from it on."""
    rooms = tuple(
        room._replace(departure_on=departure_on, nights=tuple(n for n in room.nights if n.stay_on < departure_on))
        for room in reservation.rooms
    )
    return with_sums(reservation._replace(rooms=rooms))


def with_status(reservation: Reservation, status: str) -> Reservation:
    """Give the booking and its live rooms a status; a room cancelled on its own stays cancelled."""
    dropped = [room for room in reservation.rooms if room.status == CANCELLED]
    rooms = tuple(room if room in dropped else room._replace(status=status) for room in reservation.rooms)
    changed = reservation._replace(status=status, rooms=rooms, is_inventory_held=status in HOLDING)
    return with_sums(changed) if dropped else changed

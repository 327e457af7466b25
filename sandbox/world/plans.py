"""What somebody wants: a stay drawn by chance before anything happens to it."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hotel.reservations import stay_dates
from sandbox.world.dice import dice, happens, one_of
from sandbox.world.houses import House
from sandbox.world.shelf import Shelf

DAYS_BACK: Final = 150
DAYS_AHEAD: Final = 95

STAY, LEAVE_EARLY, KEEP_DATES = "stay", "leave_early", "leave_early_keeping_dates"
CANCEL, REINSTATE, NO_SHOW, OPTION, WAIT = "cancel", "reinstate", "no_show", "option", "wait"
FATES: Final = {
    STAY: 700, LEAVE_EARLY: 25, KEEP_DATES: 10, CANCEL: 165, REINSTATE: 20, NO_SHOW: 30, OPTION: 30, WAIT: 20,
}  # fmt: skip
NIGHTS: Final = {"0": 20, "1": 300, "2": 270, "3": 190, "4": 90, "5": 50, "7": 50, "10": 18, "14": 10, "31": 2}
LEADS: Final = {"0": 90, "1": 80, "3": 120, "9": 180, "21": 200, "45": 180, "90": 110, "160": 40}
CHANNELS: Final = {
    "booking_com": 300, "expedia": 130, "agoda": 70, "direct_web": 240, "phone": 110, "walk_in": 40, "gds": 50, "corporate": 60,
}  # fmt: skip
PREFIXES: Final = {"booking_com": "BDC", "expedia": "EXP", "agoda": "AGO"}
USES: Final = {"sold": 970, "complimentary": 18, "house_use": 12}
ROOM_COUNTS: Final = {"1": 930, "2": 50, "3": 20}
GROUP_PER_MILLE: Final = 12
UPGRADE_PER_MILLE: Final = 60
DRAWS: Final = 6


class PlannedUnit(NamedTuple):
    """One room of a plan: the type paid for, the type given, who sleeps in it."""

    room_type_code: str
    assigned_code: str
    adult_count: int
    child_count: int
    infant_count: int


class Plan(NamedTuple):
    """One booking before its life begins. `booked_at` is an aware UTC instant; `fate` what will become of it."""

    number: int
    fate: str
    arrival_on: date
    departure_on: date
    booked_at: datetime
    channel_code: str
    channel_ref: str | None
    rate_plan_code: str
    use: str
    units: tuple[PlannedUnit, ...]
    group_ref: str | None = None


def draw_plans(seed: int, house: House, count: int, today: date) -> Iterator[Plan]:
    """Draw so many bookings for a house; a group is one booking of many rooms or several that share a reference."""
    throws, shelf = dice(seed, house.place.property_id, "plans"), Shelf(house)
    number = 0
    while number < count:
        number += 1
        group = f"{house.prefix}G{number:05d}" if happens(throws, GROUP_PER_MILLE) else None
        plan = _draw(throws, shelf, house, number, today, wanted=5 if group and number % 2 else 0)
        yield plan._replace(group_ref=group)
        if group and number % 2 == 0:
            for _ in range(min(4, count - number)):
                number += 1
                companion = _draw(throws, shelf, house, number, today, around=plan.arrival_on)
                yield companion._replace(group_ref=group)


def _draw(
    throws: Random, shelf: Shelf, house: House, number: int, today: date, *, wanted: int = 0, around: date | None = None
) -> Plan:
    for _ in range(DRAWS):
        arrival = around or today + timedelta(days=throws.randint(-DAYS_BACK, DAYS_AHEAD))
        departure = arrival + timedelta(days=int(one_of(throws, NIGHTS)))
        dates = stay_dates(arrival, departure)
        units = _units(throws, shelf, house, dates, wanted or int(one_of(throws, ROOM_COUNTS)))
        if units:
            break
    fate = one_of(throws, FATES) if units else WAIT
    if fate != WAIT:
        for unit in units:
            shelf.take(unit.assigned_code, dates)
    channel = one_of(throws, CHANNELS)
    use = one_of(throws, USES) if channel in {"phone", "direct_web"} and dates else "sold"
    return Plan(
        number=number,
        fate=_fitting(fate, use, is_over=departure < today),
        arrival_on=arrival,
        departure_on=departure,
        booked_at=_booked_at(throws, house, arrival, channel),
        channel_code=channel,
        channel_ref=_channel_ref(throws, house, number, channel),
        rate_plan_code="CORP" if channel == "corporate" else one_of(throws, {"BAR": 5, "BB": 3, "NRF": 2}),
        use=use,
        units=units or (_unit(throws, house, 0, 0),),
    )


def _fitting(fate: str, use: str, *, is_over: bool) -> str:
    """Turn a fate that cannot be into a plain stay.

    The house does not miss its own stay; and a booking keeps the dates of a guest who left early only in the past,
    where no clock sees a check-out ahead of its date.
    """
    if (use == "house_use" and fate in {NO_SHOW, OPTION}) or (fate == KEEP_DATES and not is_over):
        return STAY
    return fate


def _units(throws: Random, shelf: Shelf, house: House, dates: list[date], count: int) -> tuple[PlannedUnit, ...]:
    """Find so many rooms of one type, one type up for a lucky few; empty where the house is full."""
    index = throws.choices(range(len(house.types)), [kind.room_count or 1 for kind in house.types])[0]
    upgraded = index + (happens(throws, UPGRADE_PER_MILLE) and index + 1 < len(house.types))
    for assigned in (upgraded, index):
        if shelf.free(house.types[assigned].room_type_code, dates) >= count:
            return tuple(_unit(throws, house, index, assigned) for _ in range(count))
    return ()


def _unit(throws: Random, house: House, index: int, assigned: int) -> PlannedUnit:
    beds = house.types[index].adult_count or 2
    adults = throws.randint(1, min(beds, 3))
    children = throws.randint(0, 2) if adults > 1 and happens(throws, 180) else 0
    return PlannedUnit(
        house.types[index].room_type_code,
        house.types[assigned].room_type_code,
        adults,
        children,
        1 if adults > 1 and happens(throws, 40) else 0,
    )


def _booked_at(throws: Random, house: House, arrival: date, channel: str) -> datetime:
    lead = 0 if channel == "walk_in" else int(one_of(throws, LEADS))
    day = arrival - timedelta(days=lead + (throws.randrange(lead) if lead > 1 else 0))
    clock = time(8 + throws.randrange(6), throws.randrange(60), throws.randrange(60))
    return datetime.combine(day, clock, ZoneInfo(house.place.time_zone))


def _channel_ref(throws: Random, house: House, number: int, channel: str) -> str | None:
    if channel not in PREFIXES:
        return None
    return f"{PREFIXES[channel]}-{throws.randrange(10**5):05d}{house.prefix}{number}"

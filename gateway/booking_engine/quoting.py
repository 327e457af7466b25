"""What a stay costs and whether it is sold: asked for with a booking, shown with the availability."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from gateway.booking_engine.problems import (
    IN_THE_PAST,
    TOO_MANY_GUESTS,
    UNKNOWN_HOTEL,
    UNKNOWN_RATE_PLAN,
    UNKNOWN_ROOM_TYPE,
    conflict,
    missing,
)
from gateway.booking_engine.shapes import BookingChange, RoomAsked
from hotel.asked import SOLD_OUT
from hotel.offers import Stay, night_rate, objection
from hotel.properties import Property, hotel_date
from hotel.reservations import stay_dates
from hotel.rooms import Rate, RatePlan, RoomType
from storage.codebooks import properties
from storage.offers import Cell, cells, prices, rate_plans, room_types

Pair = tuple[str, str]


class Market(NamedTuple):
    """All a hotel offers for a stay, read at one moment. `rates`: by (rate plan, room type), the departure date's too."""

    house: Property
    stay: Stay
    types: dict[str, RoomType]
    plans: dict[str, RatePlan]
    rates: dict[Pair, list[Rate]]
    cells: list[Cell]

    def short(self, rooms: Counter[str]) -> list[date]:
        """List the nights on which fewer rooms of a type are known to be left than are asked for."""
        return sorted(
            {
                cell.stay_on
                for cell in self.cells
                if cell.available_count is not None and cell.available_count < rooms[cell.room_type_code]
            }
        )


def house_of(connection: Connection, property_id: str) -> Property:
    """Give an open hotel; raises ProblemError 404."""
    house = properties(connection).get(property_id)
    if house is None or not house.is_active:
        raise missing(UNKNOWN_HOTEL)
    return house


def market(
    connection: Connection, property_id: str, check_in: date, check_out: date, *, wanted: Iterable[Pair] = ()
) -> Market:
    """Read what a hotel offers, of all its rate plans and room types or of those wanted; raises ProblemError 404."""
    house = house_of(connection, property_id)
    pairs = list(wanted)
    found: dict[Pair, list[Rate]] = {}
    of = {"rate_plans": sorted({plan for plan, _ in pairs}), "room_types": sorted({kind for _, kind in pairs})}
    for rate in prices(connection, property_id, check_in, check_out + timedelta(days=1), **of):
        found.setdefault((rate.rate_plan_code, rate.room_type_code), []).append(rate)
    return Market(
        house,
        Stay(check_in, check_out, hotel_date(house, datetime.now(UTC))),
        {kind.room_type_code: kind for kind in room_types(connection, property_id)},
        rate_plans(connection, property_id),
        found,
        cells(connection, property_id, check_in, check_out),
    )


def nightly(stay: Stay, rates: Sequence[Rate], adults: int) -> list[Rate | None]:
    """Give the rate of each night for so many adults, None for a night without a price."""
    by_date: dict[date, list[Rate]] = {}
    for rate in rates:
        by_date.setdefault(rate.stay_on, []).append(rate)
    dates = stay_dates(stay.arrival_on, stay.departure_on)
    return [night_rate(by_date.get(stay_on, ()), adults) for stay_on in dates]


def check_sold(offered: Market, asked: BookingChange) -> None:
    """Raise ProblemError 409 where the hotel does not sell what is asked for, rooms left aside."""
    if asked.check_in < offered.stay.today:
        raise conflict(IN_THE_PAST)
    for room in asked.rooms:
        _check_room(offered, room)
        code = objection(offered.stay, offered.rates.get((room.rate_plan, room.room_type), ()))
        if code:
            raise conflict(code)


def check_left(offered: Market, asked: BookingChange) -> None:
    """Raise ProblemError 409 where rooms are known to be gone already; whoever imports has the last word."""
    dates = offered.short(Counter(room.room_type for room in asked.rooms))
    if dates:
        raise conflict(SOLD_OUT, dates=[each.isoformat() for each in dates])


def _check_room(offered: Market, room: RoomAsked) -> None:
    kind = offered.types.get(room.room_type)
    if kind is None:
        raise conflict(UNKNOWN_ROOM_TYPE)
    if room.rate_plan not in offered.plans and (room.rate_plan, room.room_type) not in offered.rates:
        raise conflict(UNKNOWN_RATE_PLAN)
    most = (kind.adult_count, room.adults), (kind.occupancy_count, room.adults + room.children)
    if any(limit is not None and count > limit for limit, count in most):
        raise conflict(TOO_MANY_GUESTS)

"""What the reports must say of the rows we told: counted the simplest way, from the told JSON and nothing else.

Independent of the pipeline on purpose: its own reading of money, its own loops. Definitions are K-01 to K-10.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from iso4217 import Currency

Json = dict[str, Any]
Place = tuple[str, date]

EARNED: Final = frozenset({"InHouse", "CheckedOut"})
HELD: Final = frozenset({"Confirmed"})
LOST: Final = frozenset({"Cancelled", "NoShow"})


@dataclass
class Day:
    """One house, one business date. Money in minor units of the house's currency; rooms unless said otherwise.

    `cancelled_today`, `cancelled_arrivals` and `no_shows` count bookings. `in_house` is at the close of the date.
    """

    occupied: int = 0
    sold: int = 0
    complimentary: int = 0
    house_use: int = 0
    revenue_minor: int = 0
    arrivals: int = 0
    departures: int = 0
    day_use_rooms: int = 0
    day_use_minor: int = 0
    cancelled_today: int = 0
    cancelled_arrivals: int = 0
    no_shows: int = 0
    no_show_value_minor: int = 0
    revenue_by_segment: Counter[str] = field(default_factory=Counter)
    revenue_by_channel: Counter[str] = field(default_factory=Counter)
    revenue_by_room_type: Counter[str] = field(default_factory=Counter)

    @property
    def in_house(self) -> int:
        """Rooms with somebody in them at the close: the occupied ones."""
        return self.occupied


class Days(dict[Place, Day]):
    """The days of all houses; one nobody spoke of is all zeros."""

    def __missing__(self, place: Place) -> Day:
        """Open the day."""
        return self.setdefault(place, Day())


class Clock(NamedTuple):
    """Where a house's day stands: its IANA zone and its business date."""

    time_zone: str
    business_on: date


def count_days(rows: Iterable[Json], clocks: Mapping[str, Clock]) -> Days:
    """Count every house's days from reservations in contract shape; `clocks` by property id.

    A confirmed booking counts if it arrives on the business date or later: dates that are not closed yet.
    """
    days = Days()
    for row in rows:
        clock = clocks[row["propertyId"]]
        _count_booking(days, row, clock)
        for room in row["rooms"]:
            if _counts(room, row, clock.business_on):
                _count_room(days, row, room)
    return days


def _counts(room: Json, row: Json, business_on: date) -> bool:
    if row["status"] in HELD and room["status"] in HELD:
        return date.fromisoformat(room["checkIn"]) >= business_on
    return row["status"] in EARNED and room["status"] in EARNED


def _count_booking(days: Days, row: Json, clock: Clock) -> None:
    house = row["propertyId"]
    if row["status"] == "Cancelled":
        instant = datetime.fromisoformat(row["cancelledAt"])
        days[house, instant.astimezone(ZoneInfo(clock.time_zone)).date()].cancelled_today += 1
        days[house, first_date(row)].cancelled_arrivals += 1
    if row["status"] == "NoShow":
        day = days[house, date.fromisoformat(row["noShowOn"])]
        day.no_shows += 1
        day.no_show_value_minor += sum(
            night_revenue(row, night) for room in row["rooms"] if room["status"] == "NoShow" for night in room["nights"]
        )


def _count_room(days: Days, row: Json, room: Json) -> None:
    house = row["propertyId"]
    arrival, departure = date.fromisoformat(room["checkIn"]), date.fromisoformat(room["checkOut"])
    if room["dayUse"]:
        days[house, arrival].day_use_rooms += 1
        # The contract tells no tax of a room without nights: day use counts at its stated price.
        days[house, arrival].day_use_minor += minor(room["totalPrice"], row["currency"])
        return
    days[house, arrival].arrivals += 1
    days[house, departure].departures += 1
    for night in room["nights"]:
        day = days[house, date.fromisoformat(night["date"])]
        revenue = night_revenue(row, night)
        day.occupied += 1
        day.house_use += room["houseUse"]
        day.complimentary += room["complimentary"] and not room["houseUse"]
        day.sold += not (room["houseUse"] or room["complimentary"])
        day.revenue_minor += revenue
        day.revenue_by_segment[row["segment"]] += revenue
        day.revenue_by_channel[row["channel"]] += revenue
        day.revenue_by_room_type[room["roomType"]] += revenue


def night_revenue(row: Json, night: Json) -> int:
    """Give a night's room revenue: its price without the package inside it and without the tax inside it (K-02)."""
    currency = row["currency"]
    included_tax = minor(night["tax"], currency) if row["taxIncluded"] else 0
    return minor(night["price"], currency) - minor(night["package"], currency) - included_tax


def minor(text: str | None, currency: str) -> int:
    """Read an amount told in major units; nothing told is nothing."""
    return int(Decimal(text or "0").scaleb(Currency(currency).exponent or 0))


def first_date(row: Json) -> date:
    """Give the arrival of a booking: the first day of any of its rooms."""
    return date.fromisoformat(min(room["checkIn"] for room in row["rooms"]))

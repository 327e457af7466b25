"""What the whole pipeline must make of the world at an instant: the figures per house and date, and what it must hold."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sandbox.figures import LOST, Clock, Day, Days, count_days
from sandbox.world import flaws
from sandbox.world.view import GUESTS, RESERVATIONS, View, World, is_flawed

Json = dict[str, Any]


class Withheld(NamedTuple):
    """What a house's flawed rows keep out of the reports: rows by reason code, and the nights of those not lost."""

    reasons: Counter[str]
    room_night_count: int


class Expectations(NamedTuple):
    """What must come out, by property id; `days` by (property id, date)."""

    days: Days
    business_on: Mapping[str, date]
    guest_count: Mapping[str, int]
    reservation_count: Mapping[str, int]
    withheld: Mapping[str, Withheld]

    def day(self, property_id: str, on: date) -> Day:
        """Give one house's figures of one date."""
        return self.days[property_id, on]


def expectations(world: World, now: datetime | None = None) -> Expectations:
    """Count what a correct pipeline holds and reports once it has read all that the world tells at an instant.

    `reservation_count` is of the rows that load, `withheld` of those that must wait in quarantine.
    """
    view = world.view(now)
    places = [house.place for house in world.houses]
    clocks = {
        place.property_id: Clock(place.time_zone, date.fromisoformat(view.business_on(place.property_id)))
        for place in places
    }
    good, bad = _parted(view)
    return Expectations(
        days=count_days(good, clocks),
        business_on={property_id: clock.business_on for property_id, clock in clocks.items()},
        guest_count={place.property_id: len(view.told(GUESTS, place.property_id)) for place in places},
        reservation_count=Counter(row["propertyId"] for row in good),
        withheld={place.property_id: _withheld(place.property_id, bad) for place in places},
    )


def _parted(view: View) -> tuple[list[Json], list[tuple[str, Json]]]:
    good: list[Json] = []
    bad: list[tuple[str, Json]] = []
    for house in view.world.houses:
        for told in view.told(RESERVATIONS, house.place.property_id):
            if told.record.flaw and is_flawed(told.record, told.revision):
                bad.append((told.record.flaw, told.shape()))
            else:
                good.append(told.shape())
    return good, bad


def _withheld(property_id: str, bad: list[tuple[str, Json]]) -> Withheld:
    ours = [(flaw, row) for flaw, row in bad if row["propertyId"] == property_id]
    nights = (
        len(room["nights"])
        for _, row in ours
        if row["status"] not in LOST
        for room in row["rooms"]
        if room["status"] not in LOST
    )
    return Withheld(Counter(flaws.FLAWS[flaw].reason for flaw, _ in ours), sum(nights))

"""Build the world from a seed: the same seed, size and share of flaws give the same bytes everywhere."""

from datetime import UTC, date, datetime, time
from typing import Final

from sandbox.world import flaws
from sandbox.world.dice import dice, happens
from sandbox.world.houses import House, build_houses
from sandbox.world.lives import live
from sandbox.world.plans import DAYS_AHEAD, DAYS_BACK, draw_plans
from sandbox.world.profiles import Guestbook
from sandbox.world.timeline import Record, Version
from sandbox.world.view import World

TODAY: Final = date(2026, 9, 15)
# Nights a booking takes on average, and how full (percent) a house is to be.
NIGHTS_PER_BOOKING: Final = 3
FULL_PERCENT: Final = 68


def build(seed: int = 1, *, size: int = 400, flawed_per_mille: int = 0, today: date = TODAY) -> World:
    """Build a world of about `size` bookings per house, `flawed_per_mille` of them told wrong.

    Bookings arrive from 150 days before today to 95 after it. The clock stands at noon UTC of `today`;
    what happens later in the world is already written and shows when the clock moves on.
    """
    now = datetime.combine(today, time(12), UTC)
    rooms_per_house = size * NIGHTS_PER_BOOKING * 100 // ((DAYS_BACK + DAYS_AHEAD) * FULL_PERCENT)
    houses = build_houses(rooms_per_house, today)
    reservations: list[Record] = []
    guests: list[Record] = []
    for house in houses:
        guestbook = Guestbook(seed, house, today)
        reservations += _reservations(seed, house, guestbook, size, now, flawed_per_mille)
        guests += guestbook.records()
    return World(seed, now, houses, tuple(guests), tuple(reservations))


def _reservations(
    seed: int, house: House, guestbook: Guestbook, size: int, now: datetime, flawed_per_mille: int
) -> list[Record]:
    throws = dice(seed, house.place.property_id, "lives")
    spoils = dice(seed, house.place.property_id, "flaws")
    found = []
    for plan in draw_plans(seed, house, size, now.date()):
        versions = live(plan, house, guestbook.people(plan), throws)
        record = Record(f"{house.prefix}{plan.number:06d}", house.place.property_id, versions)
        if (
            happens(spoils, flawed_per_mille)
            and versions[0].at <= now
            and plan.departure_on > plan.arrival_on
            and plan.use == "sold"
        ):
            record = _flawed(record, spoils.choice(tuple(flaws.FLAWS)), now)
        found.append(record)
    return found


def _flawed(record: Record, flaw: str, now: datetime) -> Record:
    mended_at = now + flaws.MENDED_AFTER
    before = [version for version in record.versions if version.at < mended_at]
    after = [version for version in record.versions if version.at > mended_at]
    mended = Version(mended_at, flaws.MENDED, before[-1].row)
    return record._replace(flaw=flaw, versions=(*before, mended, *after))

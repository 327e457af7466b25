"""The figures the world expects of the pipeline hold together, and agree with a second count."""

from collections import Counter
from datetime import date, timedelta

import pytest

from hotel.reservations import Reservation
from sandbox.expected import expectations
from sandbox.world import World, build
from sandbox.world.flaws import FLAWS
from sandbox.world.rooms import in_house_by_type, room_shapes
from sandbox.world.view import RESERVATIONS

HORIZON = [date(2026, 4, 1) + timedelta(days=n) for n in range(330)]
DAYS_ON = [0, 1, 17, 60]


@pytest.mark.parametrize("days", DAYS_ON)
def test_in_house_rolls_forward_over_every_night(world: World, days: int) -> None:
    expected = expectations(world, world.now + timedelta(days=days))
    for house in world.houses:
        place = house.place.property_id
        for on in HORIZON:
            before, day = expected.day(place, on - timedelta(days=1)), expected.day(place, on)
            assert before.in_house + day.arrivals - day.departures == day.in_house, (place, on)


@pytest.mark.parametrize("days", DAYS_ON)
def test_the_parts_of_a_day_add_up(world: World, days: int) -> None:
    expected = expectations(world, world.now + timedelta(days=days))
    assert sum(day.occupied for day in expected.days.values()) > 1000
    for (place, _), day in list(expected.days.items()):
        assert day.sold + day.complimentary + day.house_use == day.occupied
        for split in (day.revenue_by_segment, day.revenue_by_channel, day.revenue_by_room_type):
            assert split.total() == day.revenue_minor
        house = world.house(place)
        assert house
        assert day.occupied <= len(house.rooms)


def test_the_figures_agree_with_a_count_over_our_own_trees(world: World) -> None:
    expected = expectations(world)
    counted: Counter[tuple[str, date]] = Counter()
    revenue: Counter[tuple[str, date]] = Counter()
    for house in world.houses:
        for told in world.view().told(RESERVATIONS, house.place.property_id):
            row = told.record.versions[told.revision - 1].row
            assert isinstance(row, Reservation)
            for room in row.rooms:
                if {row.status, room.status} <= {"confirmed", "in_house", "checked_out"}:
                    for night in room.nights:
                        counted[row.property_id, night.stay_on] += 1
                        inside = (night.tax_minor or 0) if night.is_tax_included else 0
                        revenue[row.property_id, night.stay_on] += (
                            night.price_minor - inside - (night.package_minor or 0)
                        )
    assert {place: day.occupied for place, day in expected.days.items() if day.occupied} == dict(counted)
    assert {place: day.revenue_minor for place, day in expected.days.items() if day.revenue_minor} == {
        place: minor for place, minor in revenue.items() if minor
    }


def test_cancellations_count_by_both_dates_and_no_shows_by_arrival(world: World) -> None:
    expected = expectations(world)
    rows = list(world.view().shapes(RESERVATIONS))
    statuses = Counter(row["status"] for row in rows)
    assert sum(day.cancelled_today for day in expected.days.values()) == statuses["Cancelled"]
    assert sum(day.cancelled_arrivals for day in expected.days.values()) == statuses["Cancelled"]
    assert sum(day.no_shows for day in expected.days.values()) == statuses["NoShow"]
    assert all(day.no_shows or not day.no_show_value_minor for day in expected.days.values())
    assert sum(day.no_show_value_minor for day in expected.days.values()) > 0


def test_a_cancellation_after_midnight_at_the_house_belongs_to_its_own_date(world: World) -> None:
    """Tokyo is nine hours ahead: an evening in UTC is the next day there."""
    crossing = [
        row
        for record in world.reservations
        if isinstance(row := record.versions[-1].row, Reservation) and row.property_id == "kamo-kyoto"
        if row.cancelled_at and row.cancelled_at.date() != row.cancelled_on
    ]
    assert crossing
    for row in crossing:
        assert row.cancelled_on
        expected = expectations(world, row.cancelled_at)
        assert expected.day("kamo-kyoto", row.cancelled_on).cancelled_today >= 1


def test_what_is_flawed_is_withheld_and_missing_from_the_figures(world: World, flawed_world: World) -> None:
    clean, flawed = expectations(world), expectations(flawed_world)
    told = Counter(row["propertyId"] for row in flawed_world.view().shapes(RESERVATIONS))
    reasons: Counter[str] = Counter()
    for place, withheld in flawed.withheld.items():
        assert flawed.reservation_count[place] + withheld.reasons.total() == told[place]
        reasons += withheld.reasons
        assert withheld.room_night_count > 0
    assert reasons.keys() == {flaw.reason for flaw in FLAWS.values()}
    assert sum(day.occupied for day in flawed.days.values()) < sum(day.occupied for day in clean.days.values())


def test_once_mended_nothing_is_withheld_and_the_figures_are_those_of_the_clean_world(
    world: World, flawed_world: World
) -> None:
    later = world.now + timedelta(days=2)
    clean, mended = expectations(world, later), expectations(flawed_world, later)
    assert all(not withheld.reasons for withheld in mended.withheld.values())
    assert mended.days == clean.days
    assert mended.reservation_count == clean.reservation_count


def test_a_clean_world_withholds_nothing(world: World) -> None:
    expected = expectations(world)
    assert all(withheld.room_night_count == 0 and not withheld.reasons for withheld in expected.withheld.values())
    assert expected.business_on == dict.fromkeys(expected.business_on, date(2026, 9, 15))


def test_as_many_rooms_are_occupied_as_there_are_guests_in_house(world: World) -> None:
    view = world.view()
    for house in world.houses:
        rooms = room_shapes(view, house)
        occupied = Counter(room["type"] for room in rooms if room["status"] == "OCC")
        assert occupied == +in_house_by_type(view, house)
        assert len({room["number"] for room in rooms}) == house.place.room_count
        assert "OOO" in {room["status"] for room in rooms}


def test_every_word_of_a_room_is_told_by_some_room() -> None:
    world = build(seed=7, size=900)
    words = {room["status"] for house in world.houses for room in room_shapes(world.view(), house)}
    assert words == {"OCC", "VD", "VC", "OOO", "OOS"}

"""119,390 real reservations go into the contract and count, by the sandbox's own simple code, to the known figures."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.file_drop.client import FileDrop
from connectors.file_drop.mapping import map_rows
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.reservations import Reservation
from sandbox.export import contract_shape
from sandbox.figures import Clock, Days, count_days
from sandbox.webhooks.replay import replayed

FULL = Path("../shared/corpus/hotel_bookings/full/hotel_bookings.csv.gz")
CLOCKS = dict.fromkeys(("city-hotel", "resort-hotel"), Clock("Europe/Lisbon", date(2017, 10, 1)))

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="the public corpus does not lie beside the project")


@pytest.fixture(scope="module")
def shapes() -> list[dict[str, Any]]:
    """Every row of the file as a channel would tell it, those that will be held included."""
    drop = FileDrop(FULL, None)
    house = {each.property_id: each for each in drop.export.house("file_drop")}
    codebook = Codebook("file_drop", house, {}, {}, settings={"export": drop.export.name})
    now = datetime(2026, 11, 20, tzinfo=UTC)
    mapped = (
        row.row
        for page in drop.reservations(since=now - timedelta(days=1), until=now)
        for row in map_rows(drop.export, page.body, codebook, MappingPlace("p:1:1", page.first_row))
    )
    return [contract_shape(row) for row in mapped if isinstance(row, Reservation)]


@pytest.fixture(scope="module")
def days(shapes: list[dict[str, Any]]) -> Days:
    return count_days([row for row in shapes if not is_held(row)], CLOCKS)


def is_held(row: dict[str, Any]) -> bool:
    has_guests = any(row[kind] for kind in ("adults", "children", "infants"))
    return not has_guests or any(night["price"].startswith("-") for room in row["rooms"] for night in room["nights"])


def test_every_row_has_a_shape_and_those_without_guests_or_with_a_negative_rate_keep_it(
    shapes: list[dict[str, Any]],
) -> None:
    assert len(shapes) == 119_390
    assert sum(map(is_held, shapes)) == 181


@pytest.mark.parametrize(
    ("house", "rooms", "minor", "before", "arrivals", "departures", "cancelled_today", "cancelled_arrivals"),
    [("city-hotel", 212, 2_695_856, 225, 64, 77, 31, 35), ("resort-hotel", 179, 3_323_308, 183, 47, 51, 6, 28)],
)
def test_a_known_day_has_its_known_figures(
    days: Days, house: str, rooms: int, minor: int, before: int, arrivals: int, departures: int,
    cancelled_today: int, cancelled_arrivals: int,
) -> None:  # fmt: skip
    on = date(2016, 8, 15)
    day = days[house, on]
    assert (day.occupied, day.revenue_minor) == (rooms, minor)
    assert (days[house, on - timedelta(days=1)].in_house, day.arrivals, day.departures) == (
        before,
        arrivals,
        departures,
    )
    assert (day.cancelled_today, day.cancelled_arrivals) == (cancelled_today, cancelled_arrivals)


def test_the_whole_file_has_its_known_nights_and_revenue(days: Days) -> None:
    whole = {
        house: (
            sum(day.occupied for (place, _), day in days.items() if place == house),
            sum(day.revenue_minor for (place, _), day in days.items() if place == house),
        )
        for house in CLOCKS
    }
    assert whole == {"city-hotel": (134_468, 1_438_534_200), "resort-hotel": (119_814, 1_160_163_403)}


def test_each_row_becomes_one_message_of_its_own_that_points_back_to_it(shapes: list[dict[str, Any]]) -> None:
    messages = list(replayed(shapes[:5000]))
    assert len({message.event_id for message in messages}) == 5000
    for message, shape in zip(messages, shapes, strict=False):
        data = json.loads(message.body)["data"]
        assert data["channelRef"] == shape["id"]
        assert data["propertyId"] == shape["propertyId"]

"""What keeps a stay from being sold, and which price is a night's."""

from datetime import date, timedelta
from typing import Any

import pytest

from hotel.offers import Stay, night_rate, objection
from hotel.rooms import Rate

TODAY = date(2027, 3, 1)
ARRIVAL = date(2027, 3, 11)
STAY = Stay(ARRIVAL, ARRIVAL + timedelta(days=3), TODAY)


def rate(day: int = 0, occupancy: int = 0, price: int = 10_000, **told: Any) -> Rate:
    """A price of a date, so many days after the arrival."""
    return Rate("pms", "harbour", "BAR", "DBL", ARRIVAL + timedelta(days=day), occupancy, price, "EUR")._replace(**told)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ([], None),
        ([rate(0), rate(1), rate(2), rate(3)], None),
        ([rate(2, is_stop_sell=True)], "closed"),
        ([rate(3, is_stop_sell=True)], None),
        ([rate(0, is_stop_sell=False)], None),
        ([rate(0, 1), rate(0, 2, is_stop_sell=True)], "closed"),
        ([rate(0, is_closed_to_arrival=True)], "closed_to_arrival"),
        ([rate(1, is_closed_to_arrival=True)], None),
        ([rate(3, is_closed_to_departure=True)], "closed_to_departure"),
        ([rate(2, is_closed_to_departure=True)], None),
        ([rate(0, min_stay_arrival_count=4)], "stay_too_short"),
        ([rate(0, min_stay_arrival_count=3)], None),
        ([rate(1, min_stay_arrival_count=4)], None),
        ([rate(1, min_stay_through_count=4)], "stay_too_short"),
        ([rate(0, max_stay_count=2)], "stay_too_long"),
        ([rate(0, max_stay_count=3)], None),
        ([rate(0, max_stay_count=0)], None),
        ([rate(0, min_advance_day_count=11)], "too_soon"),
        ([rate(0, min_advance_day_count=10)], None),
        ([rate(0, max_advance_day_count=9)], "too_far_ahead"),
        ([rate(0, max_advance_day_count=10)], None),
    ],
)
def test_what_keeps_a_stay_of_three_nights_from_being_sold(told: list[Rate], code: str | None) -> None:
    assert objection(STAY, told) == code


def test_a_night_costs_what_it_costs_for_so_many_adults_else_what_the_room_costs() -> None:
    told = [rate(0, 0, 9_000), rate(0, 1, 8_000), rate(0, 2, 10_000)]
    assert [found and found.price_minor for found in (night_rate(told, adults) for adults in (1, 2, 3))] == [
        8_000, 10_000, 9_000,
    ]  # fmt: skip
    assert night_rate(told[1:], 3) is None


def test_a_night_belongs_to_a_stay_and_its_departure_does_not() -> None:
    assert [day in STAY for day in (ARRIVAL, STAY.departure_on, "2027-03-11")] == [True, False, False]
    assert STAY.night_count == 3

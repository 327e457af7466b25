"""What holds whatever the stays are."""

from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotel.figures import DailyFigures
from hotel.report_frames import INVENTORY
from hotel.status import NIGHT_USES, RESERVATION_STATUSES
from reconciliation.daily import daily_figures
from tests.unit.reconciliation.stays import DAY, HOUSE, Stay, day, frame, frames

STAYS = st.lists(
    st.builds(
        Stay,
        arrives=st.integers(-40, 3),
        nights=st.integers(0, 12),
        status=st.sampled_from(RESERVATION_STATUSES),
        price=st.sampled_from([0, 1, 9_999, 12_345]),
        use=st.sampled_from(NIGHT_USES),
        room_type=st.sampled_from(["SGL", "DBL", "unmapped"]),
        segment=st.sampled_from(["retail", "group", None]),
        channel=st.sampled_from(["direct", "ota", None]),
        currency=st.sampled_from(["EUR", "EUR", "USD"]),
        persons=st.integers(0, 4),
        are_persons_known=st.booleans(),
        booking=st.just(""),
        booking_status=st.just(""),
        cancelled=st.none() | st.integers(-40, 3),
        no_show=st.none() | st.integers(-40, 3),
        is_non_refundable=st.booleans(),
        total=st.none() | st.integers(0, 50_000),
        tax=st.none() | st.integers(0, 900),
        is_tax_included=st.sampled_from([True, False, None]),
    ),
    max_size=25,
)
CLOSED = st.sampled_from([None, DAY - timedelta(days=1), DAY])


def figures_of(
    stays: list[Stay], closed_through: date | None = DAY, inventory: pd.DataFrame | None = None
) -> DailyFigures:
    known = frames(stays) if inventory is None else frames(stays)._replace(inventory=inventory)
    return daily_figures(HOUSE, DAY, known, closed_through=closed_through)


@settings(max_examples=25, deadline=None)
@given(STAYS, CLOSED)
def test_splits_and_uses_add_up_and_a_closed_day_rolls_forward(stays: list[Stay], closed_through: date | None) -> None:
    figures = figures_of(stays, closed_through)
    rooms, revenue = figures.figure("occupied_rooms").cells, figures.figure("room_revenue").cells
    for split in figures.splits:
        assert sum(line.room_count for line in split.lines) == rooms[0].value
        assert sum(line.revenue_minor for line in split.lines) == revenue[0].value
        assert sum(line.month_room_count for line in split.lines) == rooms[1].value
        assert sum(line.month_revenue_minor for line in split.lines) == revenue[1].value
    uses = [figures.figure(code).cells for code in ("sold_rooms", "complimentary_rooms", "house_use_rooms")]
    for number, cell in enumerate(rooms):
        assert cell.value == sum(use[number].value or 0 for use in uses)
    if figures.is_closed:
        assert [roll.difference for roll in figures.roll_forwards] == [0, 0]


@settings(max_examples=15, deadline=None)
@given(STAYS, st.randoms(use_true_random=False), CLOSED)
def test_the_order_of_rows_changes_no_figure(stays: list[Stay], random: "object", closed_through: date | None) -> None:
    shuffled = list(stays)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert figures_of(shuffled, closed_through) == figures_of(stays, closed_through)


@settings(max_examples=15, deadline=None)
@given(STAYS, st.integers(1, 60))
def test_revpar_is_occupancy_times_adr_exactly(stays: list[Stay], room_count: int) -> None:
    inventory = frame(
        INVENTORY,
        [{"stay_on": day(-n), "physical_count": room_count, "out_of_order_count": 0} for n in range(31)],
    )
    figures = figures_of([stay._replace(currency="EUR") for stay in stays], inventory=inventory)
    revpar, occupancy, adr = (figures.figure(code).cells[0].value for code in ("revpar", "occupancy_paid", "adr"))
    if adr is None:
        assert revpar == 0
        assert occupancy == 0
    else:
        assert occupancy is not None
        assert revpar == Fraction(occupancy) * Fraction(adr)


def test_a_night_that_is_missing_is_flagged() -> None:
    whole = frames([Stay(-2, 4), Stay(0, 2)])
    torn = whole._replace(nights=whole.nights[whole.nights["stay_on"] != pd.Timestamp(DAY)])
    figures = daily_figures(HOUSE, DAY, torn, closed_through=DAY)
    assert figures.roll_forwards[0].difference == -2
    assert [check.state for check in figures.checks if "rooms" in check.name] == ["differs"]


@pytest.mark.parametrize("loaded_from", [None, DAY + timedelta(days=1)])
def test_before_anything_is_loaded_nothing_is_nought(loaded_from: date | None) -> None:
    figures = daily_figures(HOUSE, DAY, frames([], loaded_from=loaded_from), closed_through=DAY)
    assert {cell.value for figure in figures.figures for cell in figure.cells} == {None}

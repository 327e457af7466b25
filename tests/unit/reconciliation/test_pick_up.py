"""Pick-up: the difference of two snapshots, and what made it."""

from datetime import date, timedelta

import pandas as pd

from hotel.figures import Movement
from hotel.report_frames import CHANGES, ON_THE_BOOKS, SNAPSHOTS
from reconciliation.daily import daily_figures
from reconciliation.frames import DailyFrames, typed
from reconciliation.pick_up import pick_up
from tests.unit.reconciliation.stays import DAY, HOUSE, frame, frames

BEFORE = DAY - timedelta(days=3)


def snapshot(on: date, kind: str = "captured") -> dict[str, object]:
    return {"snapshot_on": on, "kind": kind, "horizon_on": on + timedelta(days=500)}


def books(on: date, stay_on: date, rooms: int, minor: int, currency: str = "EUR") -> dict[str, object]:
    return {
        "snapshot_on": on,
        "stay_on": stay_on,
        "currency": currency,
        "room_count": rooms,
        "room_revenue_minor": minor,
    }


def made(
    snapshots: list[dict[str, object]], cells: list[dict[str, object]], changes: list[tuple[str, int, int]]
) -> DailyFrames:
    rows = [
        {"kind": kind, "currency": "EUR", "room_count": rooms, "room_revenue_minor": minor}
        for kind, rooms, minor in changes
    ]
    return frames(
        [],
        snapshots=frame(SNAPSHOTS, snapshots),
        on_the_books=frame(ON_THE_BOOKS, cells),
        changes=frame(CHANGES, rows),
    )


TWO = [snapshot(BEFORE), snapshot(DAY)]


def test_the_split_adds_up_to_the_difference() -> None:
    cells = [books(BEFORE, DAY, 10, 1_000), books(DAY, DAY, 13, 1_250), books(DAY, DAY + timedelta(days=40), 1, 90)]
    changes = [("created", 6, 700), ("cancelled", -2, -300), ("no_show", -1, -60), ("modified", 1, 0)]
    found, _ = pick_up(made(TWO, cells, changes), DAY, "EUR")
    assert found is not None
    assert found.before_on == BEFORE
    assert found.total == Movement(4, 340)
    assert (found.new, found.cancelled, found.modified) == (Movement(6, 700), Movement(-3, -360), Movement(1, 0))
    assert found.unexplained == Movement(0, 0)
    assert [(month.month_on.month, month.after.room_night_count) for month in found.months] == [(3, 13), (4, 1)]


def test_what_no_change_explains_is_shown_and_flagged() -> None:
    cells = [books(BEFORE, DAY, 10, 1_000), books(DAY, DAY, 12, 1_250)]
    figures = daily_figures(HOUSE, DAY, made(TWO, cells, [("created", 1, 100)]), closed_through=DAY)
    assert figures.pick_up is not None
    assert figures.pick_up.unexplained == Movement(1, 150)
    assert "differs" in [check.state for check in figures.checks if check.name.startswith("Pick-up")]


def test_only_stay_dates_of_both_snapshots_are_compared() -> None:
    too_old, too_far = DAY - timedelta(days=32), BEFORE + timedelta(days=501)
    cells = [books(BEFORE, too_old, 5, 500), books(DAY, too_far, 7, 700)]
    found, _ = pick_up(made(TWO, cells, []), DAY, "EUR")
    assert found is not None
    assert found.total == Movement(0, 0)
    assert (found.first_stay_on, found.last_stay_on) == (DAY - timedelta(days=31), BEFORE + timedelta(days=500))


def test_money_of_other_currencies_is_not_mixed_in() -> None:
    cells = [books(DAY, DAY, 1, 100), books(DAY, DAY, 2, 999, "JPY")]
    found, _ = pick_up(made(TWO, cells, []), DAY, "EUR")
    assert found is not None
    assert found.total == Movement(3, 100)


def test_without_an_earlier_snapshot_there_is_none_yet() -> None:
    assert pick_up(made([snapshot(DAY)], [], []), DAY, "EUR") == (None, "no snapshot yet")


def test_without_the_dates_own_snapshot_it_is_named() -> None:
    figures = daily_figures(HOUSE, DAY, made([snapshot(BEFORE)], [], []), closed_through=DAY)
    assert figures.figure("pick_up_nights").cells[0].note == "no snapshot of 2026-03-18"
    assert figures.pick_up is None


def test_an_empty_frame_of_a_schema_keeps_its_dtypes() -> None:
    empty = typed(SNAPSHOTS)
    assert isinstance(empty, pd.DataFrame)
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == SNAPSHOTS

"""Pick-up: what came onto the books since the latest snapshot before the date's own (K-12)."""

from datetime import date
from functools import reduce
from typing import Final

import pandas as pd

from hotel.figures import Movement, PickUp, PickUpMonth
from reconciliation.cells import total
from reconciliation.frames import DailyFrames, between

DAYS_BACK: Final = 31
# The kinds of `core.reservation_changes` that make each part of the split.
NEW: Final = ("created",)
CANCELLED: Final = ("cancelled", "no_show")
MODIFIED: Final = ("modified", "reinstated", "checked_in", "checked_out")


def pick_up(frames: DailyFrames, business_on: date, currency: str) -> tuple[PickUp | None, str]:
    """Compare the date's snapshot with the latest one before it; without both, say what is missing.

    Only stay dates that both snapshots cover are compared. What the change log does not explain (a reconstructed
    snapshot, a stay outside the range) is kept as `unexplained`, so that the parts always add up.
    """
    is_own = frames.snapshots["snapshot_on"] == pd.Timestamp(business_on)
    earlier = frames.snapshots[frames.snapshots["snapshot_on"] < pd.Timestamp(business_on)]
    if not is_own.any():
        return None, f"no snapshot of {business_on}"
    if earlier.empty:
        return None, "no snapshot yet"
    before, after = earlier.sort_values("snapshot_on").iloc[-1], frames.snapshots[is_own].iloc[0]
    first_stay_on = (after["snapshot_on"] - pd.Timedelta(days=DAYS_BACK)).date()
    last_stay_on = min(before["horizon_on"], after["horizon_on"]).date()
    books = frames.on_the_books[between(frames.on_the_books["stay_on"], first_stay_on, last_stay_on)]
    sides = [books[books["snapshot_on"] == side["snapshot_on"]] for side in (before, after)]
    difference = _less(_sum(sides[1], currency), _sum(sides[0], currency))
    new, cancelled, modified = (
        _sum(frames.changes[frames.changes["kind"].isin(kinds)], currency) for kinds in (NEW, CANCELLED, MODIFIED)
    )
    return PickUp(
        before["snapshot_on"].date(),
        business_on,
        before["kind"],
        after["kind"],
        first_stay_on,
        last_stay_on,
        difference,
        new,
        cancelled,
        modified,
        reduce(_less, (new, cancelled, modified), difference),
        _months(sides, currency),
    ), ""


def _sum(frame: pd.DataFrame, currency: str) -> Movement:
    own = frame["currency"] == currency
    return Movement(total(frame["room_count"]), total(frame["room_revenue_minor"][own]))


def _less(whole: Movement, part: Movement) -> Movement:
    return Movement(whole.room_night_count - part.room_night_count, whole.revenue_minor - part.revenue_minor)


def _months(sides: list[pd.DataFrame], currency: str) -> tuple[PickUpMonth, ...]:
    of_month = [side["stay_on"].dt.to_period("M") for side in sides]
    return tuple(
        PickUpMonth(
            month.start_time.date(),
            *(_sum(side[months == month], currency) for side, months in zip(sides, of_month, strict=True)),
        )
        for month in sorted({month for months in of_month for month in months})
    )

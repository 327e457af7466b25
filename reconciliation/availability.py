"""Rooms available, occupancy and RevPAR (K-04): known only where somebody told how many rooms there are."""

from collections.abc import Iterable

import pandas as pd

from hotel.figures import Cell, Span
from reconciliation.cells import NO_INVENTORY, Cells, ratio
from reconciliation.frames import between


def availability_cells(inventory: pd.DataFrame, span: Span, room_count: int | None) -> Cells:
    """Add up a span's physical and out-of-order rooms.

    The PMS's count of a date comes first, the property's configured room count second; out of order only from a PMS.
    One date without a count makes the span unknown: a sum with a hole is an estimate.
    """
    rows = inventory[between(inventory["stay_on"], span.first_on, span.last_on)].set_index("stay_on")
    days = pd.date_range(span.first_on, span.last_on)
    physical = rows["physical_count"].reindex(days).astype("Int64")
    return {
        "available_rooms": _sum_of_known(physical if room_count is None else physical.fillna(room_count)),
        "out_of_order_rooms": _sum_of_known(rows["out_of_order_count"].reindex(days).astype("Int64")),
    }


def _sum_of_known(counts: Iterable[int]) -> Cell:
    known = [count for count in counts if not pd.isna(count)]
    days = len(list(counts))
    if not known:
        return Cell(None, NO_INVENTORY)
    if len(known) < days:
        return Cell(None, f"inventory for {len(known)} of {days} dates")
    return Cell(int(sum(known)))


def occupancy_cells(night: Cells, available: Cells, *, has_other_currencies: bool) -> Cells:
    """Divide sold and occupied rooms, and the revenue of rooms sold, by the rooms available."""
    usali, out_of_order = available["available_rooms"], available["out_of_order_rooms"]
    net = out_of_order
    if usali.value is not None and out_of_order.value is not None:
        net = Cell(usali.value - out_of_order.value)
    none_available = "no rooms available"
    revpar = ratio(night["sold_revenue"], usali, of_none=none_available)
    return {
        "occupancy_paid": ratio(night["sold_rooms"], usali, of_none=none_available),
        "occupancy_total": ratio(night["occupied_rooms"], usali, of_none=none_available),
        "occupancy_net": ratio(night["sold_rooms"], net, of_none=none_available),
        "revpar": Cell(None, "rooms sold in other currencies") if has_other_currencies else revpar,
    }

"""The daily report of one property and business date, from frames to figures."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import pandas as pd

from hotel.figures import Cell, Check, DailyFigures, Figure, PickUp, RollForward, Span, Split, report_spans
from hotel.properties import Property
from reconciliation import checks
from reconciliation.availability import availability_cells, occupancy_cells
from reconciliation.cells import DOES_NOT_APPLY, Cells
from reconciliation.frames import DailyFrames
from reconciliation.metrics import METRICS
from reconciliation.movements import counted_rooms, day_use, lost_cells, movement_cells, not_arrived, roll_forwards
from reconciliation.nights import in_other_currencies, in_span, night_cells, night_points, occupied_nights, tax_basis
from reconciliation.pick_up import pick_up
from reconciliation.splits import SPLITS, split
from reconciliation.withheld import withheld_lines, withheld_reasons

NO_CHARGES: Final = Cell(None, "no charges loaded")


class _Stays(NamedTuple):
    """What every figure is counted from."""

    house: Property
    frames: DailyFrames
    rooms: pd.DataFrame
    occupied: pd.DataFrame
    closed_through: date | None


def daily_figures(
    house: Property, business_on: date, frames: DailyFrames, *, closed_through: date | None
) -> DailyFigures:
    """Compute one business date's figures (K-01 to K-16).

    `closed_through` is the property's last closed business date, None where none is: on later dates confirmed
    bookings count as well, and the report is preliminary. Rows may come in any order; the figures are the same.
    """
    occupied = occupied_nights(frames.nights, closed_through)
    stays = _Stays(house, frames, counted_rooms(frames.rooms), occupied, closed_through)
    spans = report_spans(business_on)
    by_span = [_span_cells(stays, span) for span in spans]
    splits = _splits(stays, spans[0], spans[1])
    rolls = _rolls(stays, spans[0])
    picked, pick_up_note = pick_up(frames, business_on, house.currency)
    return DailyFigures(
        property_id=house.property_id,
        property_name=house.name,
        business_on=business_on,
        currency=house.currency,
        is_closed=closed_through is not None and business_on <= closed_through,
        closed_by=house.business_on_kind,
        tax_basis=tax_basis(in_span(occupied, spans[1])),
        spans=spans,
        figures=_figures(by_span, picked, pick_up_note),
        splits=splits,
        roll_forwards=rolls,
        pick_up=picked,
        pick_up_note=pick_up_note,
        withheld=withheld_lines(frames.quarantine),
        withheld_reasons=withheld_reasons(frames.quarantine),
        nights=tuple(night_points(occupied, house.currency, business_on, frames.loaded_from)),
        checks=(
            *(checks.roll_forward_check(roll) for roll in rolls),
            checks.splits_check(splits, by_span[0], by_span[1]),
            checks.pick_up_check(picked, pick_up_note),
            *_other_checks(stays, spans, by_span[0]),
        ),
    )


def _is_loaded(frames: DailyFrames, on: date) -> bool:
    return frames.loaded_from is not None and frames.loaded_from <= on


def _span_cells(stays: _Stays, span: Span) -> Cells:
    """Compute every figure of one span; before the first arrival we know, none is known."""
    if not _is_loaded(stays.frames, span.first_on):
        first = stays.frames.loaded_from
        missing = Cell(None, "no data" if first is None else f"no data before {first}")
        return {metric.code: missing for metric in METRICS}
    currency = stays.house.currency
    occupied = in_span(stays.occupied, span)
    night = night_cells(occupied, currency)
    available = availability_cells(stays.frames.inventory, span, stays.house.room_count)
    has_others = bool(in_other_currencies(occupied, currency))
    cells = {
        **night,
        **available,
        **occupancy_cells(night, available, has_other_currencies=has_others),
        **movement_cells(stays.rooms, stays.occupied, span, stays.closed_through, currency),
        **lost_cells(stays.rooms, span, currency),
        "no_show_revenue": NO_CHARGES,
    }
    if not _is_loaded(stays.frames, span.first_on - timedelta(days=1)):
        cells["in_house_before"] = Cell(None, "the day before is not loaded")
    earned = sum(cells[code].value or 0 for code in ("night_revenue", "day_use_revenue"))
    return {**cells, "room_revenue": Cell(earned)}


def _figures(by_span: Sequence[Cells], picked: PickUp | None, note: str) -> tuple[Figure, ...]:
    rest = (DOES_NOT_APPLY,) * (len(by_span) - 1)
    total = picked.total if picked else None
    pace = {
        "pick_up_nights": (Cell(total.room_night_count) if total else Cell(None, note), *rest),
        "pick_up_revenue": (Cell(total.revenue_minor) if total else Cell(None, note), *rest),
    }
    return tuple(
        Figure(
            metric.code,
            metric.metric_id,
            metric.group,
            metric.name,
            metric.unit,
            pace.get(metric.code) or tuple(cells[metric.code] for cells in by_span),
            metric.basis,
        )
        for metric in METRICS
    )


def _splits(stays: _Stays, day: Span, month: Span) -> tuple[Split, ...]:
    earned = [
        (in_span(stays.occupied, span), day_use(stays.rooms, span, stays.closed_through)) for span in (day, month)
    ]
    return tuple(
        split(code, name, day=earned[0], month=earned[1], currency=stays.house.currency) for code, name in SPLITS
    )


def _rolls(stays: _Stays, day: Span) -> tuple[RollForward, RollForward]:
    is_before_loaded = _is_loaded(stays.frames, day.first_on - timedelta(days=1))
    return roll_forwards(stays.rooms, stays.occupied, day, stays.closed_through, is_before_loaded=is_before_loaded)


def _other_checks(stays: _Stays, spans: Sequence[Span], day_cells: Cells) -> tuple[Check, ...]:
    day, month = spans[0], in_span(stays.occupied, spans[1])
    is_closed = stays.closed_through is not None and day.last_on <= stays.closed_through
    currency = stays.house.currency
    return (
        checks.revpar_check(day_cells),
        checks.arrivals_check(not_arrived(stays.rooms, day), is_closed=is_closed),
        checks.currency_check(in_other_currencies(month, currency), currency),
        checks.persons_check(in_span(stays.occupied, day)),
        checks.tax_check(tax_basis(month)),
    )

"""The report as JSON: for machines, and for telling whether two versions say the same.

Money is text in major units, shares are text between 0 and 1, what is not known is null with a note. What changed
since the version before is not in it: the same figures of the same version are the same bytes.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from hotel.figures import (
    Cell,
    Change,
    DailyFigures,
    DailyReport,
    Figure,
    Movement,
    NightPoint,
    RollForward,
    Split,
    WithheldLine,
)
from hotel.money import Money
from reports.display import number

_PICK_UP_PARTS: Final = ("total", "new", "cancelled", "modified", "unexplained")


def render_json(report: DailyReport) -> bytes:
    """Render a report as UTF-8 JSON, keys in the report's own order, ending with a line end."""
    document = {"status": report.status, "version": report.version, **_figures(report.figures)}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _figures(figures: DailyFigures) -> dict[str, Any]:
    spans = [span.name for span in figures.spans]
    return {
        "property_id": figures.property_id,
        "property_name": figures.property_name,
        "business_on": figures.business_on.isoformat(),
        "currency": figures.currency,
        "is_closed": figures.is_closed,
        "closed_by": figures.closed_by,
        "tax_basis": figures.tax_basis,
        "spans": {span.name: [_day(span.first_on), _day(span.last_on)] for span in figures.spans},
        "figures": {figure.code: _figure(figure, spans, figures.currency) for figure in figures.figures},
        "splits": {split.code: _split(split, figures.currency) for split in figures.splits},
        "roll_forwards": {roll.unit: _roll_forward(roll) for roll in figures.roll_forwards},
        "pick_up": _pick_up(figures),
        "withheld": {line.scope: _withheld(line) for line in figures.withheld},
        "withheld_reasons": dict(figures.withheld_reasons),
        "nights": {_day(night.stay_on): _night(night, figures.currency) for night in figures.nights},
        "checks": {check.name: {"state": check.state, "says": check.sentence} for check in figures.checks},
    }


def _day(day: date) -> str:
    return day.isoformat()


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal())


def _cell(cell: Cell, unit: str, currency: str) -> dict[str, Any]:
    value = number(cell, unit, currency)
    shown = value if value is None or isinstance(value, int) else str(value)
    return {"value": shown, "note": cell.note} if cell.note else {"value": shown}


def _figure(figure: Figure, spans: list[str], currency: str) -> dict[str, Any]:
    cells = {name: _cell(cell, figure.unit, currency) for name, cell in zip(spans, figure.cells, strict=True)}
    return {
        "metric_id": figure.metric_id,
        "name": figure.name,
        "unit": figure.unit,
        "basis": figure.basis,
        **cells,
    }


def _split(split: Split, currency: str) -> dict[str, Any]:
    return {
        line.code: {
            "rooms": line.room_count,
            "revenue": _money(line.revenue_minor, currency),
            "month_rooms": line.month_room_count,
            "month_revenue": _money(line.month_revenue_minor, currency),
        }
        for line in split.lines
    }


def _roll_forward(roll: RollForward) -> dict[str, Any]:
    return {
        "before": roll.before_count,
        "arrivals": roll.arrival_count,
        "departures": roll.departure_count,
        "in_house": roll.in_house_count,
        "difference": roll.difference,
    }


def _withheld(line: WithheldLine) -> dict[str, Any]:
    return {
        "rows": line.row_count,
        "rows_that_would_count": line.earning_row_count,
        "room_nights": line.room_night_count,
        "amounts": {currency: _money(minor, currency) for currency, minor in line.amounts},
    }


def _night(night: NightPoint, currency: str) -> dict[str, Any]:
    before = night.last_year_revenue_minor
    return {
        "rooms": night.room_count,
        "revenue": _money(night.revenue_minor, currency),
        "rooms_last_year": night.last_year_room_count,
        "revenue_last_year": None if before is None else _money(before, currency),
    }


def _movement(movement: Movement, currency: str) -> dict[str, Any]:
    return {"room_nights": movement.room_night_count, "revenue": _money(movement.revenue_minor, currency)}


def _pick_up(figures: DailyFigures) -> dict[str, Any]:
    picked, currency = figures.pick_up, figures.currency
    if picked is None:
        return {"note": figures.pick_up_note}
    return {
        "before_on": _day(picked.before_on),
        "before_kind": picked.before_kind,
        "after_on": _day(picked.after_on),
        "after_kind": picked.after_kind,
        "first_stay_on": _day(picked.first_stay_on),
        "last_stay_on": _day(picked.last_stay_on),
        **{name: _movement(getattr(picked, name), currency) for name in _PICK_UP_PARTS},
        "months": {
            f"{month.month_on:%Y-%m}": {
                "before": _movement(month.before, currency),
                "after": _movement(month.after, currency),
            }
            for month in picked.months
        },
    }


def changes_between(before: bytes, after: bytes) -> tuple[Change, ...]:
    """List what two JSON reports of one date show differently, in the order of the later one.

    A place is the path to a figure: `figures / room_revenue / day`. Status and version are not figures.
    """
    earlier, later = dict(_leaves(json.loads(before))), dict(_leaves(json.loads(after)))
    places = [*later, *(place for place in earlier if place not in later)]
    return tuple(
        Change(place, _word(earlier.get(place)), _word(later.get(place)))
        for place in places
        if earlier.get(place) != later.get(place) and place not in {"status", "version"}
    )


def _leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if not isinstance(node, dict):
        yield " / ".join(path), node
        return
    for key, child in node.items():
        yield from _leaves(child, path if key == "value" else (*path, key))


def _word(value: object) -> str:
    return "n/a" if value is None else str(value)

"""The report as one HTML page: nothing from outside, prints on A4, the same figures give the same bytes."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from hotel.figures import (
    MONEY,
    MONEY_EACH,
    PERSONS,
    ROOMS,
    SHARE,
    DailyFigures,
    DailyReport,
    Figure,
    Movement,
    PickUpMonth,
    Split,
)
from hotel.money import exponent
from reports import display
from reports.charts import nights_chart, share_bar

_CARDS: Final = ("occupied_rooms", "occupancy_paid", "adr", "revpar", "room_revenue")


class Card(NamedTuple):
    """A headline figure: what it is, its value, why it is missing, and how it moved since last year."""

    metric_id: str
    name: str
    value: str
    unit: str
    note: str
    change: str
    last_year: str


def render_page(report: DailyReport) -> bytes:
    """Render a report as a self-contained UTF-8 page. Every text of it is escaped."""
    figures = report.figures
    return (
        _template()
        .render(
            report=report,
            figures=figures,
            date=display.long_date(figures.business_on),
            spans=[(span.name, display.span_dates(span)) for span in figures.spans],
            cards=[_card(figures.figure(code), figures.currency) for code in _CARDS],
            groups=_groups(figures),
            charts=_charts(figures),
            splits=[_split(split, figures) for split in figures.splits],
            roll_forwards=figures.roll_forwards,
            pick_up=_pick_up(figures),
            units={"rooms": ROOMS, "persons": PERSONS},
            amounts=display.amounts,
        )
        .encode()
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("daily.html.j2")


def _card(figure: Figure, currency: str) -> Card:
    now, before = figure.cells[0], figure.cells[2]
    return Card(
        figure.metric_id,
        figure.name,
        "n/a" if now.value is None else display.shown(now, figure.unit, currency),
        currency if figure.unit in {MONEY, MONEY_EACH} and now.value is not None else "",
        now.note,
        "" if figure.unit == SHARE else display.change(now, before),
        "" if before.value is None else display.shown(before, figure.unit, currency),
    )


def _groups(figures: DailyFigures) -> list[tuple[str, list[tuple[Figure, list[str]]]]]:
    return [
        (
            group,
            [(line, [display.shown(cell, line.unit, figures.currency) for cell in line.cells]) for line in lines],
        )
        for group, lines in groupby(figures.figures, key=lambda figure: figure.group)
    ]


def _charts(figures: DailyFigures) -> list[tuple[str, Markup]]:
    nights, whole = figures.nights, 10 ** exponent(figures.currency)
    revenue = [max(night.revenue_minor, 0) // whole for night in nights]
    revenue_before = [_whole(night.last_year_revenue_minor, whole) for night in nights]
    rooms_name, revenue_name = "Occupied rooms, last 31 nights", f"Room revenue, {figures.currency}, last 31 nights"
    return [
        (
            rooms_name,
            nights_chart(nights, [n.room_count for n in nights], [n.last_year_room_count for n in nights], rooms_name),
        ),
        (revenue_name, nights_chart(nights, revenue, revenue_before, revenue_name)),
    ]


def _whole(minor: int | None, unit: int) -> int | None:
    return None if minor is None else max(minor, 0) // unit


def _split(split: Split, figures: DailyFigures) -> dict[str, Any]:
    total = sum(line.revenue_minor for line in split.lines)
    return {
        "name": split.name,
        "lines": [
            {
                "code": line.code,
                "rooms": f"{line.room_count:,}",
                "revenue": display.money(line.revenue_minor, figures.currency),
                "bar": share_bar(line.revenue_minor, total),
                "share": display.share(line.revenue_minor, total),
                "month_rooms": f"{line.month_room_count:,}",
                "month_revenue": display.money(line.month_revenue_minor, figures.currency),
            }
            for line in split.lines
        ],
        "rooms": f"{sum(line.room_count for line in split.lines):,}",
        "revenue": display.money(total, figures.currency),
        "month_rooms": f"{sum(line.month_room_count for line in split.lines):,}",
        "month_revenue": display.money(sum(line.month_revenue_minor for line in split.lines), figures.currency),
    }


def _pick_up(figures: DailyFigures) -> dict[str, Any] | None:
    picked = figures.pick_up
    if picked is None:
        return None
    parts = [
        ("New", picked.new),
        ("Cancelled", picked.cancelled),
        ("Modified", picked.modified),
        *([("Not explained", picked.unexplained)] if any(picked.unexplained) else []),
    ]
    return {
        "from": f"{display.long_date(picked.before_on)} ({picked.before_kind})",
        "to": f"{display.long_date(picked.after_on)} ({picked.after_kind})",
        "parts": [(name, *_movement(part, figures.currency)) for name, part in parts],
        "total": _movement(picked.total, figures.currency),
        "months": _months(figures),
    }


def _movement(movement: Movement, currency: str) -> tuple[str, str]:
    money = display.money(movement.revenue_minor, currency)
    nights = f"{movement.room_night_count:+,}" if movement.room_night_count else "0"
    return nights, f"+{money}" if movement.revenue_minor > 0 else money


def _difference(month: PickUpMonth, currency: str) -> tuple[str, str]:
    before, after = month.before, month.after
    difference = Movement(after.room_night_count - before.room_night_count, after.revenue_minor - before.revenue_minor)
    return _movement(difference, currency)


def _months(figures: DailyFigures) -> Sequence[tuple[str, ...]]:
    months = figures.pick_up.months if figures.pick_up else ()
    return [
        (
            display.month_name(month.month_on),
            f"{month.after.room_night_count:,}",
            _difference(month, figures.currency)[0],
            display.money(month.after.revenue_minor, figures.currency),
            _difference(month, figures.currency)[1],
        )
        for month in months
    ]

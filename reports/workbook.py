"""The report as an Excel workbook: real numbers, totals that add up, the same bytes for the same figures."""

from datetime import datetime, time
from fractions import Fraction
from io import BytesIO
from typing import Final, NamedTuple

from xlsxwriter import Workbook

from hotel.figures import MONEY, MONEY_EACH, SHARE, Cell, DailyFigures, DailyReport, Figure, Movement, Split
from hotel.money import Money, exponent
from reports import display, sheets
from reports.sheets import SIGNED, Entry, Number, Row, Sheet

_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class _Pages(NamedTuple):
    """The workbook under way."""

    book: Workbook
    report: DailyReport

    @property
    def figures(self) -> DailyFigures:
        return self.report.figures

    @property
    def subtitle(self) -> str:
        day = display.long_date(self.figures.business_on)
        return f"{self.figures.property_name} · {day} · {self.report.status} · {self.figures.currency}"

    def sheet(self, name: str, title: str, *widths: int) -> Sheet:
        return Sheet(self.book, name, title=title, subtitle=self.subtitle, widths=widths)

    def money(self, minor: int) -> Number:
        currency = self.figures.currency
        return sheets.money(Money(minor, currency).decimal(), exponent(currency))


def render_workbook(report: DailyReport) -> bytes:
    """Render a report as XLSX. The file is dated by the business date, not by the clock."""
    stream = BytesIO()
    with Workbook(stream, dict(_OPTIONS)) as book:
        pages = _Pages(book, report)
        created = datetime.combine(report.figures.business_on, time())
        book.set_properties({"title": pages.subtitle, "author": "Night Audit", "created": created})
        _summary(pages)
        for split in report.figures.splits:
            _split(pages, split)
        _movements(pages)
        _quarantine(pages)
        _basis(pages)
    return stream.getvalue()


def _summary(pages: _Pages) -> None:
    figures = pages.figures
    sheet = pages.sheet("Summary", f"{figures.property_name}: daily report", 34, 26, 26, 26, 28, 8, 58)
    spans = (f"{span.name.capitalize()}\n{display.span_dates(span)}" for span in figures.spans)
    header = ["Figure", *spans, "K", "Basis"]
    for group in dict.fromkeys(figure.group for figure in figures.figures):
        sheet.heading(group)
        sheet.table(header, [_figure_row(figure, figures) for figure in figures.figures if figure.group == group])
    sheet.heading("Does it tie?")
    sheet.table(["Check", "State", "Says"], [(check.name, check.state, check.sentence) for check in figures.checks])


def _figure_row(figure: Figure, figures: DailyFigures) -> Row:
    cells = (_entry(cell, figure.unit, figures.currency) for cell in figure.cells)
    return [figure.name, *cells, figure.metric_id, figure.basis]


def _entry(cell: Cell, unit: str, currency: str) -> Entry:
    value = display.number(cell, unit, currency)
    if value is None:
        return display.shown(cell, unit, currency)
    if unit in {MONEY, MONEY_EACH}:
        return sheets.money(value, exponent(currency))
    return Number(value, sheets.SHARE if unit == SHARE else sheets.COUNT)


def _split(pages: _Pages, split: Split) -> None:
    sheet = pages.sheet(split.name, f"{split.name}: occupied rooms and room revenue (K-11)", 30, 12, 18, 12, 16, 20, 16)
    day = sum(line.revenue_minor for line in split.lines)
    month = sum(line.month_revenue_minor for line in split.lines)
    rows = [
        (
            line.code,
            Number(line.room_count),
            pages.money(line.revenue_minor),
            _share(line.revenue_minor, day),
            Number(line.month_room_count),
            pages.money(line.month_revenue_minor),
            _share(line.month_revenue_minor, month),
        )
        for line in split.lines
    ]
    header = ["Code", "Rooms", "Room revenue", "Share", "Rooms, month", "Room revenue, month", "Share, month"]
    sheet.table(header, rows, total="Total")


def _share(part: int, whole: int) -> Entry:
    return _entry(Cell(Fraction(part, whole) if whole else None), SHARE, "")


def _movements(pages: _Pages) -> None:
    figures = pages.figures
    sheet = pages.sheet("Movements", "In house, pick-up and the last nights", 30, 18, 18, 18, 18, 18)
    sheet.heading("In house rolls forward (K-10)")
    sheet.table(
        ["Unit", "Day before", "Arrivals", "Departures", "At close", "Difference"],
        [
            (
                roll.unit,
                _known(roll.before_count),
                Number(roll.arrival_count),
                Number(roll.departure_count),
                Number(roll.in_house_count),
                _known(roll.difference),
            )
            for roll in figures.roll_forwards
        ],
    )
    _pick_up(pages, sheet)
    sheet.heading("Occupied rooms and room revenue by night")
    sheet.table(
        ["Night", "Rooms", "Room revenue", "Rooms, 364 days before", "Room revenue, 364 days before"],
        [
            (
                night.stay_on.isoformat(),
                Number(night.room_count),
                pages.money(night.revenue_minor),
                _known(night.last_year_room_count),
                "n/a" if night.last_year_revenue_minor is None else pages.money(night.last_year_revenue_minor),
            )
            for night in figures.nights
        ],
    )


def _known(count: int | None) -> Entry:
    return "n/a" if count is None else Number(count)


def _pick_up(pages: _Pages, sheet: Sheet) -> None:
    picked = pages.figures.pick_up
    sheet.heading("Pick-up (K-12)")
    if picked is None:
        sheet.line(f"n/a ({pages.figures.pick_up_note})")
        return
    sheet.line(
        f"From {picked.before_on} ({picked.before_kind}) to {picked.after_on} ({picked.after_kind}), "
        f"stay dates {picked.first_stay_on} to {picked.last_stay_on}"
    )
    parts = {
        "New": picked.new,
        "Cancelled": picked.cancelled,
        "Modified": picked.modified,
        "Not explained": picked.unexplained,
    }
    rows = [(name, *_movement(pages, part)) for name, part in parts.items()]
    sheet.table(["Movement", "Room nights", "Room revenue"], rows, total="Pick-up")
    sheet.heading("On the books by month of stay (K-12)")
    months = [
        (f"{month.month_on:%Y-%m}", *_movement(pages, month.before), *_movement(pages, month.after))
        for month in picked.months
    ]
    header = ["Month", "Nights before", "Revenue before", "Nights now", "Revenue now"]
    sheet.table(header, months, total="Total")


def _movement(pages: _Pages, movement: Movement) -> tuple[Number, Number]:
    return Number(movement.room_night_count, SIGNED), pages.money(movement.revenue_minor)


def _quarantine(pages: _Pages) -> None:
    figures = pages.figures
    sheet = pages.sheet("Quarantine", "Withheld by quarantine (K-16)", 30, 12, 24, 14, 40)
    sheet.heading("What waits and is in no figure of this report")
    sheet.table(
        ["Scope", "Rows", "of them would count", "Room nights", "Amount"],
        [
            (
                line.scope,
                Number(line.row_count),
                Number(line.earning_row_count),
                Number(line.room_night_count),
                display.amounts(line.amounts),
            )
            for line in figures.withheld
        ],
    )
    sheet.heading("Reasons")
    sheet.table(["Reason", "Rows"], [(code, Number(count)) for code, count in figures.withheld_reasons], total="Total")


def _basis(pages: _Pages) -> None:
    figures = pages.figures
    sheet = pages.sheet("Basis", "What the figures rest on", 34, 34, 60)
    sheet.heading("This report")
    closed = f"closed by {figures.closed_by}" if figures.is_closed else "not closed yet"
    facts = [
        ("Property", figures.property_id),
        ("Business date", f"{figures.business_on}, {closed}"),
        ("Status", pages.report.status),
        ("Currency", figures.currency),
        ("Tax basis", figures.tax_basis),
        ("Rounding", "half to even, once, where a figure is shown"),
        ("Records", "records of record only"),
    ]
    sheet.table(["Fact", "Value"], facts)
    if pages.report.changes:
        sheet.heading(f"Changed since final v{pages.report.version - 1}")
        sheet.table(["Figure", "Before", "Now"], [tuple(change) for change in pages.report.changes])
    sheet.heading("Definitions: docs/metrics.md")
    sheet.table(["Figure", "K", "Basis"], [(line.name, line.metric_id, line.basis) for line in figures.figures])

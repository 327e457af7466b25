"""How a figure is written: rounded half-even, once, here. Every format shows the same digits."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hotel.figures import MONEY, MONEY_EACH, SHARE, Amounts, Cell, DailyReport, Figure, Span
from hotel.loads import FigureLine
from hotel.money import Money, exponent, rounded

SHARE_PLACES: Final = 3
NOTHING: Final = "–"
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(cell: Cell, unit: str, currency: str) -> Decimal | int | None:
    """Give the number that is shown: money in major units with the currency's decimals, shares to a tenth of a percent.

    None where the figure is not known.
    """
    if cell.value is None:
        return None
    if unit in {MONEY, MONEY_EACH}:
        decimals = exponent(currency)
        return rounded(Fraction(cell.value, 10**decimals), decimals)
    if unit == SHARE:
        return rounded(Fraction(cell.value), SHARE_PLACES)
    return int(cell.value)


def shown(cell: Cell, unit: str, currency: str) -> str:
    """Write a cell: `26,958.56`, `34.7 %`, `n/a (no inventory loaded)`, or a dash where it does not apply."""
    value = number(cell, unit, currency)
    if value is None:
        return f"n/a ({cell.note})" if cell.note else NOTHING
    if unit == SHARE:
        return f"{value * 100:.1f} %"
    return f"{value:,}"


def money(minor: int, currency: str) -> str:
    """Write an amount without its currency: `26,958.56`."""
    return f"{Money(minor, currency).decimal():,}"


def amounts(parts: Amounts) -> str:
    """Write amounts of several currencies: `9,284.38 EUR`; nothing is a dash."""
    return ", ".join(Money(minor, currency).display() for currency, minor in parts) or NOTHING


def share(part: int, whole: int) -> str:
    """Write a part of a whole: `77.4 %`; of nothing there is no share."""
    return shown(Cell(Fraction(part, whole) if whole else None), SHARE, "")


def change(now: Cell, before: Cell) -> str:
    """Write the relative change `+12.3 %`; empty where either is not known or before was nothing."""
    if not now.value or not before.value:
        return ""
    ratio = Fraction(now.value) / Fraction(before.value) - 1
    return f"{rounded(ratio * 100, 1):+,} %"


def long_date(day: date) -> str:
    """Write `Monday, 15 August 2016`, whatever the machine's language."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Write `15 Aug`."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def month_name(day: date) -> str:
    """Write `August 2016`."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def span_dates(span: Span) -> str:
    """Write a span's dates: `15 Aug 2016`, `1–15 Aug 2016`."""
    last = f"{short_date(span.last_on)} {span.last_on.year}"
    return last if span.first_on == span.last_on else f"{span.first_on.day}–{last}"


def figure_lines(report: DailyReport) -> tuple[FigureLine, ...]:
    """Write every figure as a line for the operator: day, month to date, same weekday last year, basis."""
    return tuple(_line(figure, report.figures.currency) for figure in report.figures.figures)


def _line(figure: Figure, currency: str) -> FigureLine:
    suffix = f" {currency}" if figure.unit in {MONEY, MONEY_EACH} else ""
    day, month, day_last_year = (
        shown(cell, figure.unit, currency) + (suffix if cell.value is not None else "") for cell in figure.cells[:3]
    )
    return FigureLine(figure.metric_id, figure.name, day, month, day_last_year, figure.basis)


def withheld_sentence(report: DailyReport) -> str:
    """Say in one line what quarantine keeps out, on the date and in all."""
    return "; ".join(
        f"{line.scope}: {line.row_count:,} rows, {line.room_night_count:,} room nights, {amounts(line.amounts)}"
        for line in report.figures.withheld
    )

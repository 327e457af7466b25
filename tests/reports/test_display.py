"""How figures are written."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from hotel.figures import MONEY, MONEY_EACH, ROOMS, SHARE, Cell, Span, report_spans
from reports import display
from tests.reports.samples import report


@pytest.mark.parametrize(
    ("cell", "unit", "currency", "text"),
    [
        (Cell(1234), ROOMS, "EUR", "1,234"),
        (Cell(2_695_856), MONEY, "EUR", "26,958.56"),
        (Cell(-5), MONEY, "EUR", "-0.05"),
        (Cell(2_695_856), MONEY, "JPY", "2,695,856"),
        (Cell(2_695_856), MONEY, "KWD", "2,695.856"),
        (Cell(Fraction(2_695_856, 212)), MONEY_EACH, "EUR", "127.16"),
        (Cell(Fraction(35, 101)), SHARE, "EUR", "34.7 %"),
        (Cell(None, "no inventory loaded"), SHARE, "EUR", "n/a (no inventory loaded)"),
        (Cell(None), ROOMS, "EUR", "–"),
    ],
)
def test_a_cell_is_written_by_its_unit(cell: Cell, unit: str, currency: str, text: str) -> None:
    assert display.shown(cell, unit, currency) == text


@pytest.mark.parametrize(("minor", "rooms", "shown"), [(5, 2, "0.02"), (15, 2, "0.08"), (25, 2, "0.12")])
def test_halves_are_rounded_to_even_once(minor: int, rooms: int, shown: str) -> None:
    assert display.number(Cell(Fraction(minor, rooms)), MONEY_EACH, "EUR") == Decimal(shown)


def test_change_needs_both_years() -> None:
    assert display.change(Cell(212), Cell(151)) == "+40.4 %"
    assert display.change(Cell(90), Cell(100)) == "-10.0 %"
    assert display.change(Cell(None, "no data"), Cell(100)) == ""
    assert display.change(Cell(5), Cell(0)) == ""


def test_dates_are_in_english_whatever_the_machine_speaks() -> None:
    assert display.long_date(date(2016, 8, 15)) == "Monday, 15 August 2016"
    assert display.month_name(date(2016, 12, 1)) == "December 2016"
    assert display.span_dates(Span("month", date(2016, 8, 1), date(2016, 8, 15))) == "1–15 Aug 2016"
    assert display.span_dates(Span("day", date(2016, 8, 15), date(2016, 8, 15))) == "15 Aug 2016"


def test_the_29th_of_february_is_compared_with_a_month_of_28_days() -> None:
    spans = report_spans(date(2024, 2, 29))
    assert [tuple(span)[1:] for span in spans[2:]] == [
        (date(2023, 3, 2), date(2023, 3, 2)),
        (date(2023, 2, 1), date(2023, 2, 28)),
    ]


def test_lines_for_the_operator_carry_the_currency_and_the_reason() -> None:
    lines = {line.name: line for line in display.figure_lines(report())}
    assert lines["Room revenue"].today == "173.44 EUR"
    assert lines["of no-shows"].today == "n/a (no charges loaded)"
    assert lines["In house"].month_to_date == "–"
    assert lines["ADR"].metric_id == "K-05"


def test_one_sentence_says_what_is_withheld() -> None:
    assert display.withheld_sentence(report()) == (
        "business date: 1 rows, 1 room nights, -31.90 EUR; all: 1 rows, 2 room nights, -63.80 EUR"
    )
    assert display.amounts(()) == "–"

"""A sheet that is written from top to bottom: titles, tables, totals as sums that a controller can follow.

Texts are always written as texts, whatever they begin with; the only formulas are the sums of `table`.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

COUNT: Final = "#,##0"
SIGNED: Final = "+#,##0;-#,##0;0"
SHARE: Final = "0.0%"
_A4: Final = 9
_HIDE_ALL_GRIDLINES: Final = 2
_INK, _BRAND, _RULE, _FAINT = "#17212B", "#1F4E79", "#DFE5EA", "#8795A3"


class Number(NamedTuple):
    """A number and Excel's format of it."""

    value: int | Decimal
    kind: str = COUNT


Entry = str | Number
Row = Sequence[Entry]


def money(value: int | Decimal, decimals: int) -> Number:
    """Make an amount in major units with its currency's decimals."""
    return Number(value, COUNT + ("." + "0" * decimals if decimals else ""))


class Sheet:
    """One worksheet with a cursor; each call writes below what stands."""

    def __init__(self, book: Workbook, name: str, *, title: str, subtitle: str, widths: Sequence[int]) -> None:
        self._book = book
        self._sheet = book.add_worksheet(name)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._row = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.hide_gridlines(_HIDE_ALL_GRIDLINES)
        self._sheet.set_landscape()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&L" + subtitle.replace("&", "&&") + "&RPage &P of &N")
        self.line(title, bold=True, font_size=15)
        self.line(subtitle, font_color=_FAINT)

    def line(self, text: str, **look: Any) -> None:
        """Write one line of text."""
        self._sheet.write_string(self._row, 0, text, self._format(**look))
        self._row += 1

    def heading(self, text: str) -> None:
        """Write a heading with a free row above."""
        self._row += 1
        self.line(text, bold=True, font_color=_BRAND, font_size=12)

    def table(self, header: Sequence[str], rows: Sequence[Row], *, total: str = "") -> None:
        """Write a table; with `total` a last row of that name sums every column of numbers that are no shares.

        A text in a column of numbers says why there is no number.
        """
        for column, text in enumerate(header):
            is_number = any(isinstance(row[column], Number) for row in rows)
            look = {"align": "right" if is_number else "left", "bottom": 2, "bottom_color": _BRAND}
            self._sheet.write_string(self._row, column, text, self._format(bold=True, text_wrap=True, **look))
        first = self._row + 1
        for row in rows:
            self._row += 1
            for column, entry in enumerate(row):
                self._write(column, entry)
        self._row += 1
        if total and rows:
            self._total(total, rows, first)

    def _write(self, column: int, entry: Entry) -> None:
        if isinstance(entry, Number):
            look = self._format(num_format=entry.kind, bottom=1, bottom_color=_RULE)
            # A double holds every amount of ours to the minor unit: Excel has no other numbers.
            self._sheet.write_number(self._row, column, float(entry.value), look)
        else:
            is_missing = entry.startswith("n/a")
            faint = {"font_color": _FAINT, "align": "right"} if is_missing else {}
            self._sheet.write_string(self._row, column, entry, self._format(bottom=1, bottom_color=_RULE, **faint))

    def _total(self, name: str, rows: Sequence[Row], first: int) -> None:
        for column, entry in enumerate(rows[0]):
            strong: dict[str, Any] = {"bold": True, "top": 1, "top_color": _INK}
            if column == 0:
                self._sheet.write_string(self._row, column, name, self._format(**strong))
            elif isinstance(entry, Number) and entry.kind != SHARE:
                letter = xl_col_to_name(column)
                numbers = [row[column] for row in rows]
                value = sum((Decimal(n.value) for n in numbers if isinstance(n, Number)), Decimal(0))
                look = self._format(num_format=entry.kind, **strong)
                formula = f"=SUM({letter}{first + 1}:{letter}{self._row})"
                self._sheet.write_formula(self._row, column, formula, look, float(value))
            else:
                self._sheet.write_blank(self._row, column, None, self._format(**strong))
        self._row += 1

    def _format(self, **look: Any) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": "Arial", "font_size": 10, **look})
        return self._formats[key]

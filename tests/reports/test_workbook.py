"""The workbook as a controller opens it: numbers to the cent, totals that tie, no formula from outside."""

import re
import zipfile
from io import BytesIO

import openpyxl  # type: ignore[import-untyped]
import pytest
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from hotel.figures import Change, DailyReport
from reports.workbook import render_workbook
from tests.reports.samples import FORMULA, SCRIPT, report

SHEETS = ["Summary", "Segments", "Channels", "Room types", "Movements", "Quarantine", "Basis"]
SUM = re.compile(r"=?SUM\(([A-Z])(\d+):\1(\d+)\)")


def opened(made: DailyReport) -> dict[str, Worksheet]:
    return {sheet.title: sheet for sheet in openpyxl.load_workbook(BytesIO(render_workbook(made))).worksheets}


def row_of(sheet: Worksheet, first: str) -> list[object]:
    return next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == first)


def test_every_sheet_is_there_in_its_place() -> None:
    assert list(opened(report())) == SHEETS


def test_money_is_a_number_with_the_currencys_decimals() -> None:
    sheet = opened(report())["Summary"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Room revenue")
    assert row[1].value == 12_345 / 100 + 4_999 / 100
    assert row[1].number_format == "#,##0.00"


@pytest.mark.parametrize(
    ("currency", "revenue", "number_format"), [("JPY", 17_344, "#,##0"), ("KWD", 17.344, "#,##0.000")]
)
def test_yen_have_no_decimals_and_dinars_three(currency: str, revenue: float, number_format: str) -> None:
    sheet = opened(report(currency=currency))["Summary"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Room revenue")
    assert (row[1].value, row[1].number_format) == (revenue, number_format)


def test_what_is_not_known_is_text_and_never_nought() -> None:
    sheet = opened(report())["Summary"]
    assert row_of(sheet, "of no-shows")[1] == "n/a (no charges loaded)"
    assert row_of(sheet, "Rooms available")[1:3] == [7, "n/a (inventory for 1 of 18 dates)"]
    assert row_of(sheet, "In house")[2] == "–"


def test_the_only_formulas_are_sums_and_they_add_up() -> None:
    made = report()
    written = zipfile.ZipFile(BytesIO(render_workbook(made)))
    shown = openpyxl.load_workbook(BytesIO(render_workbook(made)), data_only=True)
    count = 0
    for sheet in openpyxl.load_workbook(BytesIO(render_workbook(made))).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                found = SUM.fullmatch(str(cell.value))
                assert found, cell.value
                parts = [sheet[f"{found[1]}{n}"].value for n in range(int(found[2]), int(found[3]) + 1)]
                assert shown[sheet.title][cell.coordinate].value == pytest.approx(sum(parts), abs=1e-9)
                count += 1
    assert count == sum(written.read(name).count(b"<f>") for name in written.namelist() if "worksheets" in name)
    assert count > 10


def test_split_totals_are_the_totals_of_the_summary() -> None:
    book = openpyxl.load_workbook(BytesIO(render_workbook(report())), data_only=True)
    revenue = row_of(book["Summary"], "Room revenue")[1:3]
    for name in ("Segments", "Channels", "Room types"):
        total = row_of(book[name], "Total")
        assert [total[2], total[5]] == revenue


def test_texts_from_outside_stay_texts() -> None:
    sheets = opened(report())
    cell = next(row[0] for row in sheets["Segments"].iter_rows() if row[0].value == FORMULA)
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert row_of(sheets["Quarantine"], "+no_guests")[1] == 1
    assert SCRIPT in str(sheets["Summary"]["A1"].value)


def test_the_file_is_dated_by_the_business_date() -> None:
    with zipfile.ZipFile(BytesIO(render_workbook(report()))) as file:
        core = file.read("docProps/core.xml").decode()
        assert core.count("2026-03-18T00:00:00Z") == 2
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_restatement_lists_what_changed() -> None:
    made = report(version=2, changes=(Change("figures / adr / day", "120.00", "123.45"),))
    assert row_of(opened(made)["Basis"], "figures / adr / day")[1:] == ["120.00", "123.45"]


def test_without_snapshots_the_pick_up_says_why() -> None:
    made = report()
    bare = made._replace(figures=made.figures._replace(pick_up=None, pick_up_note="no snapshot yet"))
    values = [cell.value for row in opened(bare)["Movements"].iter_rows() for cell in row]
    assert "n/a (no snapshot yet)" in values

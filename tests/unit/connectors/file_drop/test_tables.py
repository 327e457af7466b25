import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.errors import FixMapping, RequestRefused, VendorChangedShape
from connectors.file_drop import tables
from connectors.file_drop.received import Received
from connectors.file_drop.rules import Export
from connectors.file_drop.tables import open_table
from tests.unit.connectors.file_drop.small_pms import HEADER, export


def workbook(*rows: list[Any], sheets: tuple[str, ...] = ("Stays",)) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for sheet in map(book.add_worksheet, sheets):
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


def table(content: bytes, suffix: str, mapping: Export) -> tuple[list[str], list[list[str]]]:
    opened = open_table(Received(f"stays{suffix}", suffix, b"", content), mapping)
    return opened.header, list(opened.rows)


def test_delimited_text_is_read_as_the_mapping_says(tmp_path: Path) -> None:
    assert table(b" Conf ;Line\r\nA7;1\r\n", ".csv", export(tmp_path)) == (["Conf", "Line"], [["A7", "1"]])


def test_a_workbook_s_own_dates_and_numbers_are_written_as_the_mapping_reads_them(tmp_path: Path) -> None:
    content = workbook(
        ["In", "Out", "Adults", "Total", "Free", "Conf"],
        [date(2026, 8, 1), datetime(2026, 8, 4, 11, 30), 2, 1000.01, True, "A7"],  # noqa: DTZ001 a cell has no zone
        ["1.8.2026", None, 2.0, 0.1 + 0.2, False, 7],
    )
    assert table(content, ".xlsx", export(tmp_path))[1] == [
        ["1.8.2026", "4.8.2026", "2", "1000,01", "true", "A7"],
        ["1.8.2026", "", "2", "0,3", "false", "7"],
    ]


def test_a_workbook_s_own_dates_are_iso_where_no_format_is_stated(tmp_path: Path) -> None:
    unstated = export(tmp_path, ('date_format = "d.m.yyyy"\n', ""))
    content = workbook(["In", "Note"], [date(2026, 8, 1), date(2026, 8, 2)], ["7/1/2015", "x"])
    assert table(content, ".xlsx", unstated)[1] == [["2026-08-01", "2026-08-02"], ["7/1/2015", "x"]]


def test_columns_without_a_header_are_left_only_where_they_are_empty(tmp_path: Path) -> None:
    content = workbook(["Conf", "Line", None], ["A7", "1", None], ["B8", "2", "stray"], [None, None, None], ["C9"])
    assert table(content, ".xlsx", export(tmp_path)) == (
        ["Conf", "Line"],
        [["A7", "1"], ["B8", "2", "stray"], ["C9", ""]],
    )


def test_a_workbook_of_several_sheets_needs_the_sheet_stated(tmp_path: Path) -> None:
    content = workbook(["Conf"], ["A7"], sheets=("Stays", "Totals"))
    with pytest.raises(FixMapping, match=r"sheets: Stays, Totals: state sheet = .*exports/small\.toml"):
        table(content, ".xlsx", export(tmp_path))
    stated = export(tmp_path, ("[file]", '[file]\nsheet = "Totals"'))
    assert table(content, ".xlsx", stated) == (["Conf"], [["A7"]])
    with pytest.raises(FixMapping, match="sheets: Stays: state sheet"):
        table(workbook(["Conf"]), ".xlsx", stated)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", workbook(["Conf"])[:-30]])
def test_a_broken_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(VendorChangedShape, match="no workbook"):
        table(content, ".xlsx", export(tmp_path))


def test_a_workbook_beyond_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 1_000)
    with pytest.raises(RequestRefused, match="split the export"):
        table(workbook(["Conf"]), ".xlsx", export(tmp_path))


def test_a_workbook_is_known_by_its_bytes(tmp_path: Path) -> None:
    assert table(workbook(["Conf"], ["A7"]), ".csv", export(tmp_path)) == (["Conf"], [["A7"]])


def test_json_lines_become_rows_under_all_their_keys(tmp_path: Path) -> None:
    lines = [
        {"Conf": "A7", "Total": 10.50, "Adults": 2, "Free": True},
        {"Conf": "B8", "Total": None, "guest": {"name": "Ann", "tags": ["vip", 1]}},
    ]
    text = "\r\n".join(json.dumps(line) for line in lines) + "\n\n"
    assert table(text.encode(), ".jsonl", export(tmp_path)) == (
        ["Conf", "Total", "Adults", "Free", "guest.name", "guest.tags"],
        [["A7", "10,5", "2", "true", "", ""], ["B8", "", "", "", "Ann", '["vip", 1]']],
    )


def test_a_json_number_keeps_every_digit_it_was_written_with(tmp_path: Path) -> None:
    text = (
        b'{"Total": 1234567890123456.10}\n{"Total": 12345678901234567890}\n{"Total": 1e400}\n{"Total": 1e999999999}\n'
    )
    totals = [row[0] for row in table(text, ".jsonl", export(tmp_path))[1]]
    assert totals == ["1234567890123456,10", "12345678901234567890", "1E+400", "1E+999999999"]


@pytest.mark.parametrize("line", ["{", "[1, 2]", "null", '{"a": 1} x', "[" * 100_000, '{"a": ' + "9" * 5_000 + "}"])
def test_a_line_that_is_no_json_object_comes_whole_as_one_field(tmp_path: Path, line: str) -> None:
    text = json.dumps(dict.fromkeys(HEADER, "x")) + "\n" + line
    header, rows = table(text.encode(), ".jsonl", export(tmp_path))
    assert header == HEADER
    assert rows == [["x"] * len(HEADER), [line]]


def test_a_time_of_a_workbook_s_cell_is_a_text(tmp_path: Path) -> None:
    noon = datetime(2026, 8, 1, 12, 0, tzinfo=UTC).time()
    assert table(workbook(["Conf"], [noon]), ".xlsx", export(tmp_path))[1] == [["12:00:00"]]

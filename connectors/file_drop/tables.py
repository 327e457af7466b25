"""Any file we read as one table: a header and rows of texts, as the mapping's own formats would write them."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from connectors.errors import FixMapping, RequestRefused, VendorChangedShape
from connectors.file_drop.dates import ISO, DateFormat
from connectors.file_drop.delimited import decoded, delimited_rows
from connectors.file_drop.received import MAX_BYTES, Received
from connectors.file_drop.rules import Export
from connectors.json_rows import storable

BLANK: Final = "blank"
REPEATED_HEADER: Final = "repeated header"
_PLAIN_DIGITS: Final = 30  # 1e999999999 must not be written out
_ZIP: Final = b"PK\x03\x04"


class Table(NamedTuple):
    """A header (outer blanks dropped) and the data rows below it, read as they are asked for.

    Blank lines and headers repeated midway are no data: `left_out` counts them.
    """

    header: list[str]
    rows: Iterator[list[str]]
    left_out: Counter[str]


def open_table(received: Received, export: Export) -> Table:
    """Read a file as its kind says: a workbook, JSON lines, or else delimited text. Raises FixMapping."""
    if received.content.startswith(_ZIP):
        rows = _workbook_rows(received, export)
    else:
        text = decoded(received.content, export.file.encoding, export.name)
        is_json = received.suffix == ".jsonl"
        rows = _json_rows(text, export) if is_json else delimited_rows(text, export.file)
    header = [name.strip() for name in next(rows, [])]
    left_out = Counter[str]()
    return Table(header, _data_rows(header, rows, left_out), left_out)


def _data_rows(header: list[str], rows: Iterator[list[str]], left_out: Counter[str]) -> Iterator[list[str]]:
    for row in rows:
        if not "".join(row).strip():
            left_out[BLANK] += 1
        elif header and row[0].strip() == header[0] and [value.strip() for value in row] == header:
            left_out[REPEATED_HEADER] += 1
        else:
            yield row


class _Texts:
    """Cells that have a type of their own, written as the mapping's formats read them."""

    def __init__(self, export: Export) -> None:
        self._mark = export.file.decimal_mark
        self._formats = export.date_formats()
        self._iso = DateFormat(ISO)

    def of(self, column: str, value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float):  # 15 digits are what a spreadsheet holds and shows
            value = Decimal(f"{value:.15g}")
        if isinstance(value, int | Decimal):
            number = Decimal(value)
            is_plain = abs(number.adjusted()) <= _PLAIN_DIGITS
            return f"{number:f}".replace(".", self._mark) if is_plain else str(number)
        if isinstance(value, datetime):
            value = value.date()
        if isinstance(value, date):
            return (self._formats.get(column) or self._iso).write(value)
        return str(value)


def _workbook_rows(received: Received, export: Export) -> Iterator[list[str]]:
    texts = _Texts(export)
    sheet = _sheet(received, export)
    header: list[str] = []
    for cells in sheet:
        if not header:
            header = [str(cell) for cell in cells]
            while header and not header[-1].strip():
                header.pop()
            yield header
            continue
        width = len(header) if not any(str(cell).strip() for cell in cells[len(header) :]) else len(cells)
        names = [*header, *[""] * (width - len(header))]
        yield [texts.of(name.strip(), cell) for name, cell in zip(names, cells, strict=False)]


def _sheet(received: Received, export: Export) -> list[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(received.content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_BYTES:
                msg = f"{received.name}: more than {MAX_BYTES >> 20} MiB unpacked: split the export by arrival date"
                raise RequestRefused(msg)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(received.content))
    except (zipfile.BadZipFile, CalamineError):
        msg = f"{received.name} is no workbook (XLSX) that can be read: export it again"
        raise VendorChangedShape(msg) from None
    names = workbook.sheet_names
    chosen = export.file.sheet or (names[0] if len(names) == 1 else "")
    if chosen not in names:
        msg = f"sheets: {', '.join(names)}: state sheet = <one of them> in exports/{export.name}.toml"
        raise FixMapping(msg)
    return workbook.get_sheet_by_name(chosen).to_python()


def _json_rows(text: str, export: Export) -> Iterator[list[str]]:
    """Give the objects' keys as the header, nested ones dotted; a line that is no object comes as one field."""
    texts = _Texts(export)
    lines = [line.strip() for line in text.split("\n")]
    objects = [_object(line) for line in lines if line]
    header = list(dict.fromkeys(key for each in objects if isinstance(each, dict) for key in each))
    yield header
    for each in objects:
        yield [texts.of(key, each.get(key)) for key in header] if isinstance(each, dict) else [each]


def _object(line: str) -> dict[str, Any] | str:
    try:
        read = json.loads(storable(line.encode()), parse_float=Decimal, parse_constant=str)
        return dict(_flat("", read)) if isinstance(read, dict) else line
    except (ValueError, RecursionError):
        return line


def _flat(prefix: str, read: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in read.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", json.dumps(value, default=str) if isinstance(value, list) else value

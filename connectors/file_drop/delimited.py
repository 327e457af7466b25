"""CSV and its relatives: bytes to text by a stated or provable encoding, text to rows by stated quotes."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from connectors.errors import FixMapping
from connectors.file_drop.rules import FileRule

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decoded(content: bytes, stated: str, export: str) -> str:
    """Decode a file. An encoding is taken where stated, or where a byte order mark or valid UTF-8 proves it.

    Raises FixMapping where neither is so, or where the bytes contradict what is stated.
    """
    where = f"in exports/{export}.toml"
    mark, marked = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", ""))
    name = codecs.lookup(stated).name.removesuffix("-sig") if stated else ""
    if name == "utf-16" and not marked:  # Python would take this machine's byte order for it
        msg = f'no byte order mark: state encoding = "utf-16-le" or "utf-16-be" {where}'
        raise FixMapping(msg)
    if marked and name and not marked.startswith(name):
        msg = f'the file is marked as {marked}, the mapping states encoding = "{stated}": state "{marked}" {where}'
        raise FixMapping(msg)
    try:
        text = content[len(mark) :].decode(marked or name or "utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        finding = f"byte 0x{content[len(mark) + error.start]:02x} in line {line} is not {error.encoding}"
        msg = f'{finding}: state the encoding the export is written in, like encoding = "windows-1252", {where}'
        raise FixMapping(msg) from None
    if "\0" in text.partition("\n")[0]:
        msg = f'the header holds NUL bytes: is it UTF-16? State encoding = "utf-16-le" or "utf-16-be" {where}'
        raise FixMapping(msg)
    return text


def delimited_rows(text: str, rule: FileRule) -> Iterator[list[str]]:
    """Split a text into rows of fields, the header first.

    A line whose quotes do not fit comes as one field, whole, so that it can be refused by its row. Raises FixMapping
    where a quote swallows the lines after it: then nobody knows where rows begin.
    """
    quoting: dict[str, Any] = {"quotechar": rule.quote} if rule.quote else {"quoting": csv.QUOTE_NONE}
    lines: list[str] = []  # of the row that is being read
    rows = csv.reader(_noted(text, lines), delimiter=rule.delimiter, strict=True, **quoting)
    width = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            row = [lines[0].rstrip("\r\n")] if len(lines) == 1 else []
        width = width or len(row)
        if len(lines) > 1 and (not row or all(line.count(rule.delimiter) == width - 1 for line in lines)):
            first = rows.line_num - len(lines) + 1
            msg = f'a quote opened in line {first} swallows the next: repair it, or state quote = "" if quotes mean nothing'
            raise FixMapping(msg)
        lines.clear()
        yield row


def _noted(text: str, lines: list[str]) -> Iterator[str]:
    # newline="" keeps \r, \n and \r\n as line ends and as they are; str.splitlines would also split at U+2028.
    for line in io.StringIO(text, newline=""):
        lines.append(line)
        yield line

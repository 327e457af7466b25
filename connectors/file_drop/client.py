"""Files into pages: UTF-8 CSV text with the header line. Every file is read and counted before the first page is given."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

from connectors.cards import remove_cards
from connectors.errors import FixMapping
from connectors.file_drop.fitting import FIRST_ROWS, check_fit, the_fitting_export
from connectors.file_drop.received import Received, drop_files, receive
from connectors.file_drop.rules import Export
from connectors.file_drop.tables import BLANK, REPEATED_HEADER, open_table
from connectors.ports import Capabilities, Page

PAGE_ROWS: Final = 50_000
MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
CAPABILITIES: Final = Capabilities(
    datasets=frozenset({"reservations"}),
    page_cap=PAGE_ROWS,
    versions={"reservations": "received"},
    cadence_seconds=86_400,
    has_deltas=False,
    tells_totals=True,
)


class FileFacts(NamedTuple):
    """What a file turned out to be. `extra_columns` are neither mapped nor named as unused, `card_count` counts card numbers taken out."""

    name: str
    export: str
    sha256: bytes
    row_count: int
    extra_columns: tuple[str, ...]
    blank_count: int
    repeated_header_count: int
    card_count: int


class FileDrop:
    """A file or a folder of files as a source of reservations. Files are only read: never moved, changed or deleted.

    `export` None: the one mapping that fits. `facts` tells of each file once its pages have been asked for.
    """

    capabilities = CAPABILITIES

    def __init__(self, place: str | Path, export: Export | None = None, *, page_rows: int = PAGE_ROWS) -> None:
        self._place = Path(place)
        self._page_rows = page_rows
        self.export = export or the_fitting_export(self._place)
        self.facts: tuple[FileFacts, ...] = ()

    def close(self) -> None:
        """Nothing is held open: files are read whole."""

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:  # noqa: ARG002 files know no window
        """Yield all pages of all files, by name: a file is a whole statement, whatever the window.

        Raises FixMapping, TryLater or RequestRefused before the first page where any of the files cannot be read.
        """
        paths = drop_files(self._place)
        if len(paths) > 1 and self.export.is_numbered_by_row():
            msg = f"{self._place.name}: {len(paths)} files, but the reference is the row's position: drop one file only"
            raise FixMapping(msg)
        read = [_read(receive(path), self.export, self._page_rows) for path in paths]
        self.facts = tuple(facts for facts, _ in read)
        yield from _numbered([page for _, pages in read for page in pages])


def _numbered(pages: list[Page]) -> Iterator[Page]:
    expected, first_row = sum(page.row_count for page in pages), 0
    for number, page in enumerate(pages, 1):
        is_last = number == len(pages)
        yield page._replace(number=number, first_row=first_row, expected_count=expected, is_last=is_last)
        first_row += page.row_count


def _read(received: Received, export: Export, page_rows: int) -> tuple[FileFacts, list[Page]]:
    """Read one file into pages that are not numbered yet; a header without rows is one page without rows."""
    table = open_table(received, export)
    first = list(islice(table.rows, FIRST_ROWS))
    check_fit(export, table.header, first)
    rows = chain(first, table.rows)
    made = [_page(received, table.header, list(islice(rows, page_rows)))]
    while chunk := list(islice(rows, page_rows)):
        made.append(_page(received, table.header, chunk))
    known = {*export.columns(), *export.file.unused}
    extra = tuple(column for column in table.header if column not in known)
    facts = FileFacts(
        received.name,
        export.name,
        received.sha256,
        row_count=sum(page.row_count for page, _ in made),
        extra_columns=extra,
        blank_count=table.left_out[BLANK],
        repeated_header_count=table.left_out[REPEATED_HEADER],
        card_count=sum(cards for _, cards in made),
    )
    return facts, [page for page, _ in made]


def _page(received: Received, header: list[str], rows: list[list[str]]) -> tuple[Page, int]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # with both of them a lone \r is quoted as well
    writer.writerow(header)
    writer.writerows(rows)
    cleaned = remove_cards(text.getvalue().encode())
    return Page(0, cleaned.body, MEDIA_TYPE, received.sha256, len(rows)), cleaned.found_count

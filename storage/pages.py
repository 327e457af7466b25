"""What a pull brought, page by page, before anything reads it: `raw.batches` and `raw.pages`."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

import zstandard
from sqlalchemy import Connection, Row, text

from hotel.loads import BatchId, Window

_LEVEL: Final = 3


class _Page(Protocol):
    """What a connector's page has; siblings do not know each other, so its shape is named here once more."""

    @property
    def number(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def received_sha256(self) -> bytes: ...
    @property
    def row_count(self) -> int: ...
    @property
    def first_row(self) -> int: ...
    @property
    def cursor(self) -> str | None: ...
    @property
    def expected_count(self) -> int | None: ...
    @property
    def is_last(self) -> bool: ...
    @property
    def request_id(self) -> str | None: ...


class Batch(NamedTuple):
    """One pull. `property_id` is `*` where it spans several; `expected_count` as the provider stated it."""

    batch_id: BatchId
    source: str
    property_id: str
    dataset: str
    kind: str
    window: Window | None
    expected_count: int | None
    is_complete: bool
    opened_at: datetime
    business_on: date | None
    page_count: int
    row_count: int


class StoredPage(NamedTuple):
    """One page as stored, its body unfolded. `key_id` is set where the body is sealed."""

    number: int
    body: bytes
    media_type: str
    received_sha256: bytes
    row_count: int
    first_row: int
    cursor: str | None
    expected_count: int | None
    is_last: bool
    request_id: str | None
    key_id: str | None
    fetched_at: datetime


class BatchCompleteError(ValueError):
    """A complete batch takes no more pages: open a new one."""


_PAGES: Final = """
SELECT page_no AS number, body, media_type, received_sha256, row_count, first_row, cursor, expected_count,
       is_last, request_id, key_id, fetched_at
FROM raw.pages WHERE batch_id = :batch_id
"""


def open_batch(
    connection: Connection,
    *,
    source: str,
    property_id: str,
    dataset: str,
    kind: str,
    window: Window | None = None,
    expected_count: int | None = None,
    business_on: date | None = None,
) -> BatchId:
    """Open a batch and give its id: its place in the order of everything received, `received_seq`."""
    query = """
        INSERT INTO raw.batches (source, property_id, dataset, kind, window_from, window_to, expected_count, business_on)
        VALUES (:source, :property_id, :dataset, :kind, :since, :until, :expected_count, :business_on)
        RETURNING batch_id
    """
    since, until = window or (None, None)
    values = {
        "source": source, "property_id": property_id, "dataset": dataset, "kind": kind, "since": since,
        "until": until, "expected_count": expected_count, "business_on": business_on,
    }  # fmt: skip
    return int(connection.execute(text(query), values).scalar_one())


def save_page(connection: Connection, batch_id: BatchId, page: _Page, *, key_id: str | None = None) -> None:
    """Store a page, in place of one with the same number; commit after each, then a cut pull keeps what it has.

    `page.received_sha256` is over the bytes as they came, `page.body` has no cards in it. `key_id` says which key the body is sealed with, where removing its cards failed. Raises BatchCompleteError.
    """
    _lock_open(connection, batch_id)
    # The partition key cannot be part of what makes a page one page, so the repeat is taken out by hand.
    connection.execute(
        text("DELETE FROM raw.pages WHERE batch_id = :batch_id AND page_no = :number"),
        {"batch_id": batch_id, "number": page.number},
    )
    query = """
        INSERT INTO raw.pages (batch_id, page_no, fetched_at, body, media_type, received_sha256, row_count, first_row,
                               cursor, expected_count, is_last, request_id, is_sealed, key_id)
        VALUES (:batch_id, :number, now(), :body, :media_type, :received_sha256, :row_count, :first_row,
                :cursor, :expected_count, :is_last, :request_id, :is_sealed, :key_id)
    """
    values = {
        "batch_id": batch_id, "number": page.number, "media_type": page.media_type,
        "body": zstandard.ZstdCompressor(_LEVEL).compress(page.body),
        "received_sha256": page.received_sha256, "row_count": page.row_count, "first_row": page.first_row,
        "cursor": page.cursor, "expected_count": page.expected_count, "is_last": page.is_last,
        "request_id": page.request_id, "is_sealed": key_id is not None, "key_id": key_id,
    }  # fmt: skip
    connection.execute(text(query), values)


def complete_batch(connection: Connection, batch_id: BatchId, *, expected_count: int | None = None) -> None:
    """Say that the pull reached its end; a stated total learnt on the way is kept. Repeating it changes nothing."""
    query = """
        UPDATE raw.batches SET is_complete = true, completed_at = now(),
                               expected_count = coalesce(:expected_count, expected_count)
        WHERE batch_id = :batch_id AND NOT is_complete
    """
    connection.execute(text(query), {"batch_id": batch_id, "expected_count": expected_count})


def batch(connection: Connection, batch_id: BatchId) -> Batch:
    """Give what is known of a batch; raises LookupError where there is none."""
    query = """
        SELECT b.*, count(p.page_no)::int AS page_count, coalesce(sum(p.row_count), 0)::int AS row_count
        FROM raw.batches AS b LEFT JOIN raw.pages AS p USING (batch_id)
        WHERE b.batch_id = :batch_id GROUP BY b.batch_id
    """
    row = connection.execute(text(query), {"batch_id": batch_id}).one_or_none()
    if row is None:
        msg = f"there is no batch {batch_id}"
        raise LookupError(msg)
    return _batch(row)


def page(connection: Connection, batch_id: BatchId, number: int) -> StoredPage | None:
    """Read one page again; None where it is pruned."""
    query = f"{_PAGES} AND page_no = :number"
    row = connection.execute(text(query), {"batch_id": batch_id, "number": number}).one_or_none()
    if row is None:
        return None
    found = StoredPage(*row)
    return found._replace(body=zstandard.ZstdDecompressor().decompress(found.body))


def read_pages(connection: Connection, batch_id: BatchId) -> Iterator[StoredPage]:
    """Read a batch's pages in order, one at a time in memory."""
    query = f"{_PAGES} ORDER BY page_no"
    unfold = zstandard.ZstdDecompressor()
    for row in connection.execute(text(query).execution_options(yield_per=1), {"batch_id": batch_id}):
        page = StoredPage(*row)
        yield page._replace(body=unfold.decompress(page.body))


def _lock_open(connection: Connection, batch_id: BatchId) -> None:
    query = text("SELECT is_complete FROM raw.batches WHERE batch_id = :batch_id FOR UPDATE")
    is_complete = connection.execute(query, {"batch_id": batch_id}).scalar_one()
    if is_complete:
        msg = f"batch {batch_id} is complete: open a new one"
        raise BatchCompleteError(msg)


def _batch(row: Row[tuple[object, ...]]) -> Batch:
    fields = row._asdict()
    window = Window(fields["window_from"], fields["window_to"]) if fields["window_from"] else None
    return Batch(**{name: fields[name] for name in Batch._fields if name != "window"}, window=window)

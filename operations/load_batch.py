"""Load a batch: map, newest version, what differs, gate, write. One transaction per property."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from connectors.registry import connector
from expectations.facts import BatchFacts
from hotel.codebook import Codebook
from hotel.loads import BatchId, LoadSummary, PropertyLoad
from hotel.properties import business_date
from operations.errors import NothingThereError
from operations.facts import house_facts
from operations.loading import Circumstances, Rows, load_rows
from operations.mapped import Mapped, map_pages, without_garbage_collection
from storage.codebooks import codebook
from storage.loads import Watermark, advance_watermark, read_watermark, recent_counts
from storage.pages import Batch, batch, read_pages
from storage.retrying import in_transaction


@without_garbage_collection()
def load_batch(house: Engine, batch_id: BatchId, *, flow_run_id: str | None = None) -> LoadSummary:
    """Bring a complete batch in, property by property; loading it again changes nothing.

    One property's blocked or failed part never keeps the others out. Raises NothingThereError for a batch that is not
    there or was cut off, VendorChangedShape for a page nobody can read.
    """
    started_at = datetime.now(UTC)
    with house.connect() as connection:
        pull, book, mapped = read_batch(connection, batch_id)
    if not mapped and pull.property_id in book.properties:
        mapped = {pull.property_id: Mapped([], [])}
    parts = [
        _load_property(house, pull, book, property_id, rows, started_at, flow_run_id)
        for property_id, rows in mapped.items()
    ]
    return LoadSummary(batch_id, pull.dataset, pull.source, tuple(parts), pull.window)


def read_batch(connection: Connection, batch_id: BatchId) -> tuple[Batch, Codebook, dict[str, Mapped]]:
    """Map a complete batch with today's mapping: property -> rows. Raises as `load_batch` does."""
    pull = _complete_batch(connection, batch_id)
    book = codebook(connection, pull.source)
    mapper = connector(pull.kind).mappers[pull.dataset]
    return pull, book, map_pages(read_pages(connection, batch_id), pull, mapper, book)


def _complete_batch(connection: Connection, batch_id: BatchId) -> Batch:
    try:
        pull = batch(connection, batch_id)
    except LookupError:
        msg = f"there is no batch {batch_id}: extract first"
        raise NothingThereError(msg) from None
    if not pull.is_complete:
        msg = f"batch {batch_id} was cut off after {pull.row_count} rows: extract again, nothing of it is loaded"
        raise NothingThereError(msg)
    return pull


def _load_property(
    house: Engine,
    pull: Batch,
    book: Codebook,
    property_id: str,
    rows: Mapped,
    started_at: datetime,
    flow_run_id: str | None,
) -> PropertyLoad:
    # A stated total is of the whole pull; it is the property's where the pull was of that property alone.
    expected_count = pull.expected_count if pull.property_id == property_id else None

    def load(connection: Connection) -> PropertyLoad:
        recent = recent_counts(connection, pull.source, property_id, pull.dataset, on=started_at.date())
        given = Circumstances(
            BatchFacts(rows.row_count, expected_count, is_complete=pull.is_complete, recent_counts=recent),
            house_facts(book.properties, started_at),
            started_at,
            window=pull.window,
            business_on=business_date(book.properties[property_id], started_at)
            if property_id in book.properties
            else None,
            flow_run_id=flow_run_id,
        )
        told = [(row, pull.batch_id) for row in rows.refused]
        moving = Rows(pull.dataset, pull.source, property_id, rows.incoming, told, pull.batch_id, pull.batch_id)
        part = load_rows(connection, moving, given).part
        return part if part.verdict == "blocked" else _advanced(connection, pull, rows, part)

    return in_transaction(house, load)


def _advanced(connection: Connection, pull: Batch, rows: Mapped, part: PropertyLoad) -> PropertyLoad:
    """Move the watermark to the newest modification the source told; what was held is in quarantine, not forgotten."""
    place = (pull.source, part.property_id, pull.dataset)
    before = read_watermark(connection, *place)
    newest = max((row.source_updated_at for row in rows.incoming if row.source_updated_at), default=None)
    if newest:
        advance_watermark(connection, *place, load_id=part.load_id, value_at=newest)
    after = read_watermark(connection, *place)
    return part._replace(watermark_before=_shown(before), watermark_after=_shown(after))


def _shown(mark: Watermark | None) -> str | None:
    return mark.value_at.isoformat(timespec="seconds") if mark and mark.value_at else None

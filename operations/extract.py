"""Extract: everything a source tells of a window is in `raw.pages`, cards removed, before anything reads it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from connectors.cards import remove_cards
from connectors.errors import VendorChangedShape
from connectors.ports import Page
from hotel.loads import BatchId, Window
from operations.health import watched
from operations.sources import Source, now, source_of
from storage.loads import read_watermark
from storage.pages import complete_batch, open_batch, save_page

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Sources stamp a change before they show it: read a little again, what is unchanged writes nothing.
OVERLAP: Final = timedelta(minutes=5)


def extract(
    house: Engine,
    *,
    source: str,
    property_id: str,
    dataset: str,
    until: datetime | None = None,
    window: Window | None = None,
    file: str | None = None,
) -> BatchId:
    """Pull one dataset of one account and give the batch; without a window, from the watermark to `until`.

    Every page is committed as it comes. Raises a ConnectorError (the batch stays incomplete and is never loaded).
    """
    with house.begin() as connection:
        account = source_of(connection, source, property_id)
        if window is None:
            mark = read_watermark(connection, source, property_id, dataset)
            window = Window(
                since=mark.value_at - OVERLAP if mark and mark.value_at else BEGINNING, until=until or now()
            )
        batch_id = open_batch(
            connection,
            source=source,
            property_id=property_id,
            dataset=dataset,
            kind=account.integration.kind,
            window=window,
        )
    _pull(house, account, batch_id, dataset, window, file)
    return batch_id


def _pull(house: Engine, account: Source, batch_id: BatchId, dataset: str, window: Window, file: str | None) -> None:
    row_count, last = 0, None
    for page in watched(house, account.integration, account.pages(house, dataset, window, file=file)):
        with house.begin() as connection:
            save_page(connection, batch_id, page._replace(body=remove_cards(page.body).body))
        row_count, last = row_count + page.row_count, page
    expected_count = _checked(row_count, last, dataset)
    with house.begin() as connection:
        complete_batch(connection, batch_id, expected_count=expected_count)


def _checked(row_count: int, last: Page | None, dataset: str) -> int | None:
    """A 200 is not success: the last page must have come, and as many rows as the source said (law 14)."""
    if last is None or not last.is_last:
        msg = f"the pull of {dataset} ended before its last page: run it again; if it ends there again, ask the vendor"
        raise VendorChangedShape(msg)
    if last.expected_count is not None and row_count != last.expected_count:
        msg = f"{row_count} {dataset} came of {last.expected_count} announced: run it again"
        raise VendorChangedShape(msg)
    return last.expected_count

"""Read stored pages and messages with a connector's mapping: rows that were understood, rows that were not."""

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from connectors.ports import Mapper, MappingPlace
from hotel.codebook import ANY_PROPERTY, Codebook
from hotel.incoming import Incoming, Refused
from storage.pages import Batch, StoredPage


class Mapped(NamedTuple):
    """The rows of one property."""

    incoming: list[Incoming]
    refused: list[Refused]

    @property
    def row_count(self) -> int:
        """Rows the source told."""
        return len(self.incoming) + len(self.refused)


def map_pages(pages: Iterable[StoredPage], batch: Batch, mapper: Mapper, codebook: Codebook) -> dict[str, Mapped]:
    """Map a batch's pages and part the rows by property; raises VendorChangedShape for a page nobody can read.

    A refused row that does not tell its property goes with `*`.
    """
    own = None if batch.property_id == ANY_PROPERTY else batch.property_id
    by_property: defaultdict[str, Mapped] = defaultdict(lambda: Mapped([], []))
    with without_garbage_collection():
        for page in pages:
            place = MappingPlace(f"p:{batch.batch_id}:{page.number}", page.first_row, own, page.fetched_at)
            for row in mapper(page.body, codebook, place):
                if isinstance(row, Incoming):
                    by_property[property_of(row)].incoming.append(row)
                else:
                    by_property[row.property_id].refused.append(row)
    return dict(sorted(by_property.items()))


def property_of(incoming: Incoming) -> str:
    """Give the property a row belongs to."""
    return incoming.row.property_id


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Build many small objects that all stay: searching them for cycles again and again costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

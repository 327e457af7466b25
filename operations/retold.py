"""What a source tells once more: found, known before, and what it did to the house this time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine

from hotel.codebook import ANY_PROPERTY
from hotel.incoming import Incoming, Refused
from hotel.loads import PropertyLoad, Window
from hotel.reservations import Reservation
from operations.extract import extract
from operations.load_batch import load_batch, read_batch
from operations.messages import DATASET
from operations.sources import Source
from operations.windows import split
from storage.resyncing import Ref, known_bookings

NEW: Final = "new"
CHANGED: Final = "changed"
RIGHT: Final = "right"
HELD: Final = "held"


@dataclass
class Retold:
    """Bookings a source told again: their references, those the house had before, and how many came to what.

    `has_stamps`: the source says when it changed them.
    """

    refs: set[Ref] = field(default_factory=set)
    known: set[Ref] = field(default_factory=set)
    fates: Counter[str] = field(default_factory=Counter)
    has_stamps: bool = False
    blocked_by: tuple[str, ...] = ()

    def note(self, connection: Connection, source: str, refs: set[Ref]) -> None:
        """Note bookings by reference."""
        self.known |= known_bookings(connection, source, refs - self.refs)
        self.refs |= refs


def refs_of(rows: Sequence[Incoming | Refused]) -> set[Ref]:
    """Tell which bookings rows are about, by property and reference."""
    refused = {(row.property_id, row.source_ref) for row in rows if isinstance(row, Refused)}
    found = (row.row for row in rows if isinstance(row, Incoming))
    return refused | {(row.property_id, row.source_ref) for row in found if isinstance(row, Reservation)}


def retold_by_pages(house: Engine, account: Source, window: Window, *, flow_run_id: str | None) -> Retold:
    """Read a window again in parts as long as the source tells at once, and load each."""
    told = Retold()
    source, property_id = account.integration.source, account.integration.property_id or ANY_PROPERTY
    for part in split(window, account.connector.capabilities.longest_window):
        batch_id = extract(house, source=source, property_id=property_id, dataset=DATASET, window=part)
        with house.connect() as connection:
            _, _, mapped = read_batch(connection, batch_id)
            incoming = [row for rows in mapped.values() for row in rows.incoming]
            refused = [row for rows in mapped.values() for row in rows.refused]
            told.note(connection, source, refs_of(incoming) | refs_of(refused))
            told.has_stamps |= any(row.source_updated_at for row in incoming)
        for load in load_batch(house, batch_id, flow_run_id=flow_run_id).properties:
            told.fates += _fates(load)
            told.blocked_by = tuple(dict.fromkeys((*told.blocked_by, *load.blocked_by)))
    return told


def _fates(load: PropertyLoad) -> Counter[str]:
    if load.blocked_by:
        return Counter({HELD: load.read_count})
    return Counter(
        {
            NEW: load.inserted_count,
            CHANGED: load.updated_count,
            RIGHT: load.unchanged_count + load.stale_count,
            HELD: load.quarantined_count,
        }
    )

"""What the house holds of a source, to be compared with what the source tells when it is asked again."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from hotel.loads import Window
from hotel.status import LOST

Ref = tuple[str, str]


def known_bookings(connection: Connection, source: str, refs: Collection[Ref]) -> set[Ref]:
    """Tell which bookings of a source the house has, by property and reference."""
    if not refs:
        return set()
    properties, names = (list(part) for part in zip(*sorted(refs), strict=True))
    rows = connection.execute(text(_KNOWN), {"source": source, "properties": properties, "refs": names})
    return {(row.property_id, row.source_ref) for row in rows}


def active_bookings(connection: Connection, source: str, property_id: str, window: Window) -> set[Ref]:
    """List the bookings of a source that are not lost and that it changed last in a window, as far as the house knows."""
    values = {"source": source, "property_id": property_id, "lost": sorted(LOST), **window._asdict()}
    return {(row.property_id, row.source_ref) for row in connection.execute(text(_ACTIVE), values)}


def earliest_watermark(connection: Connection, source: str, property_id: str, dataset: str) -> datetime | None:
    """Tell how far a dataset of a property has been read, of several (`*`) the one that is furthest behind."""
    values = {"source": source, "property_id": property_id, "dataset": dataset}
    found: datetime | None = connection.execute(text(_MARK), values).scalar_one()
    return found


_KNOWN: Final = """
SELECT r.property_id, r.source_ref
FROM unnest(CAST(:properties AS text[]), CAST(:refs AS text[])) AS k(property_id, source_ref)
JOIN core.reservations AS r ON r.source = :source AND r.property_id = k.property_id AND r.source_ref = k.source_ref
WHERE NOT r.is_tombstone
"""
_ACTIVE: Final = """
SELECT property_id, source_ref FROM core.reservations
WHERE source = :source AND :property_id IN (property_id, '*') AND NOT is_tombstone AND status <> ALL(:lost)
    AND source_updated_at >= :since AND source_updated_at < :until
"""
_MARK: Final = """
SELECT min(value_at) FROM ops.watermarks
WHERE source = :source AND :property_id IN (property_id, '*') AND dataset = :dataset
"""

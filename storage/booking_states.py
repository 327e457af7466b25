"""Whether a channel's booking and ours agree: pending (waits for a mapping), synced, failed (quarantined), conflict."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

SYNCED: Final = "synced"
PENDING: Final = "pending"
FAILED: Final = "failed"

Key = tuple[str, str, str]


def note_bookings(connection: Connection, states: Mapping[Key, tuple[str, str | None]]) -> None:
    """Write the state of bookings by (source, property_id, source_ref), with a code where it is not well.

    A booking that came in although a date of its stay is overbooked, or although its record says otherwise, is in
    conflict, whatever is told here.
    """
    told = sorted((*key, *state) for key, state in states.items() if all(key))
    if not told:
        return
    columns = [list(column) for column in zip(*told, strict=True)]
    names = ("sources", "properties", "refs", "statuses", "codes")
    connection.execute(text(_NOTE), dict(zip(names, columns, strict=True)))


_NOTE: Final = """
INSERT INTO ops.sync_states AS s (source, property_id, entity, entity_ref, status, error_code)
SELECT b.source, b.property_id, 'booking', b.source_ref,
    CASE WHEN b.status = 'synced' AND c.kind IS NOT NULL THEN 'conflict' ELSE b.status END, coalesce(b.code, c.kind)
FROM unnest(CAST(:sources AS text[]), CAST(:properties AS text[]), CAST(:refs AS text[]), CAST(:statuses AS text[]),
    CAST(:codes AS text[])) AS b(source, property_id, source_ref, status, code)
LEFT JOIN LATERAL (
    SELECT min(kind) AS kind FROM ops.conflicts c
    WHERE c.status = 'open' AND (c.source, c.property_id, c.source_ref) = (b.source, b.property_id, b.source_ref)
) c ON b.status = 'synced'
ORDER BY b.source COLLATE "C", b.property_id COLLATE "C", b.source_ref COLLATE "C"
ON CONFLICT (source, property_id, entity, entity_ref) DO UPDATE
SET status = excluded.status, error_code = excluded.error_code, attempted_at = now(),
    retry_count = CASE WHEN excluded.status = 'failed' THEN s.retry_count + 1 ELSE 0 END
"""

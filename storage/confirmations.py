"""Messages to guests: a row of the outbox in the transaction of the booking it is about, ids only."""

from typing import Any, Final

import psycopg


def enqueue_confirmations(cursor: psycopg.Cursor[Any]) -> None:
    """Ask for a message to the guest of each touched booking of a source that confirms through us.

    `ops.integrations.pushes` says so by `confirmations`, and nobody is written to for a stay before `went_live_on`. What a
    guest hears is read when it is sent; only a change of the booking's own state or stay asks for a message.
    """
    cursor.execute(_ENQUEUE)


_ENQUEUE: Final = """
INSERT INTO ops.outbox AS o (destination, kind, property_id, dedupe_key, payload, caused_by)
SELECT 'guest', 'confirmation', r.property_id, concat_ws('/', r.source, r.property_id, r.source_ref),
    jsonb_build_object('source', r.source, 'property_id', r.property_id, 'source_ref', r.source_ref, 'told', told.word),
    r.raw_ref
FROM pg_temp.touched t
JOIN core.reservations r USING (source, property_id, source_ref)
JOIN core.properties p USING (property_id)
JOIN ops.integrations i ON i.source = r.source AND i.property_id IN (r.property_id, '*')
LEFT JOIN (SELECT number, sum(night) <> 0 OR sum(revenue_minor) <> 0 AS is_other FROM pg_temp.holdings GROUP BY number) h
    USING (number)
CROSS JOIN LATERAL (SELECT CASE
    WHEN r.status = 'cancelled' AND t.status IS DISTINCT FROM 'cancelled' THEN 'cancelled'
    WHEN r.status = 'confirmed' AND t.status IS NULL THEN 'confirmed'
    WHEN r.status = 'confirmed' AND (t.status <> 'confirmed' OR h.is_other) THEN 'modified'
END AS word) told
WHERE 'confirmations' = ANY(i.pushes) AND told.word IS NOT NULL AND NOT r.is_tombstone
    AND r.arrival_on >= i.went_live_on AND r.departure_on >= (now() AT TIME ZONE p.time_zone)::date
ORDER BY r.source COLLATE "C", r.property_id COLLATE "C", r.source_ref COLLATE "C"
ON CONFLICT (destination, dedupe_key) WHERE status = 'pending' DO UPDATE
SET payload = excluded.payload, caused_by = excluded.caused_by, coalesced_count = o.coalesced_count + 1
"""

"""What the inbox brought to an end in a stretch of time, per channel: the figures of a shift."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from hotel.loads import ChannelShift

_MESSAGES: Final = """
SELECT source,
       count(*) FILTER (WHERE status = 'done') AS message_count,
       count(*) FILTER (WHERE status = 'dead') AS dead_count,
       coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY took), 0)::int AS p50_ms,
       coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY took), 0)::int AS p95_ms,
       (array_agg(inbox_id ORDER BY took DESC, inbox_id))[1] AS slowest_message_id
FROM (
    SELECT source, status, inbox_id, round(extract(epoch FROM ended_at - received_at) * 1000) AS took
    FROM raw.inbox WHERE ended_at >= :since
) AS ended
GROUP BY source ORDER BY source
"""

_LOADS: Final = """
SELECT source, sum(rows_inserted_count)::int AS new_count, sum(rows_updated_count)::int AS modified_count,
       sum(rows_stale_count)::int AS stale_count, sum(rows_unchanged_count)::int AS duplicate_count,
       sum(rows_quarantined_count)::int AS quarantined_count
FROM ops.loads WHERE batch_id IS NULL AND committed_at >= :since GROUP BY source
"""

_CANCELLED: Final = """
SELECT source, count(*)::int AS cancelled_count FROM core.reservation_changes
WHERE kind = 'cancelled' AND load_id IN (SELECT load_id FROM ops.loads WHERE batch_id IS NULL AND committed_at >= :since)
GROUP BY source
"""

_WAITING: Final = """
SELECT source, count(*)::int AS waiting_count FROM raw.inbox WHERE status NOT IN ('done', 'dead') GROUP BY source
"""


def channels_since(connection: Connection, since: datetime) -> tuple[ChannelShift, ...]:
    """Summarise every channel with messages that ended at or after an instant, or that wait; ordered by source."""
    ended, loads, cancelled, waiting = (
        {row.source: row._asdict() for row in connection.execute(text(query), {"since": since})}
        for query in (_MESSAGES, _LOADS, _CANCELLED, _WAITING)
    )
    nothing = dict.fromkeys(ChannelShift._fields, 0) | {"slowest_message_id": None}
    found = []
    for source in sorted(ended.keys() | waiting.keys()):
        known = (
            nothing
            | ended.get(source, {})
            | loads.get(source, {})
            | cancelled.get(source, {})
            | waiting.get(source, {})
        )
        known["quarantined_count"] += known.pop("dead_count", 0)
        found.append(ChannelShift(**known | {"source": source}))
    return tuple(found)

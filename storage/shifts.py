"""What the inbox brought to an end in a stretch of time, per channel: the figures of a shift."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from hotel.loads import ChannelShift

_ENDED: Final = """
SELECT source, count(*)::int AS message_count,
       count(*) FILTER (WHERE outcome = 'new')::int AS new_count,
       count(*) FILTER (WHERE outcome = 'modified')::int AS modified_count,
       count(*) FILTER (WHERE outcome = 'cancelled')::int AS cancelled_count,
       count(*) FILTER (WHERE outcome = 'stale')::int AS stale_count,
       count(*) FILTER (WHERE outcome = 'unchanged')::int AS duplicate_count,
       count(*) FILTER (WHERE outcome = 'quarantined')::int AS quarantined_count,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY took)::int AS p50_ms,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY took)::int AS p95_ms,
       (array_agg(inbox_id ORDER BY took DESC, inbox_id))[1] AS slowest_message_id
FROM (
    SELECT source, outcome, inbox_id, round(extract(epoch FROM ended_at - received_at) * 1000) AS took
    FROM raw.inbox WHERE ended_at >= :since
) AS ended
GROUP BY source
"""
# Each condition as its partial index states it, else the whole inbox is read.
_WAITING: Final = """
SELECT source, count(*)::int AS waiting_count FROM raw.inbox
WHERE status IN ('received', 'failed') OR status = 'waiting_mapping' GROUP BY source
"""


def channels_since(connection: Connection, since: datetime) -> tuple[ChannelShift, ...]:
    """Summarise every channel with messages that ended at or after an instant, or that wait; ordered by source."""
    ended, waiting = (
        {row.source: row._asdict() for row in connection.execute(text(query), {"since": since})}
        for query in (_ENDED, _WAITING)
    )
    nothing = dict.fromkeys(ChannelShift._fields, 0) | {"slowest_message_id": None}
    return tuple(
        ChannelShift(**nothing | ended.get(source, {}) | waiting.get(source, {}) | {"source": source})
        for source in sorted(ended.keys() | waiting.keys())
    )

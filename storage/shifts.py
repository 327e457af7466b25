"""What the inbox brought to an end since the last report, per channel: the figures of a shift.

How far was reported is a watermark, so that every message is in exactly one report, whoever imported it and whenever.
"""

import math
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
    FROM raw.inbox WHERE ended_at >= :since AND ended_at < :until
) AS ended
GROUP BY source
"""
# Each condition as its partial index states it, else the whole inbox is read.
_WAITING: Final = """
SELECT source, count(*)::int AS waiting_count, count(*) FILTER (WHERE status = 'waiting_mapping')::int AS unmapped_count
FROM raw.inbox WHERE status IN ('received', 'failed') OR status = 'waiting_mapping' GROUP BY source
"""
_OVERBOOKED: Final = """
SELECT source, count(*)::int AS overbooked_count FROM ops.conflicts
WHERE kind = 'overbooking' AND source IS NOT NULL AND opened_at >= :since AND opened_at < :until GROUP BY source
"""


# A message bears the instant of its end before that is committed: what is still open is left to the next report.
# Only who works on the inbox counts; a load of an hour beside it holds no report up.
_UNTIL: Final = """
SELECT coalesce(min(xact_start), clock_timestamp()) FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE datname = current_database() AND relation = 'raw.inbox'::regclass AND pid <> pg_backend_pid()
"""
_FIRST: Final = """
INSERT INTO ops.watermarks (source, property_id, dataset, value_at) VALUES ('*', '*', 'shifts', 'epoch')
ON CONFLICT DO NOTHING
"""
_SINCE: Final = """
SELECT value_at FROM ops.watermarks WHERE source = '*' AND property_id = '*' AND dataset = 'shifts' FOR UPDATE
"""
_REPORTED: Final = """
UPDATE ops.watermarks SET value_at = greatest(value_at, :until)
WHERE source = '*' AND property_id = '*' AND dataset = 'shifts'
"""


def quiet_seconds(connection: Connection) -> float:
    """Tell how long ago the newest message came; of an empty inbox: forever."""
    query = "SELECT extract(epoch FROM clock_timestamp() - received_at) FROM raw.inbox ORDER BY inbox_id DESC LIMIT 1"
    newest = connection.execute(text(query)).scalar()
    return math.inf if newest is None else float(newest)


def waited_seconds(connection: Connection) -> float:
    """Tell how long the oldest message has waited for a worker; 0 where none waits."""
    query = """
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)
        FROM raw.inbox WHERE status IN ('received', 'failed')
    """
    return float(connection.execute(text(query)).scalar_one())


def report_channels(connection: Connection) -> tuple[ChannelShift, ...]:
    """Summarise every channel with messages that ended since the last report, or that wait; ordered by source.

    The next report goes on where this one ends, once the transaction is committed.
    """
    connection.execute(text(_FIRST))
    since = connection.execute(text(_SINCE)).scalar_one()
    until = connection.execute(text(_UNTIL)).scalar_one()
    connection.execute(text(_REPORTED), {"until": until})
    stretch = {"since": since, "until": until}
    ended, waiting, overbooked = (
        {row.source: row._asdict() for row in connection.execute(text(query), stretch)}
        for query in (_ENDED, _WAITING, _OVERBOOKED)
    )
    nothing = dict.fromkeys(ChannelShift._fields, 0) | {"slowest_message_id": None}
    return tuple(
        ChannelShift(
            **nothing
            | ended.get(source, {})
            | waiting.get(source, {})
            | overbooked.get(source, {})
            | {"source": source}
        )
        for source in sorted(ended.keys() | waiting.keys() | overbooked.keys())
    )

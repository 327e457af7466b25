"""What channels said to each attempt: the log of deliveries, and the figures of a shift over them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.pushes import ChannelPush
from storage.enqueueing import KINDS
from storage.outbox import Due

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
FAILED: Final = "failed"


class Told(NamedTuple):
    """What became of one row: accepted, refused by the channel, or failed before or on its way; the code says why."""

    row: Due
    status: str
    error_code: str | None = None
    response_code: int | None = None
    provider_ref: str | None = None


def record(connection: Connection, destination: str, told: Sequence[Told]) -> int:
    """End rows by what became of them, and log the attempt; give how many were not ours to end any more.

    Those another deliverer had taken over meanwhile: which of the two the channel heard last nobody knows, so they are to
    be told anew.
    """
    values = _columns(destination, told)
    connection.execute(text(_LOG), values)
    ended = set(connection.scalars(text(_END), values))
    lost = [each.row.outbox_id for each in told if each.row.outbox_id not in ended]
    if lost:
        connection.execute(text(_TELL_ANEW), {"ids": lost})
    return len(lost)


def log_failure(connection: Connection, destination: str, told: Told) -> None:
    """Log an attempt of a row that is tried again."""
    connection.execute(text(_LOG), _columns(destination, [told]))


def report_channels(connection: Connection, sources: Sequence[str]) -> tuple[ChannelPush, ...]:
    """Summarise what these channels were told since their last report, and what waits; ordered by source.

    The next report of each goes on where this one ends, once the transaction is committed.
    """
    reports = []
    for source in sorted(sources):
        connection.execute(text(_FIRST), {"source": source})
        since = connection.execute(text(_SINCE), {"source": source}).scalar_one()
        now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()  # before the look at who is at work
        until = connection.execute(text(_UNTIL), {"now": now}).scalar_one()
        connection.execute(text(_REPORTED), {"source": source, "until": until})
        reports.append(_report(connection, source, since, until))
    return tuple(reports)


def _columns(destination: str, told: Sequence[Told]) -> dict[str, Any]:
    return {
        "destination": destination,
        "ids": [each.row.outbox_id for each in told],
        "numbers": [each.row.attempt_no for each in told],
        "statuses": [each.status for each in told],
        "codes": [each.error_code for each in told],
        "responses": [each.response_code for each in told],
        "refs": [each.provider_ref for each in told],
    }


def _report(connection: Connection, source: str, since: datetime, until: datetime) -> ChannelPush:
    values = {"source": source, "since": since, "until": until, "kinds": list(KINDS)}
    waits = connection.execute(text(_WAITING), values).one()._asdict()
    done = connection.execute(text(_DONE), values).one()._asdict()
    codes = connection.execute(text(_CODES), values)
    return ChannelPush(source=source, refused={row.error_code: row.cell_count for row in codes}, **waits, **done)


_ROWS: Final = """
unnest(CAST(:ids AS bigint[]), CAST(:numbers AS integer[]), CAST(:statuses AS text[]), CAST(:codes AS text[]),
    CAST(:responses AS integer[]), CAST(:refs AS text[])) AS r(outbox_id, attempt_no, status, error_code, response_code, ref)
"""
# One instant for all rows of a message, read once this table is locked: reports go by it.
_LOG: Final = f"""
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at)
INSERT INTO ops.deliveries AS d (
    outbox_id, attempt_no, channel_code, status, response_code, provider_ref, error_code, attempted_at, accepted_at)
SELECT r.outbox_id, r.attempt_no, :destination, r.status, r.response_code, r.ref, r.error_code, clock.at,
    CASE WHEN r.status = 'accepted' THEN clock.at END
FROM {_ROWS} CROSS JOIN clock
ON CONFLICT (outbox_id, attempt_no) DO UPDATE
SET status = excluded.status, response_code = excluded.response_code, provider_ref = excluded.provider_ref,
    error_code = excluded.error_code, attempted_at = excluded.attempted_at, accepted_at = excluded.accepted_at
"""
_END: Final = f"""
UPDATE ops.outbox o
SET status = CASE WHEN r.status = 'accepted' THEN 'sent' ELSE 'failed' END, error_code = r.error_code,
    sent_at = CASE WHEN r.status = 'accepted' THEN clock_timestamp() END
FROM {_ROWS}
WHERE o.outbox_id = r.outbox_id AND o.status = 'sending' AND o.attempts_count = r.attempt_no
RETURNING o.outbox_id
"""
_TELL_ANEW: Final = """
INSERT INTO ops.outbox AS o (
    destination, kind, property_id, dedupe_key, coalesce_key, payload, priority, expires_at, caused_by)
SELECT destination, kind, property_id, dedupe_key, coalesce_key, payload, priority, expires_at, 'outbox:' || outbox_id
FROM ops.outbox WHERE outbox_id = ANY(:ids) ORDER BY destination COLLATE "C", dedupe_key COLLATE "C"
ON CONFLICT (destination, dedupe_key) WHERE status = 'pending' DO UPDATE SET coalesced_count = o.coalesced_count + 1
"""

_FIRST: Final = """
INSERT INTO ops.watermarks (source, property_id, dataset, value_at) VALUES (:source, '*', 'deliveries', 'epoch')
ON CONFLICT DO NOTHING
"""
_SINCE: Final = """
SELECT value_at FROM ops.watermarks WHERE source = :source AND property_id = '*' AND dataset = 'deliveries' FOR UPDATE
"""
# What is still open bears an instant before its commit: it is left to the next report.
_UNTIL: Final = """
SELECT coalesce(min(xact_start), :now) FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE datname = current_database() AND relation = 'ops.deliveries'::regclass AND mode = 'RowExclusiveLock'
    AND pid <> pg_backend_pid()
"""
_REPORTED: Final = """
UPDATE ops.watermarks SET value_at = greatest(value_at, :until)
WHERE source = :source AND property_id = '*' AND dataset = 'deliveries'
"""
_WAITING: Final = """
SELECT count(*)::int AS pending_count, min(created_at) AS oldest_pending_at,
    count(*) FILTER (WHERE priority <= 0)::int AS closures_waiting_count,
    min(error_code) FILTER (WHERE status = 'pending') AS held_by,
    coalesce((SELECT string_agg(DISTINCT i.status, ', ') FROM ops.integrations i
        WHERE i.source = :source AND i.status <> 'active'), 'active') AS account_status
FROM ops.outbox WHERE destination = :source AND status IN ('pending', 'sending') AND kind = ANY(:kinds)
"""
_IN_STRETCH: Final = "d.channel_code = :source AND d.attempted_at >= :since AND d.attempted_at < :until"
_DONE: Final = f"""
SELECT count(*)::int AS sent_count, coalesce(sum(coalesced_count), 0)::int AS coalesced_count,
    count(*) FILTER (WHERE status = 'accepted')::int AS accepted_count,
    coalesce((percentile_disc(0.95) WITHIN GROUP (ORDER BY lag_ms) FILTER (WHERE status = 'accepted')), 0)::int AS lag_p95_ms,
    (SELECT count(*) FROM (
        SELECT FROM ops.deliveries d WHERE {_IN_STRETCH} GROUP BY d.attempted_at
        HAVING bool_or(d.status = 'accepted') AND bool_or(d.status = 'refused')
    ) messages)::int AS partial_count
FROM (
    SELECT d.status, o.coalesced_count, round(extract(epoch FROM d.accepted_at - o.created_at) * 1000) AS lag_ms
    FROM ops.deliveries d JOIN ops.outbox o USING (outbox_id) WHERE {_IN_STRETCH}
) told
"""
_CODES: Final = f"""
SELECT coalesce(d.error_code, 'refused') AS error_code, count(*)::int AS cell_count
FROM ops.deliveries d WHERE {_IN_STRETCH} AND d.status <> 'accepted' GROUP BY 1 ORDER BY 2 DESC, 1
"""

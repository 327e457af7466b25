"""How the accounts that are pulled stand: whose turn it is, what came, what must still be acknowledged, when next.

Counts move in the transaction of what they count, so that they are right whoever was killed in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.codebook import ANY_PROPERTY
from storage.engine import unpooled

Place = tuple[str, str]


class Turn(NamedTuple):
    """The only right to pull an account. `begun_at` is by the database's clock; `is_due`: nobody has pulled it just now.

    `quiet_seconds`: how long ago it was pulled without fail; None: it never was, or fails.
    """

    begun_at: datetime
    is_due: bool
    quiet_seconds: float | None


@contextmanager
def turn(database_url: str, source: str, property_id: str) -> Iterator[Turn | None]:
    """Hold the right to pull an account while the block runs, on a connection of its own; None: somebody else has it."""
    place = {"source": source, "property_id": property_id}
    with unpooled(database_url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(_ENTER), place)
        # A lock of the session: it goes with the connection of a process that dies while it pulls, and a pull that takes
        # long holds no transaction open, which would keep every table from being vacuumed. Should it go before its time,
        # it is not missed: whoever pulled meanwhile as well has stored everything once.
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        if connection.execute(lock, {"name": f"ops.pulls {source} {property_id}"}).scalar_one():
            yield Turn(*connection.execute(text(_TURN), place).one())
        else:
            yield None


def hint(connection: Connection, source: str, property_id: str | None) -> None:
    """Make an account due at once, or all accounts of a source; tells `pulls` who listens.

    One that fails keeps the time it was told to wait.
    """
    connection.execute(text(_HINT), {"source": source, "property_id": property_id or ANY_PROPERTY})
    connection.execute(text("SELECT pg_notify('pulls', '')"))


def seconds_until_due(connection: Connection) -> dict[Place, float]:
    """Tell for every account that was ever pulled when it is due again; below zero: since when it has been."""
    query = "SELECT source, property_id, extract(epoch FROM due_at - clock_timestamp())::float8 AS wait FROM ops.pulls"
    return {(row.source, row.property_id): row.wait for row in connection.execute(text(query))}


def note_stored(connection: Connection, source: str, property_id: str, count: int) -> None:
    """Count messages stored for the first time, in the transaction that stores them."""
    values = {"source": source, "property_id": property_id, "count": count}
    connection.execute(text("UPDATE ops.pulls SET message_count = message_count + :count" + _OF_PLACE), values)


def note_acknowledged(connection: Connection, source: str, property_id: str, ids: Sequence[int]) -> None:
    """Say that the queue has heard of these messages; saying it twice changes nothing."""
    known = connection.execute(text(_ACKNOWLEDGED), {"ids": sorted(ids)}).rowcount
    values = {"source": source, "property_id": property_id, "count": known}
    connection.execute(
        text("UPDATE ops.pulls SET acknowledged_count = acknowledged_count + :count" + _OF_PLACE), values
    )


def heard_before(connection: Connection, ids: Sequence[int], instant: datetime) -> set[int]:
    """Give those of these messages that their queue had heard of before an instant."""
    if not ids:
        return set()
    query = "SELECT inbox_id FROM raw.inbox WHERE inbox_id = ANY(:ids) AND acknowledged_at < :instant"
    return set(connection.execute(text(query), {"ids": sorted(ids), "instant": instant}).scalars())


def note_heard(
    connection: Connection, source: str, property_id: str, *, account: str, received_before: datetime
) -> None:
    """Say of messages received before an instant that their queue has heard of them: it has nothing left to tell."""
    place = {"source": source, "property_id": property_id}
    found = connection.execute(text(_OPEN), place | {"account": account, "before": received_before}).scalars()
    note_acknowledged(connection, source, property_id, list(found))


def note_pull(
    connection: Connection,
    source: str,
    property_id: str,
    *,
    begun_at: datetime,
    wait: timedelta,
    is_empty: bool,
    error_code: str | None = None,
) -> None:
    """Say how a pull went and when the next is due: `wait` from now, or at once where a hint came meanwhile."""
    values = {
        "source": source, "property_id": property_id, "begun_at": begun_at, "wait": wait, "is_empty": is_empty,
        "error_code": error_code, "is_failing": error_code is not None,
    }  # fmt: skip
    connection.execute(text(_PULLED), values)


class Standing(NamedTuple):
    """How an account stands. Counts are since the last report; `acknowledge_by_at` is the earliest of what is open.

    `breakers`: endpoint -> state of those of the source that are not closed.
    """

    source: str
    property_id: str
    pulled_at: datetime | None
    failing_since_at: datetime | None
    error_code: str | None
    empty_count: int
    message_count: int
    acknowledged_count: int
    unacknowledged_count: int
    acknowledge_by_at: datetime | None
    breakers: Mapping[str, str]


def report_standings(
    connection: Connection, source: str | None = None, property_id: str = ANY_PROPERTY
) -> list[Standing]:
    """Say how the accounts stand that were ever pulled, by source and property.

    The next report counts on from here, once the transaction is committed.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('report of pulls', 0))"))
    values = {"source": source, "property_id": property_id}
    return [Standing(**row) for row in connection.execute(text(_STANDINGS), values).mappings()]


_OF_PLACE: Final = " WHERE source = :source AND property_id = :property_id"
_ENTER: Final = """
INSERT INTO ops.pulls (source, property_id, due_at) VALUES (:source, :property_id, 'epoch') ON CONFLICT DO NOTHING
"""
_TURN: Final = f"""
SELECT clock_timestamp(), due_at <= clock_timestamp(),
    CASE WHEN error_code IS NULL THEN extract(epoch FROM clock_timestamp() - pulled_at)::float8 END
FROM ops.pulls{_OF_PLACE}
"""
# By the clock of the statement: a pull that has begun meanwhile must see that the hint is younger than its beginning.
_HINT: Final = """
UPDATE ops.pulls SET due_at = clock_timestamp()
WHERE source = :source AND (:property_id = '*' OR property_id IN (:property_id, '*'))
    AND (error_code IS NULL OR due_at <= clock_timestamp())
"""
_ACKNOWLEDGED: Final = """
UPDATE raw.inbox SET acknowledged_at = clock_timestamp() WHERE inbox_id = ANY(:ids) AND acknowledged_at IS NULL
"""
_OPEN: Final = """
SELECT inbox_id FROM raw.inbox
WHERE source = :source AND account = :account AND coalesce(property_id, '*') = :property_id AND received_at < :before
    AND acknowledge_by_at IS NOT NULL AND acknowledged_at IS NULL
"""
_PULLED: Final = """
UPDATE ops.pulls SET
    pulled_at = :begun_at,
    due_at = CASE WHEN NOT :is_failing AND due_at BETWEEN :begun_at AND clock_timestamp()
        THEN due_at ELSE clock_timestamp() + CAST(:wait AS interval) END,
    empty_count = CASE WHEN :is_failing THEN empty_count WHEN :is_empty THEN empty_count + 1 ELSE 0 END,
    error_code = :error_code,
    failing_since_at = CASE WHEN :is_failing THEN coalesce(failing_since_at, :begun_at) END
WHERE source = :source AND property_id = :property_id
"""
# One statement: what is reported is what is noted as reported.
_STANDINGS: Final = """
WITH reports AS (
    SELECT p.*, coalesce(split_part(w.value_text, ' ', 1)::bigint, 0) AS told_count,
        coalesce(split_part(w.value_text, ' ', 2)::bigint, 0) AS told_acknowledged_count
    FROM ops.pulls AS p LEFT JOIN ops.watermarks AS w
        ON w.source = p.source AND w.property_id = p.property_id AND w.dataset = 'pulls'
    WHERE (CAST(:source AS text) IS NULL OR p.source = :source) AND (:property_id = '*' OR p.property_id = :property_id)
),
reported AS (
    INSERT INTO ops.watermarks (source, property_id, dataset, value_text)
    SELECT source, property_id, 'pulls', message_count || ' ' || acknowledged_count FROM reports
    ON CONFLICT (source, property_id, dataset) DO UPDATE SET value_text = excluded.value_text
),
open AS (
    SELECT source, coalesce(property_id, '*') AS property_id, count(*)::int AS unacknowledged_count,
           min(acknowledge_by_at) AS acknowledge_by_at
    FROM raw.inbox WHERE acknowledge_by_at IS NOT NULL AND acknowledged_at IS NULL GROUP BY 1, 2
),
broken AS (
    SELECT source, jsonb_object_agg(endpoint_code, state) AS breakers FROM ops.breakers WHERE state <> 'closed' GROUP BY 1
)
SELECT r.source, r.property_id, r.pulled_at, r.failing_since_at, r.error_code, r.empty_count,
    (r.message_count - r.told_count)::int AS message_count,
    (r.acknowledged_count - r.told_acknowledged_count)::int AS acknowledged_count,
    coalesce(o.unacknowledged_count, 0) AS unacknowledged_count, o.acknowledge_by_at,
    coalesce(b.breakers, '{}') AS breakers
FROM reports AS r LEFT JOIN open AS o USING (source, property_id) LEFT JOIN broken AS b USING (source)
ORDER BY r.source, r.property_id
"""

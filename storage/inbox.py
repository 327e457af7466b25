"""The inbox: every message outside systems push, stored once, claimed by one worker, brought to an end.

received ─► done                      loaded, or nothing to load
   │  ▲ └─► waiting_mapping           a code nobody has mapped yet
   ▼  │
failed ─► dead                        five attempts, or given up: `bury`
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from storage.engine import driver
from storage.receiving import Delivery, Receipt, receive, receive_async

__all__ = [
    "ALONE_AFTER", "DEAD_AFTER", "Delivery", "Message", "Receipt", "Waiting",
    "bury", "claim", "count_attempts", "mark", "message", "receive", "receive_async", "take_back_attempts", "waiting",
]  # fmt: skip

# Law 3: a message that may be killing its worker runs alone, then no more.
ALONE_AFTER: Final = 3
DEAD_AFTER: Final = 5
_OVER: Final = ("done", "dead", "waiting_mapping")
_IDS_PER_NOTE: Final = 300  # a notification carries at most 8,000 bytes


class Message(NamedTuple):
    """One claimed message. `attempts_count`: how often a worker has begun it before; `body` None once pruned."""

    inbox_id: int
    source: str
    account: str
    event_id: str
    event_type: str
    property_id: str | None
    body: bytes | None
    headers: dict[str, Any]
    is_test: bool
    is_sealed: bool
    key_id: str | None
    received_at: datetime
    attempts_count: int

    @property
    def is_spent(self) -> bool:
        """Tell whether it has had its five attempts and is to be buried."""
        return self.attempts_count >= DEAD_AFTER


class Waiting(NamedTuple):
    """How many messages wait for a worker, and since when the oldest does."""

    count: int  # type: ignore[assignment]  # a queue is counted, whatever tuple.count is for
    oldest_at: datetime | None


_CLAIM: Final = f"SELECT {', '.join(Message._fields)} FROM raw.claim(%b)"

_COUNT_ATTEMPTS: Final = """
INSERT INTO raw.inbox_attempts AS a (inbox_id, attempts_count)
SELECT unnest(CAST(:ids AS bigint[])), 1
ON CONFLICT (inbox_id) DO UPDATE SET attempts_count = a.attempts_count + 1, last_attempt_at = now()
"""

_MARK: Final = """
UPDATE raw.inbox
SET status = :status, outcome = :outcome, error_code = :error_code, next_attempt_at = now() + CAST(:retry_after AS interval),
    ended_at = CASE WHEN :is_over THEN clock_timestamp() END, batch_id = coalesce(:batch_id, batch_id)
WHERE inbox_id = ANY(:ids)
"""


def claim(connection: Connection, limit: int) -> list[Message]:
    """Lock up to `limit` due messages, oldest first, until the transaction ends; others skip them.

    A message that was begun three times or more comes alone.
    """
    with driver(connection).cursor(binary=True) as cursor:
        found = [Message(*row) for row in cursor.execute(_CLAIM, (limit,))]
    if found and found[0].attempts_count >= ALONE_AFTER:
        return found[:1]
    return [message for message in found if message.attempts_count < ALONE_AFTER]


def count_attempts(connection: Connection, ids: Sequence[int]) -> None:
    """Note, before the work and committed apart from it, that these messages are begun.

    `connection` is an autocommit one; the inbox rows themselves stay locked by the worker's transaction.
    """
    connection.execute(text(_COUNT_ATTEMPTS), {"ids": sorted(ids)})


def take_back_attempts(connection: Connection, ids: Sequence[int]) -> None:
    """Uncount one attempt of each: it came to nothing through no fault of the messages. On an autocommit connection."""
    query = "UPDATE raw.inbox_attempts SET attempts_count = attempts_count - 1 WHERE inbox_id = ANY(:ids) AND attempts_count > 0"
    connection.execute(text(query), {"ids": sorted(ids)})


def mark(
    connection: Connection,
    ids: Sequence[int],
    status: str,
    *,
    outcome: str | None = None,
    error_code: str | None = None,
    retry_after: timedelta | None = None,
    batch_id: int | None = None,
) -> None:
    """Say what became of claimed messages, in the transaction of what they did; tells `inbox_done` who listens.

    `outcome` is one of OUTCOMES: what a message that is over did to the house. `retry_after` holds a `failed` message back for a while. `error_code` is a code, never a message with data in it.
    """
    is_over = status in _OVER
    values = {
        "ids": list(ids), "status": status, "outcome": outcome, "error_code": error_code, "retry_after": retry_after,
        "is_over": is_over, "batch_id": batch_id,
    }  # fmt: skip
    connection.execute(text(_MARK), values)
    if is_over:
        connection.execute(text("DELETE FROM raw.inbox_attempts WHERE inbox_id = ANY(:ids)"), {"ids": list(ids)})
        for start in range(0, len(ids), _IDS_PER_NOTE):
            note = ",".join(str(each) for each in ids[start : start + _IDS_PER_NOTE])
            connection.execute(text("SELECT pg_notify('inbox_done', :note)"), {"note": note})


def bury(connection: Connection, ids: Sequence[int], reason: str = "crashed") -> None:
    """End messages that cannot be imported. They are kept; the import operation quarantines what they bring."""
    mark(connection, ids, "dead", outcome="quarantined", error_code=reason)


def unbury(connection: Connection, ids: Sequence[int]) -> None:
    """Note that buried messages were read after all, in the transaction of the load of what they brought."""
    if ids:
        mark(connection, ids, "done", outcome="quarantined")


def message(connection: Connection, inbox_id: int) -> Message | None:
    """Read one message again, whatever became of it; None where there is none."""
    names = ", ".join(Message._fields[:-1])
    query = f"SELECT {names}, 0 AS attempts_count FROM raw.inbox WHERE inbox_id = :inbox_id"
    row = connection.execute(text(query), {"inbox_id": inbox_id}).one_or_none()
    return Message(*row) if row else None


def waiting(connection: Connection) -> Waiting:
    """Count the messages no worker has brought to an end yet, without those that wait for a mapping."""
    query = "SELECT count(*), min(received_at) FROM raw.inbox WHERE status IN ('received', 'failed')"
    return Waiting(*connection.execute(text(query)).one())

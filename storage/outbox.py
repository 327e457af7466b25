"""The outbox on its way out: claimed by one deliverer per destination, sent at least once, brought to an end.

pending ─► sending ─► sent            taken by the channel
   ▲          │  └──► failed          not taken, or nothing that could be told: the code says why
   │          ├─────► expired         the date is over, or nobody is told of it any more
   └──────────┘                       tried again; `superseded` where the same thing waits anew by now

A row that is put back with a code holds its kind and property back until it is due, and is then tried alone: of a channel
that is away one row is tried at a time, not thousands.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from storage.enqueueing import KINDS

# Law 3, as for the inbox: who may be killing the deliverer goes alone, then no more.
ALONE_AFTER: Final = 3
DEAD_AFTER: Final = 5
# An attempt is a small number; a channel may be away for months.
_MOST_ATTEMPTS: Final = 30_000


class Due(NamedTuple):
    """A claimed row: tell this destination anew of one thing.

    `attempt_no` is the attempt just begun; `is_probe`: it was put back with a code; `crash_count`: attempts that nobody
    lived to tell of; `is_over`: its date has passed.
    """

    outbox_id: int
    kind: str
    property_id: str
    dedupe_key: str
    payload: dict[str, str]
    priority: int
    attempt_no: int
    is_probe: bool
    crash_count: int
    is_over: bool

    @property
    def stay_on(self) -> date:
        """The date it is about."""
        return date.fromisoformat(self.payload["stay_on"])


@contextmanager
def turn(unpooled: Engine, destination: str) -> Iterator[Connection | None]:
    """Hold a destination for a block, on a connection of its own; None where somebody else does.

    The connection is to be asked before each message: where it is gone, so is the turn.
    """
    query = "SELECT pg_try_advisory_xact_lock(hashtextextended('deliver ' || :destination, 0))"
    with unpooled.connect() as held:
        yield held if held.execute(text(query), {"destination": destination}).scalar_one() else None


def destinations(connection: Connection, *, among: Sequence[str] | None = None) -> list[str]:
    """List the channels something is due for, or on its way to: whoever was sending it may have died."""
    query = text(_DESTINATIONS)
    return list(connection.scalars(query, {"among": None if among is None else list(among), "kinds": list(KINDS)}))


def orphans(connection: Connection, destination: str) -> list[Due]:
    """Give the rows that a deliverer before us has left on their way; only in the turn."""
    return _due(connection, _ORPHANS, {"destination": destination, "kinds": list(KINDS)})


def claim(connection: Connection, destination: str, limit: int) -> list[Due]:
    """Take up to `limit` due rows, closures first, and count their attempt: to be committed before they are sent.

    A row whose deliverers died three times comes alone. Rows that somebody is just enqueueing again are left for later.
    """
    found = _due(connection, _CLAIM, {"destination": destination, "limit": limit, "kinds": list(KINDS)})
    if found and found[0].crash_count >= ALONE_AFTER:
        found = found[:1]
    else:
        found = [row for row in found if row.crash_count < ALONE_AFTER]
    connection.execute(text(_BEGIN), {"ids": [row.outbox_id for row in found]})
    return found


def put_back(
    beside: Connection,
    rows: Sequence[Due],
    *,
    code: str | None = None,
    wait: timedelta | None = None,
    is_begun: bool = True,
) -> None:
    """Let rows wait again, with a code and for so long where they are to hold back their kind.

    `beside` is an autocommit connection: one row after the other, in the order in which loads enqueue, so that neither
    waits for the other in a circle. `is_begun` False: nothing was tried, the attempt does not count.
    """
    for row in sorted(rows, key=lambda each: each.dedupe_key):
        values = {
            "outbox_id": row.outbox_id, "attempt_no": row.attempt_no, "code": code, "wait": wait or timedelta(0),
            "uncounted": 0 if is_begun else 1,
        }  # fmt: skip
        try:
            beside.execute(text(_PUT_BACK), values)
        except IntegrityError:  # enqueued again at this moment: now it is seen
            beside.execute(text(_PUT_BACK), values)


def end(connection: Connection, rows: Sequence[Due], status: str, code: str | None = None) -> None:
    """End claimed rows that nothing is sent of: `expired`, or `failed` with a code."""
    values = {
        "ids": [row.outbox_id for row in rows],
        "numbers": [row.attempt_no for row in rows],
        "status": status,
        "code": code,
    }
    connection.execute(text(_END), values)


def _due(connection: Connection, query: str, values: dict[str, Any]) -> list[Due]:
    return [Due(*row) for row in connection.execute(text(query), values)]


_FIELDS: Final = f"""
    o.outbox_id, o.kind, o.property_id, o.dedupe_key, o.payload, o.priority,
    least(o.attempts_count + {{begun}}, {_MOST_ATTEMPTS}) AS attempt_no, o.error_code IS NOT NULL AS is_probe,
    CASE WHEN o.attempts_count < {ALONE_AFTER} THEN 0 ELSE
        o.attempts_count - (SELECT count(*) FROM ops.deliveries d WHERE d.outbox_id = o.outbox_id) END AS crash_count,
    coalesce(o.expires_at <= now(), false) AS is_over
"""
# Nothing of an account that is paused or in maintenance; of one that is no more, all of it, to be ended.
_IS_DUE: Final = """
    o.status = 'pending' AND o.kind = ANY(:kinds) AND o.not_before_at <= now()
    AND (o.error_code IS NOT NULL OR NOT EXISTS (
        SELECT FROM ops.outbox b WHERE (b.destination, b.kind, b.property_id) = (o.destination, o.kind, o.property_id)
            AND b.status = 'pending' AND b.error_code IS NOT NULL))
    AND NOT EXISTS (
        SELECT FROM ops.integrations i
        WHERE (i.source, i.property_id) = (o.destination, o.property_id) AND i.status <> 'active')
"""
_DESTINATIONS: Final = f"""
SELECT s.source FROM (
    SELECT DISTINCT source FROM ops.integrations WHERE source = ANY(coalesce(CAST(:among AS text[]), ARRAY[source]))
) s
WHERE EXISTS (SELECT FROM ops.outbox o WHERE o.destination = s.source AND {_IS_DUE})
    OR EXISTS (SELECT FROM ops.outbox o WHERE o.destination = s.source AND o.status = 'sending' AND o.kind = ANY(:kinds))
ORDER BY s.source COLLATE "C"
"""
_CLAIM: Final = f"""
SELECT {_FIELDS.format(begun=1)} FROM ops.outbox o WHERE o.destination = :destination AND {_IS_DUE}
ORDER BY o.priority, o.outbox_id LIMIT :limit FOR UPDATE OF o SKIP LOCKED
"""
_BEGIN: Final = f"""
UPDATE ops.outbox SET status = 'sending', attempts_count = least(attempts_count + 1, {_MOST_ATTEMPTS})
WHERE outbox_id = ANY(:ids)
"""
_ORPHANS: Final = f"""
SELECT {_FIELDS.format(begun=0)} FROM ops.outbox o
WHERE o.destination = :destination AND o.status = 'sending' AND o.kind = ANY(:kinds) ORDER BY o.outbox_id
"""
# Where the same thing waits anew, that row takes over what this one has to say to the others.
_PUT_BACK: Final = """
WITH newer AS (
    UPDATE ops.outbox n
    SET coalesced_count = n.coalesced_count + o.coalesced_count + 1, error_code = coalesce(:code, n.error_code),
        not_before_at = CASE WHEN CAST(:code AS text) IS NULL THEN n.not_before_at ELSE now() + :wait END
    FROM ops.outbox o
    WHERE o.outbox_id = :outbox_id AND o.status = 'sending' AND o.attempts_count = :attempt_no
        AND (n.destination, n.dedupe_key) = (o.destination, o.dedupe_key) AND n.status = 'pending'
    RETURNING n.outbox_id
)
UPDATE ops.outbox
SET status = CASE WHEN EXISTS (SELECT FROM newer) THEN 'superseded' ELSE 'pending' END, error_code = :code,
    not_before_at = now() + :wait, attempts_count = attempts_count - :uncounted
WHERE outbox_id = :outbox_id AND status = 'sending' AND attempts_count = :attempt_no
"""
_END: Final = """
UPDATE ops.outbox o SET status = :status, error_code = :code
FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS smallint[])) AS r(outbox_id, attempt_no)
WHERE o.outbox_id = r.outbox_id AND o.status = 'sending' AND o.attempts_count = r.attempt_no
"""

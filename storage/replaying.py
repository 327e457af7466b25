"""Messages that came to an end and are to be read again: which, what they came to, how they are sent back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from storage.inbox import Message

_STATE: Final = "inbox_id, source, property_id, status, outcome, error_code, body IS NOT NULL AS has_body"


class MessageState(NamedTuple):
    """What a message has come to; `outcome` where it is over, `error_code` where something kept it from it."""

    inbox_id: int
    source: str
    property_id: str | None
    status: str
    outcome: str | None
    error_code: str | None
    has_body: bool


def stuck_messages(
    connection: Connection,
    *,
    ids: Sequence[int] = (),
    reason: str | None = None,
    source: str | None = None,
    property_id: str | None = None,
    received_since: datetime | None = None,
    received_until: datetime | None = None,
    with_done: bool = False,
) -> list[MessageState]:
    """List messages that are stuck, oldest first; what is given narrows the choice. `reason`: an error code or a status.

    Messages chosen by `ids`, or `with_done`, may have come to a good end as well. Never those that asked (`hotel.asked`):
    whoever asked has had an answer and acts on it.
    """
    values = {
        "ids": list(ids), "is_any": not ids, "reason": reason, "source": source, "property_id": property_id,
        "since": received_since, "until": received_until, "with_done": with_done or bool(ids),
    }  # fmt: skip
    return [MessageState(*row) for row in connection.execute(text(_CHOSEN), values)]


def states(connection: Connection, ids: Sequence[int]) -> dict[int, MessageState]:
    """Tell what messages have come to, by id."""
    query = f"SELECT {_STATE} FROM raw.inbox WHERE inbox_id = ANY(:ids)"
    return {row.inbox_id: MessageState(*row) for row in connection.execute(text(query), {"ids": list(ids)})}


def send_back(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Let messages that are over, or wait for a mapping, be read again; give those whose body is still there.

    What was held of a message as a whole is no longer held: it waits again if it cannot be read this time either.
    """
    sent = list(connection.execute(text(_SEND_BACK), {"ids": sorted(ids)}).scalars())
    connection.execute(text(_REPLAYED), {"refs": [f"i:{inbox_id}" for inbox_id in sent]})
    connection.execute(text("SELECT pg_notify('inbox', '')"))
    return sent


def messages(connection: Connection, ids: Sequence[int]) -> list[Message]:
    """Read messages again, whatever became of them."""
    names = ", ".join(Message._fields[:-1])
    query = f"SELECT {names}, 0 AS attempts_count FROM raw.inbox WHERE inbox_id = ANY(:ids) ORDER BY inbox_id"
    return [Message(*row) for row in connection.execute(text(query), {"ids": list(ids)})]


def held_messages(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Tell of which messages something is held in quarantine."""
    found = connection.execute(text(_HELD), {"ids": list(ids)}).scalars()
    return set(found)


def arrivals(connection: Connection, keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], date]:
    """Tell when the guests of bookings arrive, as far as the house knows, by source, property and reference."""
    if not keys:
        return {}
    sources, properties, refs = (list(part) for part in zip(*keys, strict=True))
    rows = connection.execute(text(_ARRIVALS), {"sources": sources, "properties": properties, "refs": refs})
    return {(row.source, row.property_id, row.source_ref): row.arrival_on for row in rows}


_CHOSEN: Final = f"""
SELECT {_STATE} FROM raw.inbox
WHERE (:is_any OR inbox_id = ANY(:ids))
    AND (status IN ('dead', 'failed', 'waiting_mapping') OR :with_done)
    AND event_type NOT LIKE 'ask.%'
    AND (CAST(:reason AS text) IS NULL OR :reason IN (error_code, status))
    AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:property_id AS text) IS NULL OR property_id = :property_id)
    AND (CAST(:since AS timestamptz) IS NULL OR received_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR received_at < :until)
ORDER BY inbox_id
"""
_SEND_BACK: Final = """
UPDATE raw.inbox SET status = 'received', outcome = NULL, error_code = NULL, next_attempt_at = NULL, ended_at = NULL
WHERE inbox_id = ANY(:ids) AND status IN ('dead', 'failed', 'waiting_mapping', 'done') AND body IS NOT NULL
RETURNING inbox_id
"""
_REPLAYED: Final = """
UPDATE ops.quarantine SET status = 'replayed', decided_by = 'loader', decided_at = now()
WHERE status = 'open' AND raw_ref = ANY(:refs)
"""
_HELD: Final = """
SELECT DISTINCT split_part(raw_ref, ':', 2)::bigint FROM ops.quarantine
WHERE status = 'open' AND CASE WHEN raw_ref LIKE 'i:%' THEN split_part(raw_ref, ':', 2)::bigint = ANY(:ids) END
"""
_ARRIVALS: Final = """
SELECT r.source, r.property_id, r.source_ref, r.arrival_on
FROM unnest(CAST(:sources AS text[]), CAST(:properties AS text[]), CAST(:refs AS text[]))
    AS k(source, property_id, source_ref)
JOIN core.reservations AS r USING (source, property_id, source_ref)
WHERE r.arrival_on IS NOT NULL
"""

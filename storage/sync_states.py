"""Whether a channel and we agree on a room type: its counts, restrictions, prices (`entity`), by our code of the type."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

PENDING: Final = "pending"
SYNCED: Final = "synced"
FAILED: Final = "failed"


class Place(NamedTuple):
    """What a state is of: one kind of thing at one channel and property."""

    source: str
    property_id: str
    entity: str


class State(NamedTuple):
    """How a room type stands. `about`: the one thing that is not agreed on, which alone can settle it; None: any."""

    status: str
    error_code: str | None = None
    about: str | None = None


def note_states(
    connection: Connection, place: Place, states: Mapping[str, State], *, agreed: Iterable[str] = ()
) -> None:
    """Write the states of room types; `agreed` are the things that the channel has just taken.

    A type of which a thing failed stays failed until this thing is taken, or everything is to be told anew (`begin_anew`).
    """
    if not states:
        return
    refs = sorted(states)
    values = place._asdict() | {
        "refs": refs,
        "statuses": [states[ref].status for ref in refs],
        "codes": [states[ref].error_code for ref in refs],
        "hashes": [_digest(states[ref].about) for ref in refs],
        "agreed": [_digest(each) for each in agreed],
    }
    connection.execute(text(_NOTE), values)


def begin_anew(connection: Connection, source: str, property_id: str, entities: Iterable[str]) -> None:
    """Forget what is not agreed on with a channel (`*`: with any): all of it is to be told anew."""
    query = """
        UPDATE ops.sync_states SET status = 'pending', wanted_hash = NULL
        WHERE :source IN ('*', source) AND property_id = :property_id AND entity = ANY(:entities)
    """
    connection.execute(text(query), {"source": source, "property_id": property_id, "entities": list(entities)})


def _digest(name: str | None) -> bytes | None:
    return None if name is None else sha256(name.encode()).digest()


_NOTE: Final = """
INSERT INTO ops.sync_states AS s (source, property_id, entity, entity_ref, status, error_code, wanted_hash, retry_count)
SELECT :source, :property_id, :entity, r.ref, r.status, r.code, r.hash, CASE WHEN r.status = 'synced' THEN 0 ELSE 1 END
FROM unnest(CAST(:refs AS text[]), CAST(:statuses AS text[]), CAST(:codes AS text[]), CAST(:hashes AS bytea[]))
    AS r(ref, status, code, hash)
ON CONFLICT (source, property_id, entity, entity_ref) DO UPDATE
SET status = excluded.status, error_code = excluded.error_code, wanted_hash = excluded.wanted_hash, attempted_at = now(),
    retry_count = CASE WHEN excluded.status = 'synced' THEN 0 ELSE s.retry_count + 1 END
WHERE excluded.status = 'failed' OR s.status <> 'failed' OR s.wanted_hash IS NULL OR s.wanted_hash = ANY(:agreed)
"""

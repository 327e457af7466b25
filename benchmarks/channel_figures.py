"""What a fair came to, read from the database: who is in, what is doubled, what the money says, what was told when."""

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from sandbox.channels.expedia_told import booking_id
from sandbox.channels.sales import CANCELLED, Sale

PATIENCE_SECONDS: Final = 90.0


class Event(NamedTuple):
    """Something a channel tells at a second of the fair: a version of a sale, told again at once where `is_twice`."""

    at: float
    channel: str
    sale: Sale
    is_twice: bool = False


class Told(NamedTuple):
    """A version as it went out: when, by the wall clock."""

    at: float
    event: Event


def final(planned: Sequence[Event], channel: str) -> dict[str, Sale]:
    """Give the last version of each sale of a channel."""
    last: dict[str, Sale] = {}
    for event in planned:
        known = last.get(event.sale.ref)
        if event.channel == channel and (known is None or known.revision < event.sale.revision):
            last[event.sale.ref] = event.sale
    return last


def _refs(channel: str, told: Sale) -> list[str]:
    """Name a sale as the channel does; Expedia makes a booking of every room."""
    return [booking_id(told, room) for room in told.rooms] if channel == "expedia" else [told.ref]


class Held(NamedTuple):
    """A booking as it is held; a tombstone was cancelled before it was ever told, which is all that is known of it."""

    status: str
    total_minor: int
    done_at: float
    is_tombstone: bool


def stored_bookings(url: str, channel: str) -> dict[str, Held]:
    """Read what is held of a channel: by its number, the status, the money and when the message was done."""
    query = """
        SELECT coalesce(r.channel_ref, r.source_ref), r.status, coalesce(r.total_minor, 0),
            extract(epoch FROM i.ended_at)::float8, r.is_tombstone
        FROM core.reservations r JOIN raw.inbox i ON i.inbox_id = split_part(r.raw_ref, ':', 2)::bigint
        WHERE r.source = %s
    """
    with psycopg.connect(url) as connection:
        return {row[0]: Held(*row[1:]) for row in connection.execute(query, [channel])}


def missing(channel: str, planned: Sequence[Event], stored: dict[str, Held]) -> list[str]:
    """Name the sales of a channel that are not held, or not in their last state."""
    return [
        ref
        for told in final(planned, channel).values()
        for ref in _refs(channel, told)
        if ref not in stored or (stored[ref].status == CANCELLED) != (told.kind == CANCELLED)
    ]


def account(url: str, channel: str, planned: Sequence[Event], told: Sequence[Told]) -> dict[str, Any]:
    """Say of a channel what was lost, what doubled, and how long its bookings took."""
    stored, wanted = stored_bookings(url, channel), final(planned, channel)
    refs = {ref: sold for sold in wanted.values() for ref in _refs(channel, sold)}
    versions: dict[str, int] = defaultdict(int)
    for each in told:
        versions[each.event.sale.ref] += 1
    sold_at = {each.event.sale.ref: each.at for each in told if each.event.channel == channel}
    waits = sorted(
        stored[ref].done_at - sold_at[sold.ref]
        for ref, sold in refs.items()
        if ref in stored and versions[sold.ref] == 1
    )
    bare = {refs[ref].ref for ref, held in stored.items() if held.is_tombstone and ref in refs}
    return {
        "bookings": len(refs),
        "lost": len(missing(channel, planned, stored)),
        "doubled": len(set(stored) - set(refs)),
        "cancelled_before_told": len(bare),
        "money_off_minor": sum(
            held.total_minor for ref, held in stored.items() if ref not in refs or refs[ref].ref not in bare
        )
        - sum(sold.total_minor for sold in wanted.values() if sold.ref not in bare),
        "p50_ms": round(statistics.median(waits) * 1000) if waits else None,
        "p95_ms": round(waits[int(len(waits) * 0.95)] * 1000) if waits else None,
    }


def breakers(url: str) -> list[dict[str, Any]]:
    """List the breakers that were open: how many calls each kept in, for how long, and how it stands now."""
    query = """
        SELECT r.source, r.endpoint_code, count(*), b.state,
            extract(epoch FROM max(r.sent_at) - min(r.sent_at))::float8
        FROM ops.requests r JOIN ops.breakers b USING (source, endpoint_code)
        WHERE r.error_code = 'breaker_open' GROUP BY 1, 2, 4 ORDER BY 1, 2
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(query).fetchall()
    names = ("source", "endpoint", "kept_in", "state", "seconds")
    return [dict(zip(names, row, strict=True)) for row in rows]


def told_to_channels(url: str) -> dict[str, Any]:
    """Read how long a changed count waited in the outbox, and what was joined on the way."""
    query = """
        SELECT destination, count(*), sum(coalesced_count), count(*) FILTER (WHERE status NOT IN ('sent', 'superseded')),
            percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - created_at)::float8)
        FROM ops.outbox GROUP BY destination ORDER BY destination
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(query).fetchall()
    return {
        row[0]: {"rows": row[1], "coalesced": int(row[2]), "unsent": row[3], "p95_seconds": row[4] and round(row[4], 2)}
        for row in rows
    }


def wait_until_told(url: str) -> None:
    """Wait until nothing is left to tell: a channel that takes few messages a minute is told last."""
    query = "SELECT count(*) FROM ops.outbox WHERE status IN ('pending', 'sending')"
    started = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() - started < PATIENCE_SECONDS:
            row = connection.execute(query).fetchone()
            if row and not row[0]:
                return
            time.sleep(0.2)

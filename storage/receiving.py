"""Put messages into the inbox: one statement for a group of them, the gateway's hot path."""

import json
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg
from sqlalchemy import Connection

from storage.engine import driver


class Delivery(NamedTuple):
    """One verified call, or one message of a queue, cards removed.

    `body_sha256` is over the bytes as they came; `headers` only those worth keeping. `acknowledge_by_at`: until when the
    queue it was pulled from must hear that we have it.
    """

    source: str
    account: str
    event_id: str
    event_type: str
    body: bytes
    body_sha256: bytes
    headers: Mapping[str, str]
    signature_kind: str
    property_id: str | None = None
    is_test: bool = False
    key_id: str | None = None  # set where card removal failed and the body is sealed instead
    acknowledge_by_at: datetime | None = None


class Receipt(NamedTuple):
    """What became of a delivery: stored under a fresh id, or known already under `inbox_id`.

    A conflict is a known event id with another body: the first is kept, the other is put aside.
    """

    inbox_id: int
    is_duplicate: bool = False
    is_conflict: bool = False


_Query = tuple[str, Sequence[Any]]
_Steps = Generator[_Query, list[tuple[Any, ...]], list[Receipt]]

# Numbered in the order of arrival, inserted in the order of the keys: two groups with the same events cannot deadlock.
_INSERT: Final = """
WITH arrived AS MATERIALIZED (
    SELECT nextval('raw.received_seq') AS inbox_id, d.*
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[], %b::text[], %b::text[],
                %b::text[], %b::bool[], %b::text[], %b::timestamptz[])
      AS d(source, account, event_id, event_type, body, body_sha256, headers, signature_kind,
           property_id, is_test, key_id, acknowledge_by_at)
)
INSERT INTO raw.inbox (inbox_id, source, account, event_id, event_type, body, body_sha256, headers, signature_kind,
                       property_id, is_test, key_id, is_sealed, acknowledge_by_at)
SELECT inbox_id, source, account, event_id, event_type, body, body_sha256, headers::jsonb, signature_kind,
       property_id, is_test, key_id, key_id IS NOT NULL, acknowledge_by_at
FROM arrived ORDER BY source, account, event_id, inbox_id
ON CONFLICT (source, account, event_id) DO NOTHING
RETURNING source, account, event_id, inbox_id, body_sha256
"""

# A second statement, because only a new snapshot sees the row that stood in the way.
_KNOWN: Final = """
SELECT source, account, event_id, i.inbox_id, i.body_sha256
FROM unnest(%b::text[], %b::text[], %b::text[]) AS d(source, account, event_id)
JOIN raw.inbox AS i USING (source, account, event_id)
"""

_PUT_ASIDE: Final = """
INSERT INTO raw.inbox_conflicts AS c (inbox_id, body_sha256, body, headers)
SELECT inbox_id, body_sha256, body, headers::jsonb
FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::text[]) AS d(inbox_id, body_sha256, body, headers)
ORDER BY inbox_id, body_sha256
ON CONFLICT (inbox_id, body_sha256) DO UPDATE SET seen_count = c.seen_count + 1, last_seen_at = now()
RETURNING inbox_id
"""


def receive(connection: Connection, deliveries: Sequence[Delivery]) -> list[Receipt]:
    """Store deliveries within the caller's transaction and give a receipt for each, in order.

    Whoever listens on `inbox` hears of them at the commit.
    """
    steps = _receive(deliveries)
    with driver(connection).cursor(binary=True) as cursor:
        try:
            query = next(steps)
            while True:
                query = steps.send(cursor.execute(*query).fetchall())
        except StopIteration as end:
            receipts: list[Receipt] = end.value
            return receipts


async def receive_async(connection: psycopg.AsyncConnection[Any], deliveries: Sequence[Delivery]) -> list[Receipt]:
    """Do what `receive` does on psycopg's own connection; on an autocommit one each statement is durable by itself."""
    steps = _receive(deliveries)
    async with connection.cursor(binary=True) as cursor:
        try:
            query = next(steps)
            while True:
                await cursor.execute(*query)
                query = steps.send(await cursor.fetchall())
        except StopIteration as end:
            receipts: list[Receipt] = end.value
            return receipts


def _receive(deliveries: Sequence[Delivery]) -> _Steps:
    """Ask for one query after another; the runners above differ only in how they wait for the answer."""
    if not deliveries:
        return []
    stored = {row[:3]: row[3:] for row in (yield _INSERT, _columns(deliveries))}
    fresh = set(stored)
    if known := list({_key(each) for each in deliveries} - fresh):
        stored |= {row[:3]: row[3:] for row in (yield _KNOWN, [list(part) for part in zip(*known, strict=True)])}
    receipts, aside = [], {}
    for each in deliveries:
        inbox_id, body_sha256 = stored[_key(each)]
        is_duplicate = _key(each) not in fresh
        fresh.discard(_key(each))  # the first of a group's repeats is the fresh one
        is_conflict = is_duplicate and body_sha256 != each.body_sha256
        receipts.append(Receipt(inbox_id, is_duplicate, is_conflict))
        if is_conflict:
            aside[inbox_id, each.body_sha256] = (each.body, _json(each.headers))
    if aside:
        rows = [(*place, *kept) for place, kept in aside.items()]
        yield _PUT_ASIDE, [list(part) for part in zip(*rows, strict=True)]
    return receipts


def _key(delivery: Delivery) -> tuple[str, str, str]:
    return delivery.source, delivery.account, delivery.event_id


def _columns(deliveries: Sequence[Delivery]) -> list[list[Any]]:
    columns = [list(column) for column in zip(*deliveries, strict=True)]
    headers = Delivery._fields.index("headers")
    columns[headers] = [_json(each) for each in columns[headers]]
    return columns


def _json(headers: Mapping[str, str]) -> str:
    return json.dumps(dict(headers))

"""Rows that wait: each bad row once, with its reasons and what it keeps out of the reports (law 7)."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select, text, update

from storage import audit
from storage.bad_rows import BadRow, keepable, source_refs
from storage.classify import STALE, Fates
from storage.copying import stage
from storage.engine import driver
from storage.tables import ops

_q = ops.quarantine.c


class NotOpenError(ValueError):
    """The quarantined row does not wait: it was decided, or a good version came."""


class OpenRow(NamedTuple):
    """One row that waits, without what it says: `raw_ref` leads to that. `source_version` 0: its source has none."""

    quarantine_id: int
    dataset: str
    source: str
    property_id: str
    source_ref: str
    source_version: int
    raw_ref: str
    reasons: list[str]
    received_seq: int | None
    first_seen_at: datetime
    seen_count: int


class WithheldSum(NamedTuple):
    """What open rows keep out of a property's reports; money currency -> minor units.

    `earning_count`: those of the `row_count` whose nights would have counted: neither cancelled, no-show nor waitlisted.
    """

    row_count: int
    earning_count: int
    room_night_count: int
    amount_minor: dict[str, int]


def hold(connection: Connection, rows: Sequence[BadRow], *, load_id: int, suite_version: str | None = None) -> None:
    """Keep bad rows waiting. The same bad row again is seen once more and told as of now; it is never a second one.

    A row that a person released or discarded stays decided; one that had come right in between waits again.
    """
    newest = {_place(row): row for row in sorted(rows, key=lambda row: row.received_seq)}
    if newest:
        cursor = driver(connection).cursor()
        stage(cursor, "quarantine_rows", _frame(newest))
        cursor.execute(_HOLD, {"load_id": load_id, "suite_version": suite_version})


def supersede(connection: Connection, fates: Fates, *, held: Collection[int] = ()) -> int:
    """End what waits of every row that is good in this batch, at the same version or a newer one; give how many.

    `held`: row numbers that the gate holds. A stale row says nothing of a newer bad one.
    """
    dataset, parent = fates.frames.dataset, fates.frames.parent
    is_good = ~fates.is_one_of(STALE) & ~np.isin(np.asarray(parent["row_number"]), list(held))
    good = parent.filter(pa.array(is_good))
    waiting = _waiting_near(connection, dataset, pc.unique(good["property_id"]).to_pylist())
    if not waiting:
        return 0
    good = good.append_column("ref", source_refs(dataset, good))
    good = good.filter(pc.is_in(good["ref"], value_set=pa.array([row.source_ref for row in waiting], pa.string())))
    columns = (good[name].to_pylist() for name in ("source", "property_id", "ref", "source_version"))
    versions = {(source, property_id, ref): version for source, property_id, ref, version in zip(*columns, strict=True)}
    ended = [row.quarantine_id for row in waiting if row.source_version <= versions.get(row[2:5], -1)]
    _end(connection, ended, "superseded")
    return len(ended)


def open_rows(
    connection: Connection,
    *,
    ids: Sequence[int] = (),
    reason: str | None = None,
    source: str | None = None,
    property_id: str | None = None,
    received_since: datetime | None = None,
) -> list[OpenRow]:
    """List what waits, oldest first; every argument given narrows the choice."""
    query = select(*(_q[name] for name in OpenRow._fields)).where(_q.status == "open").order_by(_q.quarantine_id)
    conditions = [
        _q.quarantine_id.in_(ids) if ids else None,
        _q.reasons.contains([reason]) if reason else None,
        _q.source == source if source else None,
        _q.property_id == property_id if property_id else None,
        _q.first_seen_at >= received_since if received_since else None,
    ]
    query = query.where(*(condition for condition in conditions if condition is not None))
    return [OpenRow(*row) for row in connection.execute(query)]


def release(connection: Connection, quarantine_id: int, *, actor: str, reason: str) -> None:
    """Note that a person lets a row in although the gate held it. Whoever loads it does so in the same transaction.

    Raises NotOpenError where it does not wait any more.
    """
    if _end(connection, [quarantine_id], "released", actor=actor, reason=reason) != 1:
        msg = f"row {quarantine_id} does not wait: look at its status in ops.quarantine"
        raise NotOpenError(msg)
    audit.note(
        connection,
        actor=actor,
        action="release",
        entity="ops.quarantine",
        entity_key=str(quarantine_id),
        before={"status": "open"},
        after={"status": "released"},
        reason=reason,
    )


def mark_replayed(connection: Connection, ids: Sequence[int]) -> None:
    """End rows that loaded when they were read again with today's mapping and suite."""
    _end(connection, ids, "replayed")


def withheld(connection: Connection, property_id: str) -> WithheldSum:
    """Add up what waits of a property's reservations: of its source of record where it has one, else of all sources.

    The channel's copy of a bad booking would count the same nights a second time.
    """
    sums = list(connection.execute(text(_WITHHELD), {"property_id": property_id}))
    return WithheldSum(
        sum(row.row_count for row in sums),
        sum(row.earning_count for row in sums),
        sum(row.room_night_count for row in sums),
        {row.currency: int(row.amount_minor) for row in sums if row.currency and row.amount_minor},
    )


def _place(row: BadRow) -> tuple[str, bytes, int]:
    key = json.dumps([row.source, row.property_id, row.source_ref]).encode()
    return row.dataset, blake2b(key, digest_size=16).digest(), row.source_version or 0


def _frame(rows: dict[tuple[str, bytes, int], BadRow]) -> pa.Table:
    told = list(rows.values())
    texts = ("dataset", "source", "property_id", "source_ref", "raw_ref", "severity")
    return pa.table(
        {name: pa.array([keepable(getattr(row, name)) for row in told], pa.string()) for name in texts}
        | {
            "key_hash": pa.array([key_hash for _, key_hash, _ in rows], pa.binary()),
            "source_version": pa.array([version for _, _, version in rows], pa.int64()),
            "received_seq": pa.array([row.received_seq for row in told], pa.int64()),
            "reasons": pa.array(
                [list(dict.fromkeys(r.code for r in row.reasons)) for row in told], pa.list_(pa.string())
            ),
            "details": pa.array([json.dumps([r._asdict() for r in row.reasons]) for row in told], pa.string()),
            "row": pa.array([json.dumps(row.row) for row in told], pa.string()),
            "room_night_count": pa.array([row.withheld.room_night_count for row in told], pa.int64()),
            "amount_minor": pa.array([row.withheld.amount_minor for row in told], pa.int64()),
            "currency": pa.array([row.withheld.currency for row in told], pa.string()),
        }
    )


def _waiting_near(connection: Connection, dataset: str, property_ids: list[str]) -> list[OpenRow]:
    query = select(*(_q[name] for name in OpenRow._fields)).where(
        _q.status == "open", _q.dataset == dataset, _q.property_id.in_(property_ids)
    )
    return [OpenRow(*row) for row in connection.execute(query)]


def _end(
    connection: Connection, ids: Sequence[int], status: str, *, actor: str = "loader", reason: str | None = None
) -> int:
    values: dict[str, Any] = {"status": status, "decided_by": actor, "decided_reason": reason, "decided_at": func.now()}
    ended = update(ops.quarantine).where(_q.quarantine_id.in_(ids), _q.status == "open").values(values)
    return connection.execute(ended).rowcount if ids else 0


# Where a source has versions a superseded row stays so: what superseded it is newer, however often the old one comes.
_HOLD: Final = """
INSERT INTO ops.quarantine AS q (
    dataset, source, property_id, source_ref, key_hash, source_version, received_seq, reasons, details, severity, row,
    raw_ref, load_id, suite_version, amount_minor, currency, room_night_count)
SELECT dataset, source, property_id, source_ref, key_hash, source_version, received_seq, coalesce(reasons, '{}'),
    details::jsonb, severity, row::jsonb, raw_ref, %(load_id)s, %(suite_version)s, amount_minor,
    CASE WHEN currency ~ '^[A-Z]{3}$' THEN currency END, room_night_count
FROM pg_temp.quarantine_rows ORDER BY dataset, key_hash, source_version
ON CONFLICT (dataset, key_hash, source_version) DO UPDATE SET
    seen_count = q.seen_count + 1, last_seen_at = now(), received_seq = excluded.received_seq,
    reasons = excluded.reasons, details = excluded.details, severity = excluded.severity, row = excluded.row,
    raw_ref = excluded.raw_ref, load_id = excluded.load_id, suite_version = excluded.suite_version,
    amount_minor = excluded.amount_minor, currency = excluded.currency, room_night_count = excluded.room_night_count,
    status = CASE WHEN q.status = 'replayed' OR q.status = 'superseded' AND q.source_version = 0
        THEN 'open' ELSE q.status END
"""
_WITHHELD: Final = """
SELECT q.currency, count(*) AS row_count, count(*) FILTER (
        WHERE q.row ->> 'status' IN ('confirmed', 'in_house', 'checked_out')) AS earning_count,
    sum(q.room_night_count) AS room_night_count, sum(q.amount_minor) AS amount_minor
FROM ops.quarantine q JOIN core.properties p USING (property_id)
WHERE q.status = 'open' AND q.dataset = 'reservations' AND q.property_id = :property_id
    AND q.source = coalesce(p.of_record_source, q.source)
GROUP BY q.currency
"""

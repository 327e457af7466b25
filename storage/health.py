"""How the connected systems are: one row a check, the latest of each is what counts."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select, true
from sqlalchemy.dialects.postgresql import insert

from storage.tables import ops

_h = ops.health_checks.c
_i = ops.integrations.c


class HealthCheck(NamedTuple):
    """One look at one system. `freshness_seconds`: age of its newest data; `detail` is for operators, no data in it."""

    source: str
    property_id: str
    checked_at: datetime
    status: str
    duration_ms: int | None = None
    freshness_seconds: int | None = None
    queue_count: int | None = None
    detail: str | None = None


def note_check(connection: Connection, check: HealthCheck) -> None:
    """Store a check; the same one again changes nothing."""
    connection.execute(insert(ops.health_checks).values(check._asdict()).on_conflict_do_nothing())


def note_change(connection: Connection, check: HealthCheck, *, at_least_every: timedelta) -> None:
    """Store a check unless the last one said the same less than so long ago: for systems that are looked at all the time."""
    query = select(_h.status, _h.checked_at).where(_h.source == check.source, _h.property_id == check.property_id)
    last = connection.execute(query.order_by(_h.checked_at.desc()).limit(1)).one_or_none()
    if last is None or last.status != check.status or check.checked_at - last.checked_at >= at_least_every:
        note_check(connection, check)


def latest_checks(connection: Connection) -> list[HealthCheck]:
    """Give the newest check of every integration that was ever checked, by source and property."""
    # A look-up per integration: the history grows by a row per integration every few minutes.
    newest = (
        select(ops.health_checks)
        .where(_h.source == _i.source, _h.property_id == _i.property_id)
        .order_by(_h.checked_at.desc())
        .limit(1)
        .lateral()
    )
    query = select(*(newest.c[name] for name in HealthCheck._fields)).select_from(ops.integrations.join(newest, true()))
    return [HealthCheck(*row) for row in connection.execute(query.order_by(_i.source, _i.property_id))]

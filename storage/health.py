"""How the connected systems are: one row a check, the latest of each is what counts."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from storage.tables import ops

_h = ops.health_checks.c


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


def latest_checks(connection: Connection) -> list[HealthCheck]:
    """Give the newest check of every system that was ever checked, by source and property."""
    query = (
        select(*(_h[name] for name in HealthCheck._fields))
        .ext(distinct_on(_h.source, _h.property_id))
        .order_by(_h.source, _h.property_id, _h.checked_at.desc())
    )
    return [HealthCheck(*row) for row in connection.execute(query)]

"""What every load says of itself, and how far each source has been read."""

from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.tables import ops

_COMPARABLE: Final = 7


class Load(NamedTuple):
    """One property's part of a batch, or of a webhook micro-batch (`batch_id` None); the fields are the columns.

    Counts are rows, `control_minor` currency -> minor units that passed, `warnings` and `reasons` code -> rows.
    """

    load_id: int
    dataset: str
    source: str
    property_id: str
    verdict: str
    started_at: datetime
    batch_id: int | None = None
    business_on: date | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    rows_read_count: int = 0
    rows_passed_count: int = 0
    rows_quarantined_count: int = 0
    rows_inserted_count: int = 0
    rows_updated_count: int = 0
    rows_unchanged_count: int = 0
    rows_stale_count: int = 0
    rows_rewritten_count: int = 0
    expected_count: int | None = None
    control_minor: dict[str, int] = {}  # noqa: RUF012 a NamedTuple default is never mutated
    warnings: dict[str, int] = {}  # noqa: RUF012 a NamedTuple default is never mutated
    reasons: dict[str, int] = {}  # noqa: RUF012 a NamedTuple default is never mutated
    blocked_by: tuple[str, ...] = ()
    suite_name: str | None = None
    suite_version: str | None = None
    flow_run_id: str | None = None
    code_version: str | None = None


class Watermark(NamedTuple):
    """How far a dataset of a source has been read: the source's own instant, or its own text where it gives none."""

    value_at: datetime | None
    value_text: str | None
    overlap_seconds: int
    load_id: int | None


def reserve_load(connection: Connection) -> int:
    """Give the id of a load before it is recorded: its rows bear it."""
    sequence = func.nextval(func.pg_get_serial_sequence("ops.loads", "load_id"))
    return int(connection.execute(select(sequence)).scalar_one())


def record_load(connection: Connection, load: Load) -> int:
    """Record a load in the transaction that made it and give its id; a blocked one is recorded too."""
    connection.execute(insert(ops.loads).values(load._asdict() | {"blocked_by": list(load.blocked_by)}))
    return load.load_id


def recent_counts(connection: Connection, source: str, property_id: str, dataset: str, *, on: date) -> tuple[int, ...]:
    """Give the rows read by the last seven loads of full batches on the same kind of day (week or week-end), newest first."""
    loads = ops.loads.c
    is_weekend = func.extract("isodow", loads.started_at) >= 6  # noqa: PLR2004 Saturday
    query = (
        select(loads.rows_read_count)
        .where(loads.source == source, loads.property_id == property_id, loads.dataset == dataset)
        .where(loads.batch_id.is_not(None), loads.verdict != "blocked", is_weekend == (on.isoweekday() >= 6))  # noqa: PLR2004
        .order_by(loads.load_id.desc())
        .limit(_COMPARABLE)
    )
    return tuple(connection.execute(query).scalars())


def read_watermark(connection: Connection, source: str, property_id: str, dataset: str) -> Watermark | None:
    """Give how far a dataset has been read, or None where it never was."""
    mark = ops.watermarks.c
    query = select(mark.value_at, mark.value_text, mark.overlap_seconds, mark.load_id).where(
        mark.source == source, mark.property_id == property_id, mark.dataset == dataset
    )
    row = connection.execute(query).one_or_none()
    return Watermark(*row) if row else None


def advance_watermark(
    connection: Connection,
    source: str,
    property_id: str,
    dataset: str,
    *,
    load_id: int,
    value_at: datetime | None = None,
    value_text: str | None = None,
) -> None:
    """Move a watermark on; reading an earlier window again never moves it back."""
    table = ops.watermarks
    statement = upsert(table).values(
        source=source,
        property_id=property_id,
        dataset=dataset,
        value_at=value_at,
        value_text=value_text,
        load_id=load_id,
    )
    told = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.source, table.c.property_id, table.c.dataset],
            set_={"value_at": told.value_at, "value_text": told.value_text, "load_id": told.load_id},
            where=table.c.value_at.is_(None) | (table.c.value_at < told.value_at),
        )
    )

"""Schema ops, the loads: what came in, what waits, who decided, which day it is."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from storage.tables.columns import (
    count,
    currency,
    day,
    document,
    instant,
    key,
    minor,
    number,
    octets,
    one_of,
    our_id,
    word_list,
    words,
)
from storage.tables.metadata import METADATA

VERDICTS: Final = ("passed", "quarantined", "blocked")
QUARANTINE_STATUSES: Final = ("open", "replayed", "released", "discarded", "superseded")
DAY_STATUSES: Final = ("open", "closed", "late")

loads = Table(
    "loads",
    METADATA,
    our_id("load_id"),
    words("dataset", required=True),
    words("source", required=True),
    words("property_id", required=True),
    number("batch_id"),
    day("business_on"),
    instant("window_from"),
    instant("window_to"),
    *(
        count(f"rows_{what}_count", required=True, default="0")
        for what in ("read", "passed", "quarantined", "inserted", "updated", "unchanged", "stale", "rewritten")
    ),
    count("expected_count"),
    document("control_minor", required=True, default="'{}'"),  # currency -> minor units of the rows that passed
    document("warnings", required=True, default="'{}'"),  # code -> rows
    document("reasons", required=True, default="'{}'"),  # code -> rows held
    word_list("blocked_by", required=True, default="'{}'"),
    words("verdict", required=True),
    words("suite_name"),
    words("suite_version"),
    words("flow_run_id"),
    words("code_version"),
    instant("started_at", required=True),
    instant("committed_at", required=True, default="now()"),
    one_of("verdict", VERDICTS),
    schema="ops",
    comment="Every load: counts, verdict, suite",
)
Index("ix_loads_place", loads.c.source, loads.c.property_id, loads.c.dataset, loads.c.load_id)
Index("ix_loads_batch_id", loads.c.batch_id)

watermarks = Table(
    "watermarks",
    METADATA,
    key("source"),
    key("property_id"),
    key("dataset"),
    words("value_text"),
    instant("value_at"),
    count("overlap_seconds", required=True, default="0"),
    number("load_id"),
    schema="ops",
    comment="How far each dataset of each source has been read",
)

# UNIQUE (dataset, key_hash, source_version): the same bad row seen again is the same row here.
quarantine = Table(
    "quarantine",
    METADATA,
    our_id("quarantine_id"),
    words("dataset", required=True),
    words("source", required=True),
    words("property_id", required=True),
    words("source_ref", required=True),
    octets("key_hash", required=True),
    number("source_version", required=True, default="0"),
    number("received_seq"),
    word_list("reasons", required=True),
    document("details", required=True, default="'[]'"),  # per reason: code, column, shape of the value
    words("severity", required=True),
    document("row", personal=True),
    words("raw_ref", required=True),
    number("load_id"),
    words("suite_version"),
    minor("amount_minor", required=True, default="0"),
    currency(),
    count("room_night_count", required=True, default="0"),
    count("seen_count", required=True, default="1"),
    instant("first_seen_at", required=True, default="now()"),
    instant("last_seen_at", required=True, default="now()"),
    words("status", required=True, default="'open'"),
    words("decided_by"),
    words("decided_reason"),
    instant("decided_at"),
    one_of("severity", ("quarantine", "block")),
    one_of("status", QUARANTINE_STATUSES),
    UniqueConstraint("dataset", "key_hash", "source_version"),
    schema="ops",
    comment="Rows that wait, why, and what they keep out of the reports",
)
_q = quarantine.c
Index("ix_quarantine_open", _q.property_id, _q.dataset, _q.quarantine_id, postgresql_where="status = 'open'")

business_days = Table(
    "business_days",
    METADATA,
    key("property_id"),
    key("business_on", Date),
    instant("opened_at"),
    instant("closed_at"),
    words("source", required=True),
    words("status", required=True),
    Column("load_ids", ARRAY(BigInteger), nullable=False, server_default=sql("'{}'")),
    count("restated_count", required=True, default="0"),
    one_of("status", DAY_STATUSES),
    schema="ops",
    comment="Each property's business days: open, closed, restated",
)

# Append-only, by a trigger. Personal columns are masked in `before` and `after`.
audit_log = Table(
    "audit_log",
    METADATA,
    our_id("audit_id"),
    instant("at", required=True, default="now()"),
    words("actor", required=True),
    words("role"),
    words("action", required=True),
    words("entity", required=True),
    words("entity_key", required=True),
    document("before"),
    document("after"),
    words("reason"),
    schema="ops",
    comment="Who did what and why; append-only",
)
Index("ix_audit_log_entity", audit_log.c.entity, audit_log.c.entity_key)

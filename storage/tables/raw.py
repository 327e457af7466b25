"""Schema raw: what outside systems sent, as it was received but for card numbers."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    UniqueConstraint,
)

from storage.tables.columns import (
    AnyColumn,
    count,
    day,
    document,
    few,
    flag,
    instant,
    key,
    key_instant,
    number,
    octets,
    one_of,
    words,
)
from storage.tables.metadata import METADATA

INBOX_OUTCOMES: Final = ("new", "modified", "cancelled", "unchanged", "stale", "quarantined")
INBOX_STATUSES: Final = ("received", "processing", "waiting_mapping", "done", "failed", "dead")
CLAIMABLE: Final = "status IN ('received', 'failed')"
STUCK: Final = "status IN ('waiting_mapping', 'dead')"

# One counter for batches and messages: all that one source ever sent has its place in one order.
RECEIVED_SEQ: Final = Sequence("received_seq", schema="raw", metadata=METADATA, data_type=BigInteger())


def _counted(name: str) -> AnyColumn:
    return Column(name, BigInteger, RECEIVED_SEQ, server_default=RECEIVED_SEQ.next_value(), primary_key=True)


batches = Table(
    "batches",
    METADATA,
    _counted("batch_id"),
    words("source", required=True),
    words("property_id", required=True),  # `*`: several
    words("dataset", required=True),
    words("kind", required=True),
    instant("window_from"),
    instant("window_to"),
    count("expected_count"),
    flag("is_complete", required=True, default="false"),
    instant("opened_at", required=True, default="now()"),
    instant("completed_at"),
    day("business_on"),
    schema="raw",
    comment="One pull of one source: its window, whether it reached its end",
)

# No foreign key to raw.batches: pages are pruned by dropping a month.
pages = Table(
    "pages",
    METADATA,
    key("batch_id", BigInteger),
    key("page_no", Integer),
    key_instant("fetched_at"),
    octets("body", required=True, personal=True),
    words("media_type", required=True),
    octets("received_sha256", required=True),
    count("row_count", required=True),
    number("first_row", required=True),
    words("cursor"),
    count("expected_count"),
    flag("is_last", required=True, default="false"),
    flag("is_sealed", required=True, default="false"),
    words("key_id"),
    words("request_id"),
    schema="raw",
    comment="What a pull brought, page by page, compressed; sha256 of the bytes as they came",
    postgresql_partition_by="RANGE (fetched_at)",
)

# Never partitioned by time: UNIQUE (source, account, event_id) could not hold.
inbox = Table(
    "inbox",
    METADATA,
    _counted("inbox_id"),
    words("source", required=True),
    words("account", required=True, default="''"),
    words("event_id", required=True),
    words("event_type", required=True),
    words("property_id"),
    words("status", required=True, default="'received'"),
    instant("received_at", required=True, default="now()"),
    instant("next_attempt_at"),
    instant("ended_at"),
    number("batch_id"),
    words("outcome"),
    words("error_code"),
    words("trace_id"),
    words("signature_kind", required=True),
    flag("is_test", required=True, default="false"),
    flag("is_sealed", required=True, default="false"),
    words("key_id"),
    document("headers", required=True, default="'{}'"),
    instant("acknowledge_by_at"),  # pulled from a queue: until when it must hear of us
    instant("acknowledged_at"),
    octets("body_sha256", required=True),
    octets("body", personal=True),  # NULL once pruned: the row stays, its key is what keeps a late repeat out
    one_of("status", INBOX_STATUSES),
    one_of("outcome", INBOX_OUTCOMES),
    UniqueConstraint("source", "account", "event_id"),
    schema="raw",
    comment="Every message pushed to us, once; its id is its place in the order of everything received",
)
Index("ix_inbox_claimable", inbox.c.inbox_id, postgresql_where=CLAIMABLE)
Index("ix_inbox_stuck", inbox.c.source, postgresql_where=STUCK)
Index(
    "ix_inbox_unacknowledged", inbox.c.source, inbox.c.acknowledge_by_at,
    postgresql_where="acknowledge_by_at IS NOT NULL AND acknowledged_at IS NULL",
)  # fmt: skip
# What a shift brought to an end is asked for by time; the newest pages hold it.
Index("ix_inbox_ended", inbox.c.ended_at, postgresql_using="brin")

# Beside the inbox, not in it: attempts are committed while the worker's transaction holds the inbox row.
inbox_attempts = Table(
    "inbox_attempts",
    METADATA,
    key("inbox_id", BigInteger),
    few("attempts_count", required=True),
    instant("last_attempt_at", required=True, default="now()"),
    schema="raw",
    comment="How often a worker has begun a message that is not over yet",
)

inbox_conflicts = Table(
    "inbox_conflicts",
    METADATA,
    key("inbox_id", BigInteger),
    key("body_sha256", LargeBinary),
    octets("body", required=True, personal=True),
    document("headers", required=True, default="'{}'"),
    count("seen_count", required=True, default="1"),
    instant("first_seen_at", required=True, default="now()"),
    instant("last_seen_at", required=True, default="now()"),
    ForeignKeyConstraint(["inbox_id"], ["raw.inbox.inbox_id"]),
    schema="raw",
    comment="Another body under a known event id: the first is kept, this one put aside",
)

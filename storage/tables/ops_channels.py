"""Schema ops, what goes out and what it came to; bookings that wait for a mapping; conflicts."""

from typing import Final

from sqlalchemy import BigInteger, Index, Integer, Table

from storage.tables.columns import (
    count,
    currency,
    day,
    document,
    few,
    flag,
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

OUTBOX_STATUSES: Final = ("pending", "sending", "sent", "failed", "superseded", "expired")
DELIVERY_STATUSES: Final = ("accepted", "refused", "failed")
SYNC_STATUSES: Final = ("pending", "synced", "failed", "conflict")
CONFLICT_KINDS: Final = ("overbooking", "copy_differs", "price_differs")
CONFLICT_STATUSES: Final = ("open", "resolved", "accepted")
RESOLUTIONS: Final = ("moved", "walked", "upgraded", "accepted")

# A row says that something must be told anew; what is told is read when it is sent, so that the last state wins.
outbox = Table(
    "outbox",
    METADATA,
    our_id("outbox_id"),
    words("destination", required=True),
    words("kind", required=True),
    words("property_id", required=True),
    words("dedupe_key", required=True),
    words("coalesce_key", required=True, default="''"),
    document("payload", required=True, default="'{}'"),
    few("priority", required=True, default="5"),  # closures 0, openings 5
    words("status", required=True, default="'pending'"),
    instant("not_before_at", required=True, default="now()"),
    instant("expires_at"),
    few("attempts_count", required=True, default="0"),
    count("coalesced_count", required=True, default="0"),
    words("caused_by"),
    words("error_code"),
    instant("created_at", required=True, default="clock_timestamp()"),
    instant("sent_at"),
    one_of("status", OUTBOX_STATUSES),
    schema="ops",
    comment="What must be told to whom, once per destination and thing while it waits; sent at least once",
)
_o = outbox.c
Index("uq_outbox_waiting", _o.destination, _o.dedupe_key, unique=True, postgresql_where="status = 'pending'")
Index("ix_outbox_due", _o.destination, _o.priority, _o.outbox_id, postgresql_where="status IN ('pending', 'sending')")
# Few at any time: what is on its way, and what holds back others of its kind and property.
Index(
    "ix_outbox_begun", _o.destination, _o.kind, _o.property_id,
    postgresql_where="status = 'sending' OR status = 'pending' AND error_code IS NOT NULL",
)  # fmt: skip

deliveries = Table(
    "deliveries",
    METADATA,
    key("outbox_id", BigInteger),
    key("attempt_no", Integer),
    words("channel_code", required=True),
    words("status", required=True),
    count("response_code"),
    words("provider_ref"),
    words("error_code"),
    instant("attempted_at", required=True, default="clock_timestamp()"),
    instant("accepted_at"),
    instant("verified_at"),
    one_of("status", DELIVERY_STATUSES),
    schema="ops",
    comment="Each attempt to send a row of the outbox, and what the channel said",
)
Index("ix_deliveries_attempted", deliveries.c.channel_code, deliveries.c.attempted_at)

sync_states = Table(
    "sync_states",
    METADATA,
    key("source"),
    key("property_id"),
    key("entity"),  # booking, availability, restrictions, rates
    key("entity_ref"),
    words("status", required=True),
    octets("wanted_hash"),
    octets("sent_hash"),
    octets("confirmed_hash"),
    instant("attempted_at", required=True, default="now()"),
    words("error_code"),
    count("retry_count", required=True, default="0"),
    one_of("status", SYNC_STATUSES),
    schema="ops",
    comment="Whether a system and we agree about a thing, by the system's own name for it",
)
Index("ix_sync_states_open", sync_states.c.source, sync_states.c.status, postgresql_where="status <> 'synced'")

conflicts = Table(
    "conflicts",
    METADATA,
    our_id("conflict_id"),
    words("kind", required=True),
    words("property_id", required=True),
    words("room_type_code", required=True, default="''"),  # empty: the house as a whole
    day("stay_on"),
    words("source"),
    words("source_ref"),
    count("over_count"),
    words("status", required=True, default="'open'"),
    words("resolution"),
    minor("cost_minor"),
    currency(),
    instant("opened_at", required=True, default="now()"),
    instant("seen_at", required=True, default="now()"),
    instant("closed_at"),
    one_of("kind", CONFLICT_KINDS),
    one_of("status", CONFLICT_STATUSES),
    one_of("resolution", RESOLUTIONS),
    schema="ops",
    comment="What was accepted although it cannot all be true: overbooked dates, copies that differ",
)
_c = conflicts.c
Index(
    "uq_conflicts_overbooking", _c.property_id, _c.room_type_code, _c.stay_on,
    unique=True, postgresql_where="status = 'open' AND kind = 'overbooking'",
)  # fmt: skip
Index(
    "uq_conflicts_copy", _c.kind, _c.property_id, _c.source, _c.source_ref,
    unique=True, postgresql_where="status = 'open' AND kind <> 'overbooking'",
)  # fmt: skip

# A booking whose room or rate code nobody has mapped holds a room of the house until it is in.
waiting_bookings = Table(
    "waiting_bookings",
    METADATA,
    key("inbox_id", BigInteger),
    key("property_id"),
    key("source_ref"),
    words("source", required=True),
    word_list("codes", required=True),  # field:ref
    day("arrival_on"),
    day("departure_on"),
    count("room_count", required=True, default="1"),
    flag("is_inventory_held", required=True, default="true"),
    instant("since_at", required=True, default="now()"),
    schema="ops",
    comment="Bookings that wait for a room or rate mapping, and the rooms they hold meanwhile",
)
Index("ix_waiting_bookings_stay", waiting_bookings.c.property_id, waiting_bookings.c.arrival_on)

pulls = Table(
    "pulls",
    METADATA,
    key("source"),
    key("property_id"),
    instant("pulled_at"),
    instant("due_at", required=True, default="now()"),
    count("empty_count", required=True, default="0"),  # pulls without a message in a row
    number("message_count", required=True, default="0"),
    number("acknowledged_count", required=True, default="0"),
    words("error_code"),
    instant("failing_since_at"),
    schema="ops",
    comment="How each queue was last pulled, and when it is due again",
)

api_keys = Table(
    "api_keys",
    METADATA,
    our_id("key_id"),
    words("property_id", required=True),
    octets("hash", required=True),
    word_list("scopes", required=True, default="'{}'"),
    instant("expires_at"),
    instant("last_used_at"),
    flag("is_active", required=True, default="true"),
    words("description"),
    instant("created_at", required=True, default="now()"),
    schema="ops",
    comment="Keys of those who may use our own API; only their hashes",
)

"""Schema ops, the connected systems: accounts, what their codes mean to us, how they are."""

from typing import Final

from sqlalchemy import Table

from storage.tables.columns import (
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
    rate,
    word_list,
    words,
)
from storage.tables.metadata import METADATA

INTEGRATION_STATUSES: Final = ("active", "paused", "maintenance")
BREAKER_STATES: Final = ("closed", "open", "half_open")
HEALTH_STATUSES: Final = ("healthy", "degraded", "unhealthy")

integrations = Table(
    "integrations",
    METADATA,
    key("source"),
    key("property_id"),
    words("account", required=True, default="''"),
    words("kind", required=True),
    words("status", required=True, default="'active'"),
    document("settings", required=True, default="'{}'"),
    octets("credentials"),  # sealed: storage/sealing.py
    words("key_id"),
    words("hotel_ref"),
    count("cadence_seconds"),
    count("window_days"),
    day("went_live_on"),
    word_list(
        "pushes", required=True, default="'{}'"
    ),  # what is sent there: availability, restrictions, rates, confirmations
    instant("last_success_at"),
    one_of("status", INTEGRATION_STATUSES),
    schema="ops",
    comment="The connected accounts; credentials are sealed",
)

room_mappings = Table(
    "room_mappings",
    METADATA,
    key("source"),
    key("property_id"),
    key("room_type_ref"),
    words("room_type_code"),
    flag("is_active", required=True, default="true"),
    day("valid_from_on"),
    words("suggested_code"),
    rate("suggested_score", 5, 4),
    words("decided_by"),
    schema="ops",
    comment="Their room types, many to one of ours",
)

rate_plan_mappings = Table(
    "rate_plan_mappings",
    METADATA,
    key("source"),
    key("property_id"),
    key("rate_plan_ref"),
    words("rate_plan_code"),
    words("meal_plan_code"),
    flag("is_net"),
    rate("markup_rate"),
    words("collect"),
    one_of("collect", ("property", "channel", "split")),
    schema="ops",
    comment="Their rate plans in our words",
)

code_mappings = Table(
    "code_mappings",
    METADATA,
    key("source"),
    key("property_id"),  # `*`: the default for all
    key("dataset"),
    key("field"),
    key("ref"),
    words("code", required=True),
    schema="ops",
    comment="All their other codes in our words; property * is the default",
)

unmapped_codes = Table(
    "unmapped_codes",
    METADATA,
    key("source"),
    key("property_id"),
    key("field"),
    key("ref"),
    instant("first_seen_at", required=True, default="now()"),
    instant("last_seen_at", required=True, default="now()"),
    count("waiting_count", required=True, default="0"),
    day("next_arrival_on"),
    words("sample_raw_ref"),
    words("suggested_code"),
    schema="ops",
    comment="Codes nobody has mapped yet; the guest who arrives first comes first",
)

tokens = Table(
    "tokens",
    METADATA,
    key("source"),
    key("account"),
    octets("token", required=True),  # sealed
    words("key_id", required=True),
    instant("granted_at", required=True),
    instant("expires_at", required=True),
    schema="ops",
    comment="Access tokens, sealed, shared by all processes",
)

breakers = Table(
    "breakers",
    METADATA,
    key("source"),
    key("endpoint_code"),
    words("state", required=True, default="'closed'"),
    count("failure_count", required=True, default="0"),
    instant("opened_at"),
    instant("next_probe_at"),
    instant("changed_at", required=True, default="now()"),
    one_of("state", BREAKER_STATES),
    schema="ops",
    comment="One circuit breaker per endpoint, shared by all processes",
)

# GCRA keeps one instant instead of a count of tokens: when the bucket will be full again.
rate_limits = Table(
    "rate_limits",
    METADATA,
    key("source"),
    key("bucket"),
    instant("refilled_at", required=True),
    schema="ops",
    comment="One bucket per limit, shared by all processes",
)

# Months are dropped, rows never deleted.
requests = Table(
    "requests",
    METADATA,
    key("request_id"),
    key_instant("sent_at"),
    words("source", required=True),
    words("property_id", required=True),
    words("endpoint_code", required=True),
    words("method", required=True),
    few("status_code"),
    count("duration_ms", required=True),
    few("attempts_count", required=True),
    number("bytes_count", required=True),
    words("error_code"),
    schema="ops",
    comment="Outbound requests without bodies",
    postgresql_partition_by="RANGE (sent_at)",
)

health_checks = Table(
    "health_checks",
    METADATA,
    key("source"),
    key("property_id"),
    key_instant("checked_at"),
    words("status", required=True),
    count("duration_ms"),
    number("freshness_seconds"),
    number("queue_count"),
    words("detail"),
    one_of("status", HEALTH_STATUSES),
    schema="ops",
    comment="How each connected system was when last looked at",
)

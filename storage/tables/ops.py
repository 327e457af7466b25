"""Schema ops: how the machinery stands. Integrations, loads, quarantine, switches, logs."""

from storage.tables.ops_channels import (
    api_keys,
    conflicts,
    deliveries,
    outbox,
    pulls,
    sync_states,
    waiting_bookings,
)
from storage.tables.ops_integrations import (
    breakers,
    code_mappings,
    health_checks,
    integrations,
    rate_limits,
    rate_plan_mappings,
    requests,
    room_mappings,
    tokens,
    unmapped_codes,
)
from storage.tables.ops_loads import audit_log, business_days, loads, quarantine, watermarks

__all__ = [
    "api_keys",
    "audit_log",
    "breakers",
    "business_days",
    "code_mappings",
    "conflicts",
    "deliveries",
    "health_checks",
    "integrations",
    "loads",
    "outbox",
    "pulls",
    "quarantine",
    "rate_limits",
    "rate_plan_mappings",
    "requests",
    "room_mappings",
    "sync_states",
    "tokens",
    "unmapped_codes",
    "waiting_bookings",
    "watermarks",
]

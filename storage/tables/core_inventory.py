"""Schema core, what can be sold and what was on the books: inventory, rates, snapshots."""

from typing import Final

from sqlalchemy import CheckConstraint, Date, Integer, SmallInteger, Table

from storage.tables.columns import (
    AnyColumn,
    count,
    currency,
    day,
    document,
    few,
    flag,
    instant,
    key,
    key_letters,
    load_tail,
    minor,
    octets,
    one_of,
    words,
)
from storage.tables.metadata import METADATA

# `available_count` alone may fall below nought: an overbooked house.
_COUNTS: Final = (
    "physical_count",
    "out_of_order_count",
    "out_of_service_count",
    "house_use_count",
    "sold_count",
    "complimentary_count",
    "blocked_count",
    "tentative_count",
    "overbooking_limit_count",
)
# Each by itself: a source may tell one and be silent of the others (NULL).
_LIMITS: Final = ("min_stay_arrival", "min_stay_through", "max_stay", "min_advance_day", "max_advance_day")


def _not_negative(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} >= 0", name=name)


inventory = Table(
    "inventory",
    METADATA,
    key("source"),  # `derived`: ours, from the room nights
    key("property_id"),
    key("room_type_code"),
    key("stay_on", Date),
    *(count(name) for name in _COUNTS),
    count("available_count"),
    instant("read_at", required=True, default="now()"),
    *load_tail(),
    *(_not_negative(name) for name in _COUNTS),
    schema="core",
    comment="Rooms per type and date; source derived is ours, from the nights",
)

rates = Table(
    "rates",
    METADATA,
    key("source"),
    key("property_id"),
    key("rate_plan_code"),
    key("room_type_code"),
    key("stay_on", Date),
    key("occupancy_count", SmallInteger),  # 0: per room
    minor("price_minor", required=True),
    currency(required=True),
    flag("is_tax_included"),
    flag("is_stop_sell"),
    flag("is_closed_to_arrival"),
    flag("is_closed_to_departure"),
    *(few(f"{name}_count") for name in _LIMITS),
    instant("read_at", required=True, default="now()"),
    *load_tail(),
    schema="core",
    comment="Prices and restrictions per plan, type, date and occupancy (0: per room)",
)


def _snapshot_key() -> list[AnyColumn]:
    return [key("property_id"), key("snapshot_on", Date), key("version", Integer)]


on_the_books_snapshots = Table(
    "on_the_books_snapshots",
    METADATA,
    *_snapshot_key(),
    words("kind", required=True),
    flag("is_final", required=True, default="false"),
    instant("taken_at", required=True, default="now()"),
    day("horizon_on", required=True),
    count("row_count", required=True),
    count("room_night_count", required=True),
    document("total_minor", required=True),  # currency -> minor units
    octets("sha256", required=True),
    one_of("kind", ("captured", "reconstructed")),
    schema="core",
    comment="One capture of what was on the books; never deleted",
)

# Append-only, by a trigger; a year to a partition, since it only grows. Key columns say `none` or `unmapped`, never NULL.
on_the_books = Table(
    "on_the_books",
    METADATA,
    *_snapshot_key(),
    key("stay_on", Date),
    key("room_type_code"),
    key("market_segment_code"),
    key("channel_code"),
    key_letters("currency", 3),
    count("room_count", required=True),
    count("complimentary_count", required=True),
    minor("room_revenue_minor", required=True),
    count("arrival_count", required=True),
    count("adult_count", required=True),
    count("child_count", required=True),
    count("tentative_count", required=True),
    count("blocked_count", required=True),
    schema="core",
    comment="What was on the books, per stay date and segment; append-only",
    postgresql_partition_by="RANGE (snapshot_on)",
)

"""Schema core, the house: properties, what they sell, how their rooms stand."""

from sqlalchemy import Column, Table, Time
from sqlalchemy import text as sql

from hotel.status import COMPLIMENTARY, HOUSEKEEPINGS, OCCUPANCIES, SELLABILITIES, SOLD
from storage.tables.columns import (
    count,
    currency,
    day,
    few,
    flag,
    instant,
    key,
    letters,
    load_tail,
    one_of,
    words,
)
from storage.tables.metadata import METADATA

properties = Table(
    "properties",
    METADATA,
    key("property_id"),
    words("name", required=True),
    words("group_code"),
    letters("country_code", 2),
    words("time_zone", required=True),
    currency(required=True),
    day("business_on"),
    words("business_on_kind", required=True, default="'clock'"),
    Column("day_rolls_at", Time, nullable=False, server_default=sql("'03:00'")),
    words("of_record_source"),
    count("room_count"),
    flag("is_price_tax_included"),
    words("zero_price_use", required=True, default="'sold'"),
    flag("is_active", required=True, default="true"),
    day("opened_on"),
    day("closed_on"),
    one_of("business_on_kind", ("pms", "clock")),
    one_of("zero_price_use", (SOLD, COMPLIMENTARY)),
    schema="core",
    comment="The hotels: zone, currency, business date, and the policies that decide what counts",
)

room_types = Table(
    "room_types",
    METADATA,
    key("property_id"),
    key("room_type_code"),
    words("name", required=True),
    count("room_count"),
    few("adult_count"),
    few("occupancy_count"),
    flag("is_pseudo", required=True, default="false"),
    flag("is_active", required=True, default="true"),
    *load_tail(),
    schema="core",
    comment="What a property sells",
)

rate_plans = Table(
    "rate_plans",
    METADATA,
    key("property_id"),
    key("rate_plan_code"),
    words("name", required=True),
    words("meal_plan_code"),
    flag("is_refundable"),
    words("market_segment_code"),
    currency(),
    flag("is_tax_included"),
    *load_tail(),
    schema="core",
    comment="At which conditions it sells",
)

room_status = Table(
    "room_status",
    METADATA,
    key("source"),
    key("property_id"),
    key("room_code"),
    words("occupancy", required=True),
    words("housekeeping", required=True),
    words("sellability", required=True),
    instant("observed_at", required=True),
    *load_tail(),
    one_of("occupancy", OCCUPANCIES),
    one_of("housekeeping", HOUSEKEEPINGS),
    one_of("sellability", SELLABILITIES),
    schema="core",
    comment="Three independent axes of each room, as last told",
)

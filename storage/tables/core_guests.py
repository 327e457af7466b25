"""Schema core, the guests: source profiles, and who is who."""

from typing import Final

from sqlalchemy import Column, Table, Uuid

from hotel.status import GUEST_KINDS
from storage.tables.columns import day, flag, instant, letters, load_tail, natural_key, one_of, rate, words
from storage.tables.metadata import METADATA

GUEST_LINK_METHODS: Final = ("exact", "rule", "probable", "person", "vendor_merge")

guests = Table(
    "guests",
    METADATA,
    *natural_key(),
    words("kind", required=True),
    words("first_name", personal=True),
    words("last_name", personal=True),
    words("full_name", personal=True),
    words("folded_name", personal=True),
    words("email", personal=True),
    flag("is_email_relay", required=True, default="false"),
    words("phone", personal=True),
    words("phone_raw", personal=True),
    letters("country_code", 2),
    words("language_code"),
    day("birth_on", personal=True),
    flag("is_vip", required=True, default="false"),
    words("vip_code"),
    words("merged_into_ref"),
    flag("is_active", required=True, default="true"),
    instant("created_on_source_at"),
    *load_tail(),
    one_of("kind", GUEST_KINDS),
    schema="core",
    comment="Guest profiles as each source tells them",
)

guest_links = Table(
    "guest_links",
    METADATA,
    *natural_key(),
    Column("guest_id", Uuid, nullable=False),
    words("method", required=True),
    rate("probability", 5, 4),
    words("rule_code"),
    instant("linked_at", required=True, default="now()"),
    words("linked_by"),
    one_of("method", GUEST_LINK_METHODS),
    schema="core",
    comment="Which profiles are one person",
)

"""Schema core, what a stay is made of beside rooms and nights: taxes, extras, virtual cards."""

from typing import Final

from sqlalchemy import Column, Date, ForeignKeyConstraint, Index, Numeric, Table

from storage.tables.columns import (
    count,
    currency,
    day,
    flag,
    key,
    load_tail,
    minor,
    natural_key,
    one_of,
    words,
)
from storage.tables.metadata import METADATA

CARD_STATUSES: Final = ("active", "cancelled", "expired")
CARD_USES: Final = ("stay", "no_show_or_cancellation")

room_night_taxes = Table(
    "room_night_taxes",
    METADATA,
    *natural_key(),
    key("room_ref"),
    key("stay_on", Date),
    key("tax_code"),
    flag("is_included"),
    minor("amount_minor", required=True),
    currency(required=True),
    minor("base_minor"),
    Column("tax_rate", Numeric(9, 8)),
    flag("is_pass_through", required=True, default="false"),
    *load_tail(),
    ForeignKeyConstraint(
        ["source", "property_id", "source_ref", "room_ref", "stay_on"],
        [f"core.room_nights.{name}" for name in ("source", "property_id", "source_ref", "room_ref", "stay_on")],
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    ),
    schema="core",
    comment="The taxes and fees of a night, as the source parts them",
)

reservation_extras = Table(
    "reservation_extras",
    METADATA,
    *natural_key(),
    key("extra_ref"),
    words("extra_code", required=True),
    words("room_ref"),
    day("serves_on"),
    count("quantity_count", required=True, default="1"),
    currency(),
    minor("total_minor"),
    flag("is_in_price"),
    flag("is_tax_included"),
    *load_tail(),
    ForeignKeyConstraint(
        ["source", "property_id", "source_ref"],
        [f"core.reservations.{name}" for name in ("source", "property_id", "source_ref")],
        deferrable=True,
        initially="DEFERRED",
    ),
    schema="core",
    comment="What was sold beside the rooms of a booking",
)

# A cancel leaves them, a modification that no longer tells one takes it back, unless it was charged.
virtual_cards = Table(
    "virtual_cards",
    METADATA,
    *(key(name) for name in ("source", "property_id", "card_ref")),
    words("reservation_ref", required=True),
    words("channel_ref"),
    words("token_ref"),
    words("last_four"),
    currency(),
    minor("limit_minor"),
    minor("charged_minor"),
    minor("refunded_minor"),
    day("activates_on"),
    day("expires_on"),
    flag("is_net"),
    words("status", required=True),
    words("usable_for", required=True),
    *load_tail(),
    one_of("status", CARD_STATUSES),
    one_of("usable_for", CARD_USES),
    schema="core",
    comment="A channel's virtual cards: how much may be charged when; never a number",
)
Index(
    "ix_virtual_cards_reservation", virtual_cards.c.property_id, virtual_cards.c.source, virtual_cards.c.reservation_ref
)

"""Schema core, the stays: reservations, their rooms and nights, their copies and what changed."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)

from hotel.status import COLLECTS, COMMISSION_MODELS, NIGHT_USES, RESERVATION_STATUSES
from storage.tables.columns import (
    count,
    currency,
    day,
    few,
    few_list,
    flag,
    instant,
    key,
    load_tail,
    minor,
    natural_key,
    number,
    one_of,
    our_id,
    rate,
    time_of_day,
    words,
)
from storage.tables.metadata import METADATA

CHANGE_KINDS: Final = ("created", "modified", "cancelled", "reinstated", "no_show", "checked_in", "checked_out")
RESERVATION_LINK_METHODS: Final = ("channel_ref", "person")

reservations = Table(
    "reservations",
    METADATA,
    *natural_key(),
    words("status", required=True),
    flag("is_of_record", required=True, default="true"),
    flag("is_inventory_held", required=True),
    flag("is_tombstone", required=True, default="false"),
    day("arrival_on"),
    day("departure_on"),
    instant("booked_at"),
    day("booked_on"),
    instant("cancelled_at"),
    day("cancelled_on"),
    day("no_show_on"),
    day("checked_in_on"),
    day("checked_out_on"),
    words("group_ref"),
    words("block_ref"),
    words("channel_code"),
    words("market_segment_code"),
    words("origin_code"),
    words("customer_type_code"),
    words("meal_plan_code"),
    words("guarantee_code"),
    words("channel_ref"),
    words("agent_ref"),
    words("company_ref"),
    words("booker_guest_ref"),
    words("primary_guest_ref"),
    few("adult_count"),
    few("child_count"),
    few("infant_count"),
    few("room_count", required=True, default="1"),
    currency(),
    minor("total_minor"),
    minor("tax_minor"),
    flag("is_tax_included"),
    count("change_count"),
    flag("is_repeat_guest"),
    count("special_request_count"),
    count("parking_count"),
    count("waitlist_day_count"),
    count("prior_stay_count"),
    count("prior_cancellation_count"),
    words("collect"),
    minor("commission_minor"),
    rate("commission_rate"),
    words("commission_model"),
    words("cancellation_policy_code"),
    instant("free_cancel_until_at"),
    minor("cancellation_fee_minor"),
    minor("no_show_fee_minor"),
    flag("is_fee_waived"),
    words("comment", personal=True),
    words("promotion_code"),
    words("voucher_ref"),
    words("purpose_code"),
    flag("is_walk_in"),
    instant("hold_until_at"),
    *load_tail(),
    one_of("status", RESERVATION_STATUSES),
    CheckConstraint(
        "is_tombstone OR (arrival_on IS NOT NULL AND departure_on IS NOT NULL AND currency IS NOT NULL)",
        name="only_a_tombstone_lacks_dates",
    ),
    CheckConstraint("arrival_on <= departure_on", name="arrival_before_departure"),
    one_of("collect", COLLECTS),
    one_of("commission_model", COMMISSION_MODELS),
    schema="core",
    comment="Bookings as each source tells them; is_of_record marks the copy that counts",
)
_r = reservations.c
Index("ix_reservations_arrival", _r.property_id, _r.arrival_on, postgresql_where="is_of_record")
Index("ix_reservations_channel_ref", _r.property_id, _r.channel_ref, _r.channel_code)
Index("ix_reservations_booked", _r.property_id, _r.booked_on)
Index("ix_reservations_cancelled", _r.property_id, _r.cancelled_on)

reservation_rooms = Table(
    "reservation_rooms",
    METADATA,
    *natural_key(),
    key("room_ref"),
    words("status", required=True),
    words("room_type_code", required=True),
    words("assigned_room_type_code"),
    words("rate_plan_code"),
    words("meal_plan_code"),
    day("arrival_on"),
    day("departure_on"),
    flag("is_day_use", required=True, default="false"),
    flag("is_complimentary", required=True, default="false"),
    flag("is_house_use", required=True, default="false"),
    few("adult_count"),
    few("child_count"),
    few("infant_count"),
    currency(),
    minor("total_minor"),
    minor("tax_minor"),
    flag("is_tax_included"),
    instant("cancelled_at"),
    day("cancelled_on"),
    few_list("child_ages"),
    words("occupant_guest_ref"),
    time_of_day("arrival_time"),
    minor("cancellation_fee_minor"),
    words("promotion_code"),
    words("raw_room_code"),
    words("raw_rate_code"),
    *load_tail(),
    one_of("status", RESERVATION_STATUSES),
    CheckConstraint("arrival_on <= departure_on", name="arrival_before_departure"),
    ForeignKeyConstraint(
        ["source", "property_id", "source_ref"],
        ["core.reservations.source", "core.reservations.property_id", "core.reservations.source_ref"],
        deferrable=True,
        initially="DEFERRED",
    ),
    schema="core",
    comment="The rooms of a booking; a room no longer told of is cancelled, not deleted",
)

room_nights = Table(
    "room_nights",
    METADATA,
    *natural_key(),
    key("room_ref"),
    key("stay_on", Date),
    words("use", required=True),
    words("room_type_code", required=True),
    words("rate_plan_code"),
    currency(required=True),
    minor("price_minor", required=True),
    flag("is_tax_included"),
    minor("tax_minor"),
    minor("package_minor"),
    # K-02: what the night earns for the room, without the tax and the breakfast inside the price.
    Column(
        "room_revenue_minor",
        BigInteger,
        Computed(
            "price_minor - coalesce(package_minor, 0)"
            " - CASE WHEN is_tax_included THEN coalesce(tax_minor, 0) ELSE 0 END",
            persisted=True,
        ),
    ),
    few("adult_count"),
    few("child_count"),
    words("market_segment_code"),
    flag("is_price_derived", required=True, default="false"),
    words("promotion_code"),
    *load_tail(),
    one_of("use", NIGHT_USES),
    ForeignKeyConstraint(
        ["source", "property_id", "source_ref", "room_ref"],
        [f"core.reservation_rooms.{name}" for name in ("source", "property_id", "source_ref", "room_ref")],
        deferrable=True,
        initially="DEFERRED",
    ),
    schema="core",
    comment="One room, one date, one price; nights of cancelled rooms stay, as value lost",
)
for _name in ("arrival_on", "departure_on", "cancelled_on"):
    Index(f"ix_reservation_rooms_{_name}", reservation_rooms.c.property_id, reservation_rooms.c[_name])
Index("ix_room_nights_stay", room_nights.c.property_id, room_nights.c.stay_on)

# The channel's copy of a stay (the key) and the copy that counts (`record_…`); law 17.
reservation_links = Table(
    "reservation_links",
    METADATA,
    *natural_key(),
    key("room_ref"),
    words("record_source", required=True),
    words("record_ref", required=True),
    words("record_room_ref"),
    words("method", required=True),
    instant("linked_at", required=True, default="now()"),
    one_of("method", RESERVATION_LINK_METHODS),
    schema="core",
    comment="The copies of one stay: the channel's (the key) and the one of record",
)
_l = reservation_links.c
Index("ix_reservation_links_record", _l.property_id, _l.record_source, _l.record_ref)

# Append-only, by a trigger.
reservation_changes = Table(
    "reservation_changes",
    METADATA,
    our_id("change_id"),
    words("source", required=True),
    words("property_id", required=True),
    words("source_ref", required=True),
    number("source_version", required=True),
    number("received_seq", required=True),
    words("kind", required=True),
    instant("changed_at", required=True, default="now()"),
    day("business_on"),
    words("from_status"),
    words("to_status", required=True),
    count("room_night_delta_count", required=True, default="0"),
    minor("revenue_delta_minor", required=True, default="0"),
    currency(),
    number("load_id", required=True),
    one_of("kind", CHANGE_KINDS),
    UniqueConstraint("source", "property_id", "source_ref", "source_version", "received_seq"),
    schema="core",
    comment="What each version changed, in status, nights and money; append-only",
)
Index("ix_reservation_changes_changed", reservation_changes.c.property_id, reservation_changes.c.changed_at)
Index("ix_reservation_changes_day", reservation_changes.c.property_id, reservation_changes.c.business_on)

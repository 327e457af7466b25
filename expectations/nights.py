"""What must hold of the nights of a reservation; a night that breaks a rule holds its reservation."""

from expectations.expect import at_least, at_most, holds, never, one_of, within
from expectations.rules import QUARANTINE, WARN, rule
from hotel.money import CURRENCIES
from hotel.status import NIGHT_USES

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "room, date and room type are there", holds("is_complete"), shows="room_type_code"),
    rule(0, "count_impossible", QUARANTINE, "counts are counts", holds("is_count_possible"), shows="adult_count"),
    rule(0, "price_missing", QUARANTINE, "a night has a price", holds("is_price_known")),
    rule(8, "use_unknown", QUARANTINE, "the use of the night is one of ours", one_of("use", NIGHT_USES), shows="use"),
    rule(20, "currency_unknown", QUARANTINE, "there is a currency of ISO 4217", one_of("currency", CURRENCIES), shows="currency"),
    rule(25, "unmapped", WARN, "every code has a mapping", at_most("unmapped_count", 0)),
    rule(28, "nights_incomplete", QUARANTINE, "a night belongs to a room of its reservation", holds("has_room"), shows="room_ref"),
    rule(29, "negative_price", QUARANTINE, "the price is not below zero", at_least("price_minor", 0), shows="price_minor"),
    rule(30, "zero_price", WARN, "a night that somebody will sleep has a price", never("is_given_away")),
    rule(31, "price_outlier", WARN, "the price is at most 5 times the property's 99th percentile, or 1,000", within("price_minor", "price_limit_minor")),
    rule(32, "decimals_do_not_fit", QUARANTINE, "the price is whole in minor units", holds("is_price_whole"), shows="price_minor"),
)

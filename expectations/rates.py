"""What must hold of a rate before it loads."""

from expectations.expect import at_least, at_most, holds, one_of
from expectations.rules import QUARANTINE, rule
from hotel.money import CURRENCIES

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "every part of the key is there", holds("is_complete")),
    rule(0, "price_missing", QUARANTINE, "a rate has a price", holds("is_price_known")),
    rule(0, "count_impossible", QUARANTINE, "the number of guests is a count", at_least("occupancy_count", 0), shows="occupancy_count"),
    rule(4, "key_repeated", QUARANTINE, "a batch has one price of a key", at_most("key_count", 1), shows="stay_on"),
    rule(20, "currency_unknown", QUARANTINE, "there is a currency of ISO 4217", one_of("currency", CURRENCIES), shows="currency"),
    rule(29, "negative_price", QUARANTINE, "the price is not below zero", at_least("price_minor", 0), shows="price_minor"),
)

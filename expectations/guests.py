"""What must hold of a guest profile before it loads. One expectation a line."""

from expectations.expect import at_most, holds, never, one_of
from expectations.rules import QUARANTINE, WARN, rule
from hotel.status import GUEST_KINDS

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "the key and what must be yes or no are there", holds("is_complete")),
    rule(0, "kind_unknown", QUARANTINE, "the kind is one of ours", one_of("kind", GUEST_KINDS), shows="kind"),
    rule(0, "birth_impossible", WARN, "born between 1900 and today", holds("is_birth_possible")),
    rule(4, "key_repeated", QUARANTINE, "a batch has one version of a profile", at_most("key_count", 1), shows="source_ref"),
    rule(7, "card_number_present", QUARANTINE, "no text holds a card number", never("carries_card_number")),
    rule(24, "country_not_mapped", QUARANTINE, "a country is two letters", holds("has_two_letter_country"), shows="country_code"),
    rule(24, "country_unknown", WARN, "the country is in ISO 3166", holds("is_country_known")),
    rule(35, "name_missing", QUARANTINE, "there is a name", holds("has_name")),
    rule(35, "email_invalid", WARN, "an e-mail address is one", holds("is_email_valid")),
    rule(35, "email_relay_unmarked", WARN, "an address lent by a channel is marked as such", holds("is_relay_marked")),
    rule(35, "phone_invalid", WARN, "a phone number can be dialled", holds("is_phone_valid")),
    rule(35, "phone_placeholder", WARN, "a phone number is not made up", holds("is_phone_real")),
)

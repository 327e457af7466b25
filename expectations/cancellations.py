"""What must hold of a message that only cancels: it need not say dates, rooms or money (law 6)."""

from expectations.expect import at_most, holds, never, one_of
from expectations.rules import QUARANTINE, WARN, rule
from hotel.status import LOST

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "the key and what must be yes or no are there", holds("is_complete")),
    rule(0, "property_unknown", QUARANTINE, "the property is one of ours", holds("is_property_known"), shows="property_id"),
    rule(4, "key_repeated", QUARANTINE, "a batch has one version of a reservation", at_most("key_count", 1), shows="source_ref"),
    rule(7, "card_number_present", QUARANTINE, "no text holds a card number", never("carries_card_number")),
    rule(8, "status_unknown", QUARANTINE, "the status is a lost one", one_of("status", LOST), shows="status"),
    rule(17, "cancelled_without_date", WARN, "a cancellation has its date", holds("has_cancellation_date")),
)

"""What must hold of a reservation before it loads. One expectation a line."""

from expectations.expect import at_least, at_most, differs_from, holds, never, one_of, within
from expectations.rules import QUARANTINE, WARN, rule
from hotel.money import CURRENCIES
from hotel.status import RESERVATION_STATUSES

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "the key and what must be yes or no are there", holds("is_complete")),
    rule(0, "property_unknown", QUARANTINE, "the property is one of ours", holds("is_property_known"), shows="property_id"),
    rule(0, "count_impossible", QUARANTINE, "counts are counts", holds("is_count_possible"), shows="adult_count"),
    rule(4, "key_repeated", QUARANTINE, "a batch has one version of a reservation", at_most("key_count", 1), shows="source_ref"),
    rule(7, "card_number_present", QUARANTINE, "no text holds a card number", never("carries_card_number")),
    rule(8, "status_unknown", QUARANTINE, "the status is one of ours", one_of("status", RESERVATION_STATUSES), shows="status"),
    rule(9, "dates_missing", QUARANTINE, "arrival and departure are known", holds("has_dates"), shows="departure_on"),
    rule(9, "arrival_after_departure", QUARANTINE, "arrival is not after departure", at_least("night_count", 0), shows="departure_on"),
    rule(10, "stay_too_long", QUARANTINE, "a stay has at most 365 nights", at_most("night_count", 365), shows="departure_on"),
    rule(10, "long_stay", WARN, "a stay has at most 30 nights", at_most("night_count", 30)),
    rule(11, "no_nights", WARN, "departure is after arrival", differs_from("night_count", 0)),
    rule(12, "no_guests", QUARANTINE, "at least one guest, where the guests are counted", at_least("guest_count", 1), shows="adult_count"),
    rule(13, "children_unknown", WARN, "the number of children is known", holds("is_child_count_known")),
    rule(14, "children_without_adults", WARN, "children come with an adult", never("has_children_alone")),
    rule(15, "group_master", WARN, "at most 8 adults to a room of the booking", at_most("adults_per_room", 8)),
    rule(16, "booked_after_departure", QUARANTINE, "booked by the departure", at_most("days_booked_after_departure", 0), shows="booked_on"),
    rule(16, "booked_after_arrival", WARN, "booked by the day after arrival", at_most("days_booked_after_arrival", 1)),
    rule(16, "booked_in_future", WARN, "booked by tomorrow", at_most("days_booked_ahead_of_today", 1)),
    rule(17, "cancelled_without_date", WARN, "a cancellation has its date", holds("has_cancellation_date")),
    rule(17, "cancelled_out_of_order", WARN, "cancelled between booking and departure", holds("is_cancellation_in_order")),
    rule(18, "checked_out_in_future", QUARANTINE, "who checked out left by the business date", at_most("days_left_ahead_of_business", 0), shows="departure_on"),
    rule(18, "in_house_before_arrival", QUARANTINE, "who is in house arrived by the business date", at_most("days_in_house_ahead_of_business", 0), shows="arrival_on"),
    rule(19, "left_early", WARN, "who checked out stayed as planned", at_most("days_left_early", 0)),
    rule(20, "currency_unknown", QUARANTINE, "there is a currency of ISO 4217", one_of("currency", CURRENCIES), shows="currency"),
    rule(20, "currency_not_listed", WARN, "the property sells in this currency", holds("is_currency_listed")),
    rule(22, "totals_differ", WARN, "the rooms add up to the total, but for rounding", within("total_apart_minor", "total_rounding_minor")),
    rule(22, "totals_far_apart", QUARANTINE, "they are apart by 1 % or one unit of money at most", within("total_apart_minor", "total_far_minor"), shows="total_minor"),
    rule(25, "unmapped", WARN, "every code has a mapping", at_most("unmapped_count", 0)),
)

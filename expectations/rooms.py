"""What must hold of the rooms of a reservation; a room that breaks a rule holds its reservation."""

from expectations.expect import at_least, at_most, holds, one_of, within
from expectations.rules import INFO, QUARANTINE, WARN, rule
from hotel.status import RESERVATION_STATUSES

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "room, room type and what must be yes or no are there", holds("is_complete"), shows="room_type_code"),
    rule(0, "count_impossible", QUARANTINE, "counts are counts", holds("is_count_possible"), shows="adult_count"),
    rule(4, "key_repeated", QUARANTINE, "a reservation has a room once", at_most("room_count_of_key", 1), shows="room_ref"),
    rule(8, "status_unknown", QUARANTINE, "the status is one of ours", one_of("status", RESERVATION_STATUSES), shows="status"),
    rule(9, "arrival_after_departure", QUARANTINE, "arrival is not after departure", at_least("night_count", 0), shows="departure_on"),
    rule(15, "group_master", WARN, "at most 8 adults in a room", at_most("adult_count", 8)),
    rule(20, "currency_unknown", QUARANTINE, "money names a currency of ISO 4217", holds("is_money_named"), shows="currency"),
    rule(22, "totals_differ", WARN, "the nights add up to the room's total, but for rounding", within("total_apart_minor", "total_rounding_minor")),
    rule(22, "totals_far_apart", QUARANTINE, "they are apart by 1 % or one unit of money at most", within("total_apart_minor", "total_far_minor"), shows="total_minor"),
    rule(25, "unmapped", WARN, "every code has a mapping", at_most("unmapped_count", 0)),
    rule(28, "nights_incomplete", QUARANTINE, "one night for each date from arrival to the day before departure", at_most("misplaced_night_count", 0), shows="departure_on"),
    rule(29, "negative_price", QUARANTINE, "the total is not below zero", at_least("total_minor", 0), shows="total_minor"),
    rule(34, "room_type_differs", INFO, "the assigned room type is the booked one", holds("is_room_type_as_booked")),
)

"""What must hold of a room's status before it loads."""

from expectations.expect import at_most, holds, one_of
from expectations.rules import QUARANTINE, rule
from hotel.status import HOUSEKEEPINGS, OCCUPANCIES, SELLABILITIES

# fmt: off
RULES = (
    rule(0, "value_missing", QUARANTINE, "the key and the time of observation are there", holds("is_complete")),
    rule(4, "key_repeated", QUARANTINE, "a batch has one status of a room", at_most("key_count", 1), shows="room_code"),
    rule(8, "status_unknown", QUARANTINE, "the occupancy is one of ours", one_of("occupancy", OCCUPANCIES), shows="occupancy"),
    rule(8, "status_unknown", QUARANTINE, "the housekeeping status is one of ours", one_of("housekeeping", HOUSEKEEPINGS), shows="housekeeping"),
    rule(8, "status_unknown", QUARANTINE, "the sellability is one of ours", one_of("sellability", SELLABILITIES), shows="sellability"),
)

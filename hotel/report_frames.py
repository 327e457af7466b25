"""The frames a daily report is computed from: names and dtypes, agreed between who reads them and who counts.

Dates are `datetime64[s]`, money int64 minor units, words Arrow-backed strings; nullable dtypes stand where a source
may be silent. Only records of record are in them (law 17); their order does not matter to the figures.
"""

from typing import Final

Schema = dict[str, str]

DAY: Final = "datetime64[s]"
COUNT: Final = "int64"
MAYBE: Final = "Int64"
WORD: Final = "str"
FLAG: Final = "boolean"

NIGHTS: Final = {
    "stay_on": DAY,
    "status": WORD,  # of the room: confirmed, in_house or checked_out
    "use": WORD,
    "room_type_code": WORD,  # booked, the one that is charged
    "market_segment_code": WORD,  # of the night, else of the reservation; <NA>: the source has none
    "channel_code": WORD,
    "currency": WORD,
    "price_minor": COUNT,
    "room_revenue_minor": COUNT,
    "is_tax_included": FLAG,
    "tax_minor": MAYBE,
    "person_count": COUNT,  # what is not told counts 0
    "is_person_count_known": FLAG,
}
ROOMS: Final = {
    "booking_ref": WORD,
    "booking_status": WORD,
    "status": WORD,
    "arrival_on": DAY,
    "departure_on": DAY,
    "cancelled_on": DAY,
    "no_show_on": DAY,
    "is_counted": FLAG,  # false: a sharer's or a pseudo room
    "is_non_refundable": FLAG,
    "room_type_code": WORD,
    "market_segment_code": WORD,
    "channel_code": WORD,
    "currency": WORD,
    "total_minor": MAYBE,
    "tax_minor": MAYBE,
    "is_tax_included": FLAG,
    "night_count": COUNT,
    "value_minor": COUNT,  # room revenue of all its nights, lost ones too
    "person_count": COUNT,  # what is not told counts 0
    "is_person_count_known": FLAG,
}
INVENTORY: Final = {"stay_on": DAY, "physical_count": MAYBE, "out_of_order_count": MAYBE}
SNAPSHOTS: Final = {"snapshot_on": DAY, "kind": WORD, "horizon_on": DAY}  # the date's own and the one before it
ON_THE_BOOKS: Final = {
    "snapshot_on": DAY,
    "stay_on": DAY,
    "currency": WORD,
    "room_count": COUNT,
    "room_revenue_minor": COUNT,
}
CHANGES: Final = {"kind": WORD, "currency": WORD, "room_count": COUNT, "room_revenue_minor": COUNT}
QUARANTINE: Final = {
    "reason": WORD,  # the first of its reasons
    "currency": WORD,
    "room_night_count": COUNT,
    "amount_minor": COUNT,
    "day_room_night_count": COUNT,  # of it, on the business date
    "day_amount_minor": COUNT,
    "is_earning": FLAG,  # false: it would not have counted, cancelled, no-show or waitlisted as it is
    "is_day_known": FLAG,  # false: a row that could not be read does not tell its dates
}

"""For every rule a row that breaks it and nothing else, and rows at the edge of a rule that pass."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from expectations.rules import INFO, QUARANTINE, WARN
from hotel.incoming import Incoming, Row
from tests.expectations.builders import (
    ARRIVAL,
    cancel,
    cancellation,
    guest,
    night,
    rate,
    room,
    room_status,
    stay,
)

DAY = timedelta(days=1)
VISA = "4111 1111 1111 1111"


class Case(NamedTuple):
    """Rows of which the first breaks the rule. `put`: a frame's column and the values that no mapping can build."""

    frame: str
    code: str
    severity: str
    rows: Sequence[Row | Incoming]
    put: tuple[str, str, pa.Array] | None = None

    @property
    def dataset(self) -> str:
        return "reservations" if self.frame in {"cancellations", "rooms", "nights"} else self.frame

    def __str__(self) -> str:
        return f"{self.frame}-{self.code}"


def _left(**changes: Any) -> Row:
    departed = {"checked_out_on": ARRIVAL + 2 * DAY, "is_inventory_held": False}
    return stay(room(status="checked_out"), status="checked_out", **{**departed, **changes})


def _of(*nights: Any, **changes: Any) -> Row:
    """A booking of one room with these nights, its totals as they add up unless changed."""
    return stay(room(len(nights), nights=nights, total_minor=sum(each.price_minor for each in nights), **changes))


Plain = list[tuple[str, str, list[Any]]]

RESERVATIONS: Plain = [
    ("value_missing", QUARANTINE, [stay(source_ref=" ")]),
    ("property_unknown", QUARANTINE, [stay(property_id="castle")]),
    ("count_impossible", QUARANTINE, [stay(change_count=-1)]),
    ("card_number_present", QUARANTINE, [stay(group_ref=f"party, card {VISA}")]),
    ("status_unknown", QUARANTINE, [stay(status="perhaps")]),
    ("dates_missing", QUARANTINE, [stay(departure_on=None)]),
    ("arrival_after_departure", QUARANTINE, [stay(departure_on=ARRIVAL - DAY)]),
    ("stay_too_long", QUARANTINE, [stay(room(366))]),
    ("long_stay", WARN, [stay(room(31))]),
    ("no_nights", WARN, [stay(room(0, is_day_use=True))]),
    ("no_guests", QUARANTINE, [stay(adult_count=0)]),
    ("children_unknown", WARN, [stay(child_count=None)]),
    ("children_without_adults", WARN, [stay(adult_count=0, child_count=1)]),
    ("group_master", WARN, [stay(adult_count=9)]),
    ("booked_after_departure", QUARANTINE, [stay(booked_on=ARRIVAL + 3 * DAY)]),
    ("booked_after_arrival", WARN, [stay(booked_on=ARRIVAL + 2 * DAY)]),
    ("booked_in_future", WARN, [stay(room(1, arrival_on=date(2026, 3, 21), departure_on=date(2026, 3, 22),
        nights=(night(19),)), booked_on=date(2026, 3, 22))]),
    ("cancelled_without_date", WARN, [stay(status="cancelled")]),
    ("cancelled_out_of_order", WARN, [stay(status="cancelled", cancelled_on=ARRIVAL + 3 * DAY)]),
    ("checked_out_in_future", QUARANTINE, [stay(room(30, status="checked_out"), status="checked_out")]),
    ("in_house_before_arrival", QUARANTINE, [stay(room(1, arrival_on=date(2026, 3, 21), departure_on=date(2026, 3, 22),
        nights=(night(19),)), status="in_house")]),
    ("left_early", WARN, [_left(checked_out_on=ARRIVAL + DAY)]),
    ("currency_unknown", QUARANTINE, [stay(currency=None)]),
    ("currency_unknown", QUARANTINE, [stay(currency="EURO")]),
    ("currency_not_listed", WARN, [stay(currency="CHF")]),
    ("totals_differ", WARN, [stay(total_minor=20_002)]),
    ("totals_far_apart", QUARANTINE, [stay(total_minor=20_300)]),
    ("unmapped", WARN, [stay(meal_plan_code="unmapped")]),
]  # fmt: skip
CANCELLATIONS: Plain = [
    ("value_missing", QUARANTINE, [cancel(cancellation(source_ref=""))]),
    ("property_unknown", QUARANTINE, [cancel(cancellation(property_id="castle"))]),
    ("card_number_present", QUARANTINE, [cancel(cancellation(company_ref=VISA))]),
    ("status_unknown", QUARANTINE, [cancel(cancellation(status="confirmed"))]),
    ("cancelled_without_date", WARN, [cancel(cancellation(cancelled_on=None))]),
]
ROOMS: Plain = [
    ("value_missing", QUARANTINE, [stay(room(room_type_code=None))]),
    ("count_impossible", QUARANTINE, [stay(room(adult_count=40_000))]),
    ("key_repeated", QUARANTINE, [stay(room(0, is_day_use=True), room(0, is_day_use=True))]),
    ("status_unknown", QUARANTINE, [stay(room(status="perhaps"))]),
    ("arrival_after_departure", QUARANTINE, [stay(room(0, departure_on=ARRIVAL - DAY), departure_on=ARRIVAL + DAY)]),
    ("group_master", WARN, [stay(room(adult_count=9))]),
    ("currency_unknown", QUARANTINE, [stay(room(0, currency="EURO"), currency="EUR")]),
    ("totals_differ", WARN, [stay(room(total_minor=20_003))]),
    ("totals_far_apart", QUARANTINE, [stay(room(total_minor=20_300))]),
    ("unmapped", WARN, [stay(room(rate_plan_code="unmapped"))]),
    ("nights_incomplete", QUARANTINE, [_of(night(0), night(2))]),
    ("negative_price", QUARANTINE, [stay(room(0, is_day_use=True, total_minor=-1))]),
    ("room_type_differs", INFO, [stay(room(assigned_room_type_code="SUITE"))]),
]
NIGHTS: Plain = [
    ("value_missing", QUARANTINE, [_of(night(room_type_code=None))]),
    ("count_impossible", QUARANTINE, [_of(night(child_count=-1))]),
    ("price_missing", QUARANTINE, [stay(room(2, total_minor=None, nights=(night(price_minor=None), night(1))))]),
    ("use_unknown", QUARANTINE, [_of(night(use="storage"))]),
    ("currency_unknown", QUARANTINE, [_of(night(currency=None))]),
    ("currency_unknown", QUARANTINE, [_of(night(currency="EURO"))]),
    ("unmapped", WARN, [_of(night(market_segment_code="unmapped"))]),
    ("negative_price", QUARANTINE, [_of(night(price_minor=-638), night(1))]),
    ("zero_price", WARN, [_of(night(price_minor=0), night(1))]),
    ("price_outlier", WARN, [_of(*(night(number) for number in range(27)), night(27, price_minor=9_000_000)),
        *(stay(room(28), source_ref=f"N{number}") for number in range(4))]),
]  # fmt: skip
GUESTS: Plain = [
    ("value_missing", QUARANTINE, [guest(is_vip=None)]),
    ("kind_unknown", QUARANTINE, [guest(kind="ghost")]),
    ("birth_impossible", WARN, [guest(birth_on=date(1026, 5, 1))]),
    ("card_number_present", QUARANTINE, [guest(last_name="5555-5555-5555-4444")]),
    ("country_not_mapped", QUARANTINE, [guest(country_code="pt")]),
    ("country_unknown", WARN, [guest(country_code="ZZ")]),
    ("name_missing", QUARANTINE, [guest(first_name="", last_name=None, full_name="  ")]),
    ("email_invalid", WARN, [guest(email="ana.lima(at)example.com")]),
    ("email_relay_unmarked", WARN, [guest(email="k3x9@m.expediapartnercentral.com")]),
    ("phone_invalid", WARN, [guest(phone=None, phone_raw="call reception")]),
    ("phone_placeholder", WARN, [guest(phone="+351999999999")]),
]
ROOM_STATUS: Plain = [
    ("value_missing", QUARANTINE, [room_status(observed_at=None)]),
    ("status_unknown", QUARANTINE, [room_status(occupancy="sleeping")]),
    ("status_unknown", QUARANTINE, [room_status(housekeeping="dusty")]),
    ("status_unknown", QUARANTINE, [room_status(sellability="maybe")]),
]
RATES: Plain = [
    ("value_missing", QUARANTINE, [rate(room_type_code="")]),
    ("price_missing", QUARANTINE, [rate(price_minor=None)]),
    ("count_impossible", QUARANTINE, [rate(occupancy_count=-1)]),
    ("currency_unknown", QUARANTINE, [rate(currency="€")]),
    ("negative_price", QUARANTINE, [rate(price_minor=-1)]),
]
# Rows that neither a mapping nor the loader's frames let through, made by changing a frame.
MADE = [
    Case("reservations", "key_repeated", QUARANTINE, [stay(), stay(source_ref="R2")], ("reservations", "source_ref", pa.array(["R1", "R1"]))),
    Case("cancellations", "key_repeated", QUARANTINE, [cancel(cancellation()), cancel(cancellation(source_ref="R2"))],
        ("reservations", "source_ref", pa.array(["R1", "R1"]))),
    Case("guests", "key_repeated", QUARANTINE, [guest(), guest(source_ref="G2")], ("guests", "source_ref", pa.array(["G1", "G1"]))),
    Case("room_status", "key_repeated", QUARANTINE, [room_status(), room_status(room_code="102")], ("room_status", "room_code", pa.array(["101", "101"]))),
    Case("rates", "key_repeated", QUARANTINE, [rate(), rate(occupancy_count=1)], ("rates", "occupancy_count", pa.array([2, 2]))),
    Case("nights", "nights_incomplete", QUARANTINE, [stay(room(1))], ("room_nights", "room_ref", pa.array(["9"]))),
    Case("nights", "decimals_do_not_fit", QUARANTINE, [stay(room(1, total_minor=None))], ("room_nights", "price_minor", pa.array([63.8]))),
]  # fmt: skip
_LISTS: dict[str, Plain] = {
    "reservations": RESERVATIONS,
    "cancellations": CANCELLATIONS,
    "rooms": ROOMS,
    "nights": NIGHTS,
    "guests": GUESTS,
    "room_status": ROOM_STATUS,
    "rates": RATES,
}
CASES = [Case(frame, *case) for frame, cases in _LISTS.items() for case in cases] + MADE

"""Counts, restrictions and prices as OpenTravel messages: what goes in stands in them, valid, in order, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import RequestRefused
from connectors.protocols.opentravel.compose_ari import (
    AvailStyle,
    Composed,
    RateStyle,
    avail_counts,
    avail_restrictions,
    inventory_counts,
    rate_amounts,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel, Requestor
from connectors.protocols.safe_xml import child, children, descendants, serialised
from connectors.pushes import Availability, Price, Restriction
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

HEAD = Head("t-1", datetime(2026, 3, 1, 12, 30, tzinfo=UTC), "1.002", requestor=Requestor("PMS", company="Night Audit"))
HOTEL = Hotel("CITY", "Zum Bär & Söhne", context="X")
FIRST = date(2026, 3, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def controls(composed: Composed) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in descendants(composed.element, "StatusApplicationControl")]


def entries(composed: Composed, name: str = "AvailStatusMessage") -> list[Any]:
    return list(descendants(composed.element, name))


def test_counts_of_dates_in_a_row_are_one_entry() -> None:
    rows = [Availability(day(n), "DBL", count) for n, count in enumerate([3, 3, 2, 2, 2])] + [
        Availability(day(7), "DBL", 2),
        Availability(day(8), "SGL", 2),
    ]

    composed = avail_counts(HEAD, HOTEL, rows)

    assert_opentravel(composed.element)
    assert controls(composed) == [
        {"Start": "2026-03-02", "End": "2026-03-03", "InvTypeCode": "DBL"},
        {"Start": "2026-03-04", "End": "2026-03-06", "InvTypeCode": "DBL"},
        {"Start": "2026-03-09", "End": "2026-03-09", "InvTypeCode": "DBL"},
        {"Start": "2026-03-10", "End": "2026-03-10", "InvTypeCode": "SGL"},
    ]
    assert [each.get("BookingLimit") for each in entries(composed)] == ["3", "2", "2", "2"]
    assert {each.get("BookingLimitMessageType") for each in entries(composed)} == {"SetLimit"}
    assert composed.positions == ((0, 1), (2, 3, 4), (5,), (6,))


def test_the_order_given_is_the_order_sent() -> None:
    rows = [Availability(day(5), "DBL", 0), Availability(day(1), "DBL", 3), Availability(day(5), "SGL", 0)]

    assert [(told["Start"], told["InvTypeCode"]) for told in controls(avail_counts(HEAD, HOTEL, rows))] == [
        ("2026-03-07", "DBL"),
        ("2026-03-03", "DBL"),
        ("2026-03-07", "SGL"),
    ]


def test_the_root_says_who_when_and_of_which_hotel() -> None:
    root = avail_counts(HEAD, HOTEL, [Availability(FIRST, "DBL", 1)]).element

    assert (root.get("EchoToken"), root.get("TimeStamp")) == ("t-1", "2026-03-01T12:30:00Z")
    assert (root.get("Version"), root.get("Target")) == ("1.002", "Production")
    requestor = child(root, "POS", "Source", "RequestorID")
    assert requestor is not None
    assert (requestor.get("ID"), requestor.get("Type")) == ("PMS", "13")
    hotel = child(root, "AvailStatusMessages")
    assert hotel is not None
    assert dict(hotel.attrib) == {"HotelCode": "CITY", "HotelName": "Zum Bär & Söhne", "HotelCodeContext": "X"}


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = [Availability(day(n), "DBL", n) for n in range(9)]

    assert serialised(avail_counts(HEAD, HOTEL, rows).element) == serialised(avail_counts(HEAD, HOTEL, rows).element)


def test_a_receiver_may_want_the_door_closed_with_the_last_room() -> None:
    style = AvailStyle(limit_type=None, closes_sold_out=True, locates=True, room_attribute="InvCode")
    rows = [Availability(day(0), "DBL", 0), Availability(day(1), "DBL", 2)]

    composed = avail_counts(HEAD, HOTEL, rows, style)

    assert_opentravel(composed.element)
    closed, opened = entries(composed)
    assert dict(closed.attrib) == {"BookingLimit": "0", "LocatorID": "1"}
    assert dict(opened.attrib) == {"BookingLimit": "2", "LocatorID": "2"}
    assert [dict(each.attrib) for each in descendants(composed.element, "RestrictionStatus")] == [
        {"Restriction": "Master", "Status": "Close"},
        {"Restriction": "Master", "Status": "Open"},
    ]
    assert controls(composed)[0]["InvCode"] == "DBL"


def test_every_restriction_stands_by_itself_and_closures_come_first() -> None:
    row = Restriction(
        FIRST,
        "DBL",
        "BAR",
        is_stop_sell=False,
        is_closed_to_arrival=True,
        is_closed_to_departure=False,
        min_stay_arrival_count=2,
        min_stay_through_count=3,
        max_stay_count=14,
        min_advance_day_count=1,
        max_advance_day_count=365,
    )

    composed = avail_restrictions(HEAD, HOTEL, [row])

    assert_opentravel(composed.element)
    assert [dict(each.attrib) for each in descendants(composed.element, "RestrictionStatus")] == [
        {"Restriction": "Arrival", "Status": "Close"},
        {"Restriction": "Master", "Status": "Open"},
        {"Restriction": "Departure", "Status": "Open"},
        {"MinAdvancedBookingOffset": "P1D", "MaxAdvancedBookingOffset": "P365D"},
    ]
    assert [dict(each.attrib) for each in descendants(composed.element, "LengthOfStay")] == [
        {"Time": "2", "TimeUnit": "Day", "MinMaxMessageType": "SetMinLOS"},
        {"Time": "3", "TimeUnit": "Day", "MinMaxMessageType": "SetForwardMinStay"},
        {"Time": "14", "TimeUnit": "Day", "MinMaxMessageType": "SetMaxLOS"},
    ]
    assert composed.positions == ((0,),) * 5
    assert {told["RatePlanCode"] for told in controls(composed)} == {"BAR"}


def test_what_is_not_told_is_not_said() -> None:
    composed = avail_restrictions(HEAD, HOTEL, [Restriction(FIRST, "DBL", min_stay_arrival_count=2)])

    (entry,) = entries(composed)
    assert [dict(each.attrib) for each in descendants(entry, "LengthOfStay")] == [
        {"Time": "2", "TimeUnit": "Day", "MinMaxMessageType": "SetMinLOS"}
    ]
    assert list(descendants(entry, "RestrictionStatus")) == []
    assert "RatePlanCode" not in controls(composed)[0]
    assert entry.get("BookingLimit") is None


def test_a_length_of_zero_takes_the_restriction_away() -> None:
    row = Restriction(FIRST, "DBL", min_stay_arrival_count=0, min_stay_through_count=0, max_stay_count=0)

    composed = avail_restrictions(HEAD, HOTEL, [row])

    assert_opentravel(composed.element)
    assert [dict(each.attrib) for each in descendants(composed.element, "LengthOfStay")] == [
        {"MinMaxMessageType": "RemoveMinLOS"},
        {"MinMaxMessageType": "RemoveForwardMinStay"},
        {"MinMaxMessageType": "RemoveMaxLOS"},
    ]


def test_counts_as_inventory_say_what_may_be_sold_and_what_there_is() -> None:
    rows = [Availability(FIRST, "DBL", 3, 5), Availability(FIRST, "SGL", 0)]

    composed = inventory_counts(HEAD, HOTEL, rows)

    assert_opentravel(composed.element)
    found = entries(composed, "Inventory")
    assert [[(c.get("CountType"), c.get("Count")) for c in descendants(each, "InvCount")] for each in found] == [
        [("1", "5"), ("2", "3")],
        [("2", "0")],
    ]


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [(12_345, "EUR", "123.45"), (9_800, "JPY", "9800"), (10_125, "BHD", "10.125"), (0, "EUR", "0.00")],
)
def test_an_amount_has_the_decimals_of_its_currency(price: int, currency: str, written: str) -> None:
    composed = rate_amounts(HEAD, HOTEL, [Price(FIRST, "DBL", "BAR", price, currency)])

    assert_opentravel(composed.element)
    (told,) = descendants(composed.element, "BaseByGuestAmt")
    assert dict(told.attrib) == {"AmountAfterTax": written}
    assert next(descendants(composed.element, "Rate")).get("CurrencyCode") == currency


@pytest.mark.parametrize(
    ("is_included", "style", "attribute"),
    [
        (True, RateStyle(), "AmountAfterTax"),
        (False, RateStyle(), "AmountBeforeTax"),
        (None, RateStyle(), "AmountAfterTax"),
        (None, RateStyle(unstated_tax="AmountBeforeTax"), "AmountBeforeTax"),
        (False, RateStyle(always="AmountAfterTax"), "AmountAfterTax"),
    ],
)
def test_a_price_says_whether_tax_is_inside(is_included: bool | None, style: RateStyle, attribute: str) -> None:
    price = Price(FIRST, "DBL", "BAR", 100, "EUR", is_tax_included=is_included)

    (told,) = descendants(rate_amounts(HEAD, HOTEL, [price], style).element, "BaseByGuestAmt")

    assert set(told.attrib) == {attribute}


def test_all_occupancies_of_a_date_stand_in_one_entry() -> None:
    single = [Price(day(n), "DBL", "BAR", 8_000, "EUR", 1) for n in range(3)]
    double = [Price(day(n), "DBL", "BAR", 10_000 + (n == 2), "EUR", 2) for n in range(3)]

    composed = rate_amounts(HEAD, HOTEL, [*single, *double])

    assert_opentravel(composed.element)
    assert [(told["Start"], told["End"]) for told in controls(composed)] == [
        ("2026-03-02", "2026-03-03"),
        ("2026-03-04", "2026-03-04"),
    ]
    assert [
        [
            (each.get("NumberOfGuests"), each.get("AmountAfterTax"))
            for each in children(child(entry, "Rates", "Rate", "BaseByGuestAmts"))
        ]
        for entry in entries(composed, "RateAmountMessage")
    ] == [[("1", "80.00"), ("2", "100.00")], [("1", "80.00"), ("2", "100.01")]]
    assert composed.positions == ((0, 3, 1, 4), (2, 5))


def test_prices_of_several_rooms_and_plans_do_not_mix() -> None:
    rows = [
        Price(FIRST, room, plan, price, "EUR")
        for price, (room, plan) in enumerate([("DBL", "BAR"), ("DBL", "NRF"), ("SGL", "BAR")], 1)
    ]

    composed = rate_amounts(HEAD, HOTEL, rows, RateStyle(locates=True))

    assert_opentravel(composed.element)
    assert [(told["InvTypeCode"], told["RatePlanCode"]) for told in controls(composed)] == [
        ("DBL", "BAR"),
        ("DBL", "NRF"),
        ("SGL", "BAR"),
    ]
    assert [each.get("LocatorID") for each in entries(composed, "RateAmountMessage")] == ["1", "2", "3"]


@pytest.mark.parametrize("hole", ["\x00", "\x0b", "\ud83d", "\uffff"])
def test_a_code_that_xml_cannot_carry_is_refused_not_changed(hole: str) -> None:
    with pytest.raises(RequestRefused, match="InvTypeCode"):
        avail_counts(HEAD, HOTEL, [Availability(FIRST, f"D{hole}BL", 1)])

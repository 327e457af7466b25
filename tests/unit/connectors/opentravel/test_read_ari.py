"""What partners tell us to sell by, date by date; and what was composed is read the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.ari import Told, ari
from connectors.protocols.opentravel.compose_ari import (
    avail_counts,
    avail_restrictions,
    inventory_counts,
    rate_amounts,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.safe_xml import serialised
from connectors.pushes import Availability, Price, Restriction
from tests.unit.connectors.opentravel.told_bookings import NAMESPACE

FIRST = date(2026, 5, 1)
HEAD, HOTEL = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC)), Hotel("CITY")
ROOM = 'InvTypeCode="STD"'
DATES = 'Start="2026-05-01" End="2026-05-03"'


def told(
    entries: str, root: str = "OTA_HotelAvailNotifRQ", holder: str = "AvailStatusMessages", before: str = ""
) -> Told:
    body = f'<{root} xmlns="{NAMESPACE}">{before}<{holder} HotelCode="CITY">{entries}</{holder}></{root}>'
    return ari(body.encode(), currency=None)


def status(control: str = f"{DATES} {ROOM}", attributes: str = 'BookingLimit="3"', inside: str = "") -> str:
    return f"<AvailStatusMessage {attributes}><StatusApplicationControl {control}/>{inside}</AvailStatusMessage>"


def counts(found: Told) -> list[tuple[int, str, int]]:
    return [(row.stay_on.day, row.room_type_ref, row.available_count) for row in found.counts]


def codes(found: Told) -> list[tuple[int, str]]:
    return [(problem.position, problem.reason.code) for problem in found.problems]


def test_a_limit_is_for_every_date_both_ends_meant() -> None:
    found = told(status())

    assert counts(found) == [(1, "STD", 3), (2, "STD", 3), (3, "STD", 3)]
    assert (found.kind, found.hotel_ref, found.is_complete, found.problems) == ("HotelAvailNotifRQ", "CITY", False, ())


@pytest.mark.parametrize(
    ("days", "dates"),
    [
        ('Fri="true" Sat="1"', [1, 2]),
        ('Mon="false" Fri="false"', [2, 3]),
        ('Mon="true" Tue="true" Weds="true" Thur="true" Fri="false" Sat="true" Sun="true"', [2, 3]),
    ],
)
def test_named_days_of_the_week_alone_are_meant(days: str, dates: list[int]) -> None:
    assert [row.stay_on.day for row in told(status(f"{DATES} {ROOM} {days}")).counts] == dates


def test_rooms_kept_back_are_not_for_sale_and_single_rooms_add_up() -> None:
    held = told(status(attributes='BookingLimit="5" BookingThreshold="2" BookingLimitMessageType="SetLimit"'))
    single = told(
        "".join(status(f'{DATES} {ROOM} InvCode="{room}"', 'BookingLimit="1"') for room in ("101", "102", "101"))
    )

    assert {row.available_count for row in held.counts} == {3}
    assert counts(single) == [(1, "STD", 2), (2, "STD", 2), (3, "STD", 2)]


def test_a_later_word_on_the_same_date_counts() -> None:
    assert counts(told(status() + status(f'Start="2026-05-02" End="2026-05-02" {ROOM}', 'BookingLimit="0"'))) == [
        (1, "STD", 3),
        (2, "STD", 0),
        (3, "STD", 3),
    ]


def test_a_code_of_one_kind_alone_is_the_room_type() -> None:
    assert {row.room_type_ref for row in told(status(f'{DATES} InvCode="DLX"')).counts} == {"DLX"}


def test_a_complete_set_says_so() -> None:
    assert told(status(), before='<UniqueID Type="16" ID="1" Instance="CompleteSet"/>').is_complete


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (status(attributes='BookingLimit="1" BookingLimitMessageType="AdjustLimit"'), "not_a_state"),
        (status(attributes='BookingLimit="1" BookingLimitMessageType="RemoveLimit"'), "not_a_state"),
        (status(attributes='BookingLimit="-1"'), "unreadable"),
        (status(ROOM), "dates_missing"),
        (status(f'Start="2026-05-03" End="2026-05-01" {ROOM}'), "dates_unreadable"),
        (status(f'Start="2026-05-03" End="2096-05-01" {ROOM}'), "dates_unreadable"),
        (status(DATES), "room_type_missing"),
        (status(f'{DATES} AllInvCode="true"'), "room_type_missing"),
        (status(inside='<RestrictionStatus Status="Ajar"/>'), "restriction_unknown"),
        (
            status(inside='<LengthsOfStay><LengthOfStay MinMaxMessageType="FullPatternLOS"/></LengthsOfStay>'),
            "length_of_stay_unknown",
        ),
        (status(f'{DATES} {ROOM} RatePlanCode="BAR"'), "count_of_rate_plan"),
    ],
)
def test_an_entry_that_cannot_be_a_row_takes_no_other_along(entry: str, code: str) -> None:
    found = told(entry + status(f'Start="2026-06-01" End="2026-06-01" {ROOM}'))

    assert codes(found) == [(0, code)]
    assert found.counts[-1] == Availability(date(2026, 6, 1), "STD", 3)


@pytest.mark.parametrize(
    ("inside", "fields"),
    [
        ('<RestrictionStatus Status="Close"/>', {"is_stop_sell": True}),
        ('<RestrictionStatus Status="Open" Restriction="Master"/>', {"is_stop_sell": False}),
        ('<RestrictionStatus Status="Close" Restriction="Arrival"/>', {"is_closed_to_arrival": True}),
        ('<RestrictionStatus Status="Close" Restriction="Departure"/>', {"is_closed_to_departure": True}),
        ('<RestrictionStatus MinAdvancedBookingOffset="P3D"/>', {"min_advance_day_count": 3}),
        ('<RestrictionStatus MaxAdvancedBookingOffset="30"/>', {"max_advance_day_count": 30}),
        (
            (
                '<LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="2" TimeUnit="Day"/>'
                '<LengthOfStay MinMaxMessageType="SetMaxLOS" Time="1" TimeUnit="Week"/></LengthsOfStay>'
            ),
            {"min_stay_arrival_count": 2, "max_stay_count": 7},
        ),
        (
            '<LengthsOfStay ArrivalDateBased="false"><LengthOfStay MinMaxMessageType="MinLOS" Time="2"/></LengthsOfStay>',
            {"min_stay_through_count": 2},
        ),
        (
            '<LengthsOfStay><LengthOfStay MinMaxMessageType="RemoveMinLOS"/></LengthsOfStay>',
            {"min_stay_arrival_count": 0},
        ),
    ],
)
def test_a_restriction_says_what_is_told_and_nothing_else(inside: str, fields: dict[str, object]) -> None:
    found = told(status(f'Start="2026-05-01" End="2026-05-01" {ROOM} RatePlanCode="BAR"', "", inside))

    assert found.restrictions == (Restriction(FIRST, "STD", "BAR", **fields),)  # type: ignore[arg-type]
    assert (found.counts, found.problems) == ((), ())


def inventory(inside: str) -> Told:
    entry = f"<Inventory><StatusApplicationControl Start='2026-05-01' End='2026-05-01' {ROOM}/>{inside}</Inventory>"
    return told(entry, "OTA_HotelInvCountNotifRQ", "Inventories")


def test_counts_of_an_inventory_are_told_by_type() -> None:
    found = inventory(
        '<InvCounts><InvCount CountType="1" Count="9"/><InvCount CountType="2" Count="4"/><InvCount CountType="6" Count="1"/></InvCounts>'
    )

    assert found.counts == (Availability(FIRST, "STD", 4, 9),)
    assert codes(found) == [(0, "count_type_unknown")]
    assert codes(inventory("")) == [(0, "count_missing")]
    assert codes(inventory('<InvCounts><InvCount ActionType="Adjustment" Count="-1"/></InvCounts>')) == [
        (0, "not_a_state")
    ]


def rate(amounts: str, control: str = f'{ROOM} RatePlanCode="BAR" {DATES}', attributes: str = "") -> Told:
    entry = (
        f"<RateAmountMessage><StatusApplicationControl {control}/><Rates><Rate {attributes}>"
        f"<BaseByGuestAmts>{amounts}</BaseByGuestAmts></Rate></Rates></RateAmountMessage>"
    )
    return told(entry, "OTA_HotelRateAmountNotifRQ", "RateAmountMessages")


def test_prices_are_exact_per_occupancy_and_say_their_side_of_the_tax() -> None:
    found = rate(
        '<BaseByGuestAmt AmountAfterTax="99.50" CurrencyCode="EUR" NumberOfGuests="2" AgeQualifyingCode="10"/>'
        '<BaseByGuestAmt AmountBeforeTax="80" CurrencyCode="EUR"/>',
        attributes='Start="2026-05-02" End="2026-05-02"',
    )

    day = date(2026, 5, 2)
    assert found.prices == (
        Price(day, "STD", "BAR", 9_950, "EUR", 2, is_tax_included=True),
        Price(day, "STD", "BAR", 8_000, "EUR", 0, is_tax_included=False),
    )


@pytest.mark.parametrize(
    ("amounts", "control", "code"),
    [
        ('<BaseByGuestAmt AmountAfterTax="1"/>', None, "currency_unknown"),
        ('<BaseByGuestAmt AmountAfterTax="1.005" CurrencyCode="EUR"/>', None, "decimals_exceed_currency"),
        ('<BaseByGuestAmt CurrencyCode="EUR"/>', None, "price_missing"),
        ("", None, "price_missing"),
        ('<BaseByGuestAmt AmountAfterTax="1" CurrencyCode="EUR" AgeQualifyingCode="8"/>', None, "price_of_children"),
        ('<BaseByGuestAmt AmountAfterTax="1" CurrencyCode="EUR"/>', f"{ROOM} {DATES}", "rate_plan_missing"),
    ],
)
def test_what_is_no_price_is_told(amounts: str, control: str | None, code: str) -> None:
    found = rate(amounts, control) if control else rate(amounts)

    assert (found.prices, codes(found)) == ((), [(0, code)])


def test_what_further_guests_cost_has_no_row_and_is_told() -> None:
    more = (
        '<BaseByGuestAmt AmountAfterTax="1" CurrencyCode="EUR"/></BaseByGuestAmts><AdditionalGuestAmounts>'
        "<AdditionalGuestAmount Amount='5'/></AdditionalGuestAmounts><BaseByGuestAmts>"
    )

    found = rate(more)

    assert (len(found.prices), codes(found)) == (3, [(0, "additional_guest_amounts")])


@pytest.mark.parametrize("body", [b"<OTA_HotelResNotifRQ/>", b"", b"<a/>"])
def test_another_message_is_none_of_these(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        ari(body)


def run(values: list[int]) -> list[tuple[date, int]]:
    return [(FIRST + timedelta(days=n), value) for n, value in enumerate(values)]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_what_we_write_of_counts_is_read_the_same(values: list[int]) -> None:
    rows = [Availability(stay_on, "STD", value) for stay_on, value in run(values)]

    for composed in (avail_counts(HEAD, HOTEL, rows), inventory_counts(HEAD, HOTEL, rows)):
        assert ari(serialised(composed.element)).counts == tuple(rows)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=10), st.booleans())
def test_what_we_write_of_prices_is_read_the_same(values: list[int], is_included: bool) -> None:
    rows = [
        Price(stay_on, "STD", "BAR", value + people, "EUR", people, is_included)
        for stay_on, value in run(values)
        for people in (1, 2)
    ]

    found = ari(serialised(rate_amounts(HEAD, HOTEL, rows).element))

    assert sorted(found.prices) == sorted(rows)


def test_what_we_write_of_restrictions_is_read_the_same() -> None:
    row = Restriction(
        FIRST, "STD", "BAR", is_stop_sell=False, is_closed_to_arrival=True, min_stay_arrival_count=2, min_stay_through_count=3,
        max_stay_count=0, min_advance_day_count=1,
    )  # fmt: skip

    found = ari(serialised(avail_restrictions(HEAD, HOTEL, [row]).element))

    said = [{name: value for name, value in each._asdict().items() if value is not None} for each in found.restrictions]
    assert Restriction(**{name: value for each in said for name, value in each.items()}) == row

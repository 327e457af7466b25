"""Which night costs what: ranges of either convention, counts of nights, totals of either reach, and what cannot be meant."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connectors.opentravel.told_bookings import (
    TOTAL,
    booking,
    incoming,
    message,
    prices,
    rates,
    read,
    reason,
    refusal,
    room,
    stay,
)

FIRST = date(2026, 5, 1)
FOUR = '<TimeSpan Start="2026-05-01" End="2026-05-05"/>'
FIVE_NIGHTS = '<TimeSpan Start="2026-05-01" End="2026-05-06"/>'


def five(content: str, span: str = FIVE_NIGHTS) -> str:
    return booking(stay(content, span=span))


def test_last_dates_may_be_nights_or_the_day_after_as_the_stay_shows() -> None:
    exclusive = rates(("2026-05-01", "2026-05-03", "10.00"), ("2026-05-03", "2026-05-06", "20.00"))
    inclusive = rates(("2026-05-01", "2026-05-02", "10.00"), ("2026-05-03", "2026-05-05", "20.00"))

    assert prices(room(five(exclusive))) == prices(room(five(inclusive))) == [1000, 1000, 2000, 2000, 2000]


def test_a_rate_of_one_night_may_end_on_its_own_day() -> None:
    nightly = rates(*((f"2026-05-0{n}", f"2026-05-0{n}", f"{n}0.00") for n in range(1, 6)))

    assert prices(room(five(nightly))) == [1000, 2000, 3000, 4000, 5000]


def test_a_rate_without_a_last_date_runs_until_the_next_begins() -> None:
    open_ended = rates(("2026-05-01", None, "10.00"), ("2026-05-04", None, "30.00"))

    assert prices(room(five(open_ended))) == [1000, 1000, 1000, 3000, 3000]


def test_the_attribute_that_says_whether_the_last_date_counts_is_believed() -> None:
    content = (
        '<RoomRates><RoomRate><Rates><Rate EffectiveDate="2026-05-01" ExpireDate="2026-05-03" ExpireDateExclusiveInd="true">'
        '<Base AmountAfterTax="10" CurrencyCode="EUR"/></Rate></Rates></RoomRate></RoomRates>'
    )
    body = message(booking(stay(content, span="")))

    assert [night.stay_on.day for night in room(body).nights] == [1, 2]


def test_a_stated_convention_goes_before_what_would_fit() -> None:
    told = rates(("2026-05-01", "2026-05-03", "10.00"))

    assert len(room(booking(stay(told, span="")), {"expire_date": "exclusive"}).nights) == 2
    assert len(room(booking(stay(told, span="")), {"expire_date": "inclusive"}).nights) == 3
    assert reason(booking(stay(told, span=""))) == "rate_dates_ambiguous"


def test_neighbours_or_a_count_of_nights_show_the_convention_where_no_stay_is_told() -> None:
    meeting = rates(("2026-05-01", "2026-05-03", "10.00"), ("2026-05-03", "2026-05-04", "20.00"))
    apart = rates(("2026-05-01", "2026-05-02", "10.00"), ("2026-05-03", "2026-05-03", "20.00"))
    uneven = rates(("2026-05-01", "2026-05-04", "10.00")).replace("<Rate ", '<Rate UnitMultiplier="9" ')
    counted = rates(("2026-05-01", "2026-05-04", "10.00")).replace(
        "<Rate ", '<Rate UnitMultiplier="3" RateTimeUnit="Day" '
    )

    assert prices(room(booking(stay(meeting, span="")))) == [1000, 1000, 2000]
    assert prices(room(booking(stay(apart, span="")))) == [1000, 1000, 2000]
    assert prices(room(booking(stay(counted, span="")))) == [1000, 1000, 1000]
    assert reason(booking(stay(uneven, span=""))) == "rate_dates_ambiguous"


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 10**6)), min_size=1, max_size=6), st.booleans())
def test_any_chain_of_ranges_prices_every_night_once(parts: list[tuple[int, int]], is_exclusive: bool) -> None:
    starts = [FIRST + timedelta(days=sum(length for length, _ in parts[:n])) for n in range(len(parts) + 1)]
    ends = [end if is_exclusive else end - timedelta(days=1) for end in starts[1:]]
    told = [
        (start.isoformat(), end.isoformat(), f"{price // 100}.{price % 100:02}")
        for start, end, (_, price) in zip(starts, ends, parts, strict=False)
    ]
    span = f'<TimeSpan Start="{FIRST}" End="{starts[-1]}"/>'

    found = room(booking(stay(rates(*told), span=span)))

    assert prices(found) == [price for length, price in parts for _ in range(length)]
    assert [night.stay_on for night in found.nights] == [FIRST + timedelta(days=n) for n in range(len(found.nights))]


def test_a_partner_whose_rates_without_a_last_date_are_of_one_night_needs_no_dates_of_the_stay() -> None:
    nightly = rates(("2026-05-01", None, "10.00"), ("2026-05-02", None, "20.00"))
    apart = rates(("2026-05-01", None, "10.00"), ("2026-05-03", None, "10.00"))
    settings = {"expire_absent": "one_night"}

    assert prices(room(booking(stay(nightly, span="")), settings)) == [1000, 2000]
    assert prices(room(five(rates(("2026-05-01", "2026-05-06", "10.00"))), settings)) == [1000] * 5
    assert prices(room(booking(stay(apart + TOTAL, span=FOUR)), settings)) == [1000, 9000, 1000, 9000]
    assert reason(booking(stay(nightly, span=""))) == "stay_dates_missing"


def test_a_room_rate_says_what_its_dates_cost_where_its_rates_do_not() -> None:
    def one(first: str, last: str, price: str) -> str:
        return (
            f'<RoomRate EffectiveDate="{first}" ExpireDate="{last}"><Rates><Rate/></Rates>'
            f'<Total AmountAfterTax="{price}" CurrencyCode="EUR"/></RoomRate>'
        )

    told = (
        f"<RoomRates>{one('2026-05-01', '2026-05-03', '21.00')}{one('2026-05-03', '2026-05-06', '60.00')}</RoomRates>"
    )

    found = room(five(told))

    assert prices(found) == [1050, 1050, 2000, 2000, 2000]
    assert found.total_minor is None


def test_a_discount_that_may_or_may_not_be_in_the_price_is_noted() -> None:
    discount = rates(("2026-05-01", "2026-05-06", "10.00"), inside='<Discount AmountAfterTax="2.00"/>')

    assert "discount_unclear" in incoming(five(discount)).warnings
    assert incoming(five(discount + '<Total AmountAfterTax="50.00" CurrencyCode="EUR"/>')).warnings == ()


def test_rates_without_dates_are_for_all_nights_or_one_a_night() -> None:
    def undated(*amounts: str) -> str:
        told = "".join(f'<Rate><Base AmountAfterTax="{each}" CurrencyCode="EUR"/></Rate>' for each in amounts)
        return f"<RoomRates><RoomRate><Rates>{told}</Rates></RoomRate></RoomRates>"

    assert prices(room(five(undated("10")))) == [1000] * 5
    assert prices(room(five(undated("1", "2", "3", "4", "5")))) == [100, 200, 300, 400, 500]
    assert reason(five(undated("1", "2"))) == "rates_do_not_fit"


def test_a_rate_good_for_longer_than_the_stay_is_for_the_stay() -> None:
    assert prices(room(five(rates(("2026-01-01", "9999-12-31", "10.00"))))) == [1000] * 5


def test_rates_that_claim_a_night_twice_or_one_outside_are_not_believed() -> None:
    outside = rates(("2026-05-01", "2026-05-04", "10.00"), ("2026-05-04", "2026-05-09", "20.00"))

    assert reason(five(outside)) == "rates_do_not_fit"
    assert prices(room(five(outside + '<Total AmountAfterTax="50.00" CurrencyCode="EUR"/>'))) == [1000] * 5


def test_nights_that_no_rate_prices_share_what_the_total_leaves() -> None:
    some = rates(("2026-05-01", "2026-05-01", "10.00"), ("2026-05-02", "2026-05-02", "10.00"))

    found = room(five(some + '<Total AmountAfterTax="51.00" CurrencyCode="EUR"/>'))

    assert prices(found) == [1000, 1000, 1034, 1033, 1033]
    assert [night.is_price_derived for night in found.nights] == [False, False, True, True, True]
    assert reason(five(some)) == "nights_missing"
    assert reason(five(some + '<Total AmountAfterTax="19.00" CurrencyCode="EUR"/>')) == "nights_missing"


def test_a_range_that_fits_neither_way_is_not_guessed_at() -> None:
    either = rates(("2026-05-01", "2026-05-03", "10.00"))
    total = '<Total AmountAfterTax="51.00" CurrencyCode="EUR"/>'

    assert reason(five(either)) == "rates_do_not_fit"
    assert prices(room(five(either + total))) == [1020] * 5
    assert prices(room(five(either + total), {"expire_date": "exclusive"})) == [1000, 1000, 1034, 1033, 1033]
    assert prices(room(five(either + total), {"expire_date": "inclusive"})) == [1000, 1000, 1000, 1050, 1050]


def rate(content: str, attributes: str = "") -> str:
    dates = 'EffectiveDate="2026-05-01" ExpireDate="2026-05-06"'
    return f"<RoomRates><RoomRate><Rates><Rate {dates} {attributes}>{content}</Rate></Rates></RoomRate></RoomRates>"


BASE = '<Base AmountAfterTax="10.00" CurrencyCode="EUR"/>'


@pytest.mark.parametrize(
    ("content", "attributes", "told"),
    [
        (BASE, "", [1000] * 5),
        (BASE, 'RateTimeUnit="Day" UnitMultiplier="5"', [1000] * 5),
        (BASE, 'RateTimeUnit="FullDuration"', [200] * 5),
        (BASE, 'RoomPricingType="Per stay"', [200] * 5),
        (BASE, 'ChargeType="12"', [200] * 5),
        (BASE, 'ChargeType="19"', [1000] * 5),
        ('<Total AmountAfterTax="50.01" CurrencyCode="EUR"/>', "", [1001, 1000, 1000, 1000, 1000]),
        (BASE + '<Total AmountAfterTax="10.00" CurrencyCode="EUR"/>', "", [1000] * 5),
        (BASE + '<Total AmountAfterTax="50.00" CurrencyCode="EUR"/>', "", [1000] * 5),
        (BASE + '<Total AmountAfterTax="60.00" CurrencyCode="EUR"/>', "", [1200] * 5),
    ],
)
def test_a_rate_is_for_a_night_a_stay_or_a_range_as_it_says_or_shows(
    content: str, attributes: str, told: list[int]
) -> None:
    assert prices(room(five(rate(content, attributes)))) == told


def test_a_partner_whose_totals_are_of_one_night_says_so() -> None:
    total = rate('<Total AmountAfterTax="50.00" CurrencyCode="EUR"/>')

    both = rate(BASE + '<Total AmountAfterTax="12.00" CurrencyCode="EUR"/>')
    assert prices(room(five(total), {"rate_total": "night"})) == [5000] * 5
    assert prices(room(five(both), {"rate_total": "night"})) == [1200] * 5


def test_a_weekly_rate_is_parted_over_its_seven_nights() -> None:
    span = '<TimeSpan Start="2026-05-01" Duration="P1W"/>'
    content = '<RoomRates><RoomRate><Rates><Rate RateTimeUnit="Week"><Base AmountAfterTax="70.01" CurrencyCode="EUR"/>'
    content += "</Rate></Rates></RoomRate></RoomRates>"

    assert prices(room(five(content, span))) == [1001, *[1000] * 6]


def test_further_guests_cost_more_each_night() -> None:
    more = (
        "<AdditionalGuestAmounts><AdditionalGuestAmount AgeQualifyingCode='8'>"
        "<Amount AmountAfterTax='2.50' CurrencyCode='EUR'/></AdditionalGuestAmount></AdditionalGuestAmounts>"
    )
    untaxed = more.replace("AmountAfterTax", "AmountBeforeTax")

    assert prices(room(five(rate(BASE + more)))) == [1250] * 5
    assert reason(five(rate(BASE + untaxed))) == "amounts_not_alike"


def test_prices_of_a_person_need_a_total_to_say_what_the_room_costs() -> None:
    person = rate(BASE, 'RoomPricingType="Per person per night"')

    assert reason(five(person)) == "price_per_person"
    assert prices(room(five(person + '<Total AmountAfterTax="100.00" CurrencyCode="EUR"/>'))) == [2000] * 5


def test_rates_in_another_currency_for_information_are_left_out() -> None:
    both = rate(BASE).replace(
        "<Rates>", '<Rates><Rate AlternateCurrencyInd="true"><Base AmountAfterTax="9" CurrencyCode="USD"/></Rate>'
    )

    assert {night.currency for night in room(five(both)).nights} == {"EUR"}


def test_only_a_total_is_spread_so_that_it_adds_up() -> None:
    found = room(booking(stay('<Total AmountAfterTax="100.01" CurrencyCode="EUR"/>')))

    assert prices(found) == [5001, 5000]
    assert all(night.is_price_derived for night in found.nights)


def test_a_booking_without_any_price_is_refused_or_loads_at_zero_as_the_dialect_says() -> None:
    told = booking(stay(""))

    refused = refusal(told)
    loaded = incoming(told, {"price_absent": "zero"})

    assert (refused.reasons[0].code, refused.room_night_count, refused.amount_minor) == ("price_missing", 2, 0)
    assert prices(room(told, {"price_absent": "zero"})) == [0, 0]
    assert "price_missing" in loaded.warnings


@pytest.mark.parametrize(
    ("span", "arrival", "departure"),
    [
        ('<TimeSpan Start="2026-05-01T23:30:00-08:00" End="2026-05-03T01:00:00Z"/>', "2026-05-01", "2026-05-03"),
        ('<TimeSpan Start="2026-05-01" Duration="P2D"/>', "2026-05-01", "2026-05-03"),
        ('<TimeSpan Start="2026-05-01" Duration="P3D2N"/>', "2026-05-01", "2026-05-03"),
        ('<TimeSpan Start="2026-05-01" Duration="P0Y0M2D"/>', "2026-05-01", "2026-05-03"),
        ('<TimeSpan Start="2026-05-01" Duration="2"/>', "2026-05-01", "2026-05-03"),
        ('<TimeSpan Duration="P2N" End="2026-05-03"/>', "2026-05-01", "2026-05-03"),
    ],
)
def test_a_stay_is_told_by_its_ends_or_its_length_and_dates_pass_no_zone(
    span: str, arrival: str, departure: str
) -> None:
    found = room(booking(stay(span=span)))

    assert (str(found.arrival_on), str(found.departure_on)) == (arrival, departure)


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ("", "stay_dates_missing"),
        ('<TimeSpan Start="2026-05-01"/>', "stay_dates_missing"),
        (
            '<TimeSpan><StartDateWindow EarliestDate="2026-05-01" LatestDate="2026-05-09"/></TimeSpan>',
            "dates_not_fixed",
        ),
        ('<TimeSpan Start="2026-02-30" End="2026-03-02"/>', "unreadable"),
        ('<TimeSpan Start="0001-01-01" End="0001-01-02"/>', "unreadable"),
        ('<TimeSpan Start="9999-12-30" End="9999-12-31"/>', "unreadable"),
        ('<TimeSpan Start="01/05/2026" End="03/05/2026"/>', "unreadable"),
        ('<TimeSpan Start="2026-05-01" Duration="PT48H"/>', "unreadable"),
        ('<TimeSpan Start="2026-05-01" End="2206-05-01"/>', "stay_too_long"),
    ],
)
def test_dates_that_fix_no_stay_refuse_the_booking(span: str, code: str) -> None:
    assert reason(booking(stay(span=span))) == code


def test_the_dates_of_the_booking_count_for_rooms_without_their_own() -> None:
    found = read(
        booking(stay(span=""), stay(span="", code="DLX"), info='<TimeSpan Start="2026-05-01" End="2026-05-02"/>')
    )

    assert [len(each.nights) for each in found.rooms] == [1, 1]


def test_a_day_use_has_no_night_and_keeps_its_money() -> None:
    found = room(booking(stay(TOTAL, span='<TimeSpan Start="2026-05-01" End="2026-05-01"/>')))

    assert (found.is_day_use, found.nights, found.total_minor) == (True, (), 20_000)

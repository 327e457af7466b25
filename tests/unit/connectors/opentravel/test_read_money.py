"""What an amount is: which side of the tax, which currency, how many decimals; and that parts add up again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.money import exponent
from hotel.reservations import Room
from tests.unit.connectors.opentravel.told_bookings import (
    CITY,
    TOTAL,
    booking,
    incoming,
    prices,
    rates,
    read,
    reason,
    refusal,
    room,
    stay,
)


def total(attributes: str, inside: str = "") -> str:
    return f"<Total {attributes}>{inside}</Total>"


def triad(found: Room) -> tuple[int | None, bool | None, int | None]:
    return found.total_minor, found.is_tax_included, found.tax_minor


@pytest.mark.parametrize(
    ("attributes", "inside", "told"),
    [
        ('AmountBeforeTax="90.00" AmountAfterTax="100.00"', "", (10_000, True, 1_000)),
        ('AmountAfterTax="100.00"', "", (10_000, True, None)),
        ('AmountBeforeTax="90.00"', "", (9_000, False, None)),
        ('AmountBeforeTax="90.00"', '<Taxes Amount="10.00"/>', (9_000, False, 1_000)),
        ('AmountAfterTax="100.00"', '<Taxes Amount="10.00"/>', (10_000, True, 1_000)),
        ('AmountBeforeTax="90.00"', '<Taxes><Tax Amount="8.00"/><Tax Amount="2.00"/></Taxes>', (9_000, False, 1_000)),
        (
            'AmountBeforeTax="90.00"',
            '<Taxes><Tax Type="Exclusive" Amount="8"/><Tax Type="Inclusive" Amount="2"/></Taxes>',
            (9_000, False, 800),
        ),
        (
            'AmountAfterTax="100.00"',
            '<Taxes><Tax Type="Exclusive" Amount="8"/><Tax Type="Inclusive" Amount="2"/></Taxes>',
            (10_000, True, 200),
        ),
        ('Amount="100.00"', "", (10_000, None, None)),
    ],
)
def test_a_price_says_on_which_side_of_the_tax_it_stands(
    attributes: str, inside: str, told: tuple[int, bool | None, int | None]
) -> None:
    found = room(booking(stay(total(attributes + ' CurrencyCode="EUR"', inside))))

    assert triad(found) == told
    assert sum(prices(found)) == told[0]
    assert {night.is_tax_included for night in found.nights} == {told[1]}


def test_an_amount_that_does_not_say_is_as_the_dialect_or_the_house_has_it() -> None:
    told = booking(stay(total('Amount="100.00" CurrencyCode="EUR"')))
    gross = {"city-hotel": CITY._replace(is_price_tax_included=True)}

    assert room(told).is_tax_included is None
    assert room(told, properties=gross).is_tax_included is True
    assert room(told, {"is_tax_included": False}, properties=gross).is_tax_included is False


def test_a_base_before_and_a_total_after_tax_are_one_price() -> None:
    rate = (
        '<RoomRates><RoomRate><Rates><Rate ChargeType="1"><Base AmountBeforeTax="169" CurrencyCode="USD">'
        '<Taxes><Tax Code="13" Amount="31" CurrencyCode="USD"/></Taxes></Base>'
        '<Total AmountAfterTax="200" CurrencyCode="USD"/></Rate></Rates></RoomRate></RoomRates>'
    )

    first, _ = room(booking(stay(rate))).nights

    assert (first.price_minor, first.is_tax_included, first.tax_minor, first.currency) == (20_000, True, 3_100, "USD")
    assert [(tax.tax_code, tax.amount_minor, tax.is_included) for tax in first.taxes] == [("sales_tax", 3_100, True)]


def test_taxes_of_a_night_are_told_one_by_one() -> None:
    taxes = (
        "<Base AmountAfterTax='110.00' CurrencyCode='EUR'><Taxes>"
        "<Tax Code='36' Type='Inclusive' Percent='10' Amount='10.00'/>"
        "<Tax Code='3' Type='Exclusive' Amount='2.50'/>"
        "<Tax Type='Exclusive' Amount='1.00'><TaxDescription><Text>Spa  levy</Text></TaxDescription></Tax>"
        "</Taxes></Base>"
    )
    night = room(
        booking(stay(f"<RoomRates><RoomRate><Rates><Rate>{taxes}</Rate></Rates></RoomRate></RoomRates>"))
    ).nights[0]

    vat, city, spa = night.taxes
    assert (vat.tax_code, vat.is_included, vat.amount_minor, vat.tax_rate) == ("vat", True, 1000, Decimal("0.1"))
    assert (city.tax_code, city.is_included, city.amount_minor, city.is_pass_through) == ("city_tax", False, 250, True)
    assert (spa.tax_code, spa.is_pass_through) == ("spa_levy", False)
    assert night.tax_minor == 1000


@pytest.mark.parametrize(("kind", "minor"), [("Inclusive", 909), ("Exclusive", 1000)])
def test_a_tax_told_as_a_percentage_is_worked_out_of_the_price_or_on_top_of_it(kind: str, minor: int) -> None:
    base = f"<Base AmountAfterTax='100.00' CurrencyCode='EUR'><Taxes><Tax Code='36' Type='{kind}' Percent='10' Amount='0'/></Taxes></Base>"

    night = room(
        booking(stay(f"<RoomRates><RoomRate><Rates><Rate>{base}</Rate></Rates></RoomRate></RoomRates>"))
    ).nights[0]

    assert [(tax.amount_minor, tax.base_minor) for tax in night.taxes] == [(minor, 10_000)]


def test_taxes_of_a_whole_stay_are_spread_with_it() -> None:
    inside = '<Taxes><Tax Code="3" Amount="3.01"/></Taxes>'

    nights = room(booking(stay(total('AmountAfterTax="100.00" CurrencyCode="EUR"', inside)))).nights

    assert [[tax.amount_minor for tax in night.taxes] for night in nights] == [[151], [150]]
    assert [night.tax_minor for night in nights] == [151, 150]


def test_a_tax_in_another_currency_stays_by_itself() -> None:
    inside = '<Taxes><Tax Code="3" Amount="300" CurrencyCode="JPY"/></Taxes>'

    found = room(booking(stay(total('AmountAfterTax="100.00" CurrencyCode="EUR"', inside))))

    assert found.tax_minor is None
    assert {tax.currency for night in found.nights for tax in night.taxes} == {"JPY"}


def test_a_tax_without_an_amount_of_any_kind_is_no_tax() -> None:
    inside = '<Taxes><Tax Code="3"/></Taxes>'

    found = room(booking(stay(total('AmountAfterTax="100.00" CurrencyCode="EUR"', inside))))

    assert (found.tax_minor, [night.taxes for night in found.nights]) == (None, [(), ()])


def test_a_base_and_a_total_in_two_currencies_are_two_prices() -> None:
    both = '<Base AmountBeforeTax="100" CurrencyCode="EUR"/><Total AmountAfterTax="120" CurrencyCode="USD"/>'

    first, _ = room(
        booking(stay(f"<RoomRates><RoomRate><Rates><Rate>{both}</Rate></Rates></RoomRate></RoomRates>"))
    ).nights

    assert (first.price_minor, first.currency, first.is_price_derived) == (6_000, "USD", True)


def test_a_total_after_tax_tells_the_tax_of_a_base_before_it() -> None:
    both = '<Base AmountBeforeTax="100" CurrencyCode="EUR"/><Total AmountAfterTax="110" CurrencyCode="EUR"/>'
    told = f"<RoomRates><RoomRate><Rates><Rate>{both}</Rate></Rates></RoomRate></RoomRates>"

    (night,) = room(booking(stay(told, span='<TimeSpan Start="2026-05-01" End="2026-05-02"/>'))).nights

    assert (night.price_minor, night.is_tax_included, night.tax_minor) == (11_000, True, 1_000)


def test_a_total_of_taxes_in_another_currency_is_not_that_of_the_price() -> None:
    inside = '<Taxes Amount="1500" CurrencyCode="JPY"><Tax Amount="10.00" CurrencyCode="EUR"/></Taxes>'

    assert room(booking(stay(total('AmountAfterTax="100.00" CurrencyCode="EUR"', inside)))).tax_minor == 1_000


def test_fees_of_a_rate_are_charges_of_its_nights() -> None:
    fee = '<Fees><Fee Code="12" Type="Exclusive" Amount="22.50" CurrencyCode="EUR"/></Fees>'

    nights = room(booking(stay(rates(("2026-05-01", "2026-05-03", "100.00"), inside=fee)))).nights

    assert [[(tax.tax_code, tax.amount_minor, tax.is_included) for tax in night.taxes] for night in nights] == [
        [("resort_fee", 2250, False)]
    ] * 2


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("EUR", "0.10", 10),
        ("JPY", "12000", 12_000),
        ("BHD", "10.125", 10_125),
        ("THB", "2500.0000", 250_000),
        ("EUR", "-5.00", -500),
    ],
)
def test_money_is_exact_in_its_currency(currency: str, amount: str, minor: int) -> None:
    found = room(booking(stay(total(f'AmountAfterTax="{amount}" CurrencyCode="{currency}"'))))

    assert (found.total_minor, found.currency, sum(prices(found))) == (minor, currency, minor)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('AmountAfterTax="10.005" CurrencyCode="EUR"', "decimals_exceed_currency"),
        ('AmountAfterTax="100.5" CurrencyCode="JPY"', "decimals_exceed_currency"),
        ('AmountAfterTax="10.00" CurrencyCode="eur"', "currency_unknown"),
        ('AmountAfterTax="10.00" CurrencyCode="XQX"', "currency_unknown"),
        ('AmountAfterTax="1,000.00" CurrencyCode="EUR"', "unreadable"),
        ('AmountAfterTax="1e3" CurrencyCode="EUR"', "unreadable"),
        ('AmountAfterTax="NaN" CurrencyCode="EUR"', "unreadable"),
        ('AmountAfterTax="\uff11\uff10" CurrencyCode="EUR"', "unreadable"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_it_keeps_out(attributes: str, code: str) -> None:
    found = refusal(booking(stay(total(attributes))))

    assert found.reasons[0].code == code
    assert found.room_night_count == 2
    assert "00" not in found.reasons[0].shape


def test_a_refused_amount_counts_rounded_among_what_is_withheld() -> None:
    found = refusal(booking(stay(total('AmountAfterTax="10.005" CurrencyCode="EUR"'))))

    assert (found.amount_minor, found.currency) == (1000, "EUR")


@pytest.mark.parametrize(
    ("content", "amount", "currency"),
    [
        (total('AmountAfterTax="80.00" CurrencyCode="EUR"'), 8_000, "EUR"),
        (total('AmountBeforeTax="80.00" CurrencyCode="JPY"'), 80, "JPY"),
        (rates(("2026-05-01", "2026-05-03", "40.00")), 8_000, "EUR"),
        (total('AmountAfterTax="80.00" CurrencyCode="ZZZ"'), 0, None),
        (total('AmountAfterTax="a lot" CurrencyCode="EUR"'), 0, "EUR"),
        ("", 0, None),
    ],
)
def test_a_refused_booking_tells_what_it_keeps_out_of_the_reports(
    content: str, amount: int, currency: str | None
) -> None:
    found = refusal(booking(stay(content), number=""))

    assert (found.room_night_count, found.amount_minor, found.currency) == (2, amount, currency)


def test_what_is_withheld_is_scaled_as_the_partner_means_it() -> None:
    told = booking(stay(total('AmountAfterTax="15000" DecimalPlaces="2" CurrencyCode="EUR"')), number="")

    assert refusal(told, {"decimal_places": "scales"}).amount_minor == 15_000
    assert refusal(told).amount_minor == 1_500_000


def test_of_a_hotel_nobody_knows_no_currency_is_known() -> None:
    told = booking(stay(total('AmountAfterTax="10.00"')).replace('"CITY"', '"ELSEWHERE"'))

    assert (refusal(told).amount_minor, refusal(told).currency) == (0, None)


def test_money_of_two_currencies_is_not_added_up() -> None:
    usd = stay(total('AmountAfterTax="20.00" CurrencyCode="USD"'))

    found = refusal(booking(stay(), usd, number=""))

    assert (found.room_night_count, found.amount_minor, found.currency) == (4, 20_000, "EUR")


@pytest.mark.parametrize("word", ["Cancelled", "No-show"])
def test_what_was_lost_keeps_nothing_out(word: str) -> None:
    found = refusal(booking(number="", attributes=f'ResStatus="{word}"'))

    assert (found.room_night_count, found.amount_minor) == (0, 0)


def test_decimal_places_inform_or_scale_as_the_partner_means_them() -> None:
    told = booking(stay(total('AmountAfterTax="15000" DecimalPlaces="2" CurrencyCode="EUR"')))

    assert room(told).total_minor == 1_500_000
    assert room(told, {"decimal_places": "scales"}).total_minor == 15_000
    written_out = booking(stay(total('AmountAfterTax="150.00" DecimalPlaces="2" CurrencyCode="EUR"')))
    assert room(written_out, {"decimal_places": "scales"}).total_minor == 15_000
    assert reason(
        booking(stay(total('AmountAfterTax="1" DecimalPlaces="99" CurrencyCode="EUR"'))), {"decimal_places": "scales"}
    )


def test_the_currency_is_that_of_whatever_is_nearest() -> None:
    rate = rates(("2026-05-01", "2026-05-03", "10"), base="")
    source = '<POS><Source ISOCurrency="USD"/></POS>'

    assert room(booking(stay(rate + total('AmountAfterTax="20" CurrencyCode="JPY"')))).currency == "JPY"
    assert room(booking(stay(rate), info=total('AmountAfterTax="20" CurrencyCode="THB"'))).currency == "THB"
    assert room(booking(stay(rate), number=source + '<UniqueID Type="14" ID="R1"/>')).currency == "USD"
    assert room(booking(stay(rate)), {"currency": "CHF"}).currency == "CHF"
    assert room(booking(stay(rate))).currency == "EUR"
    assert "currency_of_property" in incoming(booking(stay(rate))).warnings
    assert incoming(booking(stay(rate)), {"currency": "CHF"}).warnings == ()


def test_rooms_may_be_sold_in_two_currencies_but_not_the_nights_of_one() -> None:
    usd = stay(total('AmountAfterTax="20.00" CurrencyCode="USD"'))
    mixed = rates(("2026-05-01", "2026-05-02", "10")) + rates(
        ("2026-05-02", "2026-05-03", "10"), base='CurrencyCode="USD"'
    )

    found = read(booking(stay(), usd))

    assert [each.currency for each in found.rooms] == ["EUR", "USD"]
    assert found.total_minor is None
    assert reason(booking(stay(mixed.replace("</RoomRates><RoomRates>", "")))) == "currencies_differ"


def test_a_total_in_another_currency_than_the_nights_is_not_theirs() -> None:
    told = booking(
        stay(rates(("2026-05-01", "2026-05-03", "100.00")) + total('AmountAfterTax="220.00" CurrencyCode="USD"'))
    )

    assert (room(told).total_minor, room(told).currency) == (None, "EUR")
    assert "total_in_other_currency" in incoming(told).warnings


def test_the_total_of_the_booking_is_its_own_else_that_of_its_rooms() -> None:
    own = read(booking(stay(), info=total('AmountBeforeTax="190.00" AmountAfterTax="210.00" CurrencyCode="EUR"')))
    rooms = read(booking(stay(), stay()))
    none = read(booking(stay(rates(("2026-05-01", "2026-05-03", "100.00")))))

    assert (own.total_minor, own.tax_minor, own.is_tax_included) == (21_000, 2_000, True)
    assert rooms.total_minor == 40_000
    assert (none.total_minor, none.currency) == (None, "EUR")


def test_only_a_total_of_the_booking_is_shared_over_its_room_nights() -> None:
    long = '<TimeSpan Start="2026-05-01" End="2026-05-05"/>'

    found = read(booking(stay(""), stay("", span=long), info=total('AmountAfterTax="600.01" CurrencyCode="EUR"')))

    assert [each.total_minor for each in found.rooms] == [20_000, 40_001]
    assert found.total_minor == 60_001


@given(
    st.sampled_from(("EUR", "JPY", "BHD")),
    st.integers(0, 10**9),
    st.integers(1, 5),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_whatever_is_spread_adds_up_again(currency: str, minor: int, units: int, lengths: list[int]) -> None:
    amount = Decimal(minor).scaleb(-exponent(currency))
    stays = [
        stay("", span=f'<TimeSpan Start="2026-05-01" Duration="P{nights}D"/>').replace(
            "<RoomType ", f'<RoomType NumberOfUnits="{units}" '
        )
        for nights in lengths
    ]

    found = read(booking(*stays, info=total(f'AmountAfterTax="{amount}" CurrencyCode="{currency}"')))

    assert sum(sum(prices(each)) for each in found.rooms) == minor == found.total_minor
    assert sum(each.total_minor or 0 for each in found.rooms) == minor
    assert len(found.rooms) == units * len(lengths)


def test_a_room_keeps_the_total_it_was_told() -> None:
    found = room(booking(stay(rates(("2026-05-01", "2026-05-03", "100.00")) + TOTAL)))

    assert (found.total_minor, prices(found)) == (20_000, [10_000, 10_000])

"""Money is exact, or it is refused."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.money import (
    InexactAmountError,
    Money,
    UnknownCurrencyError,
    exponent,
    is_currency,
    rounded,
    split,
    split_evenly,
    to_minor,
)

MINOR = st.integers(-(10**15), 10**15)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "BHD", "CLF", "UGX"])


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_a_provider_may_count_otherwise_and_its_report_before_all() -> None:
    overrides = {("adyen", "*", "CLP"): 2, ("adyen", "payout", "CLP"): 0}

    assert exponent("CLP", provider="adyen", overrides=overrides) == 2
    assert exponent("CLP", provider="adyen", report="payout", overrides=overrides) == 0
    assert exponent("CLP", provider="stripe", overrides=overrides) == 0


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "XAU", "QQQ", None])
def test_metals_test_codes_and_made_up_codes_are_no_currencies(code: Any) -> None:
    assert not is_currency(code)
    with pytest.raises(UnknownCurrencyError, match="value map"):
        exponent(code)


@given(MINOR, CURRENCIES)
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(str(money.decimal()), currency) == money
    assert Money.parse(money.decimal(), currency) == money


@given(MINOR, st.integers(0, 4), st.integers(0, 6))
def test_trailing_zeros_do_not_matter_and_other_digits_are_refused(minor: int, decimals: int, zeros: int) -> None:
    text = f"{Decimal(minor).scaleb(-decimals):f}"
    padded = text + ("" if "." in text else ".") + "0" * zeros

    assert to_minor(padded, decimals) == minor
    with pytest.raises(InexactAmountError):
        to_minor(padded + "1" + "0" * zeros, decimals)


@pytest.mark.parametrize(
    ("text", "minor"), [("-6.38", -638), ("2500.0000", 250000), ("1E+3", 100000), ("-0.00", 0), (7, 700)]
)
def test_amounts_as_sources_write_them(text: str | int, minor: int) -> None:
    assert to_minor(text, 2) == minor


@pytest.mark.parametrize("text", ["", "12,50", "1.2.3", "NaN", "Infinity", "-", "EUR 5", "1e400", "9" * 30])
def test_what_is_no_amount_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_minor(text, 2)


def test_a_float_is_never_money() -> None:
    with pytest.raises(TypeError, match="never float"):
        to_minor(1.5, 2)  # type: ignore[arg-type]  # what mypy refuses is refused at run time too


def test_two_currencies_do_not_add() -> None:
    assert Money(1, "EUR").plus(Money(2, "EUR")) == Money(3, "EUR")
    with pytest.raises(ValueError, match="convert"):
        Money(1, "EUR").plus(Money(2, "JPY"))


@pytest.mark.parametrize(
    ("money", "shown"),
    [(Money(2695856, "EUR"), "26,958.56 EUR"), (Money(-5, "JPY"), "-5 JPY"), (Money(1, "KWD"), "0.001 KWD")],
)
def test_an_amount_is_shown_with_all_its_decimals(money: Money, shown: str) -> None:
    assert money.display() == shown


@given(MINOR, st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any))
def test_a_split_adds_up_again_and_no_part_is_off_by_a_whole_unit(total: int, weights: list[int]) -> None:
    parts = split(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(MINOR, st.integers(1, 60))
def test_equal_parts_differ_by_one_unit_at_most(total: int, count: int) -> None:
    parts = split_evenly(total, count)

    assert sum(parts) == total
    assert max(parts) - min(parts) <= 1


def test_nothing_is_split_over_nobody_and_weights_are_not_negative() -> None:
    assert split(0, []) == []
    for total, weights in ((1, []), (1, [0, 0]), (1, [2, -1])):
        with pytest.raises(ValueError, match="weights"):
            split(total, weights)


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [(Fraction(1, 8), 2, "0.12"), (Fraction(3, 8), 2, "0.38"), (Decimal("2.5"), 0, "2"), (Fraction(-1, 3), 2, "-0.33")],
)
def test_a_quotient_is_rounded_once_half_to_even(value: Fraction | Decimal, places: int, shown: str) -> None:
    assert str(rounded(value, places)) == shown

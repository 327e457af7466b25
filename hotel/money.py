"""Money as integer minor units with an ISO 4217 currency. Never a float, never `* 100`."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, NamedTuple

from iso4217 import Currency

MAX_MINOR: Final = 2**63 - 1

# (provider, report type, currency) -> exponent, where a provider departs from ISO 4217.
# `*` as report type means every report of that provider.
ProviderExponents = Mapping[tuple[str, str, str], int]


class UnknownCurrencyError(ValueError):
    """The code is not an ISO 4217 currency. Map it before the amount is read."""


class InexactAmountError(ValueError):
    """The amount has more non-zero decimals than its currency. Quarantine the row, never round on the way in."""


def _exponents() -> dict[str, int]:
    # Codes without an exponent are metals, bond units and test codes: nobody sells a room in them.
    return {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


_ISO_EXPONENTS: Final = _exponents()
CURRENCIES: Final = frozenset(_ISO_EXPONENTS)


def is_currency(code: str | None) -> bool:
    """Tell whether a code is an ISO 4217 currency (upper case, three letters)."""
    return code in _ISO_EXPONENTS


def exponent(
    currency: str, *, provider: str = "", report: str = "*", overrides: ProviderExponents | None = None
) -> int:
    """Give the number of decimals of a currency, as this provider's report counts them.

    Raises UnknownCurrencyError where neither an override nor ISO 4217 knows the code.
    """
    for key in ((provider, report, currency), (provider, "*", currency)):
        if overrides and key in overrides:
            return overrides[key]
    try:
        return _ISO_EXPONENTS[currency]
    except KeyError:
        msg = f"{currency!r} is not an ISO 4217 currency: add it to the source's value map"
        raise UnknownCurrencyError(msg) from None


def to_minor(amount: str | int | Decimal, decimals: int) -> int:
    """Turn an amount in major units into minor units, exactly.

    Trailing zeros beyond the exponent are allowed (`2500.0000` THB); other digits raise InexactAmountError.
    Text that is no number raises ValueError, a float raises TypeError.
    """
    if isinstance(amount, float):
        msg = "an amount must be text, int or Decimal, never float: pass the text the source sent"
        raise TypeError(msg)
    try:
        value = Decimal(amount)
    except InvalidOperation:
        msg = "not an amount: expected digits, an optional sign and one decimal point"
        raise ValueError(msg) from None
    if not value.is_finite():
        msg = "not an amount: it is not finite"
        raise ValueError(msg)
    sign, digits, places = value.as_tuple()
    shift = int(places) + decimals
    if shift >= 0:
        whole = int("".join(map(str, digits)) or "0") * int(10 ** min(shift, 40))
    else:
        text = "".join(map(str, digits)).rjust(-shift + 1, "0")
        if text[shift:].strip("0"):
            msg = f"more than {decimals} decimals: state the provider's exponent or quarantine the row"
            raise InexactAmountError(msg)
        whole = int(text[:shift])
    if whole > MAX_MINOR:
        msg = "not an amount: larger than 64-bit minor units can hold"
        raise ValueError(msg)
    return -whole if sign else whole


class Money(NamedTuple):
    """An exact amount: minor units and their ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read an amount in major units in its currency's own exponent."""
        return cls(to_minor(amount, exponent(currency)), currency)

    def plus(self, other: "Money") -> "Money":
        """Add two amounts of one currency; ValueError for two currencies (convert first)."""
        if other.currency != self.currency:
            msg = f"cannot add {other.currency} to {self.currency}: convert at a stated rate first"
            raise ValueError(msg)
        return Money(self.minor + other.minor, self.currency)

    def decimal(self) -> Decimal:
        """Give the amount in major units, exact, with all its decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def display(self) -> str:
        """Show the amount with thousands separators and its currency: `26,958.56 EUR`."""
        return f"{self.decimal():,} {self.currency}"


def split(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide minor units over weights so that the parts add up again (largest remainder, ties to the first).

    Weights are non-negative and not all zero, else ValueError. An empty sequence gives an empty list for zero only.
    """
    weight_sum = sum(weights)
    if any(weight < 0 for weight in weights) or (weight_sum == 0 and (weights or total_minor)):
        msg = "weights must be non-negative and not all zero"
        raise ValueError(msg)
    sign = -1 if total_minor < 0 else 1
    quotas = [divmod(abs(total_minor) * weight, weight_sum) for weight in weights]
    parts = [whole for whole, _ in quotas]
    missing = abs(total_minor) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-quotas[i][1], i))
    for i in by_remainder[:missing]:
        parts[i] += 1
    return [sign * part for part in parts]


def split_evenly(total_minor: int, count: int) -> list[int]:
    """Divide minor units over equal parts so that they add up again; the first parts take the remainder."""
    return split(total_minor, [1] * count)


def rounded(value: Fraction | Decimal, places: int) -> Decimal:
    """Round half-even once, for display. The policy of every figure that is a quotient (ADR, RevPAR, rates)."""
    if isinstance(value, Fraction):
        scaled = value * 10**places
        return Decimal(round(scaled)).scaleb(-places)
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)

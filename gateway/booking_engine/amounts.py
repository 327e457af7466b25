"""Amounts as callers write them, and minor units as the house keeps them; never a float on the way."""

from decimal import Decimal

from gateway.booking_engine.problems import malformed
from hotel.money import InexactAmountError, Money, exponent, is_currency, to_minor


def shown(minor: int, currency: str) -> str:
    """Write minor units as decimal text with all the decimals of the currency: `240.00`, `24000`."""
    return str(Money(minor, currency).decimal())


def shown_or_none(minor: int | None, currency: str | None) -> str | None:
    """Write an amount that may not be known."""
    return None if minor is None or currency is None else shown(minor, currency)


def read(amount: str, currency: str, field: str) -> int:
    """Read the text of a `shapes.Amount` exactly; raises ProblemError 422 where the currency is none or has fewer decimals."""
    if not is_currency(currency):
        raise malformed(field="currency", problem="is no currency of ISO 4217")
    try:
        return to_minor(Decimal(amount), exponent(currency))
    except InexactAmountError:
        raise malformed(field=field, problem=f"has more decimals than {currency}") from None

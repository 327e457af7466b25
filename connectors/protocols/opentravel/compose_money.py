"""Amounts with their tax: what is inside, what comes on top, and which taxes they are."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.protocols.opentravel.compose_xml import Element, add, amount
from connectors.protocols.opentravel.words import CHARGES
from hotel.reservations import NightTax

# The first of several codes for one charge is the one we write.
_CODES: Final[Mapping[str, str]] = MappingProxyType({charge: code for code, charge in reversed(tuple(CHARGES.items()))})
_TYPES: Final = {True: "Inclusive", False: "Exclusive", None: None}


def add_amount(
    parent: Element,
    name: str,
    price_minor: int,
    currency: str,
    *,
    is_tax_included: bool | None = None,
    tax_minor: int | None = None,
    taxes: Iterable[NightTax] = (),
) -> Element:
    """Append a price: after tax where tax is inside or nobody says, else before tax; with the tax where it is known."""
    written: dict[str, object] = {}
    if is_tax_included is False:
        written["AmountBeforeTax"] = amount(price_minor, currency)
    elif tax_minor is not None and is_tax_included:
        written["AmountBeforeTax"] = amount(price_minor - tax_minor, currency)
    if is_tax_included is not False:
        written["AmountAfterTax"] = amount(price_minor, currency)
    element = add(parent, name, **written, CurrencyCode=currency)
    _add_taxes(element, None if is_tax_included else tax_minor, currency, tuple(taxes))
    return element


def _add_taxes(parent: Element, tax_minor: int | None, currency: str, taxes: tuple[NightTax, ...]) -> None:
    if tax_minor is None and not taxes:
        return
    told = {} if tax_minor is None else {"Amount": amount(tax_minor, currency), "CurrencyCode": currency}
    held = add(parent, "Taxes", **told)
    for tax in taxes:
        _add_tax(held, tax)


def _add_tax(parent: Element, tax: NightTax) -> None:
    code = _CODES.get(tax.tax_code)
    element = add(
        parent,
        "Tax",
        Type=_TYPES[tax.is_included],
        Code=code,
        Amount=amount(tax.amount_minor, tax.currency),
        CurrencyCode=tax.currency,
        # Beside a percentage an amount of nothing would be taken for one that is not told.
        Percent=percent(tax.tax_rate) if tax.amount_minor else None,
    )
    if code is None:
        add(add(element, "TaxDescription"), "Text", tax.tax_code)


def percent(rate: Decimal | None) -> Decimal | None:
    """Turn a rate of 0 to 1 into per cent."""
    return None if rate is None else rate * 100

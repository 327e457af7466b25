"""Amounts as OpenTravel tells them: before tax, after tax, both or neither, with their taxes, in a stated currency."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.values import amount, count
from connectors.protocols.opentravel.words import CHARGES, PASS_THROUGH
from connectors.protocols.safe_xml import child, text, told
from connectors.reading import RefuseError, decimals_of, minor
from hotel.money import rounded, split_evenly
from hotel.reservations import NightTax

Element = Any  # lxml has no types of its own

AMOUNTS: Final = ("AmountAfterTax", "AmountBeforeTax", "Amount")
_MOST_DECIMALS: Final = 8


class Terms(NamedTuple):
    """How amounts are meant: their currency where they name none, tax where they do not say, whole or with a point."""

    currency: str
    is_tax_included: bool | None = None
    is_scaled: bool = False


class Price(NamedTuple):
    """An amount in minor units; `is_tax_included` and `tax_minor` None: not told. `taxes` are its parts and what is on top."""

    minor: int
    currency: str
    is_tax_included: bool | None = None
    tax_minor: int | None = None
    taxes: tuple[NightTax, ...] = ()


def currency_of(*elements: Element | None) -> str | None:
    """Give the first currency that one of the elements names."""
    return next((found for element in elements if (found := told(element, "CurrencyCode"))), None)


def price(element: Element | None, terms: Terms, column: str) -> Price | None:
    """Read a Base, a Total or whatever bears amounts; None where it has none. Refuses what is not exact.

    Both amounts: the one after tax counts, the difference is the tax. One: the other follows from told taxes or is not known.
    """
    if element is None:
        return None
    currency = currency_of(element) or terms.currency
    before = minor_of(element, "AmountBeforeTax", terms, currency, column)
    after = minor_of(element, "AmountAfterTax", terms, currency, column)
    if after is not None:
        parts = taxes(element, terms, currency, after, is_included=True)
        tax = after - before if before is not None else _tax_of(element, terms, currency, parts, is_inside=True)
        return Price(after, currency, True, tax, parts)  # noqa: FBT003
    plain = before if before is not None else minor_of(element, "Amount", terms, currency, column)
    if plain is None:
        return None
    is_included = terms.is_tax_included if before is None else False
    parts = taxes(element, terms, currency, plain, is_included=is_included)
    tax = _tax_of(element, terms, currency, parts, is_inside=bool(is_included))
    return Price(plain, currency, is_included, tax, parts)


def minor_of(element: Element | None, name: str, terms: Terms, currency: str, column: str) -> int | None:
    """Read one attribute in minor units of a currency, exactly."""
    said = told(element, name)
    if said is None:
        return None
    value = amount(said, f"{column}@{name}")
    # An amount with a point is written out already, whatever stands beside it.
    places = count(told(element, "DecimalPlaces"), "DecimalPlaces") if terms.is_scaled and "." not in said else None
    if value is not None and places:
        if places > _MOST_DECIMALS:
            code = "unreadable"
            raise RefuseError(code, "DecimalPlaces", places)
        value = value.scaleb(-places)
    return minor(value, decimals_of(currency), f"{column}@{name}")


def taxes(
    element: Element, terms: Terms, currency: str, base_minor: int, *, is_included: bool | None
) -> tuple[NightTax, ...]:
    """Read the single taxes of an amount; one without an amount is its percentage of the base, rounded half-even."""
    return tuple(_each_tax(element, terms, currency, base_minor, is_included=is_included))


def fee(element: Element, terms: Terms, *, is_included: bool | None) -> NightTax | None:
    """Read one Fee or Tax; None where it tells neither an amount nor a percentage of a known base."""
    return _charge(element, terms, currency_of(element) or terms.currency, None, is_included=is_included)


def spread(each: NightTax, night_count: int) -> list[NightTax]:
    """Part a stay's tax over its nights so that it adds up again."""
    return [each._replace(amount_minor=part) for part in split_evenly(each.amount_minor, night_count)]


def told_apart(taxes: Iterable[NightTax]) -> tuple[NightTax, ...]:
    """Give each tax of a night a code of its own: what comes again under one code is numbered (`vat`, `vat_2`)."""
    found: dict[str, NightTax] = {}
    times = Counter[str]()
    for tax in taxes:
        code = tax.tax_code
        times[code] += 1
        while code in found:
            code = f"{tax.tax_code}_{times[tax.tax_code]}"
            times[tax.tax_code] += code in found
        found[code] = tax._replace(tax_code=code)
    return tuple(found.values())


def charge_code(element: Element) -> str:
    """Give our word for a fee or tax: by its code in the standard's list, else its own code, else its description."""
    code = told(element, "Code")
    if code:
        return CHARGES.get(code, code)
    words = text(child(element, "TaxDescription")) or text(child(element, "Description"))
    return "_".join((words or "tax").lower().split())[:60]


def _each_tax(
    element: Element, terms: Terms, currency: str, base_minor: int, *, is_included: bool | None
) -> Iterator[NightTax]:
    for each in elements("Taxes/Tax", element):
        found = _charge(each, terms, currency_of(each) or currency, base_minor, is_included=is_included)
        if found is not None:
            yield found


def _charge(
    element: Element, terms: Terms, currency: str, base_minor: int | None, *, is_included: bool | None
) -> NightTax | None:
    percent = amount(told(element, "Percent"), "Tax@Percent")
    stated = {"Inclusive": True, "Exclusive": False}.get(told(element, "Type") or "", is_included)
    value = minor_of(element, "Amount", terms, currency, "Tax")
    # The standard has one of the two at zero.
    if not value and percent and base_minor is not None:
        value = _share(base_minor, percent, is_inside=bool(stated))
    if value is None:
        return None
    code = charge_code(element)
    rate = percent / 100 if percent else None
    base = base_minor if rate is not None else None
    return NightTax(code, stated, value, currency, base, rate, code in PASS_THROUGH)


def _share(base_minor: int, percent: Decimal, *, is_inside: bool) -> int:
    rate = Fraction(percent) / 100
    return int(rounded(base_minor * rate / (1 + rate if is_inside else 1), 0))


def _tax_of(element: Element, terms: Terms, currency: str, parts: Sequence[NightTax], *, is_inside: bool) -> int | None:
    """Give the tax of an amount: as its Taxes total it, else what its single taxes add up to, inside it or on top of it."""
    holder = child(element, "Taxes")
    if (currency_of(holder) or currency).upper() == currency:
        whole = minor_of(holder, "Amount", terms, currency, "Taxes")
        if whole is not None:
            return whole
    alike = [part for part in parts if part.currency == currency]
    if len(alike) != len(parts) or not parts:
        return None  # a tax in another currency is told by itself
    return sum(part.amount_minor for part in parts if part.is_included in {None, is_inside})

"""What a room costs each night: told by its rates, or a total spread so that it adds up again."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.money import AMOUNTS, Price, Terms, fee, price, spread
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.stays import Range, Stay, nights_of_ranges, nights_of_stay, one_night, range_of
from connectors.protocols.opentravel.values import flag
from connectors.protocols.safe_xml import child, told
from connectors.reading import RefuseError
from hotel.money import split_evenly

Element = Any  # lxml has no types of its own

# Charge Type: per stay, per room per stay, per reservation.
_STAY_CHARGES: Final = frozenset({"12", "18", "26"})
# Charge Type: per person, per person per stay, per person per night.
_PERSON_CHARGES: Final = frozenset({"7", "20", "21"})
_WEEK: Final = 7


class Nightly(NamedTuple):
    """One night's price. `rate` is where it stands, None where it was spread from a total."""

    stay_on: date
    price: Price
    is_derived: bool = False
    rate: "Rate | None" = None


class Rate(NamedTuple):
    """One rate with the RoomRate it stands in, and the dates it is for. `rate` is the RoomRate where it has none inside."""

    rate: Element
    room_rate: Element
    range: Range


def rates_of(room_rates: Sequence[Element], dialect: Dialect) -> list[Rate]:
    """List the rates of a room; those in another currency than it was sold in are left out."""
    rates = [rate for room_rate in room_rates for rate in _rates(room_rate)]
    return (
        [rate._replace(range=one_night(rate.range)) for rate in rates]
        if dialect.expire_absent == "one_night"
        else rates
    )


def told_nights(rates: Sequence[Rate], stay: Stay, terms: Terms, dialect: Dialect) -> list[Nightly]:
    """Give the nights that rates price, in order of date; those without a told price are missing."""
    if not rates or stay.night_count <= 0:
        return []
    by_rate = nights_of_ranges([rate.range for rate in rates], stay, dialect)
    if by_rate is None:
        return []
    nights = [
        Nightly(stay_on, amount, is_derived, rate)
        for rate, dates in zip(rates, by_rate, strict=True)
        for stay_on, (amount, is_derived) in zip(dates, _prices(rate.rate, len(dates), terms, dialect), strict=False)
    ]
    return sorted(nights, key=lambda night: night.stay_on)


def completed(nights: Sequence[Nightly], stay: Stay, total: Price | None) -> list[Nightly]:
    """Add the nights that no rate prices: they share what the told ones leave of the room's total. Refuses if nothing is left."""
    known = {night.stay_on for night in nights}
    missing = [stay_on for stay_on in nights_of_stay(stay) if stay_on not in known]
    if not missing:
        return list(nights)
    if total is None or (nights and any(night.price.currency != total.currency for night in nights)):
        code = "nights_missing" if nights else "price_missing"
        raise RefuseError(code, "RoomRates")
    left = total._replace(
        minor=total.minor - sum(night.price.minor for night in nights),
        tax_minor=None if nights else total.tax_minor,
        taxes=() if nights else total.taxes,
    )
    if nights and left.minor < 0:
        code = "nights_missing"
        raise RefuseError(code, "RoomRates")
    parts = zip(missing, _spread(left, len(missing)), strict=True)
    return sorted([*nights, *(Nightly(stay_on, part, is_derived=True) for stay_on, part in parts)], key=_date)


def why_unpriced(rates: Sequence[Rate]) -> str:
    """Say why rates price no night: they are of a person, they do not fit the stay, or they have no amount."""
    if any(_is_per_person(rate.rate) for rate in rates):
        return "price_per_person"
    return "rates_do_not_fit" if any(_has_amount(rate.rate) for rate in rates) else "price_missing"


def has_open_discount(rates: Sequence[Rate]) -> bool:
    """Tell whether a rate names a discount and no total that would show whether its price has it already."""
    return any(child(rate.rate, "Discount") is not None and child(rate.rate, "Total") is None for rate in rates)


def _date(night: Nightly) -> date:
    return night.stay_on


def _rates(room_rate: Element) -> Iterator[Rate]:
    main = [rate for rate in elements("Rates/Rate", room_rate) if not flag(told(rate, "AlternateCurrencyInd"))]
    if any(_has_amount(rate) for rate in main) or not _has_amount(room_rate):
        for rate in main or [room_rate]:
            yield Rate(rate, room_rate, range_of(rate, room_rate))
    else:
        # Only the RoomRate says what its dates cost.
        yield Rate(room_rate, room_rate, range_of(room_rate, *main[:1]))


def _has_amount(rate: Element) -> bool:
    return any(told(child(rate, holder), name) for holder in ("Base", "Total") for name in AMOUNTS)


def _prices(rate: Element, count: int, terms: Terms, dialect: Dialect) -> list[tuple[Price, bool]]:
    """Price the nights of a rate; each with whether it had to be derived. Empty: the rate has no price of a room."""
    if _is_per_person(rate) or count == 0:
        return []
    base, total = _unit(rate, terms), price(child(rate, "Total"), terms, "Rate/Total")
    fees = tuple(_fees(rate, terms))
    prices = _told(rate, base, total, count, dialect)
    return [(each._replace(taxes=each.taxes + fees), is_derived) for each, is_derived in prices]


def _told(
    rate: Element, base: Price | None, total: Price | None, count: int, dialect: Dialect
) -> list[tuple[Price, bool]]:
    is_for_all = _is_for_the_stay(rate)
    if total is None:
        return [] if base is None else _shared(base, count) if is_for_all else _repeated(base, rate, count)
    if base is None:
        return _shared(total, count) if is_for_all or dialect.rate_total == "range" else [(total, False)] * count
    both = _joined(base, total, rate)
    if count == 1 or _is_same(base, total):
        return _shared(both, count) if is_for_all else [(both, False)] * count
    if dialect.rate_total == "night":
        return [(both, False)] * count
    if _is_same(_times(base, count), total):
        return [(base, False)] * count
    return _shared(total, count)


def _unit(rate: Element, terms: Terms) -> Price | None:
    """Give the price of a night: the Base with what further guests cost."""
    base = price(child(rate, "Base"), terms, "Rate/Base")
    if base is None:
        return None
    more = [
        found
        for each in elements("AdditionalGuestAmounts/AdditionalGuestAmount", rate)
        if (found := price(child(each, "Amount"), terms, "AdditionalGuestAmount")) is not None
    ]
    for each in more:
        if (each.currency, each.is_tax_included) != (base.currency, base.is_tax_included):
            code = "amounts_not_alike"
            raise RefuseError(code, "AdditionalGuestAmount")
        base = base._replace(minor=base.minor + each.minor, tax_minor=_sum(base.tax_minor, each.tax_minor))
    return base


def _joined(base: Price, total: Price, rate: Element) -> Price:
    """Say of the total what only the base tells: how much of it is tax."""
    if total.tax_minor is not None or total.currency != base.currency:
        return total
    tax = base.tax_minor
    if tax is None and total.is_tax_included and base.is_tax_included is False and child(rate, "Fees") is None:
        tax = total.minor - base.minor
    taxes = total.taxes or tuple(each._replace(is_included=total.is_tax_included) for each in base.taxes)
    return total._replace(tax_minor=tax, taxes=taxes)


def _is_same(base: Price, total: Price) -> bool:
    if base.currency != total.currency:
        return False
    with_tax = base.minor + (base.tax_minor or 0) if base.is_tax_included is False else base.minor
    return total.minor in {base.minor, with_tax}


def _times(base: Price, count: int) -> Price:
    return base._replace(minor=base.minor * count, tax_minor=None if base.tax_minor is None else base.tax_minor * count)


def _repeated(base: Price, rate: Element, count: int) -> list[tuple[Price, bool]]:
    if told(rate, "RateTimeUnit") == "Week" and count % _WEEK == 0:
        return _shared(_times(base, count // _WEEK), count)
    return [(base, False)] * count


def _shared(whole: Price, count: int) -> list[tuple[Price, bool]]:
    return [(part, count > 1) for part in _spread(whole, count)]


def _spread(whole: Price, count: int) -> list[Price]:
    """Part an amount with its taxes over nights so that each adds up again."""
    if count == 1:
        return [whole]
    parts = split_evenly(whole.minor, count)
    tax_parts = split_evenly(whole.tax_minor, count) if whole.tax_minor is not None else [None] * count
    single = [spread(each, count) for each in whole.taxes]
    return [
        whole._replace(minor=part, tax_minor=tax, taxes=tuple(each[n] for each in single))
        for n, (part, tax) in enumerate(zip(parts, tax_parts, strict=True))
    ]


def _fees(rate: Element, terms: Terms) -> Iterator[Any]:
    for each in elements("Fees/Fee", rate):
        found = fee(each, terms, is_included=None)
        if found is not None:
            yield found


def _is_for_the_stay(rate: Element) -> bool:
    charges = {told(rate, "ChargeType"), told(child(rate, "Base"), "Type")}
    pricing = told(rate, "RoomPricingType")
    return pricing == "Per stay" or told(rate, "RateTimeUnit") == "FullDuration" or bool(charges & _STAY_CHARGES)


def _is_per_person(rate: Element) -> bool:
    charges = {told(rate, "ChargeType"), told(child(rate, "Base"), "Type")}
    return (told(rate, "RoomPricingType") or "").startswith("Per person") or bool(charges & _PERSON_CHARGES)


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second

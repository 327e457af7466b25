"""The rooms of a RoomStay with their dates and prices: as many as it holds, all nights priced, adding up to what it says."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from connectors.protocols.opentravel.lanes import Lane, lanes_of
from connectors.protocols.opentravel.money import AMOUNTS, Price, Terms, currency_of, price
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.rates import Nightly, completed, has_open_discount, told_nights, why_unpriced
from connectors.protocols.opentravel.scene import Scene
from connectors.protocols.opentravel.stays import Stay, checked, stay_of, stay_of_ranges
from connectors.protocols.safe_xml import child, told
from connectors.reading import RefuseError
from hotel.money import split

Element = Any  # lxml has no types of its own

# Everything in a RoomStay that may bear a price, in the order in which it names the room's currency.
_PRICED = (
    "Total",
    "RoomRates/RoomRate/Rates/Rate/Base",
    "RoomRates/RoomRate/Rates/Rate/Total",
    "RoomRates/RoomRate/Total",
)


class Offer(NamedTuple):
    """One lane with its stay, and its nights for one room; `total` of one room where it is told."""

    lane: Lane
    stay: Stay
    nights: tuple[Nightly, ...]
    total: Price | None


def offers_of(scene: Scene, room_stay: Element, share: Price | None) -> list[Offer]:
    """Give one offer per room; `share` is the RoomStay's part of the booking's total, where it has no price of its own."""
    terms = scene.terms._replace(currency=currency_in(room_stay) or scene.terms.currency)
    stated = price(child(room_stay, "Total"), terms, "RoomStay/Total")
    offers = [_offer(scene, room_stay, lane, terms) for lane in lanes_of(room_stay, scene.dialect)]
    return _priced(scene, offers, stated or share)


def currency_in(room_stay: Element) -> str | None:
    """Give the currency that a RoomStay names first."""
    priced = (each for path in _PRICED for each in elements(path, room_stay))
    return next((found for each in priced if (found := currency_of(each))), None)


def has_price(room_stay: Element) -> bool:
    """Tell whether a RoomStay says anything of its price."""
    return any(told(each, name) for path in _PRICED for each in elements(path, room_stay) for name in AMOUNTS)


def night_count_of(scene: Scene, room_stay: Element) -> int:
    """Count the room nights of a RoomStay: by them a total of the booking is shared out."""
    lanes = lanes_of(room_stay, scene.dialect)
    return sum(max(_stay(scene, room_stay, lane).night_count, 1) * lane.units for lane in lanes)


def _stay(scene: Scene, room_stay: Element, lane: Lane) -> Stay:
    stay = stay_of(room_stay) or scene.stay or stay_of_ranges([rate.range for rate in lane.rates], scene.dialect)
    if stay is None:
        code = "stay_dates_missing"
        raise RefuseError(code, "TimeSpan")
    return checked(stay)


def _offer(scene: Scene, room_stay: Element, lane: Lane, terms: Terms) -> Offer:
    stay = _stay(scene, room_stay, lane)
    nights = told_nights(lane.rates, stay, terms, scene.dialect)
    if has_open_discount(lane.rates) and child(room_stay, "Total") is None:
        scene.reading.warn("discount_unclear")
    total = price(child(lane.room_rates[0], "Total"), terms, "RoomRate/Total") if len(lane.room_rates) == 1 else None
    return Offer(lane, stay, tuple(nights), total)


def _priced(scene: Scene, offers: Sequence[Offer], stated: Price | None) -> list[Offer]:
    """Give one offer per room, all nights priced, from what their rates say and what the RoomStay's total leaves open."""
    units = [
        _one_unit(offer, stated if len(offers) == 1 else None) for offer in offers for _ in range(offer.lane.units)
    ]
    totals = _totals(units, stated)
    return [_complete(scene, offer, total) for offer, total in zip(units, totals, strict=True)]


def _one_unit(offer: Offer, stated: Price | None) -> Offer:
    """Part the prices of several units where they are told for all of them together, as the total shows."""
    units, whole = offer.lane.units, offer.total or stated
    if units == 1 or whole is None:
        return offer
    once = sum(night.price.minor for night in offer.nights)
    if offer.nights and once == whole.minor and once:
        nights = tuple(night._replace(price=_part(night.price, units), is_derived=True) for night in offer.nights)
        return offer._replace(nights=nights, total=None)
    return offer._replace(total=None if once * units == whole.minor or not offer.total else _part(offer.total, units))


def _totals(units: Sequence[Offer], stated: Price | None) -> list[Price | None]:
    """Give each room's total: its own, or its share of the RoomStay's by what its nights cost."""
    if len(units) == 1:
        return [stated or units[0].total]
    sums = [sum(night.price.minor for night in offer.nights) for offer in units]
    if stated is None:
        return [offer.total for offer in units]
    is_priced = sum(sums) > 0 and all(offer.nights for offer in units)
    weights = sums if is_priced and min(sums) >= 0 else [max(offer.stay.night_count, 1) for offer in units]
    tax = split(stated.tax_minor, weights) if stated.tax_minor is not None else [None] * len(units)
    return [
        stated._replace(minor=part, tax_minor=tax_part, taxes=())
        for part, tax_part in zip(split(stated.minor, weights), tax, strict=True)
    ]


def _complete(scene: Scene, offer: Offer, total: Price | None) -> Offer:
    if offer.stay.night_count <= 0:
        return offer._replace(nights=(), total=total)
    if total is None and not offer.nights:
        if scene.dialect.price_absent == "zero":
            total = Price(0, scene.terms.currency)
            scene.reading.warn("price_missing")
        else:
            raise RefuseError(why_unpriced(offer.lane.rates), "RoomRates")
    return offer._replace(nights=tuple(completed(offer.nights, offer.stay, total)), total=total)


def _part(whole: Price, units: int) -> Price:
    """Give the first of equal parts; a remainder that does not divide refuses the row: no room is dearer than its twin."""
    if whole.minor % units:
        code = "units_do_not_divide"
        raise RefuseError(code, "NumberOfUnits", units)
    tax = whole.tax_minor // units if whole.tax_minor is not None and whole.tax_minor % units == 0 else None
    return whole._replace(minor=whole.minor // units, tax_minor=tax, taxes=())

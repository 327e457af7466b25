"""A RoomStay into rooms of ours with their nights, as many as it holds, under codes of the house."""

from collections.abc import Sequence
from typing import Any, Final

from connectors.protocols.opentravel.lanes import code_of
from connectors.protocols.opentravel.money import Price, told_apart
from connectors.protocols.opentravel.occupancy import populated
from connectors.protocols.opentravel.offers import Offer, offers_of
from connectors.protocols.opentravel.places import first_told
from connectors.protocols.opentravel.rates import Nightly
from connectors.protocols.opentravel.scene import Scene
from connectors.protocols.opentravel.values import flag
from connectors.protocols.opentravel.words import STATUS_OF, status_word
from connectors.protocols.safe_xml import child, told
from connectors.reading import RefuseError
from hotel.reservations import Night, Room
from hotel.status import UNMAPPED_CODE, use_of_night

Element = Any  # lxml has no types of its own

_MEALS: Final = {1: "breakfast", 2: "half_board", 3: "full_board"}


def rooms_of(scene: Scene, room_stay: Element, ref: str, share: Price | None) -> list[Room]:
    """Make the rooms of a RoomStay; `share` is its part of the booking's total, for a RoomStay without any price."""
    offers = offers_of(scene, room_stay, share)
    refs = [f"{ref}-{n}" for n in range(1, len(offers) + 1)] if len(offers) > 1 else [ref]
    rooms = [_room(scene, room_stay, offer, each) for offer, each in zip(offers, refs, strict=True)]
    return populated(scene, room_stay, offers, rooms)


def room_refs(scene: Scene, room_stays: Sequence[Element]) -> list[str]:
    """Name each RoomStay: by what names it for ever, else by its position; a name that comes twice names nothing."""
    named = [first_told(scene.dialect.room_refs, room_stay) for room_stay in room_stays]
    if None not in named and len(set(named)) == len(named):
        return [str(name) for name in named]
    if any(named):
        scene.reading.warn("room_refs_not_unique")
    return [str(position) for position in range(1, len(room_stays) + 1)]


def _room(scene: Scene, room_stay: Element, offer: Offer, ref: str) -> Room:
    lane, nights = offer.lane, offer.nights
    raw_room = code_of(scene.dialect.room_types, *lane.room_rates, lane.room_type)
    raw_plan = code_of(scene.dialect.rate_plans, *lane.room_rates, lane.rate_plan)
    room_type = _room_type(scene, raw_room)
    plan = scene.reading.code(scene.house, "rate_plan", raw_plan)
    currencies = {night.price.currency for night in nights}
    if len(currencies) > 1:
        code = "currencies_differ"
        raise RefuseError(code, "Rate/Base@CurrencyCode")
    total = offer.total
    currency = currencies.pop() if currencies else (total.currency if total else scene.terms.currency)
    if total is not None and total.currency != currency:
        scene.reading.warn("total_in_other_currency")
        total = None
    return Room(
        room_ref=ref,
        status=_status(scene, room_stay),
        room_type_code=room_type,
        arrival_on=offer.stay.arrival_on,
        departure_on=offer.stay.departure_on,
        currency=currency,
        total_minor=total.minor if total else None,
        nights=tuple(_night(scene, room_stay, night, room_type, plan) for night in nights),
        rate_plan_code=plan,
        meal_plan_code=scene.reading.code(scene.house, "meal_plan", _meals(lane.rate_plan)),
        is_day_use=offer.stay.night_count == 0,
        tax_minor=total.tax_minor if total else None,
        is_tax_included=total.is_tax_included if total else None,
        promotion_code=told(room_stay, "PromotionCode"),
        raw_room_code=raw_room,
        raw_rate_code=raw_plan,
    )


def _night(scene: Scene, room_stay: Element, night: Nightly, room_type: str, plan: str | None) -> Night:
    room_rate = night.rate.room_rate if night.rate else None
    own_type, own_plan = code_of(scene.dialect.room_types, room_rate), code_of(scene.dialect.rate_plans, room_rate)
    room_type = _room_type(scene, own_type) if own_type else room_type
    plan = scene.reading.code(scene.house, "rate_plan", own_plan) if own_plan else plan
    told_price = night.price
    return Night(
        stay_on=night.stay_on,
        use=use_of_night(price_minor=told_price.minor, zero_price_use=scene.house.zero_price_use),
        room_type_code=room_type,
        rate_plan_code=plan,
        currency=told_price.currency,
        price_minor=told_price.minor,
        is_tax_included=told_price.is_tax_included,
        tax_minor=told_price.tax_minor,
        is_price_derived=night.is_derived,
        promotion_code=told(room_rate, "PromotionCode") or told(room_stay, "PromotionCode"),
        taxes=told_apart(told_price.taxes),
    )


def _status(scene: Scene, room_stay: Element) -> str:
    word = told(room_stay, "RoomStayStatus")
    if word is None:
        return scene.status
    meaning = scene.dialect.statuses.get(status_word(word))
    if meaning is None:
        code = "status_unknown"
        raise RefuseError(code, "RoomStay@RoomStayStatus", word)
    return STATUS_OF.get(meaning, meaning)


def _room_type(scene: Scene, ref: str | None) -> str:
    if ref is None:
        scene.reading.warn("room_type_missing")
    return scene.reading.code(scene.house, "room_type", ref) or UNMAPPED_CODE


def _meals(rate_plan: Element | None) -> str | None:
    """Give the meals of a rate plan as one code: the standard's number, else by the meals it names."""
    meals = child(rate_plan, "MealsIncluded")
    codes = told(meals, "MealPlanCodes")
    if codes:
        return codes.split()[0]
    included = [name for name in ("Breakfast", "Lunch", "Dinner") if flag(told(meals, name))]
    if included:
        return _MEALS[len(included)] if included[0] == "Breakfast" else "_".join(included).lower()
    return "room_only" if meals is not None and flag(told(meals, "MealPlanIndicator")) is False else None

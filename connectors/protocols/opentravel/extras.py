"""What is sold beside the rooms: services and the fees of the whole booking; and the virtual cards that pay for it."""

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from connectors.protocols.opentravel.dialect import Dialect, sign
from connectors.protocols.opentravel.money import Price, Terms, charge_code, currency_of, minor_of, price
from connectors.protocols.opentravel.places import all_told, elements, first_told, place
from connectors.protocols.opentravel.places import found as found_at
from connectors.protocols.opentravel.stays import stay_of
from connectors.protocols.opentravel.values import count, day, flag
from connectors.protocols.safe_xml import child, children, descendants, local, text, told
from hotel.reservations import Extra, Room, VirtualCard

Element = Any  # lxml has no types of its own

_NIGHTLY: Final = frozenset({"Per night", "Per person per night"})
# Charge Type: daily, per room per night.
_DAILY: Final = frozenset({"1", "19"})
# Charge Type: per stay, one time, per room per stay, per reservation.
_ONCE: Final = frozenset({"5", "9", "12", "18", "26"})
_LAST_FOUR: Final = re.compile(r"([0-9]{4})[^0-9]*$")
_MONTH_YEAR: Final = re.compile(r"(0[1-9]|1[0-2])([0-9]{2})")
_CENTURY: Final = 2000


def extras_of(item: Element, terms: Terms, room_of: Mapping[str, str], night_count: int | None) -> tuple[Extra, ...]:
    """List services and fees; `room_of` is service number -> the one room that has it, `night_count` None: rooms differ."""
    services = [
        _service(each, terms, room_of, number) for number, each in enumerate(elements("Services/Service", item), 1)
    ]
    fees = [
        _fee(each, terms, night_count, number)
        for number, each in enumerate(elements("ResGlobalInfo/Fees/Fee", item), 1)
    ]
    return (*services, *fees)


def services_of_rooms(room_stays: Sequence[Element], rooms_inside: Sequence[Sequence[Room]]) -> dict[str, str]:
    """Say which service belongs to which room, for those that belong to one only."""
    rooms: dict[str, set[str]] = {}
    for room_stay, inside in zip(room_stays, rooms_inside, strict=True):
        for each in elements("ServiceRPHs/ServiceRPH", room_stay):
            rooms.setdefault(told(each, "RPH") or "", set()).update(room.room_ref for room in inside)
    return {service: next(iter(found)) for service, found in rooms.items() if len(found) == 1}


def cards_of(item: Element, dialect: Dialect, terms: Terms, source_ref: str) -> tuple[VirtualCard, ...]:
    """List the virtual cards of a booking: what they may be charged, when, and the last four that card removal left."""
    forms = [form for form in _forms(item) if _is_virtual(form, dialect)]
    # Cards are told apart by their names alone, also those of two bookings.
    return tuple(_card(form, dialect, terms, f"{source_ref}:{number}") for number, form in enumerate(forms, 1))


def _service(each: Element, terms: Terms, room_of: Mapping[str, str], number: int) -> Extra:
    rph, pricing = told(each, "ServiceRPH"), told(each, "ServicePricingType")
    details = child(each, "ServiceDetails")
    quantity = count(told(each, "Quantity"), "Service@Quantity") or 1
    stay = (
        stay_of(details)
        if child(details, "TimeSpan") is not None and told(child(details, "TimeSpan"), "Start")
        else None
    )
    nights = stay.night_count if stay else None
    found = _service_price(each, terms, quantity, nights if pricing in _NIGHTLY else 1)
    return Extra(
        extra_ref=told(each, "ID") or rph or f"s{number}",
        extra_code=told(each, "ServiceInventoryCode")
        or told(each, "ServiceCategoryCode")
        or _named(details)
        or "service",
        currency=found.currency if found else None,
        total_minor=found.minor if found else None,
        room_ref=room_of.get(rph or ""),
        serves_on=stay.arrival_on if stay and stay.night_count <= 1 else None,
        quantity_count=quantity,
        is_in_price=flag(told(each, "Inclusive")),
        is_tax_included=found.is_tax_included if found else None,
    )


def _service_price(each: Element, terms: Terms, quantity: int, times: int | None) -> Price | None:
    """Give what a service costs in all: its total, else its price as often as it is had; None where that is not told."""
    holder = child(each, "Price")
    for whole in (child(holder, "Total"), child(each, "ServiceDetails", "Total")):
        found = price(whole, terms, "Service/Total")
        if found is not None:
            return found
    single = price(child(holder, "Base"), terms, "Service/Price") or price(holder, terms, "Service/Price")
    if single is not None and times is not None:
        return single._replace(minor=single.minor * quantity * times, tax_minor=None)
    return _fees_price(each, terms)


def _fees_price(each: Element, terms: Terms) -> Price | None:
    amounts = [price(fee, terms, "Service/Fee") for fee in elements("ServiceDetails/Fees/Fee", each)]
    found = [amount for amount in amounts if amount is not None]
    if not found or len({amount.currency for amount in found}) > 1:
        return None
    return found[0]._replace(minor=sum(amount.minor for amount in found), tax_minor=None)


def _named(details: Element | None) -> str | None:
    return text(child(details, "ServiceDescription", "Text"))


def _fee(each: Element, terms: Terms, night_count: int | None, number: int) -> Extra:
    currency = currency_of(each) or terms.currency
    amount = minor_of(each, "Amount", terms, currency, "Fee")
    frequency = told(each, "ChargeFrequency")
    unit = told(each, "ChargeUnit")
    times = night_count if frequency in _DAILY else 1 if frequency in {None, *_ONCE} else None
    is_known = amount is not None and times is not None and unit in {None, *_DAILY, *_ONCE}
    is_included = flag(told(each, "TaxInclusiveInd") or told(each, "TaxInclusive"))
    return Extra(
        extra_ref=told(each, "RPH") or f"f{number}",
        extra_code=charge_code(each),
        currency=currency,
        total_minor=amount * times if is_known and amount is not None and times is not None else None,
        is_in_price={"Inclusive": True, "Exclusive": False}.get(told(each, "Type") or ""),
        is_tax_included=is_included,
    )


def _forms(item: Element) -> Iterator[Element]:
    """Yield what a payment card stands in: a form of payment, or the guarantee around accepted cards."""
    for card in descendants(item, "PaymentCard"):
        above = card.getparent()
        if local(above) == "AcceptedPayment":
            above = above.getparent().getparent() if above.getparent() is not None else above
        if above is not None and local(above) != "Verification":
            yield above


def _is_virtual(form: Element, dialect: Dialect) -> bool:
    for written in dialect.card_signs:
        at, value = sign(written)
        said = set(all_told(at, form))
        said |= {each for inside in elements("AcceptedPayments/AcceptedPayment", form) for each in all_told(at, inside)}
        if said and (value == "*" or value in said):
            return True
    return False


def _card(form: Element, dialect: Dialect, terms: Terms, ref: str) -> VirtualCard:
    inside = next(elements("AcceptedPayments/AcceptedPayment", form), None)
    card = child(form, "PaymentCard")
    card = card if card is not None else child(inside, "PaymentCard")
    currency = first_told(dialect.card_currencies, form, inside) or terms.currency
    return VirtualCard(
        card_ref=ref,
        currency=currency,
        limit_minor=_limit(dialect, terms, currency, form, inside),
        activates_on=_card_day(first_told(dialect.card_activations, form, inside), is_end=False),
        expires_on=_card_day(first_told(dialect.card_expiries, form, inside), is_end=True),
        last_four=_last_four(card),
    )


def _limit(dialect: Dialect, terms: Terms, currency: str, *bases: Element | None) -> int | None:
    """Read what a card may be charged in all."""
    for written in dialect.card_limits:
        steps, attribute = place(written)
        for holder in (each for base in bases if base is not None for each in found_at(steps, base)):
            limit = minor_of(holder, attribute or "Amount", terms, currency, "card_limit")
            if limit is not None:
                return limit
    return None


def _card_day(said: str | None, *, is_end: bool) -> date | None:
    """Read a card's date: a whole one, or MMYY, of which the first or the last day counts."""
    matched = _MONTH_YEAR.fullmatch(said or "")
    if matched is None:
        return day(said, "PaymentCard")
    month, year = int(matched[1]), _CENTURY + int(matched[2])
    return date(year, month, calendar.monthrange(year, month)[1] if is_end else 1)


def _last_four(card: Element | None) -> str | None:
    number = told(card, "CardNumber") or told(card, "MaskedCardNumber") or text(child(card, "CardNumber"))
    matched = _LAST_FOUR.search(number or "")
    return matched[1] if matched else None


def comments_of(item: Element) -> str | None:
    """Join what guests and partners wrote, each text once, in the order told."""
    holders = (item, *elements("RoomStays/RoomStay", item), *elements("ResGuests/ResGuest", item))
    told_texts = [
        said
        for holder in (*elements("ResGlobalInfo", item), *holders)
        for each in (*elements("Comments/Comment", holder), *elements("SpecialRequests/SpecialRequest", holder))
        for part in (list(children(each, "Text", "ListItem")) or [each])
        if (said := " ".join((text(part) or "").split()))
    ]
    return "\n".join(dict.fromkeys(told_texts)) or None


def request_count(item: Element) -> int | None:
    """Count special requests; None where the message has no place for them."""
    holders = [
        *elements("ResGlobalInfo", item),
        *elements("RoomStays/RoomStay", item),
        *elements("ResGuests/ResGuest", item),
    ]
    lists = [each for holder in holders if (each := child(holder, "SpecialRequests")) is not None]
    return sum(len(each) for each in lists) if lists else None

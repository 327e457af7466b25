"""Who takes the guest's money, what Expedia keeps of it, and the virtual card it pays the house by."""

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connectors.bookings import last_four
from connectors.expedia import shapes
from connectors.expedia.values import amount, day, number, stamp
from connectors.reading import Reading, decimals_of
from hotel.properties import Property, hotel_date
from hotel.reservations import VirtualCard

PROPERTY: Final = "property"
CHANNEL: Final = "channel"
# Expedia marks what the house collects itself: after its own id of the rate plan, before its own name of the brand.
HOTEL_COLLECT_SUFFIX: Final = "A"
HOTEL_COLLECT_PREFIX: Final = "A-"
# The card can be charged until so long after check-out.
CHARGEABLE_FOR: Final = timedelta(days=30)

_GROSS: Final = "Gross"
_EXPIRES: Final = re.compile(r"(0[1-9]|1[0-2])([0-9]{2})").fullmatch


def collect_of(stay: shapes.Stay, point_of_sale: str | None) -> str:
    """Tell who takes the guest's money: the rate plan says so, or the brand where the plan has no mark."""
    is_hotels = (stay.rate_plan or "").endswith(HOTEL_COLLECT_SUFFIX)
    return PROPERTY if is_hotels or (point_of_sale or "").startswith(HOTEL_COLLECT_PREFIX) else CHANNEL


def brand_of(point_of_sale: str | None) -> str | None:
    """Give the brand that sold it, without the mark of who collects."""
    return point_of_sale.removeprefix(HOTEL_COLLECT_PREFIX) if point_of_sale else None


def commission_of(stay: shapes.Stay, collect: str) -> tuple[str, Decimal | None]:
    """Give how Expedia is paid and its share (0.2 is a fifth), None where it does not say."""
    rate = number(stay.commission_rate, "Commission") if stay.commission_rate else None
    if collect == PROPERTY:
        return "hotel_collect", rate
    if stay.payment_model == _GROSS:
        return "gross_invoice", rate
    return ("net_vcc" if stay.card else "net_bank"), rate


def virtual_cards(
    reading: Reading, booking: shapes.Booking, stay: shapes.Stay, house: Property
) -> tuple[VirtualCard, ...]:
    """Give the virtual card of a booking Expedia collects; a guest's own card is none.

    Without a stated activation it works from the arrival on, and until 30 days after the departure at most.
    """
    card = stay.card
    if card is None or collect_of(stay, booking.point_of_sale) != CHANNEL:
        return ()
    currency = stay.payment_currency
    limit = amount(stay.payment_amount, decimals_of(currency), "Payment.amount") if stay.payment_amount else None
    return (
        VirtualCard(
            card_ref=f"{booking.ref}:1",
            currency=currency,
            limit_minor=limit,
            activates_on=_activates_on(reading, card, stay, house),
            expires_on=_expires_on(card, stay),
            last_four=last_four(card.number),
            channel_ref=booking.ref,
            is_net=None if stay.payment_model is None else stay.payment_model != _GROSS,
        ),
    )


def _activates_on(reading: Reading, card: shapes.Card, stay: shapes.Stay, house: Property) -> date | None:
    if card.activates_at is None:
        return day(stay.arrival, "StayDate.arrival")
    instant = reading.at(stamp(card.activates_at, "PaymentCard.cardActivation"), "PaymentCard.cardActivation", house)
    return None if instant is None else hotel_date(house, instant)


def _expires_on(card: shapes.Card, stay: shapes.Stay) -> date:
    chargeable = day(stay.departure, "StayDate.departure") + CHARGEABLE_FOR
    printed = _EXPIRES(card.expires or "")
    if printed is None:
        return chargeable
    year, month = 2000 + int(printed[2]), int(printed[1])
    return min(date(year, month, monthrange(year, month)[1]), chargeable)

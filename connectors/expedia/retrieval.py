"""Booking Retrieval: bookings out of a BookingRetrievalRS, and each of them cut out as a message of its own."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Final, NamedTuple

from lxml import etree

from connectors.expedia import shapes
from connectors.protocols.safe_xml import Element, child, children, descendants, serialised, text, told

ANSWER: Final = "BookingRetrievalRS"
BOOKING: Final = "Booking"
NAMESPACE: Final = "http://www.expediaconnect.com/EQC/BR/2014/01"


class Cut(NamedTuple):
    """One booking as a document of its own, and what names the transaction it tells of."""

    ref: str
    kind: str
    made_at: str
    hotel_ref: str | None
    body: bytes


def cut(answer: Element) -> list[Cut]:
    """Give each booking of an answer by itself, oldest first (Expedia tells the newest first).

    How often a booking was fetched is not part of it: the delivery status is told as `pending` whatever it was, so that
    the same booking fetched again is the same message.
    """
    return sorted(map(_cut, _bookings(answer)), key=lambda each: each.made_at)


def _cut(booking: Element) -> Cut:
    document = etree.Element(f"{{{NAMESPACE}}}{ANSWER}", nsmap={None: NAMESPACE})
    only = deepcopy(booking)
    only.tail = None
    if only.get("status") is not None:
        only.set("status", "pending")
    etree.SubElement(document, f"{{{NAMESPACE}}}Bookings").append(only)
    return Cut(
        told(booking, "id") or "",
        told(booking, "type") or "",
        told(booking, "createDateTime") or "",
        told(child(booking, "Hotel"), "id"),
        serialised(document),
    )


def bookings(answer: Element) -> Iterator[shapes.Booking]:
    """Read every booking of an answer, in its order."""
    return map(booking_of, _bookings(answer))


def _bookings(answer: Element) -> Iterator[Element]:
    return children(child(answer, "Bookings"), BOOKING)


def booking_of(booking: Element) -> shapes.Booking:
    """Read one Booking element."""
    room = child(booking, "RoomStay")
    return shapes.Booking(
        ref=told(booking, "id"),
        kind=told(booking, "type"),
        made_at=told(booking, "createDateTime"),
        point_of_sale=told(booking, "source"),
        hotel_ref=told(child(booking, "Hotel"), "id"),
        stay=None if room is None else _stay(room),
        guest=_guest(child(booking, "PrimaryGuest")),
        rewards=tuple(
            (told(each, "code") or "", told(each, "number") or "") for each in children(booking, "RewardProgram")
        ),
        requests=tuple((told(each, "code") or "", text(each) or "") for each in children(booking, "SpecialRequest")),
        our_ref=told(booking, "confirmNumber"),
    )


def _stay(room: Element) -> shapes.Stay:
    dates, people = child(room, "StayDate"), child(room, "GuestCount")
    total, payment = child(room, "Total"), child(room, "Payment")
    return shapes.Stay(
        room_type=told(room, "roomTypeID"),
        rate_plan=told(room, "ratePlanID"),
        arrival=told(dates, "arrival"),
        departure=told(dates, "departure"),
        adults=told(people, "adult"),
        children=told(people, "child"),
        child_ages=_ages(people),
        rate_currency=told(child(room, "PerDayRates"), "currency"),
        nights=tuple(map(_night, descendants(room, "PerDayRate"))),
        total=told(total, "amountAfterTaxes"),
        taxes=told(total, "amountOfTaxes"),
        currency=told(total, "currency"),
        card=_card(next(descendants(room, "PaymentCard"), None)),
        payment_method=text(child(room, "PaymentMethod")),
        payment_model=told(payment, "model"),
        payment_amount=told(payment, "amount"),
        payment_currency=told(payment, "currencyCode"),
    )


def _ages(people: Element | None) -> tuple[str, ...]:
    return () if people is None else tuple(told(each, "age") or "" for each in children(people, "Child"))


def _night(rate: Element) -> shapes.Night:
    extra = told(rate, "extraPersonFees")
    return shapes.Night(
        stay_on=told(rate, "stayDate"),
        rate=told(rate, "baseRate"),
        person_fees=(extra,) if extra else (),
        service_fee=told(rate, "hotelServiceFees"),
        promotion=told(rate, "promoName"),
    )


def _card(card: Element | None) -> shapes.Card | None:
    if card is None:
        return None
    return shapes.Card(
        number=told(card, "cardNumber"),
        expires=told(card, "expireDate"),
        holder=told(child(card, "CardHolder"), "name"),
        activates_at=told(card, "cardActivation"),
    )


def _guest(guest: Element | None) -> shapes.Guest:
    name, phone = child(guest, "Name"), child(guest, "Phone")
    return shapes.Guest(
        first=told(name, "givenName"),
        middle=told(name, "middleName"),
        last=told(name, "surname"),
        phone_country=told(phone, "countryCode"),
        phone_area=told(phone, "cityAreaCode"),
        phone_number=told(phone, "number"),
        email=text(child(guest, "Email")),
    )

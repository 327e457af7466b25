"""Booking Notification: the three OpenTravel messages Expedia pushes, read into the same booking as a retrieval."""

from collections.abc import Callable, Mapping
from typing import Final

from connectors.expedia import shapes
from connectors.protocols.safe_xml import Element, child, children, descendants, local, text, told

RESERVE: Final = "OTA_HotelResNotifRQ"
MODIFY: Final = "OTA_HotelResModifyNotifRQ"
CANCEL: Final = "OTA_CancelRQ"

# What a number stands for in a UniqueID and in a HotelReservationID.
_THEIR_BOOKING: Final = "14"
_OUR_NUMBER: Final = "10"
_OUR_RESERVATION: Final = "3"
_ADULT: Final = "10"


def booking_of(message: Element) -> shapes.Booking:
    """Read one notification; its root is one of the three messages."""
    return _READERS[local(message)](message)


def _reserved(message: Element) -> shapes.Booking:
    return _written(message, child(message, "HotelReservations", "HotelReservation"), shapes.BOOK)


def _modified(message: Element) -> shapes.Booking:
    return _written(message, child(message, "HotelResModifies", "HotelResModify"), shapes.MODIFY)


def _written(message: Element, booking: Element | None, kind: str) -> shapes.Booking:
    room = child(booking, "RoomStays", "RoomStay")
    return shapes.Booking(
        ref=_unique_id(booking, _THEIR_BOOKING),
        kind=kind,
        made_at=told(booking, "CreateDateTime"),
        point_of_sale=_point_of_sale(message),
        hotel_ref=told(child(room, "BasicPropertyInfo"), "HotelCode"),
        stay=None if room is None else _stay(room),
        guest=_guest(child(booking, "ResGuests", "ResGuest", "Profiles", "ProfileInfo", "Profile", "Customer")),
        rewards=_rewards(booking),
        requests=_requests(room),
        our_ref=_our_ref(booking),
    )


def _cancelled(message: Element) -> shapes.Booking:
    return shapes.Booking(
        ref=_unique_id(message, _THEIR_BOOKING),
        kind=shapes.CANCEL,
        made_at=told(message, "TimeStamp"),
        point_of_sale=_point_of_sale(message),
        hotel_ref=_cancelled_hotel(message),
        our_ref=_unique_id(message, _OUR_NUMBER),
    )


def _cancelled_hotel(message: Element) -> str | None:
    vendors = [] if (checks := child(message, "Verification")) is None else children(checks, "Vendor")
    return next((text(each) for each in vendors if told(each, "CodeContext") == "HotelCode"), None)


def _unique_id(holder: Element | None, kind: str) -> str | None:
    found = () if holder is None else children(holder, "UniqueID")
    return next((told(each, "ID") for each in found if told(each, "Type") == kind), None)


def _our_ref(booking: Element | None) -> str | None:
    found = () if booking is None else descendants(booking, "HotelReservationID")
    return next((told(each, "ResID_Value") for each in found if told(each, "ResID_Type") == _OUR_RESERVATION), None)


def _point_of_sale(message: Element) -> str | None:
    # A second source names the contracting office and no brand.
    return told(child(message, "POS", "Source", "RequestorID"), "ID")


def _stay(room: Element) -> shapes.Stay:
    rates = list(descendants(room, "RoomRate"))
    plan, total = child(room, "RatePlans", "RatePlan"), child(room, "Total")
    dates, people = child(room, "TimeSpan"), list(descendants(room, "GuestCount"))
    return shapes.Stay(
        room_type=told(child(room, "RoomTypes", "RoomType"), "RoomTypeCode"),
        rate_plan=told(plan, "RatePlanCode"),
        arrival=told(dates, "Start"),
        departure=told(dates, "End"),
        adults=_people(people, is_adult=True),
        children=_people(people, is_adult=False),
        child_ages=tuple(age for each in people if (age := told(each, "Age")) and not _is_adult(each)),
        rate_currency=next((told(each, "CurrencyCode") for each in descendants(room, "Base")), None),
        nights=tuple(map(_night, rates)),
        total=told(total, "AmountAfterTax"),
        taxes=told(child(total, "Taxes"), "Amount"),
        currency=told(total, "CurrencyCode"),
        commission_rate=told(child(plan, "Commission"), "Percent"),
        card=_card(next(descendants(room, "PaymentCard"), None)),
    )


def _people(counts: list[Element], *, is_adult: bool) -> str | None:
    found = [told(each, "Count") or "" for each in counts if _is_adult(each) is is_adult]
    if not found:
        return None
    # What is no number is handed on as it is, to be refused by its shape.
    return str(sum(map(int, found))) if all(each.isdecimal() for each in found) else found[0]


def _is_adult(count: Element) -> bool:
    return told(count, "AgeQualifyingCode") == _ADULT


def _night(rate: Element) -> shapes.Night:
    day = child(rate, "Rates", "Rate")
    fees = () if day is None else descendants(day, "AdditionalGuestAmount")
    return shapes.Night(
        stay_on=told(rate, "EffectiveDate"),
        rate=told(child(day, "Base"), "AmountBeforeTax"),
        person_fees=tuple(amount for each in fees if (amount := told(child(each, "Amount"), "AmountBeforeTax"))),
        service_fee=told(child(day, "Fees", "Fee"), "Amount"),
        promotion=told(rate, "PromotionCode"),
    )


def _card(card: Element | None) -> shapes.Card | None:
    if card is None:
        return None
    return shapes.Card(told(card, "CardNumber"), told(card, "ExpireDate"), text(child(card, "CardHolderName")))


def _guest(customer: Element | None) -> shapes.Guest:
    name, phone = child(customer, "PersonName"), child(customer, "Telephone")
    return shapes.Guest(
        first=text(child(name, "GivenName")),
        middle=text(child(name, "MiddleName")),
        last=text(child(name, "Surname")),
        phone_country=told(phone, "CountryAccessCode"),
        phone_area=told(phone, "AreaCityCode"),
        phone_number=told(phone, "PhoneNumber"),
        email=text(child(customer, "Email")),
    )


def _rewards(booking: Element | None) -> tuple[tuple[str, str], ...]:
    found = () if booking is None else descendants(booking, "Membership")
    return tuple((told(each, "ProgramCode") or "", told(each, "AccountID") or "") for each in found)


def _requests(room: Element | None) -> tuple[tuple[str, str], ...]:
    found = () if room is None else descendants(room, "SpecialRequest")
    return tuple((told(each, "RequestCode") or "", text(each) or "") for each in found)


_READERS: Final[Mapping[str, Callable[[Element], shapes.Booking]]] = {
    RESERVE: _reserved,
    MODIFY: _modified,
    CANCEL: _cancelled,
}

"""A sale in the words of Booking.com: one message a booking, amounts as whole numbers, nights without an end."""

from datetime import UTC, timedelta
from typing import Final

from hotel.money import exponent
from sandbox.channels.sales import CANCELLED, Sale, SoldRoom
from sandbox.channels.xml_answers import Element, add

_CARDS: Final = {"4": "VI", "5": "MC", "3": "AX", "6": "DS"}
_ADULT, _CHILD = "10", "8"


def add_booking(parent: Element, name: str, sale: Sale, *, is_told_first: bool) -> None:
    """Append a HotelReservation or HotelResModify; a guest's own card is told only the first time."""
    is_modified = name == "HotelResModify"
    status = "Cancelled" if sale.kind == CANCELLED else "Modified" if is_modified else None
    booking = add(parent, name, ResStatus=status)
    stays = add(booking, "RoomStays")
    for number, room in enumerate(sale.rooms, 1):
        _add_room(add(stays, "RoomStay", IndexNumber=room.ref), sale, room, str(number))
    guests = add(booking, "ResGuests")
    for number, _ in enumerate(sale.rooms, 1):
        person = _customer(add(guests, "ResGuest", ResGuestRPH=str(number)))
        add(add(person, "PersonName"), "Surname", f"{sale.first_name} {sale.last_name}")
    _add_global(add(booking, "ResGlobalInfo"), sale, is_told_first=is_told_first)


def _add_room(stay: Element, sale: Sale, room: SoldRoom, number: str) -> None:
    kind = add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=room.room_type)
    description = add(kind, "RoomDescription", Name="Room")
    add(description, "Text", "Free WiFi")
    add(description, "MealPlan", "Breakfast is included in the room rate.")
    payable = add(add(add(stay, "RatePlans"), "RatePlan"), "Commission")
    share = sale.commission_minor * room.total_minor // (sale.total_minor or 1)
    add(payable, "CommissionPayableAmount", Amount=str(share), **_scale(sale))
    rates = add(stay, "RoomRates")
    for night in room.nights:
        rate = add(rates, "RoomRate", EffectiveDate=night.stay_on.isoformat(), RatePlanCode=room.rate_plan)
        add(add(add(rate, "Rates"), "Rate"), "Total", AmountAfterTax=str(night.price_minor), **_scale(sale))
    counts = add(stay, "GuestCounts")
    add(counts, "GuestCount", AgeQualifyingCode=_ADULT, Count=str(room.adults))
    for age in room.child_ages:
        add(counts, "GuestCount", AgeQualifyingCode=_CHILD, Count="1", Age=str(age))
    penalty = add(add(stay, "CancelPenalties"), "CancelPenalty", PolicyCode="152")
    add(penalty, "AmountPercent", Amount=str(room.total_minor), **_scale(sale))
    add(stay, "Total", AmountAfterTax=str(room.total_minor), **_scale(sale))
    add(stay, "BasicPropertyInfo", HotelCode=sale.hotel_ref)
    add(add(stay, "ResGuestRPHs"), "ResGuestRPH", RPH=number)
    if sale.comment:
        add(add(add(stay, "Comments"), "Comment"), "Text", sale.comment)


def _add_global(info: Element, sale: Sale, *, is_told_first: bool) -> None:
    if sale.comment:
        add(add(add(info, "Comments"), "Comment"), "Text", sale.comment)
    if sale.card_number and (is_told_first or sale.is_virtual):
        _add_card(info, sale)
    add(info, "Total", AmountAfterTax=str(sale.total_minor), **_scale(sale))
    made_at = sale.booked_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    add(add(info, "HotelReservationIDs"), "HotelReservationID", ResID_Value=sale.ref, ResID_Date=made_at)
    person = _customer(info)
    name = add(person, "PersonName")
    add(name, "GivenName", sale.first_name)
    add(name, "Surname", sale.last_name)
    add(person, "Telephone", PhoneNumber=sale.phone)
    add(person, "Email", f"{sale.ref}@guest.booking.com")
    add(add(person, "Address"), "CountryName", Code=sale.country)
    commission = add(add(info, "TotalCommissions"), "CommissionPayableAmount", Amount=str(sale.commission_minor))
    for key, value in _scale(sale).items():
        commission.set(key, value)


def _add_card(info: Element, sale: Sale) -> None:
    place = info
    for name in ("Guarantee", "GuaranteesAccepted", "GuaranteeAccepted"):
        place = add(place, name)
    card = add(
        place, "PaymentCard", CardCode=_CARDS[(sale.card_number or "4")[0]], CardNumber=sale.card_number,
        SeriesCode=sale.card_code, ExpireDate=sale.card_expires,
    )  # fmt: skip
    if sale.is_virtual:
        arrival_on = min(room.arrival_on for room in sale.rooms)
        card.set("EffectiveDate", arrival_on.isoformat())
        card.set("VCCExpirationDate", (arrival_on + timedelta(days=365)).isoformat())
        card.set("CurrentBalance", str(sale.total_minor))
        for key, value in _scale(sale).items():
            card.set(key, value)
    add(card, "CardHolderName", f"{sale.first_name} {sale.last_name}")


def _customer(place: Element) -> Element:
    for name in ("Profiles", "ProfileInfo", "Profile", "Customer"):
        place = add(place, name)
    return place


def _scale(sale: Sale) -> dict[str, str]:
    return {"DecimalPlaces": str(exponent(sale.currency)), "CurrencyCode": sale.currency}

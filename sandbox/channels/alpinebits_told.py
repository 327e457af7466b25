"""Guest requests as an AlpineBits server tells them: a hotel reservation of the profile, with what the version has a place for."""

from typing import Final

from sandbox.channels.sales import CANCELLED, MODIFIED, NEW, Sale, SoldRoom
from sandbox.channels.xml_answers import Element, add, major, root

NAMESPACE: Final = "http://www.opentravel.org/OTA/2003/05"
NEWEST: Final = "2024-10"
# The first version whose requests say when they were changed.
TELLS_CHANGES: Final = "2022-10"
STATUSES: Final = {NEW: "Reserved", MODIFIED: "Modify", CANCELLED: "Cancelled"}
NUMBERS: Final = {NEW: "14", MODIFIED: "14", CANCELLED: "15"}
_CARD_CODES: Final = {"4": "VI", "5": "MC", "3": "AX", "6": "DS"}


def document(name: str, **attributes: str | None) -> Element:
    """Begin a message."""
    return root(NAMESPACE, name, **attributes, Version="7.000")


def add_request(held: Element, sale: Sale, version: str = NEWEST) -> None:
    """Append one version of a sale."""
    told = add(
        held,
        "HotelReservation",
        CreateDateTime=sale.booked_at.isoformat(),
        LastModifyDateTime=sale.modified_at.isoformat() if version >= TELLS_CHANGES else None,
        ResStatus=STATUSES[sale.kind],
    )
    add(told, "UniqueID", Type=NUMBERS[sale.kind], ID=sale.ref)
    if sale.kind != CANCELLED:
        stays = add(told, "RoomStays")
        for room in sale.rooms:
            _add_stay(stays, room, sale, version)
        _add_guest(told, sale)
    _add_global(told, sale)


def _add_stay(held: Element, room: SoldRoom, sale: Sale, version: str) -> None:
    stay = add(held, "RoomStay")
    add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=room.room_type, RoomClassificationCode="42")
    plan = add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=room.rate_plan)
    commission = sale.commission_minor // len(sale.rooms)
    if commission:
        payable = {"Amount": major(commission, sale.currency), "CurrencyCode": sale.currency}
        add(add(plan, "Commission"), "CommissionPayableAmount", **payable)
    add(plan, "MealsIncluded", MealPlanIndicator="true", MealPlanCodes="3")
    if version == NEWEST:
        _add_rates(stay, room, sale)
    counts = add(stay, "GuestCounts")
    add(counts, "GuestCount", Count=str(room.adults))
    for age in room.child_ages:
        add(counts, "GuestCount", Count="1", Age=str(age))
    add(stay, "TimeSpan", Start=room.arrival_on.isoformat(), End=room.departure_on.isoformat())
    if sale.card_number:
        _add_card(stay, sale)
    add(stay, "Total", AmountAfterTax=major(room.total_minor, sale.currency), CurrencyCode=sale.currency)


def _add_rates(stay: Element, room: SoldRoom, sale: Sale) -> None:
    rate = add(add(stay, "RoomRates"), "RoomRate", RatePlanCode=room.rate_plan, RoomTypeCode=room.room_type)
    held = add(rate, "Rates")
    for night in room.nights:
        told = add(held, "Rate", EffectiveDate=night.stay_on.isoformat(), RateTimeUnit="Day", UnitMultiplier="1")
        add(told, "Base", AmountAfterTax=major(night.price_minor, sale.currency), CurrencyCode=sale.currency)


def _add_card(stay: Element, sale: Sale) -> None:
    accepted = add(add(add(stay, "Guarantee"), "GuaranteesAccepted"), "GuaranteeAccepted")
    number = sale.card_number or ""
    card = add(accepted, "PaymentCard", CardCode=_CARD_CODES[number[0]], ExpireDate=sale.card_expires)
    add(card, "CardHolderName", f"{sale.first_name} {sale.last_name}")
    add(add(card, "CardNumber"), "PlainText", number)


def _add_guest(told: Element, sale: Sale) -> None:
    profile = add(add(add(add(told, "ResGuests"), "ResGuest"), "Profiles"), "ProfileInfo")
    customer = add(add(profile, "Profile"), "Customer", Language="en")
    name = add(customer, "PersonName")
    add(name, "GivenName", sale.first_name)
    add(name, "Surname", sale.last_name)
    add(customer, "Telephone", PhoneTechType="5", PhoneNumber=sale.phone)
    add(customer, "Email", sale.email)
    add(add(customer, "Address"), "CountryName", Code=sale.country)


def _add_global(told: Element, sale: Sale) -> None:
    info = add(told, "ResGlobalInfo")
    if sale.comment and sale.kind != CANCELLED:
        add(add(add(info, "Comments"), "Comment", Name="customer comment"), "Text", sale.comment)
    ids = add(info, "HotelReservationIDs")
    add(ids, "HotelReservationID", ResID_Type="13", ResID_Value="campaign", ResID_Source=sale.channel)
    add(info, "BasicPropertyInfo", HotelCode=sale.hotel_ref)

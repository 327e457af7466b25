"""A sale in the standard's own words: everything OpenTravel has a place for, as its 2015A schema wants it."""

from datetime import timedelta
from typing import Final

from sandbox.channels.sales import CANCELLED, MODIFIED, NEW, Sale, SoldNight, SoldRoom
from sandbox.channels.xml_answers import Element, add, major, root

NAMESPACE: Final = "http://www.opentravel.org/OTA/2003/05"
ACTIONS: Final = {NEW: "Book", MODIFIED: "Modify", CANCELLED: "Cancel"}
MESSAGE: Final = "MESSAGE_UNIQUE_ID"
_CARDS: Final = {"4": "VI", "5": "MC", "3": "AX", "6": "DS"}
_VIRTUAL: Final = "43"
_DAY: Final = timedelta(days=1)


def document(name: str, **attributes: str | None) -> Element:
    """Begin a message."""
    return root(NAMESPACE, name, **attributes)


def add_booking(held: Element, sale: Sale, name: str = "HotelReservation") -> None:
    """Append one version of a sale."""
    told = add(
        held,
        name,
        CreateDateTime=sale.booked_at.isoformat(),
        LastModifyDateTime=sale.modified_at.isoformat(),
        ResStatus=ACTIONS[sale.kind],
    )
    channel = add(add(add(told, "POS"), "Source"), "BookingChannel", Type="7", Primary="true")
    add(channel, "CompanyName", sale.channel, Code=sale.channel)
    add(told, "UniqueID", Type="14", ID=sale.ref)
    add(told, "UniqueID", Type="16", ID=f"{sale.ref}-{sale.revision}", ID_Context=MESSAGE)
    if sale.kind != CANCELLED:
        stays = add(told, "RoomStays")
        for room in sale.rooms:
            _add_stay(stays, room, sale)
        guest = add(add(told, "ResGuests"), "ResGuest", ResGuestRPH="1", PrimaryIndicator="true")
        _add_person(guest, sale)
    _add_global(told, sale)


def _add_stay(held: Element, room: SoldRoom, sale: Sale) -> None:
    stay = add(held, "RoomStay", IndexNumber=room.ref)
    add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=room.room_type, NumberOfUnits="1")
    add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=room.rate_plan)
    rate = add(
        add(stay, "RoomRates"), "RoomRate", RoomTypeCode=room.room_type, NumberOfUnits="1", RatePlanCode=room.rate_plan
    )
    rates = add(rate, "Rates")
    for night in room.nights:
        _add_night(rates, night, sale)
    counts = add(stay, "GuestCounts", IsPerRoom="true")
    add(counts, "GuestCount", AgeQualifyingCode="10", Count=str(room.adults))
    for age in room.child_ages:
        add(counts, "GuestCount", AgeQualifyingCode="8", Age=str(age), Count="1")
    add(stay, "TimeSpan", Start=room.arrival_on.isoformat(), End=room.departure_on.isoformat())
    _add_amount(stay, "Total", room.total_minor, sum(night.tax_minor for night in room.nights), sale)
    add(stay, "BasicPropertyInfo", HotelCode=sale.hotel_ref)
    add(stay, "ResGuestRPHs", "1")


def _add_night(rates: Element, night: SoldNight, sale: Sale) -> None:
    rate = add(
        rates,
        "Rate",
        EffectiveDate=night.stay_on.isoformat(),
        ExpireDate=(night.stay_on + _DAY).isoformat(),
        RateTimeUnit="Day",
        UnitMultiplier="1",
    )
    base = _add_amount(rate, "Base", night.price_minor, night.tax_minor, sale)
    if night.tax_minor:
        tax = {"Amount": major(night.tax_minor, sale.currency), "CurrencyCode": sale.currency}
        add(add(base, "Taxes", **tax), "Tax", Type="Inclusive", Code="19", **tax)


def _add_amount(parent: Element, name: str, after: int, tax: int, sale: Sale) -> Element:
    return add(
        parent,
        name,
        AmountBeforeTax=major(after - tax, sale.currency),
        AmountAfterTax=major(after, sale.currency),
        CurrencyCode=sale.currency,
    )


def _add_person(parent: Element, sale: Sale) -> None:
    profile = add(add(add(parent, "Profiles"), "ProfileInfo"), "Profile", ProfileType="1")
    customer = add(profile, "Customer")
    name = add(customer, "PersonName")
    add(name, "GivenName", sale.first_name)
    add(name, "Surname", sale.last_name)
    add(customer, "Telephone", PhoneNumber=sale.phone)
    add(customer, "Email", sale.email)
    add(add(customer, "Address"), "CountryName", Code=sale.country)


def _add_global(told: Element, sale: Sale) -> None:
    info = add(told, "ResGlobalInfo")
    if sale.kind != CANCELLED:
        if sale.comment:
            add(add(add(info, "Comments"), "Comment"), "Text", sale.comment)
        if sale.card_number:
            _add_card(info, sale)
        tax = sum(night.tax_minor for room in sale.rooms for night in room.nights)
        _add_amount(info, "Total", sale.total_minor, tax, sale)
    ids = add(info, "HotelReservationIDs")
    add(ids, "HotelReservationID", ResID_Type="13", ResID_Value=sale.channel_ref or sale.ref, ResID_Source=sale.channel)
    if sale.commission_minor and sale.kind != CANCELLED:
        payable = {"Amount": major(sale.commission_minor, sale.currency), "CurrencyCode": sale.currency}
        add(add(info, "TotalCommissions"), "CommissionPayableAmount", **payable)
    add(info, "BasicPropertyInfo", HotelCode=sale.hotel_ref)


def _add_card(info: Element, sale: Sale) -> None:
    """Append the guest's own card as a guarantee, a virtual one as a payment with its limit."""
    number = sale.card_number or ""
    if sale.is_virtual:
        payment = add(add(info, "DepositPayments"), "GuaranteePayment")
        form = add(add(payment, "AcceptedPayments"), "AcceptedPayment", GuaranteeTypeCode=_VIRTUAL)
        add(payment, "AmountPercent", CurrencyCode=sale.currency, Amount=major(sale.total_minor, sale.currency))
    else:
        form = add(add(add(info, "Guarantee"), "GuaranteesAccepted"), "GuaranteeAccepted")
    card = add(form, "PaymentCard", CardCode=_CARDS[number[0]], ExpireDate=sale.card_expires)
    add(card, "CardHolderName", f"{sale.first_name} {sale.last_name}")
    add(add(card, "CardNumber"), "PlainText", number)
    add(add(card, "SeriesCode"), "PlainText", sale.card_code or "")

"""A sale in the words of SiteMinder: one HotelReservation, retrieved or pushed in SOAP."""

from datetime import UTC, datetime
from typing import Final

from sandbox.channels.sales import CANCELLED, MODIFIED, NEW, Sale, SoldNight, SoldRoom
from sandbox.channels.xml_answers import Element, add, major, root, written

OTA: Final = "http://www.opentravel.org/OTA/2003/05"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PLAIN: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
# The words of each of their products for one and the same thing.
PMSXCHANGE: Final = {NEW: "Book", MODIFIED: "Modify", CANCELLED: "Cancel"}
SMX: Final = {NEW: "Reserved", MODIFIED: "Reserved", CANCELLED: "Cancelled"}
_CARDS: Final = {"4": "VI", "5": "MC", "3": "AX", "6": "DS"}


def instant(moment: datetime) -> str:
    """Write an instant as SiteMinder does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}+0000"


def envelope(payload: Element, login: tuple[str, str] | None = None) -> bytes:
    """Wrap a message in SOAP 1.1, signed in where a login is given, else with an empty header."""
    whole = root(SOAP, "Envelope")
    head = add(whole, "Header")
    if login is not None:
        security = root(WSSE, "Security")
        token = add(security, "UsernameToken")
        add(token, "Username", login[0])
        add(token, "Password", login[1], Type=_PLAIN)
        head.append(security)
    add(whole, "Body").append(payload)
    return written(whole)


def pushed(message_id: str, sale: Sale, login: tuple[str, str], sent_at: datetime) -> bytes:
    """Write the push of a version of a sale."""
    message = root(OTA, "OTA_HotelResNotifRQ", Version="1.0", EchoToken=message_id, TimeStamp=instant(sent_at))
    add_reservation(add(message, "HotelReservations"), message_id, sale)
    return envelope(message, login)


def exchanged(sale: Sale, login: tuple[str, str], echo_token: str) -> bytes:
    """Write the push of SMX: other words for the status, and no number of the message."""
    message = root(OTA, "OTA_HotelResNotifRQ", Version="1.0", EchoToken=echo_token, TimeStamp=instant(sale.modified_at))
    booking = add_reservation(add(message, "HotelReservations"), "", sale)
    booking.set("ResStatus", SMX[sale.kind])
    for number in list(booking.iterchildren("{*}UniqueID")):
        if number.get("Type") == "16":
            booking.remove(number)
        else:
            del number.attrib["Type"]
    return envelope(message, login)


def add_reservation(parent: Element, message_id: str, sale: Sale) -> Element:
    """Append one HotelReservation."""
    booking = add(
        parent, "HotelReservation", CreateDateTime=instant(sale.booked_at),
        LastModifyDateTime=None if sale.kind == NEW else instant(sale.modified_at), ResStatus=PMSXCHANGE[sale.kind],
    )  # fmt: skip
    source = add(add(booking, "POS"), "Source")
    add(source, "RequestorID", Type="22", ID="SITEMINDER")
    add(
        add(source, "BookingChannel", Primary="true", Type="7"),
        "CompanyName",
        sale.channel,
        Code=sale.channel[:3].upper(),
    )
    add(booking, "UniqueID", Type="14", ID=sale.ref)
    add(booking, "UniqueID", Type="16", ID=message_id, ID_Context="MESSAGE_UNIQUE_ID")
    stays = add(booking, "RoomStays")
    for number, room in enumerate(sale.rooms, 1):
        _add_room(add(stays, "RoomStay"), sale, room, str(number))
    _add_guests(booking, sale)
    _add_global(add(booking, "ResGlobalInfo"), sale)
    return booking


def _add_room(stay: Element, sale: Sale, room: SoldRoom, number: str) -> None:
    first_on, last_on = room.arrival_on.isoformat(), room.departure_on.isoformat()
    add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=room.room_type)
    add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=room.rate_plan, EffectiveDate=first_on, ExpireDate=last_on)
    rate = add(
        add(stay, "RoomRates"), "RoomRate", RoomTypeCode=room.room_type, RatePlanCode=room.rate_plan, NumberOfUnits="1"
    )
    rates = add(rate, "Rates")
    for night in room.nights:
        _add_night(rates, sale, night)
    counts = add(stay, "GuestCounts")
    add(counts, "GuestCount", AgeQualifyingCode="10", Count=str(room.adults))
    for age in room.child_ages:
        add(counts, "GuestCount", AgeQualifyingCode="8", Count="1", Age=str(age))
    add(stay, "TimeSpan", Start=first_on, End=last_on)
    if sale.card_number:
        _add_card(stay, sale)
    tax = sum(night.tax_minor for night in room.nights)
    _add_total(stay, sale, room.total_minor, tax)
    add(stay, "BasicPropertyInfo", HotelCode=sale.hotel_ref)
    add(add(stay, "ResGuestRPHs"), "ResGuestRPH", RPH=number)
    if sale.comment:
        add(add(add(stay, "Comments"), "Comment"), "Text", sale.comment)


def _add_night(rates: Element, sale: Sale, night: SoldNight) -> None:
    next_on = night.stay_on.fromordinal(night.stay_on.toordinal() + 1).isoformat()
    rate = add(
        rates,
        "Rate",
        UnitMultiplier="1",
        RateTimeUnit="Day",
        EffectiveDate=night.stay_on.isoformat(),
        ExpireDate=next_on,
    )
    amount = {"CurrencyCode": sale.currency, "AmountAfterTax": major(night.price_minor, sale.currency)}
    add(rate, "Base", AmountBeforeTax=major(night.price_minor - night.tax_minor, sale.currency), **amount)


def _add_total(parent: Element, sale: Sale, minor: int, tax: int) -> None:
    add(
        parent, "Total", AmountBeforeTax=major(minor - tax, sale.currency), AmountAfterTax=major(minor, sale.currency),
        CurrencyCode=sale.currency,
    )  # fmt: skip


def _add_card(stay: Element, sale: Sale) -> None:
    place = stay
    for name in ("Guarantee", "GuaranteesAccepted", "GuaranteeAccepted"):
        place = add(place, name)
    card = add(
        place, "PaymentCard", CardCode=_CARDS[(sale.card_number or "4")[0]], CardNumber=sale.card_number,
        SeriesCode=sale.card_code, ExpireDate=sale.card_expires,
    )  # fmt: skip
    add(card, "CardHolderName", f"{sale.first_name} {sale.last_name}")


def _add_guests(booking: Element, sale: Sale) -> None:
    guests = add(booking, "ResGuests")
    for number, _ in enumerate(sale.rooms, 1):
        place = add(guests, "ResGuest", ResGuestRPH=str(number), PrimaryIndicator="true" if number == 1 else None)
        person = _customer(place)
        name = add(person, "PersonName")
        add(name, "GivenName", sale.first_name)
        add(name, "Surname", sale.last_name)
        add(person, "Telephone", PhoneNumber=sale.phone)
        add(person, "Email", sale.email)
        add(add(person, "Address"), "CountryName", Code=sale.country)


def _add_global(info: Element, sale: Sale) -> None:
    _add_total(info, sale, sale.total_minor, sum(night.tax_minor for room in sale.rooms for night in room.nights))
    numbers = add(info, "HotelReservationIDs")
    add(numbers, "HotelReservationID", ResID_Type="14", ResID_Value=sale.channel_ref or sale.ref)


def _customer(place: Element) -> Element:
    for name in ("Profiles", "ProfileInfo", "Profile", "Customer"):
        place = add(place, name)
    return place

"""A sale in the words of Expedia: every room a booking of its own, retrieved (BR) or notified (BN)."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from sandbox.channels.sales import Sale, SoldNight, SoldRoom
from sandbox.channels.xml_answers import Element, add, major, root, written

RETRIEVAL: Final = "http://www.expediaconnect.com/EQC/BR/2014/01"
OTA: Final = "http://www.opentravel.org/OTA/2003/05"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
HEADER: Final = "http://www.newtrade.com/expedia/R14/header"
BOOK, MODIFY, CANCEL = "Book", "Modify", "Cancel"
_NOTIFIED: Final = {BOOK: "OTA_HotelResNotifRQ", MODIFY: "OTA_HotelResModifyNotifRQ", CANCEL: "OTA_CancelRQ"}
_CARDS: Final = {"4": "VI", "5": "MC", "3": "AX", "6": "DS"}


class Transaction(NamedTuple):
    """What happened to the booking of one room: `kind` is Book, Modify or Cancel."""

    message_id: str
    kind: str
    sale: Sale
    room: SoldRoom

    @property
    def booking_id(self) -> str:
        """The number of the booking, digits only."""
        return booking_id(self.sale, self.room)


def booking_id(sale: Sale, room: SoldRoom) -> str:
    """Name the booking of a room of a sale."""
    return "".join(char for char in sale.ref if char.isdigit()) + room.ref


def instant(moment: datetime) -> str:
    """Write an instant as Expedia does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_booking(parent: Element, told: Transaction, status: str, confirm_number: str | None) -> None:
    """Append one Booking to a BookingRetrievalRS."""
    sale, room = told.sale, told.room
    booking = add(
        parent, "Booking", id=told.booking_id, type=told.kind, createDateTime=instant(sale.modified_at),
        source=_brand(sale), status=status, confirmNumber=confirm_number,
    )  # fmt: skip
    add(booking, "Hotel", id=sale.hotel_ref)
    is_cancel = told.kind == CANCEL
    stay = add(
        booking, "RoomStay",
        roomTypeID="0" if is_cancel else room.room_type, ratePlanID="0" if is_cancel else rate_plan(sale, room),
    )  # fmt: skip
    departure = room.departure_on.replace(year=room.departure_on.year + 8, day=1) if is_cancel else room.departure_on
    add(stay, "StayDate", arrival=room.arrival_on.isoformat(), departure=departure.isoformat())
    _add_people(stay, room)
    if is_cancel:
        _add_nothing(stay, room)
    else:
        _add_money(stay, sale, room)
    _add_guest(booking, sale, is_cancel=is_cancel)
    for code, text in [] if is_cancel else _requests(sale, room):
        add(booking, "SpecialRequest", text, code=code)


def _add_people(stay: Element, room: SoldRoom) -> None:
    count = str(len(room.child_ages)) if room.child_ages else None
    people = add(stay, "GuestCount", adult=str(room.adults), child=count)
    for age in room.child_ages:
        add(people, "Child", age=str(age))


def _add_nothing(stay: Element, room: SoldRoom) -> None:
    """Tell the money of a cancel: zeros, in no currency."""
    rates = add(stay, "PerDayRates")
    for night in room.nights:
        add(rates, "PerDayRate", stayDate=night.stay_on.isoformat(), baseRate="0.00")
    add(stay, "Total", amountAfterTaxes="0.00", amountOfTaxes="0.00")


def _add_money(stay: Element, sale: Sale, room: SoldRoom) -> None:
    rates = add(stay, "PerDayRates", currency=sale.currency)
    for night in room.nights:
        add(rates, "PerDayRate", stayDate=night.stay_on.isoformat(), baseRate=_before_tax(sale, night))
    add(
        stay, "Total",
        amountAfterTaxes=major(room.total_minor, sale.currency),
        amountOfTaxes=major(sum(night.tax_minor for night in room.nights), sale.currency),
        currency=sale.currency,
    )  # fmt: skip
    if sale.card_number:
        card = add(
            stay, "PaymentCard", cardCode=_CARDS[sale.card_number[0]], cardNumber=sale.card_number,
            seriesCode=sale.card_code, expireDate=sale.card_expires,
        )  # fmt: skip
        add(card, "CardHolder", name=_holder(sale))


def _add_guest(booking: Element, sale: Sale, *, is_cancel: bool) -> None:
    guest = add(booking, "PrimaryGuest")
    add(guest, "Name", givenName=sale.first_name, surname=sale.last_name)
    if not is_cancel:
        add(guest, "Phone", countryCode=sale.phone[1:4], number=sale.phone[4:])
        add(guest, "Email", sale.email)


def _requests(sale: Sale, room: SoldRoom) -> list[tuple[str, str]]:
    told = [("1.14", "1 king bed"), ("2.1", "Non-Smoking")]
    if len(sale.rooms) > 1:
        place = [each.ref for each in sale.rooms].index(room.ref) + 1
        name = f"{sale.last_name}, {sale.first_name}"
        told.append(("3", f"Multi-room booking. Primary traveler:{name}. {place} of {len(sale.rooms)} rooms."))
    if sale.comment:
        told.append(("4", sale.comment))
    return told


def rate_plan(sale: Sale, room: SoldRoom) -> str:
    """Give the rate plan's id, marked where the hotel collects."""
    return room.rate_plan + ("A" if sale.collect == "property" else "")


def _brand(sale: Sale) -> str:
    return ("A-" if sale.collect == "property" else "") + "Expedia"


def _holder(sale: Sale) -> str:
    return "Expedia VirtualCard" if sale.collect == "channel" else f"{sale.first_name} {sale.last_name}"


def _before_tax(sale: Sale, night: SoldNight) -> str:
    return major(night.price_minor - night.tax_minor, sale.currency)


def notification(told: Transaction, request_id: str, login: tuple[str, str], *, is_retry: bool = False) -> bytes:
    """Write the notification of a transaction in its SOAP envelope; `login` is name and password."""
    name = _NOTIFIED[told.kind]
    envelope = root(SOAP, "Envelope")
    interface = root(HEADER, "Interface", Name="ExpediaDirectConnect", Version="4.0")
    info = add(
        interface, "PayloadInfo", RequestId=request_id, RequestorId="Expedia.com", ResponderId="NightAudit", Location="Body"
    )  # fmt: skip
    parties = add(
        info, "CommDescriptor", SourceId="ExpediaDC", DestinationId="NightAudit", RetryIndicator=str(is_retry).lower()
    )  # fmt: skip
    add(parties, "Authentication", Username=login[0], Password=login[1])
    payload = add(info, "PayloadDescriptor", Name=name, Version="2003A")
    add(payload, "PayloadReference", SupplierHotelCode=told.sale.hotel_ref, DistributorHotelId=told.sale.hotel_ref)
    add(envelope, "Header").append(interface)
    add(envelope, "Body").append(_message(told, name, request_id))
    return written(envelope)


def _message(told: Transaction, name: str, request_id: str) -> Element:
    sale, at = told.sale, told.sale.modified_at.astimezone(UTC).isoformat(timespec="seconds")
    message = root(
        OTA, name, EchoToken=request_id, TimeStamp=at, Target="Production", Version="1.000", PrimaryLangID="en-us"
    )
    source = add(add(message, "POS"), "Source")
    add(source, "RequestorID", Type="18", ID=_brand(sale))
    add(add(source, "BookingChannel", Type="2", Primary="true"), "CompanyName", "Expedia")
    if told.kind == CANCEL:
        _tell_cancel(message, told)
        return message
    message.set("ResStatus", "Commit")
    names = ("HotelReservations", "HotelReservation") if told.kind == BOOK else ("HotelResModifies", "HotelResModify")
    booking = add(add(message, names[0]), names[1], RoomStayReservation="true", CreateDateTime=at, CreatorID="Expedia")
    add(booking, "UniqueID", Type="14", ID=told.booking_id)
    _tell_stay(add(add(booking, "RoomStays"), "RoomStay"), told)
    customer = _tell_guest(booking)
    person = add(customer, "PersonName")
    add(person, "GivenName", sale.first_name)
    add(person, "Surname", sale.last_name)
    add(customer, "Telephone", CountryAccessCode=sale.phone[1:4], PhoneNumber=sale.phone[4:])
    add(customer, "Email", sale.email)
    ids = add(add(booking, "ResGlobalInfo"), "HotelReservationIDs")
    add(ids, "HotelReservationID", ResID_Type="8", ResID_Value=told.booking_id, ResID_Source="Expedia", ResID_Date=at)
    return message


def _tell_guest(booking: Element) -> Element:
    place = booking
    for name in ("ResGuests", "ResGuest", "Profiles", "ProfileInfo", "Profile", "Customer"):
        place = add(place, name)
    return place


def _tell_cancel(message: Element, told: Transaction) -> None:
    message.set("CancelType", "Commit")
    add(add(message, "UniqueID", Type="14", ID=told.booking_id), "CompanyName", "Expedia")
    checks = add(message, "Verification")
    person = add(checks, "PersonName")
    add(person, "GivenName", told.sale.first_name)
    add(person, "Surname", told.sale.last_name)
    add(checks, "Vendor", told.sale.hotel_ref, Code="3", CodeContext="HotelCode")


def _tell_stay(stay: Element, told: Transaction) -> None:
    sale, room = told.sale, told.room
    plan = rate_plan(sale, room)
    add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=room.room_type, IsRoom="true")
    add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=plan)
    rates = add(stay, "RoomRates")
    for night in room.nights:
        day = {"EffectiveDate": night.stay_on.isoformat()}
        rate = add(rates, "RoomRate", **day, RoomTypeCode=room.room_type, NumberOfUnits="1", RatePlanCode=plan)
        one = add(add(rate, "Rates"), "Rate", **day, RateTimeUnit="Day", UnitMultiplier="1")
        add(one, "Base", AmountBeforeTax=_before_tax(sale, night), CurrencyCode=sale.currency)
    people = add(stay, "GuestCounts", IsPerRoom="true")
    add(people, "GuestCount", AgeQualifyingCode="10", Count=str(room.adults))
    for age in room.child_ages:
        add(people, "GuestCount", AgeQualifyingCode="8", Count="1", Age=str(age))
    add(stay, "TimeSpan", Start=room.arrival_on.isoformat(), End=room.departure_on.isoformat())
    _tell_card(stay, sale)
    total = add(stay, "Total", AmountAfterTax=major(room.total_minor, sale.currency), CurrencyCode=sale.currency)
    add(total, "Taxes", Amount=major(sum(n.tax_minor for n in room.nights), sale.currency), CurrencyCode=sale.currency)
    add(stay, "BasicPropertyInfo", HotelCode=sale.hotel_ref)
    requests = add(stay, "SpecialRequests")
    for code, text in _requests(sale, room):
        add(add(requests, "SpecialRequest", RequestCode=code, Language="en-us"), "Text", text)


def _tell_card(stay: Element, sale: Sale) -> None:
    if sale.card_number is None:
        return
    place = stay
    for name in ("Guarantee", "GuaranteesAccepted", "GuaranteeAccepted"):
        place = add(place, name)
    card = add(
        place, "PaymentCard", CardType="1", CardCode=_CARDS[sale.card_number[0]], CardNumber=sale.card_number,
        ExpireDate=sale.card_expires, SeriesCode=sale.card_code,
    )  # fmt: skip
    add(card, "CardHolderName", _holder(sale))

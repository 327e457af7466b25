"""Bookings as Booking.com tells them, written here for the tests of its connector."""

from collections.abc import Sequence
from datetime import date, timedelta

OTA = "http://www.opentravel.org/OTA/2003/05"
EUR = 'DecimalPlaces="2" CurrencyCode="EUR"'
OWN_CARD = '<PaymentCard CardCode="VI" CardNumber="4111111111111111" SeriesCode="123" ExpireDate="1230"/>'
THEIR_CARD = (
    '<PaymentCard CardCode="MC" CardNumber="5555555555554444" SeriesCode="737" ExpireDate="1229" EffectiveDate="2026-03-01"'
    f' CurrentBalance="20100" VCCExpirationDate="2027-03-02" {EUR}/>'
)


def rate(night_on: date, amount: str, more: str = "") -> str:
    return (
        f'<RoomRate EffectiveDate="{night_on}" RatePlanCode="BAR" {more}><Rates><Rate>'
        f'<Total AmountAfterTax="{amount}" {EUR}/></Rate></Rates></RoomRate>'
    )


def stay(
    index: str = "4711",
    amounts: Sequence[str] = ("10000", "10100"),
    *,
    rates: str | None = None,
    counts: str = '<GuestCount AgeQualifyingCode="10" Count="2"/>',
    hotel: str = "CITY",
    after: str = "",
) -> str:
    nights = [rate(date(2026, 3, 1) + timedelta(days=n), amount) for n, amount in enumerate(amounts)]
    total = sum(int(amount) for amount in amounts)
    return (
        f'<RoomStay IndexNumber="{index}"><RoomTypes><RoomType RoomTypeCode="STD"/></RoomTypes>'
        f'<RatePlans><RatePlan><Commission><CommissionPayableAmount Amount="1500" {EUR}/></Commission></RatePlan></RatePlans>'
        f"<RoomRates>{''.join(nights) if rates is None else rates}</RoomRates><GuestCounts>{counts}</GuestCounts>"
        f'<CancelPenalties><CancelPenalty PolicyCode="152"/></CancelPenalties><Total AmountAfterTax="{total}" {EUR}/>'
        f'<BasicPropertyInfo HotelCode="{hotel}"/><ResGuestRPHs><ResGuestRPH RPH="1"/></ResGuestRPHs>{after}</RoomStay>'
    )


def customer(inside: str) -> str:
    return f"<Profiles><ProfileInfo><Profile><Customer>{inside}</Customer></Profile></ProfileInfo></Profiles>"


def booking(
    number: int = 1,
    *,
    status: str | None = None,
    stays: str | None = None,
    total: str = "20100",
    card: str = "",
    info: str = "",
    is_changed: bool = False,
) -> str:
    name = "HotelResModify" if is_changed else "HotelReservation"
    held = (
        f"<Guarantee><GuaranteesAccepted><GuaranteeAccepted>{card}</GuaranteeAccepted></GuaranteesAccepted></Guarantee>"
    )
    booker = customer(
        "<PersonName><GivenName>Ana</GivenName><Surname>Pérez</Surname></PersonName>"
        '<Telephone PhoneNumber="+351912345678"/><Email>ana.1@guest.booking.com</Email>'
        '<Address><CountryName Code="PT"/></Address>'
    )
    return (
        f"<{name}{f' ResStatus={chr(34)}{status}{chr(34)}' if status else ''}>"
        f"<RoomStays>{stay() if stays is None else stays}</RoomStays>"
        f'<ResGuests><ResGuest ResGuestRPH="1">{customer("<PersonName><Surname>Jane Roe</Surname></PersonName>")}</ResGuest>'
        f'</ResGuests><ResGlobalInfo>{held if card else ""}<Total AmountAfterTax="{total}" {EUR}/>'
        f'<HotelReservationIDs><HotelReservationID ResID_Value="{number}" ResID_Date="2026-02-01T12:00:00"/>'
        f"</HotelReservationIDs>{booker}{info}</ResGlobalInfo></{name}>"
    )


def answered(*bookings: str, is_changed: bool = False, at: str = "2026-02-28T10:00:00") -> bytes:
    name, held = (
        ("OTA_HotelResModifyNotifRQ", "HotelResModifies")
        if is_changed
        else ("OTA_HotelResNotifRQ", "HotelReservations")
    )
    told = f"<{held}>{''.join(bookings)}</{held}>" if bookings else ""
    return f'<{name} xmlns="{OTA}" TimeStamp="{at}" Target="Production" Version="2.001">{told}</{name}>'.encode()


def receipt(name: str = "OTA_HotelResNotifRS", inside: str = "<Success/>") -> bytes:
    return f'<{name} xmlns="{OTA}" TimeStamp="2026-02-28T10:00:00" Version="2.001">{inside}</{name}>'.encode()

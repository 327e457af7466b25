"""Reservations as SiteMinder tells them, written here for the tests of its connector."""

from datetime import date, timedelta
from typing import Any

from lxml import etree

OTA = "http://www.opentravel.org/OTA/2003/05"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NIGHTS = ("100.00", "120.00")


def rates(*amounts: str, more: str = "") -> str:
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(len(amounts) + 1)]
    return "".join(
        f'<Rate UnitMultiplier="1" RateTimeUnit="Day" EffectiveDate="{day}" ExpireDate="{after}">'
        f'<Base AmountAfterTax="{amount}" CurrencyCode="EUR"/>{more}</Rate>'
        for day, after, amount in zip(days, days[1:], amounts, strict=False)
    )


def stay(*, rated: str | None = None, total: str | None = "220.00", hotel: str = "CITY", after: str = "") -> str:
    whole = f'<Total AmountAfterTax="{total}" CurrencyCode="EUR"/>' if total else ""
    return (
        '<RoomStay><RoomTypes><RoomType RoomTypeCode="STD"/></RoomTypes><RatePlans><RatePlan RatePlanCode="BAR"/></RatePlans>'
        '<RoomRates><RoomRate RoomTypeCode="STD" RatePlanCode="BAR" NumberOfUnits="1">'
        f"<Rates>{rates(*NIGHTS) if rated is None else rated}</Rates></RoomRate></RoomRates>"
        '<GuestCounts><GuestCount AgeQualifyingCode="10" Count="2"/></GuestCounts>'
        f'<TimeSpan Start="2026-03-01" End="2026-03-03"/>{whole}<BasicPropertyInfo HotelCode="{hotel}"/>{after}</RoomStay>'
    )


def reservation(
    number: int = 1,
    *,
    status: str = "Book",
    made_at: str = "2026-02-28T10:00:00.000+0000",
    changed_at: str | None = None,
    ids: str | None = None,
    stays: str | None = None,
    info: str = '<Total AmountAfterTax="220.00" CurrencyCode="EUR"/>',
    channel: str = '<CompanyName Code="EXP">Expedia</CompanyName>',
) -> str:
    changed = f'LastModifyDateTime="{changed_at}"' if changed_at else ""
    named = (
        f'<UniqueID Type="14" ID="EXP-{number}"/><UniqueID Type="16" ID="m{number}" ID_Context="MESSAGE_UNIQUE_ID"/>'
        if ids is None
        else ids
    )
    return (
        f'<HotelReservation CreateDateTime="{made_at}" {changed} ResStatus="{status}"><POS><Source>'
        f'<RequestorID Type="22" ID="SITEMINDER"/><BookingChannel Primary="true" Type="7">{channel}</BookingChannel></Source>'
        '<Source><BookingChannel Primary="false" Type="7"><CompanyName Code="EXPA">An affiliate</CompanyName></BookingChannel>'
        f"</Source></POS>{named}<RoomStays>{stay() if stays is None else stays}</RoomStays>"
        '<ResGuests><ResGuest ResGuestRPH="1"><Profiles><ProfileInfo><Profile><Customer><PersonName>'
        "<GivenName>Jane</GivenName><Surname>Roe</Surname></PersonName></Customer></Profile></ProfileInfo></Profiles>"
        f"</ResGuest></ResGuests><ResGlobalInfo>{info}<HotelReservationIDs>"
        f'<HotelReservationID ResID_Type="14" ResID_Value="{number}"/></HotelReservationIDs></ResGlobalInfo></HotelReservation>'
    )


def soap(payload: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{payload}</s:Body></s:Envelope>'.encode()


def retrieved(*reservations: str, at: str = "2026-02-28T10:05:00Z") -> bytes:
    held = f"<ReservationsList>{''.join(reservations)}</ReservationsList>" if reservations else ""
    return soap(f'<OTA_ResRetrieveRS xmlns="{OTA}" Version="1.0" TimeStamp="{at}"><Success/>{held}</OTA_ResRetrieveRS>')


def answered(name: str, inside: str = "<Success/>") -> bytes:
    return soap(f'<{name} xmlns="{OTA}" Version="1.0">{inside}</{name}>')


def error(code: str, kind: str = "3") -> str:
    return f'<Errors><Error Type="{kind}" Code="{code}">No.</Error></Errors>'


def fault(code: str = "soap:Client") -> bytes:
    return soap(f"<s:Fault><faultcode>{code}</faultcode><faultstring>No.</faultstring></s:Fault>")


def message_in(body: bytes) -> Any:
    """Give the message inside an envelope of ours."""
    (message,) = etree.fromstring(body).find("{*}Body")
    return message

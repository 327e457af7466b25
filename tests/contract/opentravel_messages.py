"""OpenTravel messages written by hand, for tests: bare, and in SOAP."""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from connectors.protocols.soap import unwrap
from tests.contract.scripted_server import Asked

OTA = 'xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"'


def booking(
    ref: str, *, status: str = "Book", modified_at: str = "2026-02-28T10:00:00+00:00", message_ref: str | None = None
) -> str:
    """Write one booking of hotel CITY, one room, two nights of EUR 100.00 and 90.50."""
    named = f'<UniqueID Type="16" ID="{message_ref}" ID_Context="MESSAGE_UNIQUE_ID"/>' if message_ref else ""
    stay = f"""<RoomStays><RoomStay IndexNumber="1"><RoomRates><RoomRate RoomTypeCode="STD" RatePlanCode="BAR"><Rates>
        {_rate("2026-03-01", "2026-03-02", "100.00")}{_rate("2026-03-02", "2026-03-03", "90.50")}</Rates></RoomRate></RoomRates>
        <GuestCounts><GuestCount AgeQualifyingCode="10" Count="2"/></GuestCounts>
        <TimeSpan Start="2026-03-01" End="2026-03-03"/></RoomStay></RoomStays>"""
    return f"""<HotelReservation CreateDateTime="2026-02-27T09:00:00Z" LastModifyDateTime="{modified_at}" ResStatus="{status}">
        <UniqueID Type="14" ID="{ref}"/>{named}{"" if status == "Cancel" else stay}
        <ResGlobalInfo><BasicPropertyInfo HotelCode="CITY"/></ResGlobalInfo></HotelReservation>"""


def retrieved(*bookings: str) -> bytes:
    """Write OTA_ResRetrieveRS."""
    held = "".join(bookings)
    return (
        f"<OTA_ResRetrieveRS {OTA}><Success/><ReservationsList>{held}</ReservationsList></OTA_ResRetrieveRS>".encode()
    )


def notified(*bookings: str, inside: str = "", stamp: str = "2026-03-01T12:00:00Z") -> bytes:
    """Write OTA_HotelResNotifRQ."""
    held = "".join(bookings)
    root = f'<OTA_HotelResNotifRQ {OTA} EchoToken="e-1" TimeStamp="{stamp}" Target="Test">'
    return f"{root}{inside}<HotelReservations>{held}</HotelReservations></OTA_HotelResNotifRQ>".encode()


def said(name: str, inside: str = "<Success/>") -> bytes:
    """Write an answer."""
    return f"<OTA_{name} {OTA}>{inside}</OTA_{name}>".encode()


def in_soap(message: bytes, header: str = "", version: str = "1.1") -> bytes:
    """Put a message into an envelope."""
    space = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}[
        version
    ]
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{space}">{head}<s:Body>{message.decode()}</s:Body></s:Envelope>'.encode()


def messages(asked: Sequence[Asked]) -> list[Any]:
    """Read the messages that were sent, whatever was around them."""
    return [unwrap(each.body).payload for each in asked]


def attributes(message: Any, name: str) -> list[dict[str, str]]:
    """List the attributes of every element of a name."""
    return [dict(each.attrib) for each in message.iter("{*}" + name)]


def shown(message: Any) -> str:
    """Show a message as text."""
    return str(etree.tostring(message, encoding="unicode"))


def _rate(first: str, last: str, amount: str) -> str:
    base = f'<Base AmountAfterTax="{amount}" CurrencyCode="EUR"/>'
    return f'<Rate EffectiveDate="{first}" ExpireDate="{last}" UnitMultiplier="1">{base}</Rate>'

"""AlpineBits documents and forms written by hand, for tests."""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from connectors.alpinebits.multipart import read
from tests.contract.scripted_server import Asked

OTA = 'xmlns="http://www.opentravel.org/OTA/2003/05" Version="7.000"'


def request(
    ref: str,
    *,
    status: str = "Reserved",
    modified_at: str | None = "2026-02-28T10:00:00+00:00",
    inside: str = "",
    dates: str = '<TimeSpan Start="2026-03-01" End="2026-03-03"/>',
) -> str:
    """Write one guest request of hotel CITY, one room, two nights of EUR 95.25 in all."""
    kind = "15" if status == "Cancelled" else "14"
    stamp = f'LastModifyDateTime="{modified_at}"' if modified_at else ""
    room = f"""<RoomStays><RoomStay>
        <RoomTypes><RoomType RoomTypeCode="STD" RoomClassificationCode="42"/></RoomTypes>
        <RatePlans><RatePlan RatePlanCode="BAR"><Commission><CommissionPayableAmount Amount="9.50" CurrencyCode="EUR"/>
        </Commission><MealsIncluded MealPlanIndicator="true" MealPlanCodes="3"/></RatePlan></RatePlans>
        <GuestCounts><GuestCount Count="2"/><GuestCount Count="1" Age="9"/></GuestCounts>
        {dates}<Total AmountAfterTax="95.25" CurrencyCode="EUR"/></RoomStay></RoomStays>"""
    return f"""<HotelReservation CreateDateTime="2026-02-27T09:00:00+01:00" {stamp} ResStatus="{status}">
        <UniqueID Type="{kind}" ID="{ref}"/>{"" if status == "Cancelled" else room}{inside}
        <ResGlobalInfo><HotelReservationIDs><HotelReservationID ResID_Type="13" ResID_Value="spring" ResID_Source="web"/>
        </HotelReservationIDs><BasicPropertyInfo HotelCode="CITY"/></ResGlobalInfo></HotelReservation>"""


def retrieved(*requests: str) -> bytes:
    """Write OTA_ResRetrieveRS."""
    held = "".join(requests)
    return (
        f"<OTA_ResRetrieveRS {OTA}><Success/><ReservationsList>{held}</ReservationsList></OTA_ResRetrieveRS>".encode()
    )


def notified(*requests: str) -> bytes:
    """Write OTA_HotelResNotifRQ."""
    held = "".join(requests)
    return f"<OTA_HotelResNotifRQ {OTA}><HotelReservations>{held}</HotelReservations></OTA_HotelResNotifRQ>".encode()


def said(name: str, inside: str = "<Success/>") -> bytes:
    """Write an answer."""
    return f"<OTA_{name} {OTA}>{inside}</OTA_{name}>".encode()


def form(action: str, message: bytes) -> bytes:
    """Write a form as a browser would."""
    boundary = b"----7d3a"
    parts = ((b"action", action.encode()), (b"request", message))
    lines = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name, part)
        for name, part in parts
    ]
    return b"".join(lines) + b"--" + boundary + b"--\r\n"


def messages(asked: Sequence[Asked]) -> list[Any]:
    """Read the documents of forms that were sent."""
    return [etree.fromstring(read(each.body).request) for each in asked]


def actions(asked: Sequence[Asked]) -> list[str]:
    """Read the actions of forms that were sent."""
    return [read(each.body).action for each in asked]

"""What we ask of a system that keeps bookings: which wait, that they are stored, that a booking is off, and whether it lives."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from connectors.protocols.opentravel.compose_xml import (
    Element,
    Head,
    Hotel,
    add,
    add_path,
    document,
    hotel_attributes,
    unique_id,
)

RESERVATION: Final = "14"
CANCELLATION: Final = "15"
REFERENCE: Final = "16"
CREATED: Final = "CreateDate"
UPDATED: Final = "LastUpdateDate"
ARRIVING: Final = "ArrivalDate"
LEAVING: Final = "DepartureDate"


class Selection(NamedTuple):
    """Which bookings to read: by delivery (`Undelivered`, `All`, `PreviouslyDelivered`), by dates of a kind, or both.

    `first` and `last` may be dates or instants.
    """

    delivery: str | None = "Undelivered"
    dates: str | None = None
    first: date | datetime | None = None
    last: date | datetime | None = None
    status: str | None = None


class Stored(NamedTuple):
    """A message that is stored for good: the ids it came with, and the number we know the booking by.

    `ids` are (type, id, context) of its UniqueIDs; `our_ref` None where none is to be told.
    """

    ids: tuple[tuple[str, str, str | None], ...]
    our_ref: str | None = None
    status: str | None = None
    changed_at: datetime | None = None


def read_request(head: Head, hotel: Hotel | None = None, selection: Selection | None = None) -> Element:
    """Ask for bookings (OTA_ReadRQ): those not delivered yet, unless told otherwise; of all hotels where none is named."""
    chosen = selection or Selection()
    root = document("OTA_ReadRQ", head)
    held = add(add(root, "ReadRequests"), "HotelReadRequest", **(hotel_attributes(hotel) if hotel else {}))
    if any(chosen):
        add(
            held,
            "SelectionCriteria",
            Start=chosen.first,
            End=chosen.last,
            DateType=chosen.dates,
            SelectionType=chosen.delivery,
            ResStatus=chosen.status,
        )
    return root


def read_booking(head: Head, ref: str, kind: str = RESERVATION) -> Element:
    """Ask for one booking by its number (OTA_ReadRQ)."""
    root = document("OTA_ReadRQ", head)
    unique_id(add_path(root, "ReadRequests", "ReadRequest"), ref, kind)
    return root


def notif_report(
    head: Head, stored: Sequence[Stored] = (), *, hotel: Hotel | None = None, our_ref_type: str = RESERVATION
) -> Element:
    """Confirm messages as stored (OTA_NotifReportRQ), each with the ids it came with and our number of the booking.

    `our_ref_type` is ResID_Type of our number: 14 reservation, 40 confirmation, 10 hotel, as the receiver wants it.
    """
    root = document("OTA_NotifReportRQ", head)
    add(root, "Success")
    if not stored:
        return root
    held = add_path(root, "NotifDetails", "HotelNotifReport", "HotelReservations")
    for each in stored:
        told = add(held, "HotelReservation", LastModifyDateTime=each.changed_at, ResStatus=each.status)
        for kind, ref, context in each.ids:
            unique_id(told, ref, kind, context=context)
        if each.our_ref or hotel:
            info = add(told, "ResGlobalInfo")
            if each.our_ref:
                add(
                    add(info, "HotelReservationIDs"),
                    "HotelReservationID",
                    ResID_Type=our_ref_type,
                    ResID_Value=each.our_ref,
                )
            if hotel:
                add(info, "BasicPropertyInfo", **hotel_attributes(hotel))
    return root


def notif_report_failed(head: Head, failures: Sequence[Mapping[str, str]]) -> Element:
    """Report that messages could not be stored (OTA_NotifReportRQ with Errors); attributes of each Error as they are."""
    root = document("OTA_NotifReportRQ", head)
    held = add(root, "Errors")
    for failure in failures:
        add(held, "Error", **failure)
    return root


def ping(head: Head, echo: str) -> Element:
    """Ask for a sign of life (OTA_PingRQ)."""
    root = document("OTA_PingRQ", head)
    add(root, "EchoData", echo)
    return root

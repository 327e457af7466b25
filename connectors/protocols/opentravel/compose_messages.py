"""Bookings as messages: pushed as new, modified or cancelled, or given to whoever reads a queue."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.protocols.opentravel.compose_booking import MESSAGE_CONTEXT, STATUS_WORDS, Booked, add_booking
from connectors.protocols.opentravel.compose_replies import Remark, success
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


def new_bookings(
    head: Head, bookings: Sequence[Booked], hotel: Hotel, statuses: Mapping[str, str] = STATUS_WORDS
) -> Element:
    """Write OTA_HotelResNotifRQ."""
    root = document("OTA_HotelResNotifRQ", head, ResStatus="Commit")
    held = add(root, "HotelReservations")
    for booked in bookings:
        add_booking(held, booked, hotel, statuses=statuses)
    return root


def changed_bookings(
    head: Head, bookings: Sequence[Booked], hotel: Hotel, statuses: Mapping[str, str] = STATUS_WORDS
) -> Element:
    """Write OTA_HotelResModifyNotifRQ, each booking whole: what it does not tell is not so any more."""
    root = document("OTA_HotelResModifyNotifRQ", head, ResStatus="Modify")
    held = add(root, "HotelResModifies")
    for booked in bookings:
        add_booking(held, booked, hotel, name="HotelResModify", statuses=statuses)
    return root


def cancellation(head: Head, ref: str, hotel: Hotel, *, message_ref: str | None = None) -> Element:
    """Write OTA_CancelRQ for one booking by its number; the message's time is when it was cancelled."""
    root = document("OTA_CancelRQ", head, CancelType="Cancel")
    unique_id(root, ref, "14")
    if message_ref:
        unique_id(root, message_ref, "16", context=MESSAGE_CONTEXT)
    add(add_path(root, "Verification", "TPA_Extensions"), "BasicPropertyInfo", **hotel_attributes(hotel))
    return root


def retrieved_bookings(
    head: Head,
    bookings: Sequence[Booked],
    hotel: Hotel,
    *,
    warnings: Sequence[Remark] = (),
    statuses: Mapping[str, str] = STATUS_WORDS,
) -> Element:
    """Write OTA_ResRetrieveRS; none waits: an empty list."""
    root = success("OTA_ResRetrieveRS", head, warnings)
    held = add(root, "ReservationsList")
    for booked in bookings:
        add_booking(held, booked, hotel, statuses=statuses)
    return root


class Offer(NamedTuple):
    """A room type sold at a rate plan, as a channel lists what it knows of a hotel."""

    room_type_ref: str
    room_name: str
    rate_plan_ref: str
    rate_name: str


def known_offers(head: Head, hotel: Hotel, offers: Sequence[Offer]) -> Element:
    """Write OTA_HotelAvailRS that lists room types and rate plans, a RoomStay for each pair."""
    root = success("OTA_HotelAvailRS", head)
    held = add(root, "RoomStays") if offers else None
    for offer in offers:
        stay = add(held, "RoomStay")
        room = add(add(stay, "RoomTypes"), "RoomType", RoomTypeCode=offer.room_type_ref)
        add(add(room, "RoomDescription", Name=offer.room_name), "Text", offer.room_name)
        plan = add(add(stay, "RatePlans"), "RatePlan", RatePlanCode=offer.rate_plan_ref, RatePlanName=offer.rate_name)
        add(add(plan, "RatePlanDescription", Name=offer.rate_name), "Text", offer.rate_name)
        add(stay, "BasicPropertyInfo", **hotel_attributes(hotel))
    return root

"""One booking as a HotelReservation: what the standard has a place for stands there, the rest in our extensions."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from connectors.protocols.opentravel.compose_extensions import add_extensions
from connectors.protocols.opentravel.compose_guests import (
    COMPANY,
    TRAVEL_AGENT,
    add_firm,
    add_guests,
    add_profile,
    numbered,
)
from connectors.protocols.opentravel.compose_money import add_amount, percent
from connectors.protocols.opentravel.compose_stay import Ties, add_counts, add_room
from connectors.protocols.opentravel.compose_xml import (
    Element,
    Hotel,
    add,
    add_path,
    amount,
    hotel_attributes,
    printable,
    unique_id,
)
from connectors.protocols.opentravel.words import GUARANTEES
from hotel.guests import Guest
from hotel.reservations import Extra, Reservation
from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

OPTION: Final = "option"
STATUS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        CONFIRMED: "Reserved",
        IN_HOUSE: "In-house",
        CHECKED_OUT: "Checked out",
        CANCELLED: "Cancelled",
        NO_SHOW: "No-show",
        WAITLISTED: "Waitlisted",
        OPTION: "Requested",
    }
)
MESSAGE_CONTEXT: Final = "MESSAGE_UNIQUE_ID"
_GUARANTEE_TYPES: Final = {code: word for word, code in reversed(tuple(GUARANTEES.items()))}


class Booked(NamedTuple):
    """A booking with its people. `updated_at` when it last changed; `message_ref` names this telling of it."""

    reservation: Reservation
    guests: tuple[Guest, ...] = ()
    updated_at: datetime | None = None
    message_ref: str | None = None
    our_ref: str | None = None


def add_booking(
    parent: Element,
    booked: Booked,
    hotel: Hotel,
    *,
    name: str = "HotelReservation",
    statuses: Mapping[str, str] = STATUS_WORDS,
) -> Element:
    """Append one booking; `statuses` are the receiver's words for ours, with `option` for one that holds its room.

    A cancellation says who and when, what it costs, and nothing else. Of what people wrote, what XML cannot hold is
    dropped; a code with such a character raises RequestRefused.
    """
    booked = _storable(booked)
    row = booked.reservation
    told = add(
        parent,
        name,
        CreateDateTime=row.booked_at,
        LastModifyDateTime=booked.updated_at,
        ResStatus=statuses[_status(row.status, is_held=row.is_inventory_held)],
        WalkInIndicator=row.is_walk_in,
    )
    if row.channel_code:
        channel = add(add_path(told, "POS", "Source"), "BookingChannel", Type="7", Primary=True)
        add(channel, "CompanyName", row.channel_code, Code=row.channel_code)
    unique_id(told, row.source_ref, "14")
    if booked.message_ref:
        unique_id(told, booked.message_ref, "16", context=MESSAGE_CONTEXT)
    if row.status == CANCELLED:
        _close(told, booked, hotel)
    else:
        _tell(told, booked, hotel, statuses)
    add_extensions(told, row, booked.guests, hotel, statuses)
    return told


def _storable(booked: Booked) -> Booked:
    row = booked.reservation
    guests = tuple(
        guest._replace(
            first_name=guest.first_name and printable(guest.first_name),
            last_name=guest.last_name and printable(guest.last_name),
            full_name=guest.full_name and printable(guest.full_name),
        )
        for guest in booked.guests
    )
    return booked._replace(reservation=row._replace(comment=row.comment and printable(row.comment)), guests=guests)


def _tell(told: Element, booked: Booked, hotel: Hotel, statuses: Mapping[str, str]) -> None:
    row = booked.reservation
    numbers = numbered(booked.guests, _apart(row))
    _add_rooms(told, row, hotel, numbers, statuses)
    for number, extra in enumerate(row.extras, 1):
        holder = add(told, "Services") if number == 1 else told[-1]
        _add_extra(holder, extra, number)
    arrivals = {
        room.occupant_guest_ref: room.arrival_time
        for room in reversed(row.rooms)
        if room.occupant_guest_ref and room.arrival_time
    }
    add_guests(told, booked.guests, numbers, row.primary_guest_ref, arrivals)
    _add_global(told, booked, hotel)


def _status(status: str, *, is_held: bool) -> str:
    return OPTION if status == WAITLISTED and is_held else status


def _apart(row: Reservation) -> str | None:
    """Name the guest who booked and does not stay: a profile of the booking, no guest of a room."""
    staying = {room.occupant_guest_ref for room in row.rooms} | {row.primary_guest_ref}
    return None if row.booker_guest_ref in staying else row.booker_guest_ref


def _add_rooms(
    told: Element, row: Reservation, hotel: Hotel, numbers: Mapping[str, str], statuses: Mapping[str, str]
) -> None:
    held = add(told, "RoomStays") if row.rooms else None
    for room in row.rooms:
        services = tuple(n for n, extra in enumerate(row.extras, 1) if extra.room_ref == room.room_ref)
        status = statuses[room.status] if room.status != row.status else None
        add_room(held, room, row, Ties(hotel, status, numbers.get(room.occupant_guest_ref or ""), services))


def _add_extra(parent: Element, extra: Extra, number: int) -> None:
    told = add(
        parent,
        "Service",
        ServiceRPH=number if extra.room_ref else None,
        ServiceInventoryCode=extra.extra_code,
        Inclusive=extra.is_in_price,
        Quantity=extra.quantity_count,
        Type="18",
        ID=extra.extra_ref,
    )
    if extra.total_minor is not None and extra.currency:
        add_amount(
            add(told, "Price"), "Total", extra.total_minor, extra.currency, is_tax_included=extra.is_tax_included
        )
    if extra.serves_on:
        add(add(told, "ServiceDetails"), "TimeSpan", Start=extra.serves_on)


def _add_global(told: Element, booked: Booked, hotel: Hotel) -> None:
    row = booked.reservation
    info = add(told, "ResGlobalInfo")
    add_counts(info, row.adult_count, row.child_count, row.infant_count)
    if row.arrival_on or row.departure_on:
        add(info, "TimeSpan", Start=row.arrival_on, End=row.departure_on)
    if row.comment:
        add(add_path(info, "Comments", "Comment"), "Text", row.comment)
    _add_terms(info, row)
    if row.total_minor is not None and row.currency:
        add_amount(
            info, "Total", row.total_minor, row.currency, is_tax_included=row.is_tax_included, tax_minor=row.tax_minor
        )
    _add_numbers(info, booked)
    _add_parties(info, booked)
    _add_commission(info, row)
    add(info, "BasicPropertyInfo", **hotel_attributes(hotel))


def _add_terms(info: Element, row: Reservation) -> None:
    if row.guarantee_code:
        kind = _GUARANTEE_TYPES.get(row.guarantee_code)
        add(info, "Guarantee", GuaranteeType=kind, GuaranteeCode=None if kind else row.guarantee_code)
    if row.cancellation_policy_code or row.free_cancel_until_at:
        penalty = add(add(info, "CancelPenalties"), "CancelPenalty", PolicyCode=row.cancellation_policy_code)
        if row.free_cancel_until_at:
            add(penalty, "Deadline", AbsoluteDeadline=row.free_cancel_until_at)


def _add_numbers(info: Element, booked: Booked, **cancelled: object) -> None:
    row = booked.reservation
    numbers: list[dict[str, object]] = []
    if row.channel_ref and row.channel_ref != row.source_ref:
        numbers.append({"ResID_Type": "13", "ResID_Value": row.channel_ref, "ResID_Source": row.channel_code})
    if booked.our_ref:
        numbers.append({"ResID_Type": "10", "ResID_Value": booked.our_ref})
    if any(cancelled.values()):
        numbers.append({"ResID_Type": "15", "ResID_Value": row.source_ref} | cancelled)
    held = add(info, "HotelReservationIDs") if numbers else None
    for number in numbers:
        add(held, "HotelReservationID", **number)


def _add_parties(info: Element, booked: Booked) -> None:
    row, apart = booked.reservation, _apart(booked.reservation)
    bookers = [guest for guest in booked.guests if guest.source_ref == apart]
    if not (bookers or row.agent_ref or row.company_ref):
        return
    held = add(info, "Profiles")
    for booker in bookers:
        add_profile(held, booker)
    if row.agent_ref:
        add_firm(held, TRAVEL_AGENT, row.agent_ref)
    if row.company_ref:
        add_firm(held, COMPANY, row.company_ref)


def _add_commission(info: Element, row: Reservation) -> None:
    if row.commission_minor is None and row.commission_rate is None:
        return
    told = add(info, "TotalCommissions", Percent=percent(row.commission_rate))
    if row.commission_minor is not None and row.currency:
        payable = amount(row.commission_minor, row.currency)
        add(told, "CommissionPayableAmount", Amount=payable, CurrencyCode=row.currency)


def _close(told: Element, booked: Booked, hotel: Hotel) -> None:
    """Say of a cancelled booking when that happened; not what it was."""
    row, info = booked.reservation, add(told, "ResGlobalInfo")
    _add_numbers(info, booked, CancellationDate=row.cancelled_at)
    add(info, "BasicPropertyInfo", **hotel_attributes(hotel))

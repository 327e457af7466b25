"""Our language back into the hotel_rest contract: what a PMS or a channel would have sent for such a row."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from hotel.guests import Guest
from hotel.money import exponent, is_currency
from hotel.reservations import Reservation, Room
from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

Json = dict[str, Any]

STATUS_WORDS: Final[Mapping[str, str]] = {
    CONFIRMED: "Confirmed",
    IN_HOUSE: "InHouse",
    CHECKED_OUT: "CheckedOut",
    CANCELLED: "Cancelled",
    NO_SHOW: "NoShow",
    WAITLISTED: "Waitlisted",
}
OPTION_WORD: Final = "Optional"
# An amount without a known currency still has to be told: two decimals, as most would write it.
DECIMALS_OF_UNKNOWN: Final = 2


def contract_shape(reservation: Reservation) -> Json:
    """Tell a reservation as the contract does: camelCase, money as text in major units, dates as ISO text.

    `modifiedAt` and `revision` are the sender's to add. A date known without its time is told as noon UTC,
    which is that date in every zone from -12 to +11. Wrong values (no guests, a negative price) are told as they are.
    """
    decimals = _decimals(reservation.currency)
    return {
        "id": reservation.source_ref,
        "propertyId": reservation.property_id,
        "groupId": reservation.group_ref,
        "status": _word(reservation.status, is_held=reservation.is_inventory_held),
        "bookedAt": moment(reservation.booked_at, reservation.booked_on),
        "cancelledAt": moment(reservation.cancelled_at, reservation.cancelled_on),
        "noShowOn": _day(reservation.no_show_on),
        "checkedInOn": _day(reservation.checked_in_on),
        "checkedOutOn": _day(reservation.checked_out_on),
        "channel": reservation.channel_code,
        "channelRef": reservation.channel_ref,
        "segment": reservation.market_segment_code,
        "origin": reservation.origin_code,
        "customerType": reservation.customer_type_code,
        "guarantee": reservation.guarantee_code,
        "mealPlan": reservation.meal_plan_code,
        "guestId": reservation.primary_guest_ref,
        "bookerId": reservation.booker_guest_ref,
        "agentId": reservation.agent_ref,
        "companyId": reservation.company_ref,
        "currency": reservation.currency,
        "totalPrice": major(reservation.total_minor, decimals),
        "taxIncluded": reservation.is_tax_included,
        "tax": major(reservation.tax_minor, decimals),
        "adults": reservation.adult_count,
        "children": reservation.child_count,
        "infants": reservation.infant_count,
        "changeCount": reservation.change_count,
        "repeatGuest": reservation.is_repeat_guest,
        "specialRequests": reservation.special_request_count,
        "rooms": [_room(room, is_held=reservation.is_inventory_held) for room in reservation.rooms],
    }


def _room(room: Room, *, is_held: bool) -> Json:
    decimals = _decimals(room.currency)
    return {
        "id": room.room_ref,
        "status": _word(room.status, is_held=is_held),
        "roomType": room.room_type_code,
        "assignedRoomType": room.assigned_room_type_code,
        "ratePlan": room.rate_plan_code,
        "mealPlan": room.meal_plan_code,
        "checkIn": _day(room.arrival_on),
        "checkOut": _day(room.departure_on),
        "dayUse": room.is_day_use,
        "complimentary": room.is_complimentary,
        "houseUse": room.is_house_use,
        "adults": room.adult_count,
        "children": room.child_count,
        "infants": room.infant_count,
        "totalPrice": major(room.total_minor, decimals),
        "nights": [
            {
                "date": night.stay_on.isoformat(),
                "price": major(night.price_minor, decimals),
                "tax": major(night.tax_minor, decimals),
                "package": major(night.package_minor, decimals),
            }
            for night in room.nights
        ],
    }


def guest_shape(guest: Guest) -> Json:
    """Tell a guest profile as the contract does; a company bears its name as `lastName`."""
    return {
        "id": guest.source_ref,
        "propertyId": guest.property_id,
        "kind": guest.kind,
        "firstName": guest.first_name,
        "lastName": guest.last_name,
        "dateOfBirth": _day(guest.birth_on),
        "nationality": guest.country_code,
        "language": guest.language_code,
        "email": guest.email,
        "phone": guest.phone_raw or guest.phone,
        "vipLevel": guest.vip_code,
        "mergedIntoId": guest.merged_into_ref,
        "active": guest.is_active,
        "createdAt": moment(guest.created_on_source_at),
    }


def major(minor: int | None, decimals: int) -> str | None:
    """Write minor units as text in major units: `12345` with 2 decimals is `123.45`, None stays None."""
    if minor is None:
        return None
    if decimals == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}}"


def moment(instant: datetime | None, day: date | None = None) -> str | None:
    """Write an aware instant in UTC with a `Z`; with only a date, noon of it."""
    if instant is not None:
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{day.isoformat()}T12:00:00Z" if day else None


def _word(status: str, *, is_held: bool) -> str:
    if status == WAITLISTED and is_held:
        return OPTION_WORD
    return STATUS_WORDS.get(status, status)


def _decimals(currency: str | None) -> int:
    return exponent(currency) if currency and is_currency(currency) else DECIMALS_OF_UNKNOWN


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

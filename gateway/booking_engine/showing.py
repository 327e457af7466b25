"""A booking as its caller sees it."""

from gateway.booking_engine import shapes
from gateway.booking_engine.amounts import shown, shown_or_none
from storage.booked import Booked, BookedGuest, BookedRoom


def show(property_id: str, found: Booked) -> shapes.Booking:
    """Show a stored booking."""
    return shapes.Booking(
        id=found.source_ref,
        hotel_id=property_id,
        status=found.status,
        check_in=found.arrival_on,
        check_out=found.departure_on,
        currency=found.currency,
        total=shown_or_none(found.total_minor, found.currency),
        tax_included=found.is_tax_included,
        rooms=[_room(room, found.currency) for room in found.rooms],
        guest=_guest(found.guest) if found.guest else None,
        comment=found.comment,
        booked_at=found.booked_at,
        changed_at=found.changed_at,
        cancelled_at=found.cancelled_at,
        cancellation_fee=shown_or_none(found.cancellation_fee_minor, found.currency),
    )


def _room(room: BookedRoom, currency: str | None) -> shapes.RoomBooked:
    nights = room.nights if currency else ()
    return shapes.RoomBooked(
        room_type=room.room_type_code,
        rate_plan=room.rate_plan_code,
        adults=room.adult_count,
        children=room.child_count,
        child_ages=None if room.child_ages is None else list(room.child_ages),
        total=shown_or_none(room.total_minor, currency),
        nights=[
            shapes.NightBooked(date=night.stay_on, price=shown(night.price_minor, currency or "")) for night in nights
        ],
    )


def _guest(guest: BookedGuest) -> shapes.GuestBooked:
    return shapes.GuestBooked(
        first_name=guest.first_name,
        last_name=guest.last_name,
        email=guest.email,
        phone=guest.phone,
        country=guest.country_code,
        language=guest.language_code,
    )

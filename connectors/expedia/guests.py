"""The guest a room is booked for, who also booked it: the only person Expedia tells of."""

from connectors.bookings import Person
from connectors.expedia import shapes


def guest_ref(booking: shapes.Booking) -> str | None:
    """Name the profile of a booking's guest, None where nobody is named."""
    return f"{booking.ref}:booker" if person_of(booking.guest).is_named else None


def person_of(told: shapes.Guest) -> Person:
    """Give the guest; a middle name stands with the first, a phone as one number."""
    phone = " ".join(part for part in (told.phone_country, told.phone_area, told.phone_number) if part)
    return Person(
        first_name=" ".join(part for part in (told.first, told.middle) if part) or None,
        last_name=told.last,
        email=told.email,
        phone=f"+{phone}" if told.phone_country else phone or None,
    )

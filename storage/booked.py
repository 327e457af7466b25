"""Bookings of one source as they stand, with their rooms, nights and the guest who booked: for those who made them."""

from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, text


class BookedNight(NamedTuple):
    """One night of a room; minor units of the booking's currency."""

    stay_on: date
    price_minor: int


class BookedRoom(NamedTuple):
    """One room of a booking and its nights, in their order."""

    room_ref: str
    status: str
    room_type_code: str
    rate_plan_code: str | None
    adult_count: int | None
    child_count: int | None
    child_ages: tuple[int, ...] | None
    total_minor: int | None
    nights: tuple[BookedNight, ...] = ()


class BookedGuest(NamedTuple):
    """Who booked. All of it is personal."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    country_code: str | None
    language_code: str | None


class Booked(NamedTuple):
    """One booking, newest version."""

    source_ref: str
    status: str
    arrival_on: date | None
    departure_on: date | None
    currency: str | None
    total_minor: int | None
    is_tax_included: bool | None
    booked_at: datetime | None
    changed_at: datetime
    cancelled_at: datetime | None
    cancellation_fee_minor: int | None
    channel_ref: str | None
    comment: str | None
    rooms: tuple[BookedRoom, ...] = ()
    guest: BookedGuest | None = None


def booked(connection: Connection, source: str, property_id: str, source_ref: str) -> Booked | None:
    """Read a booking; None where there is none. Rooms that were dropped are left out while others remain."""
    key = {"source": source, "property_id": property_id, "source_ref": source_ref}
    found = connection.execute(text(_BOOKING), key).mappings().one_or_none()
    if found is None:
        return None
    row = dict(found)
    guest_ref = row.pop("booker_guest_ref")
    guest = connection.execute(text(_GUEST), key | {"source_ref": guest_ref}).one_or_none() if guest_ref else None
    rooms = _rooms(connection, key)
    live = tuple(room for room in rooms if room.status != "cancelled")
    return Booked(**row, rooms=live or rooms, guest=BookedGuest(*guest) if guest else None)


def _rooms(connection: Connection, key: dict[str, str]) -> tuple[BookedRoom, ...]:
    nights: dict[str, list[BookedNight]] = {}
    for row in connection.execute(text(_NIGHTS), key):
        nights.setdefault(row.room_ref, []).append(BookedNight(row.stay_on, row.price_minor))
    return tuple(
        BookedRoom(**dict(row) | {"child_ages": row["child_ages"] and tuple(row["child_ages"])})._replace(
            nights=tuple(nights.get(row["room_ref"], ()))
        )
        for row in connection.execute(text(_ROOMS), key).mappings()
    )


_OF: Final = "WHERE source = :source AND property_id = :property_id AND source_ref = :source_ref"
_BOOKING: Final = f"""
SELECT {", ".join(name for name in Booked._fields if name not in {"rooms", "guest"})}, booker_guest_ref
FROM core.reservations {_OF} AND NOT is_tombstone
"""
_ROOMS: Final = f"""
SELECT {", ".join(name for name in BookedRoom._fields if name != "nights")}
FROM core.reservation_rooms {_OF} ORDER BY length(room_ref), room_ref
"""
_NIGHTS: Final = f"SELECT room_ref, stay_on, price_minor FROM core.room_nights {_OF} ORDER BY room_ref, stay_on"
_GUEST: Final = f"SELECT {', '.join(BookedGuest._fields)} FROM core.guests {_OF}"

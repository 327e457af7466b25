"""What identifies a request: the same again is answered with what became of the first, however often it is sent."""

import base64
import hashlib
import re
import secrets
from typing import Final, NamedTuple

from hotel.asked import CREATE

BOOKINGS: Final = "/api/booking-engine/bookings"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Name(NamedTuple):
    """`event_id` names the request in the inbox, `booking_ref` the booking; the status is asked for by `status_ref`."""

    event_id: str
    booking_ref: str
    status_ref: str


def name_of_new(property_id: str, key: str | None, reference: str | None) -> Name | None:
    """Name a booking to be made by the caller's key, else by its reference; None where it gave neither.

    The booking's id is the reference where there is one. A key that comes again with another reference is the first request.
    """
    ref = _ref_of(property_id, key) if key else reference
    return Name(creation(ref), reference or ref, ref) if ref else None


def name_of_change(kind: str, booking_ref: str, key: str | None) -> Name:
    """Name a change; without a key each is one of its own, since the same again may be meant after another."""
    return Name(f"{kind} {booking_ref} {key or secrets.token_hex(8)}", booking_ref, booking_ref)


def creation(status_ref: str) -> str:
    """Give the event id of the request that made, or shall make, a booking."""
    return f"{CREATE} {status_ref}"


def booking_path(ref: str) -> str:
    """Give the address of a booking."""
    return f"{BOOKINGS}/{ref}"


def is_booking_id(text: str) -> bool:
    """Tell whether a booking can have this id."""
    return _ID.fullmatch(text) is not None


def digest(*said: str) -> bytes:
    """Give what tells one request from another of the same name."""
    return hashlib.sha256("\n".join(said).encode()).digest()


def _ref_of(property_id: str, key: str) -> str:
    """Make a booking's id of the key it was asked for with: sixty-four bits in letters that are read out easily."""
    hashed = hashlib.sha256(f"{property_id} {key}".encode()).digest()[:8]
    return "B" + base64.b32encode(hashed).decode().rstrip("=")

"""Bookings as a channel sends them: invented `booking.created` events in the inbox, two nights each."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from benchmarks.guest_pages import PROPERTY
from storage.codebooks import save_property
from storage.integrations import Integration, save_integration
from storage.receiving import Delivery, receive

CHANNEL: Final = "bench-channel"
_SOLD: Final = datetime(2026, 2, 1, tzinfo=UTC)
_ARRIVAL: Final = date(2026, 3, 1)
_AS_IS: Final = ("room_type", "rate_plan", "market_segment", "channel", "meal_plan")
_AT_ONCE: Final = 1_000


def fill_inbox(connection: Connection, count: int) -> None:
    """Set up the house and its channel, and put `count` messages into the inbox as the gateway does."""
    save_property(connection, PROPERTY)
    integration = Integration(CHANNEL, PROPERTY.property_id, "hotel_rest", hotel_ref="CITY", settings={"as_is": _AS_IS})
    save_integration(connection, integration)
    told = [_delivery(number) for number in range(count)]
    for start in range(0, count, _AT_ONCE):
        receive(connection, told[start : start + _AT_ONCE])


def _delivery(n: int) -> Delivery:
    event = f"evt_{n}"
    body = msgspec.json.encode({"id": event, "type": "booking.created", "createdAt": _SOLD, "data": _booking(n)})
    return Delivery(
        CHANNEL, "", event, "booking.created", body, sha256(body).digest(), {}, "none", PROPERTY.property_id
    )


def _booking(n: int) -> dict[str, Any]:
    arrival = _ARRIVAL + timedelta(days=n % 300)
    days = [arrival, arrival + timedelta(days=1)]
    nights = [{"date": day, "price": f"{90 + n % 40}.50", "tax": None, "package": None} for day in days]
    total = f"{2 * (90 + n % 40) + 1}.00"
    room = {
        "id": "1",
        "status": "Confirmed",
        "roomType": ("double", "single", "suite")[n % 3],
        "ratePlan": "flex",
        "checkIn": arrival,
        "checkOut": arrival + timedelta(days=2),
        "adults": 2,
        "children": 0,
        "infants": 0,
        "totalPrice": total,
        "nights": nights,
    }
    return {
        "id": f"B{n:07d}",
        "propertyId": "CITY",
        "status": "Confirmed",
        "bookedAt": _SOLD - timedelta(minutes=n),
        "channel": "ota",
        "channelRef": f"X{n:07d}",
        "segment": "leisure",
        "guestId": f"G{n:07d}",
        "currency": "EUR",
        "totalPrice": total,
        "adults": 2,
        "children": 0,
        "infants": 0,
        "rooms": [room],
        "modifiedAt": _SOLD - timedelta(minutes=n),
        "revision": 1,
    }

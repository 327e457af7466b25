"""A hotel of two doubles and a suite, and requests put into its inbox as our own API puts them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from connectors.booking_engine.asked import Asked, AskedBooking, AskedCancel, AskedGuest, AskedNight, AskedRoom, written
from hotel.asked import CANCEL, CREATE, MODIFY, SOURCE
from hotel.properties import Property
from hotel.rooms import RoomType
from storage.asked import BOOKING
from storage.inbox import Delivery, Receipt, receive
from storage.integrations import Integration, save_integration, save_property
from storage.room_types import save_room_types

HOTEL = "harbour"
TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=30)
TYPES = [
    RoomType(HOTEL, "DBL", "Double", room_count=2, adult_count=2, occupancy_count=3),
    RoomType(HOTEL, "STE", "Suite", room_count=1, adult_count=2, occupancy_count=4),
]


def set_up_hotel(engine: Engine, types: Sequence[RoomType] = TYPES, **given: Any) -> None:
    """Write the property, its room types and its booking engine."""
    place = Property(HOTEL, "Harbour Hotel", "Europe/Lisbon", "EUR", country_code="PT", **{"room_count": 3, **given})
    with engine.begin() as connection:
        save_property(connection, place)
        save_room_types(connection, HOTEL, types)
        as_is = {"as_is": ["channel"]}
        save_integration(connection, Integration(SOURCE, HOTEL, "booking_engine", account=HOTEL, settings=as_is))


def booking(ref: str, *rooms: str, first: date = SOON, nights: int = 2, **given: Any) -> AskedBooking:
    """A booking of rooms of these types (one double where none is named) for some nights from a date on."""
    dates = [first + timedelta(days=day) for day in range(nights)]
    told = [
        AskedRoom(str(number), kind, "BAR", 2, 0, [AskedNight(each, 10_000, tax_included=True) for each in dates])
        for number, kind in enumerate(rooms or ("DBL",), 1)
    ]
    asked: dict[str, Any] = {
        "guest": AskedGuest("Ana", "Reis", "ana@example.com"),
        "booked_at": datetime.now(UTC),
    } | given
    return AskedBooking(ref, first, first + timedelta(days=nights), "EUR", rooms=told, **asked)


def cancel(ref: str, fee_minor: int | None = None) -> AskedCancel:
    return AskedCancel(ref, datetime.now(UTC), fee_minor)


def ask_for(engine: Engine, *asked: Asked, kind: str = CREATE, event_id: str | None = None) -> list[Receipt]:
    """Put requests into the inbox, as one commit."""
    with engine.begin() as connection:
        return receive(connection, [delivery(each, kind, event_id) for each in asked])


def delivery(asked: Asked, kind: str = CREATE, event_id: str | None = None) -> Delivery:
    """A request as the gateway stores it."""
    body = written(asked)
    kind = CANCEL if isinstance(asked, AskedCancel) else kind
    digest = hashlib.sha256(body).digest()
    name = event_id or f"{kind} {asked.ref} {digest.hex()[:12]}"
    return Delivery(SOURCE, HOTEL, name, kind, body, digest, {BOOKING: asked.ref}, "api_key", property_id=HOTEL)


def answered(engine: Engine) -> list[tuple[str, str | None, str | None]]:
    """What each request came to, in the order they were put."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT status, outcome, error_code FROM raw.inbox ORDER BY inbox_id"))
        return [tuple(row) for row in rows]


__all__ = ["CREATE", "HOTEL", "MODIFY", "SOON", "TODAY", "answered", "ask_for", "booking", "cancel", "set_up_hotel"]

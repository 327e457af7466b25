"""A hotel for the benchmark of our own API: ten room types, four plans, five hundred days of prices, its bookings."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, text

from connectors.booking_engine.asked import AskedBooking, AskedGuest, AskedNight, AskedRoom, written
from hotel.asked import CREATE, SOURCE
from hotel.properties import Property
from hotel.rooms import RoomType
from storage.asked import BOOKING
from storage.integrations import Integration, save_integration, save_property
from storage.receiving import Delivery, receive
from storage.room_types import save_room_types

HOTEL: Final = "bench-hotel"
TYPES: Final = [f"T{number:02}" for number in range(10)]
PLANS: Final = ("BAR", "BB", "NRF", "CORP")
DAYS: Final = 500
ROOMS: Final = 400
FIRST: Final = datetime.now(UTC).date() + timedelta(days=1)


def set_up(connection: Connection, bookings: int) -> None:
    """Write the hotel, its prices, and `bookings` messages that ask for a room."""
    save_property(connection, Property(HOTEL, "Bench Hotel", "Europe/Lisbon", "EUR", room_count=len(TYPES) * ROOMS))
    kinds = [RoomType(HOTEL, code, f"Type {code}", ROOMS, 2, 4) for code in TYPES]
    save_room_types(connection, HOTEL, kinds)
    as_is = {"as_is": ["channel"]}
    save_integration(connection, Integration(SOURCE, HOTEL, "booking_engine", account=HOTEL, settings=as_is))
    save_integration(connection, Integration("prices", HOTEL, "hotel_rest", account="prices"))
    connection.execute(text(_PRICES), {"hotel": HOTEL, "first": FIRST, "types": TYPES, "plans": list(PLANS)})
    receive(connection, [_asked(number) for number in range(bookings)])


def stay(number: int) -> tuple[date, date]:
    """Give arrival and departure of the n-th booking: two nights, all over the year."""
    arrival = FIRST + timedelta(days=number % 300)
    return arrival, arrival + timedelta(days=2)


def _asked(number: int) -> Delivery:
    ref, (arrival, departure) = f"PRE-{number}", stay(number)
    nights = [AskedNight(arrival + timedelta(days=day), 10_000, tax_included=True) for day in range(2)]
    room = AskedRoom("1", TYPES[number % len(TYPES)], "BAR", 2, 0, nights)
    guest = AskedGuest("Ana", "Reis", f"guest{number}@example.com")
    body = written(AskedBooking(ref, arrival, departure, "EUR", datetime.now(UTC), [room], guest))
    headers = {BOOKING: ref}
    return Delivery(SOURCE, HOTEL, f"{CREATE} {ref}", CREATE, body, sha256(body).digest(), headers, "api_key", HOTEL)


_PRICES: Final = f"""
INSERT INTO core.rates (source, property_id, rate_plan_code, room_type_code, stay_on, occupancy_count, price_minor,
    currency, is_tax_included, source_version, received_seq, load_id, raw_ref, row_hash)
SELECT 'prices', :hotel, plan, kind, CAST(:first AS date) + day, adults, 10000 + 10 * day + 500 * adults, 'EUR', true,
    1, 1, 1, 'bench', ''
FROM unnest(CAST(:plans AS text[])) plan, unnest(CAST(:types AS text[])) kind, generate_series(0, {DAYS - 1}) day,
    generate_series(1, 2) adults
"""

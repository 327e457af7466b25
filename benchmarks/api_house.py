"""A hotel for the benchmark of our own API: ten room types, four plans, five hundred days of prices, its bookings."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from connectors.booking_engine.asked import AskedBooking, AskedGuest, AskedNight, AskedRoom, written
from expectations.facts import BatchFacts
from hotel.asked import CREATE, SOURCE
from hotel.incoming import Incoming
from hotel.properties import Property
from hotel.rooms import Rate, RoomType
from operations.facts import house_facts
from operations.loading import Circumstances, Rows, load_rows
from storage.asked import BOOKING
from storage.codebooks import properties
from storage.integrations import Integration, save_integration, save_property
from storage.receiving import Delivery, receive
from storage.room_types import save_room_types

HOTEL: Final = "bench-hotel"
PRICES: Final = "prices"
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
    save_integration(connection, Integration(PRICES, HOTEL, "hotel_rest", account="prices"))
    _price(connection)
    receive(connection, [_asked(number) for number in range(bookings)])


def stay(number: int) -> tuple[date, date]:
    """Give arrival and departure of the n-th booking: two nights, all over the year."""
    arrival = FIRST + timedelta(days=number % 300)
    return arrival, arrival + timedelta(days=2)


def _price(connection: Connection) -> None:
    """Load a price per plan, type, day and number of adults, as a pull of prices would."""
    usual = Rate(PRICES, HOTEL, "", "", FIRST, 0, 10_000, "EUR", is_tax_included=True)
    told = [
        usual._replace(
            rate_plan_code=plan, room_type_code=kind, stay_on=FIRST + timedelta(days=day), occupancy_count=adults
        )
        for plan in PLANS
        for kind in TYPES
        for day in range(DAYS)
        for adults in (1, 2)
    ]
    rows = Rows("rates", PRICES, HOTEL, [Incoming(rate, "bench") for rate in told], [], 1, batch_id=1)
    given = Circumstances(BatchFacts(rows_read=len(told)), house_facts(properties(connection)), datetime.now(UTC))
    loaded = load_rows(connection, rows, given)
    assert loaded.part.inserted_count == len(told), loaded.part


def _asked(number: int) -> Delivery:
    ref, (arrival, departure) = f"PRE-{number}", stay(number)
    nights = [AskedNight(arrival + timedelta(days=day), 10_000, tax_included=True) for day in range(2)]
    room = AskedRoom("1", TYPES[number % len(TYPES)], "BAR", 2, 0, nights)
    guest = AskedGuest("Ana", "Reis", f"guest{number}@example.com")
    body = written(AskedBooking(ref, arrival, departure, "EUR", datetime.now(UTC), [room], guest))
    headers = {BOOKING: ref}
    return Delivery(SOURCE, HOTEL, f"{CREATE} {ref}", CREATE, body, sha256(body).digest(), headers, "api_key", HOTEL)

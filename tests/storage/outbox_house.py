"""A house with rooms, and channels that are told of it, for the tests of the outbox."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from hotel.incoming import Incoming
from hotel.properties import Property
from hotel.rooms import Rate, RoomType
from storage.codebooks import save_property
from storage.enqueueing import KINDS
from storage.integrations import Integration, save_integration
from storage.outbox import Due, claim
from tests.storage.stays import ARRIVAL, HOUSE, PMS, booking, load, room, rows, told

ZONE = "Europe/Lisbon"
TODAY = datetime.now(UTC).astimezone(ZoneInfo(ZONE)).date()
LONG_AGO = date(2020, 1, 1)


def day(number: int) -> date:
    """The date so many days from the house's today."""
    return TODAY + timedelta(days=number)


def add_rooms(connection: Connection, counts: dict[str, int | None], *, room_count: int | None = None) -> None:
    """The property, with so many rooms of each type, and in all where it says."""
    save_property(connection, Property(HOUSE, "City Hotel", ZONE, "EUR", of_record_source=PMS, room_count=room_count))
    for code, count in counts.items():
        add_type(connection, RoomType(HOUSE, code, code, count))


def add_type(connection: Connection, kind: RoomType) -> None:
    """A type of room, of which there are so many."""
    query = """
        INSERT INTO core.room_types (property_id, room_type_code, name, room_count, source_version, received_seq, load_id,
            raw_ref, row_hash) VALUES (:property_id, :room_type_code, :name, :room_count, 1, 1, 1, 'p', '')
    """
    connection.execute(text(query), kind._asdict())


def add_channel(connection: Connection, source: str = "expedia", **given: Any) -> None:
    """A channel that is told counts, live for long."""
    known: dict[str, Any] = {
        "pushes": ("availability",),
        "went_live_on": LONG_AGO,
        "settings": {"as_is": ["room_type", "rate_plan"]},
    }
    save_integration(connection, Integration(source, HOUSE, "hotel_rest", **known | given))


def sell(
    connection: Connection, ref: str, days: Sequence[int], *, kind: str = "double", seq: int = 1, **given: Any
) -> int:
    """Load a booking of one room for these nights; give how many things are to be told anew for it."""
    return asked(connection, [told(booking(ref, room("1", nights(*days), kind=kind), **given), seq)], seq)


def nights(*numbers: int) -> list[int]:
    """Nights so many days from the house's today, as `stays.room` counts them."""
    return [(TODAY - ARRIVAL).days + number for number in numbers]


def asked(connection: Connection, incoming: Sequence[Incoming], seq: int = 1, dataset: str = "reservations") -> int:
    """Load rows; give how many things are to be told anew for them."""
    query = "SELECT coalesce(sum(coalesced_count + 1), 0) FROM ops.outbox"
    [(before,)] = rows(connection, query)
    load(connection, incoming, seq, dataset)
    [(after,)] = rows(connection, query)
    return int(after - before)


def waiting(connection: Connection, columns: str = "destination, dedupe_key") -> list[tuple[Any, ...]]:
    """What waits in the outbox, in its own order."""
    query = f"SELECT {columns} FROM ops.outbox WHERE status = 'pending' ORDER BY destination, dedupe_key, outbox_id"
    return rows(connection, query)


def key(number: int, kind: str = "double") -> str:
    """The key of a count."""
    return f"availability:{HOUSE}:{kind}:{day(number)}"


def take(connection: Connection, source: str = "expedia", limit: int = 100) -> list[Due]:
    """Claim as a deliverer does."""
    return claim(connection, source, limit)


def rate(number: int, price: int = 10_000, **given: Any) -> Incoming:
    """A price of the house's own system."""
    known: dict[str, Any] = {
        "source": PMS, "property_id": HOUSE, "rate_plan_code": "BAR", "room_type_code": "double", "stay_on": day(number),
        "occupancy_count": 0, "price_minor": price, "currency": "EUR",
    }  # fmt: skip
    return Incoming(Rate(**known | given), "p:1:1:1", 1)


__all__ = [
    "KINDS", "LONG_AGO", "TODAY", "ZONE", "add_channel", "add_rooms", "add_type", "asked", "day", "key", "nights", "rate", "sell", "take", "waiting",
]  # fmt: skip

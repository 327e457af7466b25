"""Bookings for the loader's tests, and the loader as an operation calls it, the gate left out."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.passed import PassedBatch
from hotel.properties import Property
from hotel.reservations import Night, Reservation, Room
from hotel.status import CANCELLED, CONFIRMED, SOLD
from storage.frames import Frames, frames
from storage.integrations import save_property
from storage.loader import Counts, advance_versions, classify, write

ARRIVAL = date(2026, 5, 1)
HOUSE = "city-hotel"
PMS = "pms"
CHANNEL = "booking_com"


def night(day: int, price: int = 10_000, **given: Any) -> Night:
    """One night, `day` days after ARRIVAL."""
    return Night(ARRIVAL + timedelta(days=day), SOLD, given.pop("kind", "double"), None, "EUR", price)._replace(**given)


def room(
    ref: str = "1", nights: Sequence[int] = (0, 1), *, price: int = 10_000, kind: str = "double", **given: Any
) -> Room:
    """A room with a night on each of these days."""
    told = tuple(night(day, price, kind=kind) for day in nights)
    last = max(nights, default=-1) + 1
    return Room(
        ref, CONFIRMED, kind, ARRIVAL + timedelta(days=min(nights, default=0)), ARRIVAL + timedelta(days=last), "EUR",
        price * len(told), told,
    )._replace(**given)  # fmt: skip


def booking(ref: str = "R1", *rooms: Room, source: str = PMS, **given: Any) -> Reservation:
    """A confirmed booking of these rooms, of one room for two nights where none is given."""
    told = rooms or (room(),)
    return Reservation(
        source, HOUSE, ref, CONFIRMED,
        min(r.arrival_on for r in told if r.arrival_on), max(r.departure_on for r in told if r.departure_on),
        "EUR", sum(r.total_minor or 0 for r in told), told, is_inventory_held=True, room_count=len(told),
    )._replace(**given)  # fmt: skip


def told(row: Reservation | Guest, version: int | None = None, **given: Any) -> Incoming:
    """A row as its mapping hands it on."""
    return Incoming(row, "p:1:1:1", version, **given)


def cancelled(ref: str = "R1", version: int | None = None, **given: Any) -> Incoming:
    """A message that says no more than that the booking is cancelled."""
    row = Reservation(
        given.pop("source", PMS), HOUSE, ref, CANCELLED, None, None, None, None, (), is_inventory_held=False
    )
    return Incoming(row._replace(**given), "i:1:1", version, action=CANCEL)


def passed(read: Frames, tables: dict[str, Any]) -> PassedBatch:
    """A verdict that finds nothing wrong."""
    return PassedBatch(read.dataset, 1, "test", "1", tables, tables[read.dataset].num_rows)


def load(
    connection: Connection, rows: Sequence[Incoming], seq: int | Sequence[int] = 1, dataset: str = "reservations"
) -> Counts:
    """Load rows as an operation does."""
    read = frames(dataset, rows, seq)
    fates = classify(connection, read)
    load_id = seq if isinstance(seq, int) else max(seq, default=0)
    counts = write(connection, passed(read, fates.to_judge()), fates, load_id=load_id)
    advance_versions(connection, fates, load_id=load_id)
    return counts


def add_house(connection: Connection, *, of_record: str | None = PMS) -> None:
    """The property all these bookings are of."""
    save_property(connection, Property(HOUSE, "City Hotel", "Europe/Lisbon", "EUR", of_record_source=of_record))


def rows(connection: Connection, query: str, **given: Any) -> list[tuple[Any, ...]]:
    """Ask the database."""
    return [tuple(row) for row in connection.execute(text(query), given)]

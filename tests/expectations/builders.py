"""Rows for the gate: one good stay, one good guest, one good rate and room, and frames made of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from expectations.facts import BatchFacts, HouseFacts, PropertyFacts
from expectations.gate import judge
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Row
from hotel.passed import Verdict
from hotel.reservations import Night, Reservation, Room
from hotel.rooms import Rate, RoomStatus
from storage.frames import frames

ARRIVAL = date(2026, 3, 2)
HOUSE = HouseFacts(
    today=date(2026, 3, 20),
    properties={
        "city-hotel": PropertyFacts(("EUR", "USD"), business_on=date(2026, 3, 20)),
        "tokyo-inn": PropertyFacts(("JPY",), business_on=date(2026, 3, 20)),
    },
)


def night(number: int = 0, **changes: Any) -> Night:
    return Night(ARRIVAL + timedelta(days=number), "sold", "DBL", "BAR", "EUR", 10_000)._replace(**changes)


def room(length: int = 2, /, **changes: Any) -> Room:
    plain = Room(
        "1",
        "confirmed",
        "DBL",
        ARRIVAL,
        ARRIVAL + timedelta(days=length),
        "EUR",
        10_000 * length,
        tuple(night(number) for number in range(length)),
        assigned_room_type_code="DBL",
        rate_plan_code="BAR",
        adult_count=2,
        child_count=0,
        infant_count=0,
    )
    return plain._replace(**changes)


def stay(*rooms: Room, **changes: Any) -> Reservation:
    """A confirmed booking that breaks no rule; without rooms given it has one of two nights."""
    held = rooms or (room(),)
    plain = Reservation(
        "pms",
        "city-hotel",
        "R1",
        "confirmed",
        held[0].arrival_on,
        held[0].departure_on,
        held[0].currency,
        sum(each.total_minor or 0 for each in held),
        held,
        is_inventory_held=True,
        booked_on=ARRIVAL - timedelta(days=30),
        channel_code="direct",
        market_segment_code="leisure",
        meal_plan_code="room_only",
        adult_count=2 * len(held),
        child_count=0,
        infant_count=0,
        room_count=len(held),
    )
    return plain._replace(**changes)


def cancellation(**changes: Any) -> Reservation:
    """All that a cancel message need say."""
    said = {"cancelled_on": ARRIVAL - timedelta(days=3), "is_inventory_held": False}
    bare = Reservation("pms", "city-hotel", "R1", "cancelled", None, None, None, None, (), **said)  # type: ignore[arg-type]
    return bare._replace(**changes)


def guest(**changes: Any) -> Guest:
    plain = Guest("pms", "city-hotel", "G1", "person", "Ana", "Lima", "Ana Lima", "ana lima")
    known = plain._replace(
        email="ana.lima@example.com", phone="+351912345678", country_code="PT", birth_on=date(1980, 5, 1)
    )
    return known._replace(**changes)


def room_status(**changes: Any) -> RoomStatus:
    plain = RoomStatus("pms", "city-hotel", "101", "vacant", "clean", "ok", datetime(2026, 3, 2, 9, tzinfo=UTC))
    return plain._replace(**changes)


def rate(**changes: Any) -> Rate:
    return Rate("pms", "city-hotel", "BAR", "DBL", ARRIVAL, 2, 10_000, "EUR")._replace(**changes)


def incoming(row: Row, **changes: Any) -> Incoming:
    return Incoming(row, "p:1:1:1", source_version=1)._replace(**changes)


def cancel(row: Reservation, **changes: Any) -> Incoming:
    return incoming(row, action=CANCEL, **changes)


def tables(dataset: str, *rows: Row | Incoming) -> dict[str, pa.Table]:
    """Frames of rows as the loader makes them; rows without a key of their own get one."""
    given = [row if isinstance(row, Incoming) else incoming(row) for row in rows]
    return frames(dataset, given, 1).tables


def judged(dataset: str, given: dict[str, pa.Table], house: HouseFacts = HOUSE, **facts: Any) -> Verdict:
    rows_read = next(iter(given.values())).num_rows if given else 0
    told = BatchFacts(**{"rows_read": rows_read, **facts})
    return judge(dataset, given, batch_id=7, facts=told, house=house)


def verdict(dataset: str, *rows: Row | Incoming, house: HouseFacts = HOUSE, **facts: Any) -> Verdict:
    return judged(dataset, tables(dataset, *rows), house, **facts)


def codes_held(found: Verdict) -> list[str]:
    """The codes of all rows held, each once per row and column."""
    return [reason.code for held in found.held for reason in held.reasons]

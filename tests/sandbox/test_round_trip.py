"""What the sandbox tells, the connector understands: our trees into the contract and back are the same trees."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from connectors.hotel_rest.mapping import MAPPERS
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming, Refused
from hotel.reservations import Reservation, Room
from sandbox.world import World
from sandbox.world.flaws import FLAWS
from sandbox.world.view import GUESTS, RESERVATIONS, Told

AS_IS = frozenset(
    {"room_type", "rate_plan", "channel", "market_segment", "origin", "customer_type", "meal_plan", "guarantee"}
)
# What the gate finds in a row that was understood; the connector itself refuses the other flaws.
FOUND_BY_GATE = {"no_guests", "negative_price"}


def codebook(world: World) -> Codebook:
    places = {house.place.property_id: house.place for house in world.houses}
    return Codebook("sandbox_pms", places, {name: name for name in places}, {}, as_is=AS_IS)


def mapped(world: World, dataset: str) -> list[tuple[Told, Incoming | Refused]]:
    told = [row for house in world.houses for row in world.view().told(dataset, house.place.property_id)]
    body = msgspec.json.encode({"items": [row.shape() for row in told], "nextCursor": None, "total": len(told)})
    return list(zip(told, MAPPERS[dataset](body, codebook(world), MappingPlace("p:1:1")), strict=True))


def version(told: Told) -> Any:
    return told.record.versions[told.revision - 1]


def as_told(row: Reservation) -> Reservation:
    """Say what the contract has words for: no tax of a whole room, no people per night, no cancel of one room."""
    return row._replace(rooms=tuple(room_as_told(room, row) for room in row.rooms))


def room_as_told(room: Room, booking: Reservation) -> Room:
    nights = tuple(night._replace(adult_count=room.adult_count, child_count=room.child_count) for night in room.nights)
    cancelled = (booking.cancelled_at, booking.cancelled_on) if booking.status == "cancelled" else (None, None)
    return room._replace(tax_minor=None, nights=nights, cancelled_at=cancelled[0], cancelled_on=cancelled[1])


def test_every_reservation_comes_back_as_it_was(world: World) -> None:
    pairs = mapped(world, RESERVATIONS)
    assert len(pairs) > 800
    for told, found in pairs:
        assert isinstance(found, Incoming)
        assert found.row == as_told(version(told).row)
        assert (found.source_version, found.source_updated_at) == (told.revision, told.modified_at)
        assert (found.warnings, found.unmapped) == ((), ())


def test_every_guest_comes_back_with_a_name_and_most_with_a_phone(world: World) -> None:
    guests = [found for _, found in mapped(world, GUESTS)]
    assert len(guests) > 600
    rows = [found.row for found in guests if isinstance(found, Incoming) and isinstance(found.row, Guest)]
    assert len(rows) == len(guests)
    assert all(row.full_name and row.folded_name for row in rows)
    assert any(row.is_email_relay for row in rows)
    told_phones = [row for row in rows if row.phone_raw]
    assert sum(row.phone is not None for row in told_phones) > 0.5 * len(told_phones)


@pytest.mark.parametrize("flaw", sorted(FLAWS))
def test_a_flawed_row_is_refused_for_its_reason_or_left_to_the_gate(flawed_world: World, flaw: str) -> None:
    found = [(told, row) for told, row in mapped(flawed_world, RESERVATIONS) if told.record.flaw == flaw]
    assert found
    reason = FLAWS[flaw].reason
    for _, row in found:
        if reason in FOUND_BY_GATE:
            assert isinstance(row, Incoming)
        else:
            assert isinstance(row, Refused)
            assert [each.code for each in row.reasons] == [reason]


def test_nothing_but_the_flawed_rows_is_refused(flawed_world: World) -> None:
    refused = Counter(
        bool(told.record.flaw) for told, row in mapped(flawed_world, RESERVATIONS) if isinstance(row, Refused)
    )
    assert refused.keys() == {True}

"""What an import changes is told to every channel that sells by our counts: a row of the outbox in the same transaction."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from sandbox.webhooks.messages import CANCELLED, Message, message
from sandbox.world import World
from tests.operations.messages import CHANNEL, PMS, ask, changed, data_of, drain, put, told_by

SOON = datetime.now(UTC).date() + timedelta(days=30)
OUTBOX = "SELECT destination, kind, dedupe_key FROM ops.outbox WHERE status = 'pending' ORDER BY outbox_id"


@pytest.fixture
def told(house: Engine, world: World) -> Message:
    """A booking of one room for two nights, soon; the PMS and another channel are told our counts."""
    first = next(each for each in told_by(world, CHANNEL) if data_of(each)["revision"] == 1)
    data = data_of(first)
    with house.begin() as connection:
        connection.execute(
            text("""
            UPDATE ops.integrations SET pushes = '{availability}', went_live_on = :live
            WHERE source = :pms AND property_id = :property_id"""),
            {"live": SOON, "pms": PMS, "property_id": data["propertyId"]},
        )
    room = {**data["rooms"][0], "roomType": "STD", "totalPrice": "20.00", **stay(SOON, 2)}
    return changed(first, rooms=[room], totalPrice="20.00", tax=None)


def stay(first: date, nights: int) -> dict[str, Any]:
    dates = [first + timedelta(days=n) for n in range(nights)]
    return {
        "checkIn": first.isoformat(),
        "checkOut": (dates[-1] + timedelta(days=1)).isoformat(),
        "nights": [{"date": each.isoformat(), "price": "10.00"} for each in dates],
    }


def test_a_sale_is_told_for_every_night_once(house: Engine, told: Message) -> None:
    put(house, [told], CHANNEL)
    drain(house)

    property_id = data_of(told)["propertyId"]
    assert ask(house, OUTBOX) == [
        (PMS, "availability", f"availability:{property_id}:STD:{SOON + timedelta(days=n)}") for n in range(2)
    ]


def test_a_change_that_moves_no_room_tells_nothing(house: Engine, told: Message) -> None:
    put(house, [told], CHANNEL)
    drain(house)
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.outbox SET status = 'sent'"))

    put(house, [changed(told, revision=2, specialRequests=3)], CHANNEL)
    drain(house)

    assert ask(house, OUTBOX) == []


def test_a_cancel_gives_the_nights_back(house: Engine, told: Message) -> None:
    put(house, [told], CHANNEL)
    drain(house)
    gone = message(CANCELLED, {**data_of(told), "revision": 2, "cancelledAt": "2026-09-01T10:00:00Z"})

    put(house, [gone], CHANNEL)
    drain(house)

    assert len(ask(house, OUTBOX)) == 2
    assert ask(house, "SELECT sum(coalesced_count) FROM ops.outbox") == [(2,)]


def test_nights_before_going_live_are_told_to_nobody(house: Engine, told: Message) -> None:
    room = {**data_of(told)["rooms"][0], **stay(SOON - timedelta(days=1), 2)}

    put(house, [changed(told, rooms=[room])], CHANNEL)
    drain(house)

    assert [row[2].rpartition(":")[2] for row in ask(house, OUTBOX)] == [SOON.isoformat()]


def test_a_booking_that_waits_for_a_mapping_closes_what_the_house_has_no_room_for(house: Engine, told: Message) -> None:
    with house.begin() as connection:
        connection.execute(
            text("UPDATE ops.integrations SET settings = '{\"as_is\": []}' WHERE source = :s"), {"s": CHANNEL}
        )
        connection.execute(text("UPDATE core.properties SET room_count = 1"))

    put(house, [told], CHANNEL)
    drain(house)

    kinds = ask(house, "SELECT DISTINCT status, error_code FROM raw.inbox")
    assert kinds == [("waiting_mapping", "unmapped")]
    assert {row[2].rpartition(":")[2] for row in ask(house, OUTBOX)} <= {
        (SOON + timedelta(days=n)).isoformat() for n in range(2)
    }


def test_a_cancel_of_a_booking_that_waits_opens_again_what_it_closed(house: Engine, told: Message) -> None:
    with house.begin() as connection:
        connection.execute(
            text("UPDATE ops.integrations SET settings = '{\"as_is\": []}' WHERE source = :s"), {"s": CHANNEL}
        )
    put(house, [told], CHANNEL)
    drain(house)
    with house.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO core.room_types (property_id, room_type_code, name, room_count, source_version,"
                " received_seq, load_id, raw_ref, row_hash) VALUES (:p, 'STD', 'Standard', 1, 1, 1, 1, 'x', '')"
            ),
            {"p": data_of(told)["propertyId"]},
        )
        connection.execute(text("UPDATE ops.outbox SET status = 'sent'"))

    gone = message(CANCELLED, {**data_of(told), "revision": 2, "cancelledAt": "2026-09-01T10:00:00Z"})
    put(house, [gone], CHANNEL)
    drain(house)

    assert {row[2].rpartition(":")[2] for row in ask(house, OUTBOX)} == {
        (SOON + timedelta(days=n)).isoformat() for n in range(2)
    }


def test_a_guest_of_a_source_that_confirms_through_us_is_written_to_once(house: Engine, told: Message) -> None:
    with house.begin() as connection:
        connection.execute(
            text("UPDATE ops.integrations SET pushes = '{confirmations}', went_live_on = :live WHERE source = :s"),
            {"live": SOON, "s": CHANNEL},
        )
    put(house, [told, changed(told, revision=2, specialRequests=3)], CHANNEL)
    drain(house, limit=1)
    row = ask(
        house,
        "SELECT destination, payload ->> 'told', payload ->> 'source_ref' FROM ops.outbox WHERE kind = 'confirmation'",
    )
    assert row == [("guest", "confirmed", data_of(told)["id"])]

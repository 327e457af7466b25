"""Stuck messages read again: what today's mapping understands is in, what it does not waits on, each is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from connectors.hotel_rest.connector import CONNECTOR
from hotel.asked import CREATE
from hotel.loads import ReplayedMessage
from operations import messages, replay_messages
from operations.replay_messages import INBOX, QUARANTINE, MessageChoice
from sandbox.webhooks.messages import Message
from sandbox.world import World
from tests.operations.messages import CHANNEL, PMS, ask, changed, data_of, delivery, drain, outcomes, put, told_by


@pytest.fixture(scope="module")
def bookings(world: World) -> list[Message]:
    """First messages of bookings, one each."""
    return [each for each in told_by(world, PMS) if data_of(each)["revision"] == 1]


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A mapping that fails on the bookings named here."""
    original, culprits = CONNECTOR.messages, list[str]()

    def read(body: bytes, *rest: Any) -> Iterator[Any]:
        assert original is not None
        if any(each.encode() in body for each in culprits):
            raise KeyError(body)
        return original(body, *rest)

    monkeypatch.setattr(messages, "connector", lambda _: CONNECTOR._replace(messages=read))
    return culprits


def replayed(house: Engine, **choice: Any) -> list[tuple[str, str, bool]]:
    found = replay_messages.replay_messages(house, MessageChoice(**choice))
    assert found.still_open_count == sum(each.is_open for each in found.messages)
    return [(each.reason_before, each.result, each.is_open) for each in found.messages]


def held(house: Engine) -> list[tuple[Any, ...]]:
    return ask(house, "SELECT reasons, status, seen_count FROM ops.quarantine ORDER BY quarantine_id")


def test_a_dead_message_whose_mapping_was_mended_is_in_and_says_which_booking_it_is(
    house: Engine, bookings: list[Message], faulty: list[str]
) -> None:
    told = data_of(bookings[0])
    faulty.append(told["id"])
    ((inbox_id, _, _),) = put(house, bookings[:1])
    put(house, bookings[1:3])
    drain(house)
    assert outcomes(house)["dead", "quarantined", "mapping_failed"] == 1
    faulty.clear()

    (found,) = replay_messages.replay_messages(house, MessageChoice()).messages

    ((arrival_on,),) = ask(house, "SELECT arrival_on FROM core.reservations WHERE source_ref = :ref", ref=told["id"])
    assert found == ReplayedMessage(inbox_id, PMS, "mapping_failed", "new", told["id"], arrival_on, is_open=False)
    assert outcomes(house) == {("done", "new", None): 3}
    assert held(house) == [(["mapping_failed"], "replayed", 1)]


def test_what_cannot_be_read_this_time_either_waits_on_seen_once_more(
    house: Engine, bookings: list[Message], faulty: list[str]
) -> None:
    faulty += [data_of(each)["id"] for each in bookings[:2]]
    put(house, bookings[:2])
    drain(house)
    faulty.pop()

    assert replayed(house) == [("mapping_failed", "mapping_failed", True), ("mapping_failed", "new", False)]
    assert held(house) == [(["mapping_failed"], "open", 2), (["mapping_failed"], "replayed", 1)]
    assert replayed(house) == [("mapping_failed", "mapping_failed", True)]


def test_a_booking_that_waits_for_a_code_is_in_once_the_code_is_known_by_whatever_way(
    house: Engine, world: World
) -> None:
    told = [each for each in told_by(world, CHANNEL) if data_of(each)["revision"] == 1][:2]
    set_up = "UPDATE ops.integrations SET settings = settings || CAST(:settings AS jsonb) WHERE source = :source"
    with house.begin() as connection:
        connection.execute(text(set_up), {"settings": '{"as_is": []}', "source": CHANNEL})
    put(house, told, CHANNEL)
    drain(house)
    assert {status for status, _, _ in outcomes(house)} == {"waiting_mapping"}
    assert replayed(house) == [("unmapped", "unmapped", True)] * 2
    with house.begin() as connection:
        connection.execute(text(set_up), {"settings": '{"as_is": ["room_type", "rate_plan"]}', "source": CHANNEL})

    assert replayed(house, reason="waiting_mapping") == [("unmapped", "new", False)] * 2
    assert ask(house, "SELECT count(*) FROM ops.waiting_bookings") == [(0,)]


def test_a_message_that_came_to_a_good_end_is_read_again_only_where_it_is_asked_for(
    house: Engine, bookings: list[Message]
) -> None:
    (first, second) = put(house, bookings[:2])
    drain(house)
    assert replayed(house) == []
    assert replayed(house, ids=[first.inbox_id]) == [("new", "unchanged", False)]
    assert replayed(house, with_done=True, source=PMS) == [
        ("unchanged", "unchanged", False),
        ("new", "unchanged", False),
    ]
    assert second.inbox_id > first.inbox_id


def test_a_message_whose_body_is_pruned_stays_as_it_is(
    house: Engine, bookings: list[Message], faulty: list[str]
) -> None:
    faulty.append(data_of(bookings[0])["id"])
    put(house, bookings[:1])
    drain(house)
    faulty.clear()
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET body = NULL"))
    assert replayed(house) == [("mapping_failed", "mapping_failed", True)]
    assert held(house) == [(["mapping_failed"], "open", 1)]


def test_held_rows_of_messages_are_replayed_by_message(house: Engine, bookings: list[Message]) -> None:
    bad = changed(bookings[0], guests=None, adults=0, children=0, infants=0)
    ((inbox_id, _, _),) = put(house, [bad])
    put(house, [delivery(bookings[1])])
    drain(house)
    assert outcomes(house)["done", "quarantined", None] == 1
    assert replayed(house, origin=INBOX) == []
    assert replayed(house, origin=QUARANTINE, ids=[inbox_id + 1]) == []
    assert replayed(house, origin=QUARANTINE, received_until=datetime.now(UTC) - timedelta(days=1)) == []
    assert replayed(house, reason="no_guests") == [("no_guests", "quarantined", True)]
    assert held(house) == [(["no_guests"], "open", 2)]


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        ({"reason": "mapping_failed"}, 2), ({"reason": "dead"}, 2), ({"reason": "sealed"}, 0), ({"source": PMS}, 1),
        ({"source": CHANNEL}, 1), ({"property_id": "nowhere"}, 0),
        ({"received_since": datetime(2026, 1, 1, tzinfo=UTC)}, 2), ({"received_until": datetime(2026, 1, 1, tzinfo=UTC)}, 0),
    ],
    ids=str,
)  # fmt: skip
def test_a_choice_is_narrowed_by_what_is_given(
    house: Engine, bookings: list[Message], world: World, faulty: list[str], choice: dict[str, Any], count: int
) -> None:
    from_channel = told_by(world, CHANNEL)[0]
    faulty += [data_of(bookings[0])["id"], data_of(from_channel)["id"]]
    put(house, bookings[:2])
    put(house, [from_channel], CHANNEL)
    drain(house)
    assert len(replayed(house, **choice)) == count


def test_what_was_asked_of_us_and_refused_stays_refused(house: Engine, bookings: list[Message]) -> None:
    ((inbox_id, _, _),) = put(house, [delivery(bookings[0])._replace(event_type=CREATE)])
    with house.begin() as connection:
        refused = "UPDATE raw.inbox SET status = 'done', outcome = 'quarantined', error_code = 'sold_out'"
        connection.execute(text(refused))
    assert replayed(house, ids=[inbox_id]) == replayed(house, with_done=True, source=PMS) == []
    assert outcomes(house) == {("done", "quarantined", "sold_out"): 1}


def test_where_nobody_gets_to_the_messages_the_replay_ends_and_says_that_they_wait(
    house: Engine, bookings: list[Message], faulty: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty.append(data_of(bookings[0])["id"])
    put(house, bookings[:1])
    drain(house)
    monkeypatch.setattr(replay_messages, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(replay_messages, "import_waiting", lambda _: 0)  # somebody else holds it and comes to no end
    assert replayed(house) == [("mapping_failed", "received", True)]

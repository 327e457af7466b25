"""What the import makes of waiting messages: each by itself, whatever comes with it."""

import logging
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from connectors.hotel_rest.connector import CONNECTOR
from expectations import gate
from hotel.incoming import Reason
from hotel.passed import Verdict
from operations import import_waiting as operation
from operations import loading, messages
from operations.daily_report import publish_daily_report
from sandbox.webhooks.messages import CANCELLED, Message, message
from sandbox.world import World
from storage.upserting import ConcurrentLoadError
from tests.operations.messages import (
    CHANNEL,
    PMS,
    ask,
    changed,
    data_of,
    delivery,
    drain,
    outcomes,
    put,
    told_by,
)  # fmt: skip


@pytest.fixture(scope="module")
def bookings(world: World) -> list[Message]:
    """First messages of bookings, one each."""
    return [each for each in told_by(world, PMS) if data_of(each)["revision"] == 1]


def outcome_of(house: Engine, event_id: str) -> tuple[Any, ...]:
    return ask(house, "SELECT status, outcome, error_code FROM raw.inbox WHERE event_id = :id", id=event_id)[0]


def test_each_message_is_told_what_it_did(house: Engine, bookings: list[Message]) -> None:
    first = bookings[0]
    second = changed(first, revision=2, specialRequests=7)
    third = changed(first, revision=3, specialRequests=8)
    gone = message(CANCELLED, {**data_of(first), "revision": 4, "cancelledAt": "2026-09-01T10:00:00Z"})
    for each in (first, third, second, gone, delivery(first, event_id="again")):
        put(house, [each])
        drain(house)
    assert [row[0] for row in ask(house, "SELECT outcome FROM raw.inbox ORDER BY inbox_id")] == [
        "new", "modified", "stale", "cancelled", "stale",
    ]  # fmt: skip
    put(house, [delivery(gone, event_id="gone again")])
    drain(house)
    assert outcome_of(house, "gone again") == ("done", "unchanged", None)


def test_a_booking_and_its_cancel_in_one_micro_batch_end_cancelled(house: Engine, world: World) -> None:
    told = told_by(world, PMS)
    put(house, told)
    assert drain(house) == 1
    gone = {data_of(each)["id"] for each in told if data_of(each).get("status") is None}
    assert gone
    assert not any(status == "dead" or outcome == "quarantined" for status, outcome, _ in outcomes(house))
    refs = "SELECT source_ref FROM core.reservations WHERE status = 'cancelled' AND NOT is_tombstone"
    assert gone & {row[0] for row in ask(house, refs)}


def test_any_order_ends_in_the_same_house(house: Engine, world: World) -> None:
    state = "SELECT source_ref, status, source_version, total_minor, row_hash FROM core.reservations ORDER BY 1"
    put(house, told_by(world, PMS))
    drain(house, limit=7)
    in_order = ask(house, state)
    with house.begin() as connection:
        connection.execute(text("TRUNCATE core.reservations, raw.inbox CASCADE"))
    shuffled = told_by(world, PMS)
    Random(4).shuffle(shuffled)
    put(house, shuffled)
    drain(house, limit=7)
    assert ask(house, state) == in_order


def test_copies_link_to_their_record_and_move_no_figure(house: Engine, world: World) -> None:
    put(house, told_by(world, PMS))
    drain(house)
    property_id = world.houses[0].place.property_id
    before = publish_daily_report(house, property_id, None, run_name="first")
    inventory = "SELECT property_id, room_type_code, stay_on, sold_count FROM core.inventory WHERE sold_count <> 0 ORDER BY 1, 2, 3"
    held = ask(house, inventory)
    copies = told_by(world, CHANNEL)
    Random(9).shuffle(copies)
    put(house, [*copies, *(delivery(each, CHANNEL, f"{each.event_id}_again") for each in copies)], CHANNEL)
    drain(house, limit=11)
    counts = "SELECT source, is_of_record, count(*) FROM core.reservations GROUP BY 1, 2 ORDER BY 1, 2"
    refs = {data_of(each)["id"] for each in copies}
    assert ask(house, counts)[0] == (CHANNEL, False, len(refs))
    assert len(ask(house, "SELECT DISTINCT source_ref FROM core.reservation_links")) == len(refs)
    assert ask(house, inventory) == held
    again = publish_daily_report(house, property_id, None, run_name="second")
    assert (again.is_new, again.lines) == (False, before.lines)


def test_copies_that_come_first_count_until_their_record_comes(house: Engine, world: World) -> None:
    put(house, told_by(world, CHANNEL), CHANNEL)
    drain(house)
    of_record = "SELECT count(*) FROM core.reservations WHERE is_of_record AND source = :source"
    assert ask(house, of_record, source=CHANNEL) != [(0,)]
    put(house, told_by(world, PMS))
    drain(house)
    assert ask(house, of_record, source=CHANNEL) == [(0,)]


def test_many_bad_messages_in_one_micro_batch_keep_no_good_one_out(house: Engine, bookings: list[Message]) -> None:
    guests = {"adults": 0, "children": 0, "infants": 0}
    bad = [changed(each, **guests) for each in bookings[:30]]
    put(house, [*bad, *bookings[30:40]])
    assert drain(house) == 1
    assert outcomes(house) == Counter({("done", "quarantined", None): 30, ("done", "new", None): 10})
    assert ask(house, "SELECT DISTINCT reasons FROM ops.quarantine") == [(["no_guests"],)]


def test_messages_nobody_can_read_are_dead_each_for_its_reason(house: Engine, bookings: list[Message]) -> None:
    good = delivery(bookings[0])
    odd = {
        "broken": good._replace(body=b'{"type": "booking.created", "data": {"id"'),
        "unknown source": good._replace(source="nobody"),
        "sealed": good._replace(body=b"\x00\x01", key_id="k1"),
    }
    put(house, [*(each._replace(event_id=name) for name, each in odd.items()), good])
    drain(house)
    assert {name: outcome_of(house, name)[2] for name in odd} == {
        "broken": "vendor_changed_shape", "unknown source": "not_configured", "sealed": "sealed",
    }  # fmt: skip
    assert outcome_of(house, good.event_id) == ("done", "new", None)
    assert ask(house, "SELECT source_ref, status FROM ops.quarantine ORDER BY 1") == [
        ("broken", "open"), ("sealed", "open"), ("unknown source", "open"),
    ]  # fmt: skip


def test_a_fault_of_the_mapping_holds_one_message_and_shows_no_data(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = CONNECTOR.messages

    def faulty(body: bytes, *rest: Any) -> Iterator[Any]:
        assert original is not None
        if b"Mr Secret" in body:
            raise KeyError(body)
        return original(body, *rest)

    monkeypatch.setattr(messages, "connector", lambda _: CONNECTOR._replace(messages=faulty))
    put(house, [changed(bookings[0], note="Mr Secret"), bookings[1]])
    with caplog.at_level(logging.DEBUG):
        drain(house)
    assert outcomes(house) == Counter({("dead", "quarantined", "mapping_failed"): 1, ("done", "new", None): 1})
    assert "KeyError at test_import_waiting.py" in caplog.text
    assert "Mr Secret" not in caplog.text


@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_value_no_column_can_hold_takes_its_own_message_out_and_mixes_up_no_other(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    told, original = bookings[:5], CONNECTOR.messages
    culprit = data_of(told[place])["id"]

    def careless(body: bytes, *rest: Any) -> Iterator[Any]:
        incoming: Any
        assert original is not None
        for incoming in original(body, *rest):
            is_it = incoming.row.source_ref == culprit
            yield incoming._replace(row=incoming.row._replace(channel_ref="C\0H")) if is_it else incoming

    monkeypatch.setattr(messages, "connector", lambda _: CONNECTOR._replace(messages=careless))
    put(house, [*told, delivery(bookings[6]), delivery(bookings[6], event_id="twice")])
    drain(house)
    assert outcome_of(house, told[place].event_id) == ("done", "quarantined", None)
    others = [each.event_id for each in told if each is not told[place]]
    assert {outcome_of(house, each)[1] for each in others} == {"new"}
    assert ask(house, "SELECT reasons, source_ref FROM ops.quarantine") == [(["value_unfit"], culprit)]


def test_what_the_gate_blocks_is_halved_until_the_culprit_stands_alone(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    culprit, original = data_of(bookings[3])["id"], gate.judge

    def judge(dataset: str, frames: Any, **rest: Any) -> Verdict:
        if culprit in frames["reservations"]["source_ref"].to_pylist():
            return Verdict(dataset, "1", 0, None, (), {}, (Reason("gate_failed"),))
        return original(dataset, frames, **rest)

    monkeypatch.setattr("operations.loading.judge", judge)
    put(house, bookings[:9])
    drain(house)
    assert outcomes(house) == Counter({("dead", "quarantined", "blocked_gate_failed"): 1, ("done", "new", None): 8})
    assert outcome_of(house, bookings[3].event_id)[0] == "dead"


def attempts(house: Engine) -> list[int]:
    return [row[0] for row in ask(house, "SELECT attempts_count FROM raw.inbox_attempts ORDER BY inbox_id")]


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> None:
    """Let the load fail so many times."""
    original, failures = loading.load_rows, iter(range(times))

    def load_rows(connection: Connection, *rest: Any) -> Any:
        if next(failures, None) is not None:
            raise error
        return original(connection, *rest)

    monkeypatch.setattr("operations.import_waiting.load_rows", load_rows)


def test_a_lost_race_is_run_again_and_no_message_is_blamed(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, bookings[:3])
    failing(monkeypatch, ConcurrentLoadError(), times=2)
    assert operation.import_waiting(house) == 3
    assert outcomes(house) == Counter({("done", "new", None): 3})


def wrapped(error: psycopg.Error) -> OperationalError:
    return OperationalError("SELECT 1", None, error)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (ConcurrentLoadError(), 0),
        (psycopg.errors.AdminShutdown(), 0),
        (wrapped(psycopg.errors.DiskFull()), 0),
        (psycopg.OperationalError("server closed the connection unexpectedly"), 1),
        (psycopg.errors.QueryCanceled(), 1),
    ],
    ids=["race", "shutdown", "disk full", "connection broke", "took too long"],
)
def test_an_attempt_counts_only_where_the_message_may_be_to_blame(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch, error: Exception, counted: int
) -> None:
    put(house, bookings[:2])
    failing(monkeypatch, error, times=99)
    with pytest.raises(type(error)):
        operation.import_waiting(house)
    assert attempts(house) == [counted] * 2
    assert {status for status, _, _ in outcomes(house)} == {"received"}


def test_a_fault_of_ours_holds_the_message_it_happens_with(
    house: Engine, bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, bookings[:1])
    failing(monkeypatch, ZeroDivisionError(), times=99)
    drain(house)
    assert outcomes(house) == Counter({("dead", "quarantined", "load_failed"): 1})


def test_nothing_waiting_is_nothing_done(house: Engine) -> None:
    assert operation.import_waiting(house) == 0
    assert ask(house, "SELECT count(*) FROM ops.loads") == [(0,)]


def test_a_micro_batch_of_several_sources_is_one_load_that_says_so(house: Engine, world: World) -> None:
    put(house, told_by(world, PMS)[:4])
    put(house, told_by(world, CHANNEL)[:4], CHANNEL)
    drain(house)
    assert ask(house, "SELECT source, batch_id, rows_read_count FROM ops.loads") == [("*", None, 8)]


def test_a_code_nobody_mapped_loads_and_is_queued(house: Engine, bookings: list[Message]) -> None:
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET settings = settings || '{\"as_is\": []}'"))
    put(house, bookings[:1])
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 1})
    assert ("room_type",) in ask(house, "SELECT DISTINCT field FROM ops.unmapped_codes")


def test_a_pruned_message_is_over(house: Engine, bookings: list[Message]) -> None:
    put(house, bookings[:1])
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET body = NULL"))
    drain(house)
    assert outcomes(house) == Counter({("done", "unchanged", None): 1})


def test_a_test_message_makes_no_booking(house: Engine, bookings: list[Message]) -> None:
    put(house, [delivery(bookings[0])._replace(is_test=True)])
    drain(house)
    assert outcomes(house) == Counter({("done", "unchanged", None): 1})
    assert ask(house, "SELECT count(*) FROM core.reservations") == [(0,)]

"""Reading again as operators see it: each message with what became of it, a window with what was missed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hotel_rest.connector import CONNECTOR
from flows.replay_messages import replay_messages
from flows.resync_window import resync_window
from operations import messages
from operations.import_waiting import import_waiting
from tasks.parameters import MessageChoice, Window
from tests.deployments.sandbox_house import House
from tests.flows.seen import newest_run, table_of
from tests.operations.messages import CHANNEL, PMS, data_of, put, told_by

LISBON = "harbour-lisbon"
EVER = Window(since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC))


def test_a_message_that_was_dead_is_shown_with_its_booking_and_what_it_came_to(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_by(house.world, CHANNEL)[:3]

    def faulty(*_: Any) -> Iterator[Any]:
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(messages, "connector", lambda _: CONNECTOR._replace(messages=faulty))
        put(house.engine, told, CHANNEL)
        import_waiting(house.engine)

    replay = replay_messages(MessageChoice(reason="mapping_failed"))

    rows = table_of(newest_run("replay messages mapping"))
    assert list(rows[0]) == [
        "id", "channel", "reason before", "result", "booking ref", "arrival", "still open", "next step",
    ]  # fmt: skip
    assert {row["booking ref"] for row in rows} == {data_of(each)["id"] for each in told}
    assert {(row["reason before"], row["still open"]) for row in rows} == {("mapping_failed", "no")}
    assert replay.still_open_count == 0


def test_nothing_stuck_is_said(house: House) -> None:
    assert replay_messages().messages == ()
    assert table_of(newest_run("replay messages all that are stuck")) == []


def test_a_window_that_was_missed_is_in_and_a_second_time_nothing_was(house: House) -> None:
    first = resync_window(PMS, LISBON, EVER)
    (row,) = table_of(newest_run(f"resync {PMS} {LISBON} 2020-01-01T00:00Z..2027-01-01T00:00Z"))

    assert list(row) == [
        "channel", "property", "window", "found at source", "known", "new", "changed", "already right", "held",
        "vanished at source", "vanished refs", "next step",
    ]  # fmt: skip
    assert row["new"] == first.new_count == first.found_count - first.held_count > 0
    again = resync_window(PMS, LISBON, EVER)
    assert (again.new_count, again.changed_count) == (0, 0)


def test_without_a_window_the_last_day_is_read(house: House) -> None:
    told = resync_window(PMS, LISBON)

    assert newest_run(f"resync {PMS} {LISBON} the last day").state
    assert (told.window.until - told.window.since).total_seconds() == 86_400

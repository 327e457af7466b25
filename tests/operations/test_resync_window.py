"""A window asked for again: what was missed is in, what was changed is right, what vanished is told and stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from deployments.demo_house import PMS
from hotel.loads import ResyncSummary, Window
from operations.errors import NotConfiguredError
from operations.extract import extract
from operations.load_batch import load_batch
from operations.pull_bookings import pull
from operations.resync_window import resync_window
from sandbox.webhooks.messages import CANCELLED, Message, message
from sandbox.world import World
from tests.operations.messages import CHANNEL, ask, changed, data_of, drain, told_by
from tests.operations.queue_channel import (
    CAPABILITIES,
    KIND,
    LISBON,
    Queue,
    Remembering,
    queue_connector,
    registered,
    set_up_queue,
)

EVER = Window(datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def loaded(house: Engine) -> None:
    load_batch(house, extract(house, source=PMS, property_id=LISBON, dataset="reservations"))


def counts(found: ResyncSummary) -> tuple[int, ...]:
    return (
        found.found_count,
        found.known_count,
        found.new_count,
        found.changed_count,
        found.right_count,
        found.held_count,
    )


def resynced(house: Engine, source: str = PMS, window: Window = EVER) -> ResyncSummary:
    return resync_window(house, source, LISBON, window)


def change(house: Engine, statement: str, **given: Any) -> int:
    with house.begin() as connection:
        return connection.execute(text(statement), given).rowcount


def known(house: Engine, source: str = PMS) -> list[str]:
    query = "SELECT source_ref FROM core.reservations WHERE source = :source AND status = 'confirmed' ORDER BY 1"
    return [ref for (ref,) in ask(house, query, source=source)]


def forget(house: Engine, *refs: str) -> None:
    """Lose bookings and what was noted of their changes, as a database does that is restored from a backup."""
    change(house, "TRUNCATE core.reservation_changes")
    for table in ("reservation_links", "room_nights", "reservation_rooms", "reservations"):
        change(house, f"DELETE FROM core.{table} WHERE source_ref = ANY(:refs)", refs=list(refs))


def test_all_is_right_where_nothing_was_missed(house: Engine) -> None:
    loaded(house)
    ((count,),) = ask(house, "SELECT count(*) FROM core.reservations")
    found = resynced(house)
    assert counts(found) == (count, count, 0, 0, count, 0)
    assert (found.vanished, found.blocked_by) == ((), ())


def test_what_a_restore_lost_and_what_is_behind_come_back_and_are_counted(house: Engine) -> None:
    loaded(house)
    lost, behind, *_ = known(house)
    forget(house, lost)
    change(
        house,
        "UPDATE core.reservations SET source_version = 0, total_minor = 1, row_hash = '' WHERE source_ref = :ref",
        ref=behind,
    )
    found = resynced(house)
    assert (found.new_count, found.changed_count, found.known_count) == (1, 1, found.found_count - 1)
    assert {lost, behind} <= set(known(house))
    again = resynced(house)
    assert (again.new_count, again.changed_count, again.right_count) == (0, 0, found.found_count)


def test_what_the_source_no_longer_tells_is_named_and_stays(house: Engine) -> None:
    loaded(house)
    ghost, gone, *_ = known(house)
    copy = "UPDATE core.reservations SET source_ref = :to WHERE source_ref = :ref"
    with house.begin() as connection:
        connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        for table in ("reservation_rooms", "room_nights"):
            connection.execute(text(f"DELETE FROM core.{table} WHERE source_ref = ANY(:refs)"), {"refs": [ghost, gone]})
        connection.execute(text(copy), {"ref": ghost, "to": "GHOST"})
        connection.execute(text(copy), {"ref": gone, "to": "CANCELLED GHOST"})
        connection.execute(
            text("UPDATE core.reservations SET status = 'cancelled' WHERE source_ref = 'CANCELLED GHOST'")
        )
    assert resynced(house).vanished == ("GHOST",)
    assert "GHOST" in known(house)
    early = Window(EVER.since, EVER.since + timedelta(days=1))
    assert resynced(house, window=early).vanished == ()


def test_a_window_is_asked_for_in_parts_no_longer_than_the_source_tells_at_once(
    house: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.hotel_rest.connector import CONNECTOR  # noqa: PLC0415

    loaded(house)
    change(
        house, "DELETE FROM raw.batches WHERE NOT EXISTS (SELECT FROM raw.pages p WHERE p.batch_id = batches.batch_id)"
    )
    able = CONNECTOR._replace(capabilities=CONNECTOR.capabilities._replace(longest_window=timedelta(days=400)))
    monkeypatch.setattr("operations.sources.connector", lambda _: able)
    window = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    whole = resynced(house, window=window)
    parts = ask(house, "SELECT window_from, window_to FROM raw.batches ORDER BY batch_id DESC LIMIT 2")
    assert parts == [
        (window.since + timedelta(days=400), window.until),
        (window.since, window.since + timedelta(days=400)),
    ]
    assert whole.found_count == whole.right_count > 0


def test_a_window_after_the_watermark_begins_at_it_so_that_nothing_is_left_out(house: Engine) -> None:
    loaded(house)
    ((mark,),) = ask(house, "SELECT value_at FROM ops.watermarks WHERE dataset = 'reservations'")
    change(house, "UPDATE ops.watermarks SET value_at = value_at - interval '90 days'")
    found = resynced(house, window=Window(mark - timedelta(days=1), EVER.until))
    assert found.window.since == mark - timedelta(days=90)


@pytest.fixture
def queue(house: Engine, world: World) -> Iterator[Remembering]:
    """A channel that kept nothing for us, but can tell again what it told before."""
    made = Remembering([each for each in told_by(world, CHANNEL) if LISBON.encode() in each.body])
    set_up_queue(house)
    with registered(queue_connector(lambda _: made)):
        yield made


def bookings_of(queue: Remembering) -> set[str]:
    return {data_of(each)["id"] for each in queue.past}


def test_a_channel_s_messages_of_the_past_come_by_the_ordinary_way_in(house: Engine, queue: Remembering) -> None:
    refs = bookings_of(queue)
    found = resynced(house, KIND)
    assert queue.windows == [EVER]
    assert counts(found) == (len(refs), 0, len(refs), 0, 0, 0)
    assert ask(house, "SELECT count(DISTINCT source_ref) FROM core.reservations WHERE source = :s", s=KIND) == [
        (len(refs),)
    ]
    again = resynced(house, KIND)
    assert counts(again) == (len(refs), len(refs), 0, 0, len(refs), 0)
    assert ask(house, "SELECT count(*) FROM raw.inbox") == [(len(queue.past),)]


def test_what_is_missing_in_the_house_although_its_message_was_imported_comes_back(
    house: Engine, queue: Remembering
) -> None:
    resynced(house, KIND)
    lost, *_ = known(house, KIND)
    forget(house, lost)
    found = resynced(house, KIND)
    assert (found.new_count, found.known_count) == (1, found.found_count - 1)
    assert lost in known(house, KIND)


def test_a_message_that_was_never_told_and_one_that_changes_a_booking_are_told_apart(
    house: Engine, queue: Remembering
) -> None:
    first, second, *_ = [
        each for each in queue.past if data_of(each).get("revision") == 1 and b"Confirmed" in each.body
    ]
    queue.past = [first]
    resynced(house, KIND)
    queue.past = [first, changed(first, revision=2, specialRequests=7), second]
    found = resynced(house, KIND)
    assert counts(found) == (2, 1, 1, 1, 0, 0)


def test_a_cancel_of_the_past_changes_its_booking_and_what_nobody_can_read_is_held(
    house: Engine, queue: Remembering
) -> None:
    first = next(each for each in queue.past if data_of(each).get("revision") == 1 and b"Confirmed" in each.body)
    queue.past = [first]
    resynced(house, KIND)
    gone = message(CANCELLED, {**data_of(first), "revision": 9, "cancelledAt": "2026-09-01T10:00:00Z"})
    queue.past = [gone, Message("odd", b"no booking at all")]
    found = resynced(house, KIND)
    assert counts(found) == (2, 1, 0, 1, 0, 1)


def test_a_channel_that_tells_no_instants_leaves_open_what_vanished(house: Engine, queue: Remembering) -> None:
    def without_stamp(told: Message) -> Message:
        return changed(told, modifiedAt=None)

    queue.past = [without_stamp(each) for each in queue.past[:3] if data_of(each).get("status")]
    assert resynced(house, KIND).vanished is None


def test_a_channel_that_cannot_be_asked_again_says_so(house: Engine) -> None:
    set_up_queue(house)
    with (
        registered(queue_connector(lambda _: Queue(), CAPABILITIES)),
        pytest.raises(NotConfiguredError, match="once more"),
    ):
        resynced(house, KIND)


def test_what_is_read_again_is_known_when_the_queue_tells_it(house: Engine, queue: Remembering) -> None:
    resynced(house, KIND)
    queue.sell(queue.past[:4])
    found = pull(house, KIND, LISBON)
    assert (found.told_count, found.new_count, found.acknowledged_count, queue.messages) == (4, 0, 4, {})
    drain(house)

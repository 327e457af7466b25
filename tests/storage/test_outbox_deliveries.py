"""What channels said: logged with each attempt, counted in one report, and whether we agree with them."""

import threading

import pytest
from sqlalchemy import Connection, Engine, text

from hotel.pushes import ChannelPush
from storage.deliveries import ACCEPTED, FAILED, REFUSED, Told, log_failure, record, report_channels
from storage.outbox import Due, claim
from storage.sync_states import FAILED as NOT_AGREED
from storage.sync_states import PENDING, SYNCED, Place, State, begin_anew, note_states
from tests.storage.outbox_house import add_channel, add_rooms, key, sell, take
from tests.storage.stays import HOUSE, rows

PLACE = Place("expedia", HOUSE, "availability")
STATES = "SELECT entity_ref, status, error_code, retry_count FROM ops.sync_states ORDER BY 1"
LOG = (
    "SELECT attempt_no, channel_code, status, response_code, provider_ref, error_code FROM ops.deliveries ORDER BY 1, 3"
)


@pytest.fixture
def house(connection: Connection) -> Connection:
    """Doubles and suites, a channel that is told."""
    add_rooms(connection, {"double": 5, "suite": 5})
    add_channel(connection)
    return connection


def claimed(house: Connection, *numbers: int, seq: int = 1) -> list[Due]:
    sell(house, f"R{seq}", numbers, seq=seq)
    return take(house)


def report(connection: Connection) -> ChannelPush:
    [told] = report_channels(connection, ["expedia"])
    return told


def test_what_a_channel_took_is_sent_and_what_it_refused_has_failed(house: Connection) -> None:
    first, second = claimed(house, 1, 2)
    told = [Told(first, ACCEPTED, provider_ref="T1"), Told(second, REFUSED, "room_unknown", 422)]
    assert record(house, "expedia", told) == 0
    assert rows(house, LOG) == [
        (1, "expedia", "accepted", None, "T1", None),
        (1, "expedia", "refused", 422, None, "room_unknown"),
    ]
    query = "SELECT status, error_code, sent_at IS NOT NULL FROM ops.outbox ORDER BY outbox_id"
    assert rows(house, query) == [("sent", None, True), ("failed", "room_unknown", False)]


def test_recording_twice_changes_nothing(house: Connection) -> None:
    told = [Told(row, ACCEPTED) for row in claimed(house, 1)]
    record(house, "expedia", told)
    before = rows(house, LOG)
    log_failure(house, "expedia", told[0])
    assert rows(house, LOG) == before


def test_a_row_that_somebody_took_over_meanwhile_is_told_anew(house: Connection) -> None:
    [mine] = claimed(house, 1)
    house.execute(text("UPDATE ops.outbox SET status = 'pending'"))
    [theirs] = take(house)
    record(house, "expedia", [Told(theirs, ACCEPTED)])
    assert record(house, "expedia", [Told(mine, ACCEPTED)]) == 1
    assert record(house, "expedia", [Told(mine, ACCEPTED)]) == 1
    query = "SELECT dedupe_key, status, coalesced_count, caused_by FROM ops.outbox ORDER BY outbox_id"
    assert rows(house, query) == [
        (key(1), "sent", 0, "load:1"),
        (key(1), "pending", 1, f"outbox:{mine.outbox_id}"),
    ]


def test_a_report_counts_what_was_told_since_the_last_one_and_what_waits(house: Connection) -> None:
    first, second, third = claimed(house, 1, 2, 3)
    record(house, "expedia", [Told(first, ACCEPTED), Told(second, REFUSED, "room_unknown")])
    record(house, "expedia", [Told(third, FAILED, "inventory_unknown")])
    for seq in range(2, 7):
        sell(house, f"R{seq}", [1], kind="suite", seq=seq)
    told = report(house)
    assert told._replace(oldest_pending_at=None, lag_p95_ms=0) == ChannelPush(
        source="expedia", account_status="active", pending_count=1, oldest_pending_at=None, closures_waiting_count=1,
        sent_count=3, coalesced_count=0, accepted_count=1, partial_count=1,
        refused={"inventory_unknown": 1, "room_unknown": 1}, lag_p95_ms=0, held_by=None,
    )  # fmt: skip
    assert told.oldest_pending_at is not None
    assert told.lag_p95_ms > 0


def test_a_report_adds_up_the_changes_that_needed_no_message_of_their_own(house: Connection) -> None:
    for seq in range(1, 4):
        sell(house, f"R{seq}", [1], seq=seq)
    record(house, "expedia", [Told(row, ACCEPTED) for row in take(house)])
    told = report(house)
    assert (told.sent_count, told.coalesced_count, told.pending_count) == (1, 2, 0)


def test_every_attempt_is_in_one_report_also_one_whose_commit_came_late(engine: Engine, clean_database: str) -> None:
    with engine.begin() as connection:
        add_rooms(connection, {"double": 5})
        add_channel(connection)
        sell(connection, "R1", [1, 2])
    with engine.begin() as connection:
        first, second = claim(connection, "expedia", 10)
    counted = []
    with engine.connect() as late:
        record(late, "expedia", [Told(first, ACCEPTED)])
        with engine.begin() as connection:
            record(connection, "expedia", [Told(second, ACCEPTED)])
        with engine.begin() as connection:
            counted.append(report(connection).accepted_count)
        late.commit()
    for _ in range(2):
        with engine.begin() as connection:
            counted.append(report(connection).accepted_count)
    assert counted == [0, 2, 0]


def test_two_reports_at_once_share_nothing(engine: Engine, clean_database: str) -> None:
    with engine.begin() as connection:
        add_rooms(connection, {"double": 5})
        add_channel(connection)
        sell(connection, "R1", range(1, 9))
        record(connection, "expedia", [Told(row, ACCEPTED) for row in take(connection)])
    counted = []

    def ask() -> None:
        with engine.begin() as connection:
            counted.append(report(connection).accepted_count)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(counted) == [0, 0, 0, 8]


def test_a_report_says_who_rests_and_what_holds_a_channel_back(house: Connection) -> None:
    claimed(house, 1)
    house.execute(text("UPDATE ops.outbox SET status = 'pending', error_code = 'fix_credentials'"))
    add_channel(house, status="paused")
    told = report(house)
    assert (told.account_status, told.held_by, told.pending_count) == ("paused", "fix_credentials", 1)


def test_a_type_stays_failed_until_the_thing_that_failed_is_taken(house: Connection) -> None:
    note_states(house, PLACE, {"double": State(NOT_AGREED, "refused", key(1)), "suite": State(SYNCED)})
    note_states(house, PLACE, {"double": State(SYNCED)}, agreed=[key(2)])
    note_states(house, PLACE, {"double": State(PENDING, "try_later")})
    assert rows(house, STATES) == [("double", "failed", "refused", 1), ("suite", "synced", None, 0)]
    note_states(house, PLACE, {"double": State(SYNCED)}, agreed=[key(2), key(1)])
    assert rows(house, STATES) == [("double", "synced", None, 0), ("suite", "synced", None, 0)]


def test_a_channel_that_was_away_agrees_with_the_first_thing_it_takes(house: Connection) -> None:
    for _ in range(2):
        note_states(house, PLACE, {"double": State(PENDING, "try_later")})
    assert rows(house, STATES) == [("double", "pending", "try_later", 2)]
    note_states(house, PLACE, {"double": State(SYNCED)}, agreed=[key(1)])
    assert rows(house, STATES) == [("double", "synced", None, 0)]


def test_what_is_told_from_scratch_is_pending_whatever_had_failed(house: Connection) -> None:
    for source in ("expedia", "agoda"):
        note_states(house, PLACE._replace(source=source), {"double": State(NOT_AGREED, "refused", key(1))})
    begin_anew(house, "expedia", HOUSE, ["availability"])
    note_states(house, PLACE, {"double": State(SYNCED)}, agreed=[key(9)])
    query = "SELECT source, status FROM ops.sync_states ORDER BY 1"
    assert rows(house, query) == [("agoda", "failed"), ("expedia", "synced")]
    begin_anew(house, "*", HOUSE, ["availability"])
    assert rows(house, query) == [("agoda", "pending"), ("expedia", "pending")]

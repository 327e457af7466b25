"""A message that was buried unread comes back by the button: replay reads it again."""

import pytest
from sqlalchemy import Engine, text

from hotel.incoming import Reason
from hotel.passed import Verdict
from operations.replay_quarantine import Choice, replay_quarantine
from sandbox.world import World
from storage.inbox import DEAD_AFTER
from tests.operations.messages import PMS, ask, delivery, drain, outcomes, put, told_by


@pytest.fixture
def buried(house: Engine, world: World) -> Engine:
    """A house in which the first message's workers were killed until it was judged; it is in quarantine as `crashed`."""
    put(house, told_by(world, PMS)[:2])
    with house.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO raw.inbox_attempts (inbox_id, attempts_count) SELECT min(inbox_id), :count FROM raw.inbox"
            ),
            {"count": DEAD_AFTER},
        )
    drain(house)
    assert outcomes(house) == {("dead", "quarantined", "crashed"): 1, ("done", "new", None): 1}
    return house


def test_a_message_whose_workers_were_killed_loads_when_it_is_replayed(buried: Engine) -> None:
    done = replay_quarantine(buried, Choice(reason="crashed"))
    assert [row.result for row in done.rows] == ["loaded"]
    assert done.still_open_count == 0
    assert ask(buried, "SELECT count(*) FROM core.reservations") == [(2,)]
    assert ask(buried, "SELECT status FROM ops.quarantine") == [("replayed",)]
    assert outcomes(buried) == {("done", "quarantined", None): 1, ("done", "new", None): 1}


def test_replayed_twice_it_changes_nothing_more(buried: Engine) -> None:
    replay_quarantine(buried, Choice(reason="crashed"))
    assert replay_quarantine(buried, Choice(reason="crashed")).rows == ()
    assert ask(buried, "SELECT count(*) FROM core.reservations") == [(2,)]


def test_what_the_gate_blocks_in_a_replay_stays_buried_and_waits_on(
    buried: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = Verdict("reservations", "1", 0, None, (), {}, (Reason("gate_failed"),))
    monkeypatch.setattr("operations.loading.judge", lambda *_, **__: blocked)
    done = replay_quarantine(buried, Choice(reason="crashed"))
    assert [row.result for row in done.rows] == ["open"]
    assert ask(buried, "SELECT status FROM raw.inbox ORDER BY inbox_id") == [("dead",), ("done",)]


def test_a_message_nobody_can_read_keeps_no_other_from_coming_back(buried: Engine, world: World) -> None:
    put(buried, [delivery(told_by(world, PMS)[2])._replace(body=b"no booking at all")])
    drain(buried)
    with buried.begin() as connection:  # the unreadable one is the older of both
        connection.execute(
            text("UPDATE ops.quarantine SET quarantine_id = -quarantine_id WHERE NOT 'crashed' = ANY(reasons)")
        )
    done = replay_quarantine(buried, Choice())
    assert [row.result for row in done.rows] == ["open", "loaded"]

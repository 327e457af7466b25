"""A message that was buried unread comes back by the button: replay reads it again."""

import pytest
from sqlalchemy import Engine, text

from operations.replay_quarantine import Choice, replay_quarantine
from sandbox.world import World
from storage.inbox import DEAD_AFTER
from tests.operations.messages import PMS, ask, drain, outcomes, put, told_by


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

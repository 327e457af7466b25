"""The flow that tells channels, as operators see it: its run's name, its table, what it refuses."""

from collections.abc import Iterator

import pytest

from flows.push_availability import push_availability
from operations.errors import NotConfiguredError
from operations.push_availability import LEAVING
from sandbox.server import Sandbox, running
from sandbox.world import build
from tests.deployments.sandbox_house import House
from tests.flows.seen import newest_run, table_of
from tests.operations.channels_house import FAR, HOUSE, NEAR, add_house, book, connect, counts, day


@pytest.fixture
def channels(house: House) -> Iterator[tuple[Sandbox, Sandbox]]:
    """A house of three doubles and two suites, sold through two channels."""
    LEAVING.clear()
    with running(build(size=2)) as near, running(build(size=2)) as far:
        add_house(house.engine, {NEAR: near, FAR: far})
        yield near, far


def test_what_waits_is_told_and_stands_in_the_table(house: House, channels: tuple[Sandbox, Sandbox]) -> None:
    connect(house.engine, FAR, channels[1], key="wrong")
    book(house.engine, "R1", 1, 2)

    push_availability()

    first, second = table_of(newest_run("push all * what waits "))
    assert (first["channel"], first["pending"], first["accepted"]) == (FAR, 2, 0)
    assert "credentials" in first["next step"]
    assert (second["channel"], second["sent"], second["accepted"], second["next step"]) == (NEAR, 2, 2, "nothing")
    assert counts(channels[0]) == {("STD", day(1)): 2, ("STD", day(2)): 2}


def test_a_channel_is_told_some_dates_from_scratch(house: House, channels: tuple[Sandbox, Sandbox]) -> None:
    push = push_availability(NEAR, HOUSE, first_on=day(1), last_on=day(2), kinds=["availability"], is_full=True)

    [row] = table_of(newest_run(f"push {NEAR} {HOUSE} from scratch "))
    assert push.enqueued_count == row["accepted"] == 4
    assert len(counts(channels[0])) == 4
    assert counts(channels[1]) == {}


def test_a_channel_that_is_told_nothing_says_what_to_state(house: House) -> None:
    with pytest.raises(NotConfiguredError, match="state pushes and went_live_on"):
        push_availability("nobody", is_full=True)


def test_a_house_without_channels_has_nothing_to_tell(house: House) -> None:
    assert push_availability(is_full=True).channels == ()

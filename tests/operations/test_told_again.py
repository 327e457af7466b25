"""A queue whose messages have no names: a booking that is changed and changed back is told under a known one."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine

from connectors.queues import Pulled
from operations.pull_bookings import pull
from sandbox.webhooks.messages import Message
from sandbox.world import World
from tests.operations.messages import CHANNEL, ask, changed, data_of, drain, told_by
from tests.operations.queue_channel import KIND, LISBON, Queue, queue_connector, registered, set_up_queue

STORED = "SELECT event_id, outcome, acknowledged_at IS NOT NULL FROM raw.inbox ORDER BY inbox_id"
COMMENTS = "SELECT special_request_count FROM core.reservations WHERE source = 'queue_channel'"


class NamelessQueue(Queue):
    """Names a message by what it says."""

    def waiting(self) -> Sequence[Pulled]:
        return tuple(each._replace(is_named_by_content=True) for each in super().waiting())


@pytest.fixture
def queue(house: Engine) -> Iterator[NamelessQueue]:
    found = NamelessQueue()
    set_up_queue(house)
    with registered(queue_connector(lambda _: found)):
        yield found


@pytest.fixture
def states(world: World) -> tuple[Message, Message]:
    """Two states of one booking, neither with a version of its own."""
    first = next(
        each
        for each in told_by(world, CHANNEL)
        if data_of(each)["revision"] == 1 and data_of(each)["propertyId"] == LISBON
    )
    plain = {"revision": None, "modifiedAt": None}
    one, two = changed(first, **plain, specialRequests=1), changed(first, **plain, specialRequests=2)
    return one._replace(event_id="one"), two._replace(event_id="two")


def tell(house: Engine, queue: Queue, told: Message) -> None:
    queue.sell([told])
    pull(house, KIND, LISBON)
    drain(house)


def test_what_is_changed_back_is_changed_back_here(
    house: Engine, queue: NamelessQueue, states: tuple[Message, Message]
) -> None:
    one, two = states
    for told, wanted in ((one, 1), (two, 2), (one, 1), (two, 2)):
        tell(house, queue, told)
        assert ask(house, COMMENTS) == [(wanted,)]
    assert [row[0] for row in ask(house, STORED)] == ["one", "two", "one~2", "two~2"]


def test_what_was_not_acknowledged_is_the_same_message(
    house: Engine, queue: NamelessQueue, states: tuple[Message, Message]
) -> None:
    queue.sell(states[:1])
    queue.failures["acknowledge"] = [ConnectionError("cut")]
    pull(house, KIND, LISBON)
    pull(house, KIND, LISBON)
    assert [(row[0], row[2]) for row in ask(house, STORED)] == [("one", True)]


def test_a_message_with_a_name_of_its_own_is_known_for_ever(house: Engine, states: tuple[Message, Message]) -> None:
    named = Queue()
    set_up_queue(house)
    with registered(queue_connector(lambda _: named)):
        for _ in range(3):
            tell(house, named, states[0])
    assert [row[0] for row in ask(house, STORED)] == ["one"]

"""A puller killed at every step, and at random: nothing lost, nothing doubled, nothing acknowledged that is not committed."""

import threading
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from sandbox.webhooks.messages import Message, world_messages
from sandbox.world import World
from tests.faults.fold import Told
from tests.faults.invariants import broken
from tests.faults.pull_steps import CUTS
from tests.faults.queue_server import KIND, QueueServer, queue_server
from tests.faults.storm import Orders
from tests.faults.zygote import Zygote

KILLS = 100
LONG = 30_000
STORED = "SELECT event_id, body FROM raw.inbox WHERE source = %s"


@pytest.fixture
def channel(hotel: Engine) -> Iterator[QueueServer]:
    with queue_server(hotel) as up:
        yield up


@pytest.fixture(scope="session")
def messages(world: World) -> list[Message]:
    return world_messages(world.view(), "channel")


def stored(url: str) -> Counter[tuple[str, bytes]]:
    with psycopg.connect(url) as connection:
        return Counter((event_id, bytes(body)) for event_id, body in connection.execute(STORED, (KIND,)))


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def in_peace(killer: Zygote, hotel: Engine, url: str, step: str = "pull") -> None:
    """Let the pulls that follow a fault run to their end, and the time pass after which silence tells something."""
    killer.storm(Orders(url, step, 0, kills=0))
    with hotel.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = received_at - interval '11 minutes'"))
    killer.storm(Orders(url, step, 0, kills=0))


def assert_all_is_well(url: str, channel: QueueServer, sold: list[Message]) -> None:
    assert channel.premature == []
    assert stored(url) == Counter((each.event_id, each.body) for each in sold)
    assert channel.waiting == {}
    assert set(channel.acknowledged) == {each.event_id for each in sold}
    assert ask(url, "SELECT count(*) FROM raw.inbox WHERE acknowledged_at IS NULL") == 0
    assert ask(url, "SELECT message_count FROM ops.pulls") == len(sold)
    assert ask(url, "SELECT acknowledged_count FROM ops.pulls") == len(sold)
    assert ask(url, "SELECT error_code FROM ops.pulls") is None


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("place", range(len(CUTS)), ids=list(CUTS))
def test_a_puller_that_dies_at_any_step_loses_and_doubles_nothing(
    hotel: Engine,
    database_url: str,
    channel: QueueServer,
    messages: list[Message],
    killer: Zygote,
    place: int,
    nth: int,
) -> None:
    sold = messages[:7]
    channel.sell(sold)
    dying = Orders(
        database_url, "pull and die", 0, kills=1, workers=1, shortest_ms=LONG, longest_ms=LONG, ends=True,
        argument=place * 10 + nth, is_worked_off=False,
    )  # fmt: skip
    assert killer.storm(dying).ended_count == 1
    assert channel.premature == []
    assert channel.acknowledged.keys() <= {event_id for event_id, _ in stored(database_url)}
    in_peace(killer, hotel, database_url)
    assert_all_is_well(database_url, channel, sold)


def test_the_same_harness_finds_what_is_lost_where_acknowledging_comes_first(
    hotel: Engine, database_url: str, channel: QueueServer, messages: list[Message], killer: Zygote
) -> None:
    channel.sell(messages[:7])
    wrong = Orders(
        database_url, "acknowledge, then store", 0, kills=1, workers=1, shortest_ms=LONG, longest_ms=LONG, ends=True,
        is_worked_off=False,
    )  # fmt: skip
    killer.storm(wrong)
    in_peace(killer, hotel, database_url)
    lost = {each.event_id for each in messages[:7]} - {event_id for event_id, _ in stored(database_url)}
    assert lost == set(channel.premature) != set()


def test_pullers_killed_at_random_while_bookings_are_made_leave_the_hotel_as_the_channel_told_it(
    hotel: Engine, database_url: str, channel: QueueServer, messages: list[Message], killer: Zygote, dice: Random
) -> None:
    over = threading.Event()
    sold: list[Message] = []

    def sell() -> None:
        while len(sold) < len(messages) and not over.wait(0.1):
            some = messages[len(sold) : len(sold) + dice.randint(1, 9)]
            channel.sell(some)
            sold.extend(some)

    selling = threading.Thread(target=sell)
    selling.start()
    orders = Orders(database_url, "pull and import", dice.randrange(10**9), KILLS, longest_ms=600, is_worked_off=False)
    report = killer.storm(orders)
    over.set()
    selling.join()
    in_peace(killer, hotel, database_url, "pull and import")
    assert report.killed_count >= KILLS
    assert_all_is_well(database_url, channel, sold)
    with psycopg.connect(database_url) as connection:
        told = [Told(*row) for row in connection.execute("SELECT inbox_id, source, body FROM raw.inbox")]
    assert broken(database_url, told) == {}

"""Many senders at once, and a gateway that is killed among them: what was promised is there."""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.world.dice import dice
from settings import Settings
from tests.gateway.own_process import GatewayProcess, Promises, own_process
from tests.gateway.running import Inbox, Integrate

CONNECTIONS = 1000
KILLS = 5


@pytest.fixture
def process(settings: Settings, integrate: Integrate) -> Iterator[GatewayProcess]:
    integrate(kind="hotel_rest")
    with own_process(settings) as gateway:
        yield gateway


@pytest.fixture
def _many_files() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 4 * CONNECTIONS), limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("_many_files")
async def test_a_thousand_connections_with_repeats_are_all_taken_each_event_once(
    process: GatewayProcess, inbox: Inbox
) -> None:
    chance = dice("repeats", 2026)
    events = [f"evt_{n}" for n in range(2 * CONNECTIONS)]
    order = chance.sample(events * 2, 4 * CONNECTIONS)
    promises = Promises()

    async with asyncio.timeout(60):
        await asyncio.gather(*(promises.send(process.url, order[n::CONNECTIONS]) for n in range(CONNECTIONS)))

    assert (Counter(promises.statuses), promises.unanswered) == (Counter({202: len(order)}), 0)
    assert Counter(promises.words) == {"accepted": len(events), "duplicate": len(events)}
    assert {row.event_id: row.inbox_id for row in inbox()} == promises.inbox_ids


async def test_killed_in_the_middle_of_bursts_it_has_kept_every_promise(process: GatewayProcess, inbox: Inbox) -> None:
    chance = dice("kills", 4711)
    promises = Promises()
    for burst in range(KILLS):
        senders = [
            asyncio.create_task(promises.send(process.url, [f"evt_{burst}_{sender}_{n}" for n in range(60)]))
            for sender in range(40)
        ]
        await promises.reached(len(promises.inbox_ids) + chance.randrange(20, 1500))
        process.kill()
        await asyncio.gather(*senders)
        await asyncio.to_thread(process.start)

    stored = {row.event_id: row.inbox_id for row in inbox()}
    assert promises.unanswered > 0  # the kills fell into the bursts
    assert set(promises.statuses) == {202}
    assert promises.inbox_ids.items() <= stored.items()


async def test_what_nobody_was_promised_is_taken_when_it_is_sent_again(process: GatewayProcess, inbox: Inbox) -> None:
    events = [f"evt_{n}" for n in range(400)]
    promises = Promises()
    sender = asyncio.gather(*(promises.send(process.url, events[n::20]) for n in range(20)))
    await promises.reached(50)
    process.kill()
    await sender
    await asyncio.to_thread(process.start)

    await promises.send(process.url, [each for each in events if each not in promises.inbox_ids])

    assert {row.event_id: row.inbox_id for row in inbox()} == promises.inbox_ids
    assert len(promises.inbox_ids) == len(events)

"""Booking messages as hotels and channels really send them: out of order, twice, and said again in other words."""

import hashlib
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from deployments.demo_house import CHANNEL, PMS
from sandbox.webhooks.messages import Message, message, world_messages
from sandbox.world import World
from storage.inbox import Delivery

SENT_AGAIN_PERCENT: Final = 40
SAID_OTHERWISE_PERCENT: Final = 5


class Feed(NamedTuple):
    """Messages in the order they come, and those of them that may come again at any time.

    Telling a version again as it was is nothing new and moves nothing. So a version that was told in two ways is never
    told a third time: which of the ways came last would depend on who reads first.
    """

    deliveries: list[Delivery]
    repeatable: list[Delivery]

    def again(self, dice: Random, count: int, name: str) -> list[Delivery]:
        """Give some messages once more, each as an event of its own."""
        return [
            each._replace(event_id=f"{each.event_id}_{name}_{place}")
            for place, each in enumerate(dice.choices(self.repeatable, k=count))
        ]


def shuffled_messages(world: World, dice: Random) -> Feed:
    """Give both sides' messages of a world in any order: some twice under another id, some rewritten at their version."""
    view = world.view()
    told = [(PMS, each) for each in world_messages(view, "pms")]
    told += [(CHANNEL, each) for each in world_messages(view, "channel")]
    feed = Feed([], [])
    for source, each in told:
        first = delivery(source, each)
        feed.deliveries.append(first)
        if dice.randrange(100) < SAID_OTHERWISE_PERCENT and (rewritten := _rewritten(each)):
            feed.deliveries.append(delivery(source, rewritten, f"{each.event_id}_rewritten"))
            continue
        feed.repeatable.append(first)
        if dice.randrange(100) < SENT_AGAIN_PERCENT:
            feed.deliveries.append(first._replace(event_id=f"{each.event_id}_again"))
    dice.shuffle(feed.deliveries)
    return feed


def delivery(source: str, told: Message, event_id: str | None = None) -> Delivery:
    """A message as the gateway puts it into the inbox."""
    digest = hashlib.sha256(told.body).digest()
    return Delivery(source, "", event_id or told.event_id, _event(told)["type"], told.body, digest, {}, "standard")


def _rewritten(told: Message) -> Message | None:
    event = _event(told)
    if event["type"] == "booking.cancelled":
        return None
    requests = (event["data"]["specialRequests"] or 0) + 1
    return message(event["type"], {**event["data"], "specialRequests": requests})


def _event(told: Message) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(told.body)
    return event

"""A channel as small as can be that keeps bookings until they are acknowledged; its messages are those of `hotel_rest`."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Engine

from connectors import registry
from connectors.hotel_rest.connector import CONNECTOR
from connectors.ports import Account, Capabilities, Connector
from connectors.queues import Pulled, Taken
from deployments.demo_house import AS_IS
from sandbox.webhooks.messages import Message
from storage.integrations import Integration, save_integration

KIND: Final = "queue_channel"
LISBON: Final = "harbour-lisbon"
CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=3,
    versions={},
    cadence_seconds=20,
    acknowledges=True,
    acknowledge_seconds=1800,
)


class Queue:
    """The channel's side: what waits, what was acknowledged under which number of ours, how often each was told.

    `failures` are raised by the next calls of `waiting` or `acknowledge`, one each; `refused` are ids whose acknowledgement
    it never takes; a `deaf` one takes acknowledgements and forgets them. `before` and `after` are called around every call.
    """

    def __init__(self, page_rows: int = CAPABILITIES.page_cap) -> None:
        self.messages: dict[str, bytes] = {}
        self.acknowledged: dict[str, str] = {}
        self.told: Counter[str] = Counter()
        self.failures: dict[str, list[Exception]] = {"waiting": [], "acknowledge": []}
        self.refused: dict[str, Exception] = {}
        self.is_deaf = False
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self._page_rows = page_rows

    def sell(self, told: Sequence[Message]) -> None:
        """Put messages into the queue."""
        self.messages |= {each.event_id: each.body for each in told}

    def waiting(self) -> Sequence[Pulled]:
        """Tell the oldest messages."""
        self._call("waiting")
        some = list(self.messages.items())[: self._page_rows]
        self.told.update(event_id for event_id, _ in some)
        found = tuple(Pulled(event_id, "booking.created", body, None, f"r:{event_id}") for event_id, body in some)
        self.after("waiting")
        return found

    def acknowledge(self, taken: Sequence[Taken]) -> None:
        """Forget messages."""
        self._call("acknowledge")
        for each in taken:
            event_id = each.receipt.removeprefix("r:")
            if event_id in self.refused:
                raise self.refused[event_id]
            self.acknowledged.setdefault(event_id, each.our_ref)
            if not self.is_deaf:
                self.messages.pop(event_id, None)
        self.after("acknowledge")

    def close(self) -> None:
        """Do nothing."""

    def _call(self, name: str) -> None:
        self.before(name)
        if self.failures[name]:
            raise self.failures[name].pop(0)


class Remembering(Queue):
    """A queue that also tells what it told before, by window."""

    def __init__(self, past: Sequence[Message] = ()) -> None:
        super().__init__()
        self.past = list(past)
        self.windows: list[tuple[datetime, datetime]] = []

    def changed(self, since: datetime, until: datetime) -> Sequence[Pulled]:
        """Tell all of the past."""
        self.windows.append((since, until))
        return tuple(Pulled(each.event_id, "booking.created", each.body, None, "") for each in self.past)


def queue_connector(opened: Callable[[Account], Any], capabilities: Capabilities = CAPABILITIES) -> Connector:
    """Make the connector of such a channel."""
    return CONNECTOR._replace(
        kind=KIND, capabilities=capabilities, open=lambda account, *_: opened(account), webhooks=None, mappers={}
    )


@contextmanager
def registered(made: Connector) -> Iterator[None]:
    """Let the registry know a connector for a while."""
    module = ModuleType(f"connectors.{made.kind}.connector")
    module.CONNECTOR = made  # type: ignore[attr-defined]
    known = registry.KINDS
    sys.modules[module.__name__] = module
    registry.KINDS = (*known, made.kind)  # type: ignore[misc, assignment]
    registry.connector.cache_clear()
    try:
        yield
    finally:
        registry.KINDS = known  # type: ignore[misc]
        del sys.modules[module.__name__]
        registry.connector.cache_clear()


def set_up_queue(house: Engine, source: str = KIND, property_id: str = LISBON, **more: Any) -> None:
    """Write an account of such a channel."""
    given = {"settings": {"as_is": list(AS_IS)}} | more
    with house.begin() as connection:
        save_integration(connection, Integration(source, property_id, KIND, **given))

"""Whatever a channel, its network and the puller's life do in whatever order: each message is stored once and acknowledged."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from connectors.errors import RequestRefused, TryLater
from operations import pull_bookings, queue_pull
from operations.pull_bookings import pull
from operations.queue_pull import QueuePull
from tests.operations.queue_channel import KIND, LISBON, Queue, queue_connector, registered, set_up_queue

Action = tuple[str, int, int]
CUTS: list[tuple[Any, str]] = [
    (QueuePull, "_store"),
    (queue_pull, "note_stored"),
    (QueuePull, "_acknowledge"),
    (queue_pull, "note_acknowledged"),
    (pull_bookings, "note_pull"),
]
# What leaves messages told but not acknowledged, and what the channel then does with them, is what matters.
ACTIONS = st.one_of(
    st.tuples(st.just("sell"), st.integers(1, 4), st.just(0)),
    st.tuples(st.sampled_from(["say otherwise", "tell again"]), st.integers(0, 3), st.just(0)),
    st.tuples(st.sampled_from(["dies before", "dies after"]), st.integers(0, len(CUTS) - 1), st.integers(1, 2)),
    st.tuples(st.sampled_from(["cannot be told", "refuses", "cannot be asked"]), st.integers(0, 3), st.just(0)),
    st.tuples(st.sampled_from(["pull", "time passes"]), st.just(0), st.just(0)),
)


class DeadError(BaseException):
    """The process is gone."""


class Channel(Queue):
    """A queue that remembers every body it was told to forget."""

    def __init__(self, house: Engine) -> None:
        super().__init__()
        self._house = house
        self.sold: dict[str, bytes] = {}
        self.heard: set[tuple[str, bytes]] = set()
        self.premature: set[tuple[str, bytes]] = set()

    def acknowledge(self, taken: Any) -> None:
        told = {each.receipt.removeprefix("r:") for each in taken}
        waiting = {(event_id, self.messages[event_id]) for event_id in told if event_id in self.messages}
        self.premature |= waiting - stored(self._house).keys()
        super().acknowledge(taken)
        self.heard |= waiting


def stored(house: Engine) -> Counter[tuple[str, bytes]]:
    """Count what is stored, each under its channel's own name."""
    with house.connect() as connection:
        rows = connection.execute(text("SELECT split_part(event_id, '#', 1), body FROM raw.inbox"))
        return Counter((event_id, bytes(body)) for event_id, body in rows)


@contextmanager
def cut(place: int, nth: int, *, is_after: bool) -> Iterator[None]:
    """Let the process die at the n-th call."""
    holder, name = CUTS[place]
    original, calls = getattr(holder, name), iter(range(1, 100))

    def deadly(*given: Any, **more: Any) -> Any:
        is_it = next(calls) == nth
        if is_it and not is_after:
            raise DeadError
        result = original(*given, **more)
        if is_it:
            raise DeadError
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holder, name, deadly)
        yield


def act(house: Engine, channel: Channel, action: Action) -> None:
    kind, first, second = action
    names = list(channel.sold)
    name = names[first % len(names)] if names else ""
    match kind:
        case "sell":
            fresh = {f"e{len(names) + n}": f'{{"n": {len(names) + n}}}'.encode() for n in range(first)}
            channel.sold |= fresh
            channel.messages |= fresh
        case "tell again" if name:
            channel.messages.setdefault(name, channel.sold[name])
        case "say otherwise" if name in channel.messages:
            channel.messages[name] = channel.sold[name] = channel.messages[name] + b" "
        case "dies before" | "dies after":
            with cut(first, second, is_after=kind == "dies after"), suppress(DeadError):
                pull(house, KIND, LISBON)
        case "time passes":
            with house.begin() as connection:
                connection.execute(text("UPDATE raw.inbox SET received_at = received_at - interval '11 minutes'"))
        case _:
            channel.failures["waiting"] = [TryLater("busy")] * (kind == "cannot be asked")
            channel.failures["acknowledge"] = [TryLater("busy")] * (kind == "cannot be told")
            channel.refused = {name: RequestRefused("unknown", 404)} if kind == "refuses" else {}
            pull(house, KIND, LISBON)
            channel.failures, channel.refused = {"waiting": [], "acknowledge": []}, {}


@settings(max_examples=100, deadline=timedelta(seconds=30), suppress_health_check=list(HealthCheck))
@given(actions=st.lists(ACTIONS, min_size=4, max_size=16))
def test_any_history_ends_with_every_message_stored_once_and_acknowledged(hotel: Engine, actions: list[Action]) -> None:
    with hotel.begin() as connection:
        connection.execute(text("TRUNCATE raw.inbox, raw.inbox_conflicts, ops.pulls"))
    set_up_queue(hotel)
    channel = Channel(hotel)
    with registered(queue_connector(lambda _: channel)):
        for action in actions:
            act(hotel, channel, action)
        pull(hotel, KIND, LISBON)
        act(hotel, channel, ("time passes", 0, 0))
        pull(hotel, KIND, LISBON)
    found = stored(hotel)
    assert channel.premature == set()
    assert channel.messages == {}
    assert set(found) >= channel.heard
    assert {name for name, _ in found} == set(channel.sold)
    assert set(found.values()) <= {1}
    with hotel.connect() as connection:
        counts = "SELECT message_count, acknowledged_count, error_code FROM ops.pulls"
        assert connection.execute(text(counts)).one() == (found.total(), found.total(), None)
        open_count = "SELECT count(*) FROM raw.inbox WHERE acknowledged_at IS NULL"
        assert connection.execute(text(open_count)).scalar_one() == 0

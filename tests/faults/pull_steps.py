"""A pull as the puller runs it, and one whose process dies at a chosen moment."""

import os
from functools import wraps
from typing import Any, Final

from sqlalchemy import Engine

from connectors.queues import Taken
from hotel.codebook import ANY_PROPERTY
from operations import pull_bookings, queue_pull
from operations.import_waiting import import_waiting
from operations.pull_bookings import pull
from operations.queue_pull import QueuePull
from tests.faults.queue_server import KIND, Client, register

DEAD_EXIT: Final = 67
AT_ONCE: Final = 12
# Where it dies: whose call, of which name, before or after it.
Cut = tuple[Any, str, bool]
CUTS: Final[dict[str, Cut]] = {
    "told, nothing stored": (QueuePull, "_store", False),
    "inserted, not committed": (queue_pull, "note_stored", False),
    "counted, not committed": (queue_pull, "note_stored", True),
    "committed, not acknowledged": (Client, "acknowledge", False),
    "acknowledged, not noted": (Client, "acknowledge", True),
    "noted, not committed": (queue_pull, "note_acknowledged", True),
    "page done": (QueuePull, "_acknowledge", True),
    "emptied, not recorded": (pull_bookings, "_note", False),
    "recorded, not committed": (pull_bookings, "note_pull", True),
    "recorded": (pull_bookings, "_note", True),
}
_done: set[str] = set()


def pull_all(house: Engine, _: int) -> int:
    """Pull until nothing is told; 1 where somebody else pulls or something was told."""
    register()
    found = pull(house, KIND, ANY_PROPERTY)
    return int(found.is_skipped or found.told_count > 0)


def pull_and_import(house: Engine, _: int) -> int:
    """Pull, then import what has come."""
    return pull_all(house, 0) + import_waiting(house, limit=AT_ONCE)


def pull_and_die(house: Engine, argument: int) -> int:
    """Pull until the process dies: `argument` is ten times the place in CUTS, plus at which call of it, from 1."""
    place, nth = divmod(argument, 10)
    name = list(CUTS)[place]
    if name not in _done:
        _done.add(name)
        _die_at(CUTS[name], nth)
    return pull_all(house, 0)


def acknowledge_and_die(house: Engine, _: int) -> int:
    """Pull in the wrong order, acknowledge before anything is committed, and die in between."""

    def acknowledged_first(self: QueuePull, page: Any) -> Any:
        self._queue.acknowledge([Taken(each.receipt, "") for each in page])
        os._exit(DEAD_EXIT)

    setattr(QueuePull, "_store", acknowledged_first)  # noqa: B010 a method is no variable
    return pull_all(house, 0)


def _die_at(cut: Cut, nth: int) -> None:
    holder, name, is_after = cut
    original = getattr(holder, name)
    left = nth

    @wraps(original)
    def deadly(*given: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not is_after:
            os._exit(DEAD_EXIT)
        result = original(*given, **more)
        if left == 0:
            os._exit(DEAD_EXIT)
        return result

    setattr(holder, name, deadly)

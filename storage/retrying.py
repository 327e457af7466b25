"""Do a whole transaction again when another one got in its way: deadlock, serialization, a row that moved."""

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg.errors
import stamina
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.upserting import ConcurrentLoadError

ATTEMPTS: Final = 4  # the first and three more
_PASSES: Final = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, ConcurrentLoadError)
T = TypeVar("T")


def in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run `work` in one transaction; where it lost against another, roll back and run it again, three times at most.

    `work` must have no effect outside its transaction. What it raises otherwise, and the last loss, reaches the caller.
    """
    for attempt in stamina.retry_context(
        on=lost_a_race, attempts=ATTEMPTS, timeout=None, wait_initial=0.02, wait_max=0.5, wait_jitter=0.2
    ):
        with attempt, engine.begin() as connection:
            return work(connection)
    raise AssertionError  # unreachable: the last attempt returns or raises


def lost_a_race(error: Exception) -> bool:
    """Tell whether another transaction got in the way: the whole of ours may be run again."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, _PASSES)

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
# The server says that it goes down or comes up, is full, has no connection left, or may not write: SQLSTATEs.
_OUTAGES: Final = frozenset({"57P01", "57P02", "57P03", "53100", "53300", "25006"})
# Classes of what is between us and the server, or the server's own: no row is the cause.
_NOT_OF_ROWS: Final = frozenset({"08", "25", "53", "55", "57", "58"})
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
    return isinstance(_cause(error), _PASSES)


def is_blameless(error: Exception) -> bool:
    """Tell whether certainly nothing of what was being written is to blame: a lost race, or the server named an outage.

    A connection that broke without a word is not blameless: what was being written may have broken it.
    """
    return lost_a_race(error) or sqlstate(error) in _OUTAGES


def passes_by_itself(error: Exception) -> bool:
    """Tell whether the same rows may well be written later as they are: a lost race, or no working database."""
    state = sqlstate(error)
    if state is None:
        return lost_a_race(error) or isinstance(_cause(error), (psycopg.OperationalError, psycopg.InterfaceError))
    return lost_a_race(error) or state[:2] in _NOT_OF_ROWS


def sqlstate(error: Exception) -> str | None:
    """Give the five letters by which PostgreSQL names an error; None where it is not PostgreSQL's."""
    cause = _cause(error)
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _cause(error: Exception) -> BaseException | None:
    # SQLAlchemy wraps what its own statements raise, the loader's own cursor raises psycopg's errors as they are.
    return error.orig if isinstance(error, DBAPIError) else error

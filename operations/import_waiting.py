"""Bring waiting booking messages in: claim, map, gate, load, mark - one transaction per micro-batch (law 3)."""

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from expectations.facts import BatchFacts
from hotel.incoming import Reason, Refused
from operations.codebooks import BooksAndKinds
from operations.facts import house_facts
from operations.granting import Load, NotGrantedError, grant, one_each, parted, refuse
from operations.house import beside
from operations.loading import Circumstances, Loaded, Rows, load_rows
from operations.messages import DATASET, Read, place_of, read_messages
from operations.outcomes import finish, hold_back
from storage.bad_rows import refused
from storage.codebooks import properties
from storage.inbox import Message, bury, claim, count_attempts, take_back_attempts
from storage.loads import reserve_load
from storage.pulls import hint
from storage.quarantine import hold
from storage.retrying import in_transaction, is_blameless, passes_by_itself, sqlstate
from storage.waiting import WaitingBooking, lock_mappings, tell_channels

# The gate costs about the same for one booking as for five hundred, so a backlog is drained in large bites.
MOST_AT_ONCE: Final = 500
# Two drains of one process would only wait for each other's locks and for the interpreter.
_ONE_AT_A_TIME: Final = threading.Lock()
logger = logging.getLogger(__name__)


class _BlockedError(Exception):
    """The gate blocked the messages at hand; `code` says by which rule."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Way(NamedTuple):
    """How messages of a kind are loaded, and how one is given up that cannot be."""

    load: Load
    give_up: Callable[[Connection, Sequence[Message], str], None]


def import_waiting(house: Engine, *, limit: int = MOST_AT_ONCE) -> int:
    """Import one micro-batch and give the number of messages brought to an end; 0: nothing waits.

    A message that cannot be read, or that the gate or the database refuses, is quarantined alone; the others go in.
    Messages that ask come after those that tell: what is sold is sold.
    """
    begun: set[int] = set()
    with _ONE_AT_A_TIME:
        try:
            claimed = in_transaction(house, lambda connection: _import(connection, limit, begun))
        except Exception as error:
            if is_blameless(error):
                _take_back(house, begun)
            raise
        _take_back(house, begun - claimed)
    return len(claimed)


def _import(connection: Connection, limit: int, begun: set[int]) -> set[int]:
    """Import what waits and give the ids of what is over. `begun`: whose attempt is counted; run again, none counts twice."""
    told, asked = parted(claim(connection, limit))
    messages = [*told, *asked]
    ids = {message.inbox_id for message in messages}
    if ids - begun:
        with beside(connection.engine).connect() as own_commit:
            count_attempts(own_commit, list(ids - begun))
        begun |= ids
    _quarantine(connection, [message for message in told if message.is_spent], "crashed")
    refuse(connection, [message for message in asked if message.is_spent], "crashed")
    _apply(connection, [message for message in told if not message.is_spent], _TELLING)
    for group in one_each([message for message in asked if not message.is_spent]):
        _apply(connection, group, _ASKING)
    return ids


def _take_back(house: Engine, ids: Collection[int]) -> None:
    """Uncount attempts that came to nothing through no fault of the messages: another transaction, an outage."""
    if ids:
        # In an outage this may fail as well; then the attempt stays counted, which does no harm once.
        with contextlib.suppress(SQLAlchemyError), beside(house).connect() as own_commit:
            take_back_attempts(own_commit, list(ids))


def _apply(connection: Connection, messages: Sequence[Message], way: _Way) -> None:
    """Load messages together; where they are refused, halve until the culprit stands alone."""
    if not messages:
        return
    try:
        with connection.begin_nested():
            way.load(connection, messages)
    except Exception as error:
        if passes_by_itself(error) or connection.invalidated:
            raise
        code = _refusal(error)
        level = logging.DEBUG if isinstance(error, NotGrantedError) else logging.WARNING
        logger.log(level, "%d messages were refused (%s): %s", len(messages), code, place_of(error))
        if len(messages) == 1:
            way.give_up(connection, messages, code)
            return
        half = len(messages) // 2
        _apply(connection, messages[:half], way)
        _apply(connection, messages[half:], way)


def _refusal(error: Exception) -> str:
    if isinstance(error, _BlockedError):
        return f"blocked_{error.code}"
    if isinstance(error, NotGrantedError):
        return error.code
    state = sqlstate(error)
    return f"sql_{state}" if state else "load_failed"


def _load(connection: Connection, messages: Sequence[Message]) -> None:
    read = _read(connection, messages)
    for code, ones in read.unreadable.items():
        _quarantine(connection, ones, code)
    hold_back(connection, read.waiting)
    for message in read.hints:
        hint(connection, message.source, message.property_id)
    elsewhere = {message.inbox_id for ones in read.unreadable.values() for message in ones}
    elsewhere |= {booking.inbox_id for booking in read.waiting}
    done = [message.inbox_id for message in messages if message.inbox_id not in elsewhere]
    let_go = _load_read(connection, read, done) if done else []
    tell_channels(connection, [*read.waiting, *let_go])


def _load_read(connection: Connection, read: Read, done: Sequence[int]) -> list[WaitingBooking]:
    if read.guests.incoming or read.guests.refused:
        _load_rows(connection, read.guests)
    return finish(connection, done, _load_rows(connection, read.rows))


def _read(connection: Connection, messages: Sequence[Message]) -> Read:
    read = read_messages(messages, BooksAndKinds(connection))
    if not read.waiting:
        return read
    # What was mapped while we read counts; what is mapped from here on finds the messages waiting.
    lock_mappings(connection, (booking.source for booking in read.waiting))
    return read_messages(messages, BooksAndKinds(connection))


def _load_rows(connection: Connection, rows: Rows) -> Loaded:
    row_count = len(rows.incoming) + len(rows.refused)
    # Messages that happen to wait together are no data set: how many of them are bad says nothing of the others.
    facts = BatchFacts(rows_read=row_count, is_one_dataset=False)
    house = house_facts(properties(connection))
    loaded = load_rows(connection, rows, Circumstances(facts, house, datetime.now(UTC)))
    if loaded.part.blocked_by:
        raise _BlockedError(loaded.part.blocked_by[0])
    return loaded


def _quarantine(connection: Connection, messages: Sequence[Message], code: str) -> None:
    """Give messages up: each gets its quarantine row and is dead until it is replayed."""
    if not messages:
        return
    rows = [
        Refused(
            DATASET, message.source, message.property_id or "*", message.event_id, f"i:{message.inbox_id}",
            (Reason(code),), {},
        )
        for message in messages
    ]  # fmt: skip
    pairs = zip(rows, messages, strict=True)
    hold(connection, [refused(row, message.inbox_id) for row, message in pairs], load_id=reserve_load(connection))
    bury(connection, [message.inbox_id for message in messages], code)


_TELLING: Final = _Way(_load, _quarantine)
_ASKING: Final = _Way(lambda connection, asked: grant(connection, asked, _load), refuse)

"""Bring waiting booking messages in: claim, map, gate, load, mark - one transaction per micro-batch (law 3)."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConnectorError
from connectors.ports import MappingPlace
from connectors.registry import connector
from expectations.facts import BatchFacts
from hotel.incoming import CANCEL, Incoming, Reason, Refused
from operations.codebooks import BooksAndKinds
from operations.facts import house_facts
from operations.house import beside
from operations.loading import Circumstances, Loaded, Rows, load_rows
from storage.bad_rows import refused
from storage.classify import BENEATH_CANCEL, CHANGED, NEW, REWRITTEN, STALE
from storage.inbox import Message, bury, claim, count_attempts, mark
from storage.loads import reserve_load
from storage.quarantine import hold
from storage.retrying import in_transaction, lost_a_race

MOST_AT_ONCE: Final = 200
DATASET: Final = "reservations"
OUTCOMES: Final = {NEW: "new", CHANGED: "modified", REWRITTEN: "modified", BENEATH_CANCEL: "modified", STALE: "stale"}
# Two drains of one process would only wait for each other's locks and for the interpreter.
_ONE_AT_A_TIME: Final = threading.Lock()
logger = logging.getLogger(__name__)


class Read(NamedTuple):
    """Messages as rows: which row came from which message."""

    rows: Rows
    owners: list[int]


def import_waiting(house: Engine, *, limit: int = MOST_AT_ONCE) -> int:
    """Import one micro-batch and give the number of messages claimed; 0: nothing waits.

    A message that cannot be read, or that the database refuses, is quarantined alone; the others go in.
    """
    with _ONE_AT_A_TIME:
        return in_transaction(house, lambda connection: _import(connection, limit))


def _import(connection: Connection, limit: int) -> int:
    messages = claim(connection, limit)
    if not messages:
        return 0
    with beside(connection.engine).connect() as own_commit:
        count_attempts(own_commit, [message.inbox_id for message in messages])
    spent = [message for message in messages if message.is_spent]
    _quarantine(connection, spent, "crashed")
    _apply(connection, [message for message in messages if not message.is_spent])
    return len(messages)


def _apply(connection: Connection, messages: Sequence[Message]) -> None:
    """Load messages together; where the database refuses, halve until the culprit stands alone."""
    if not messages:
        return
    try:
        with connection.begin_nested():
            _load(connection, messages)
    except DBAPIError as error:
        if lost_a_race(error) or error.connection_invalidated:
            raise
        code = f"sql_{getattr(error.orig, 'sqlstate', None) or 'unknown'}"
        logger.warning("%d messages were refused by the database: %s", len(messages), code)
        if len(messages) == 1:
            _quarantine(connection, messages, code)
            return
        half = len(messages) // 2
        _apply(connection, messages[:half])
        _apply(connection, messages[half:])


def _load(connection: Connection, messages: Sequence[Message]) -> None:
    books = BooksAndKinds(connection)
    read, unreadable = _read(messages, books)
    for code, ones in unreadable.items():
        _quarantine(connection, ones, code)
    done = [message for message in messages if not any(message in ones for ones in unreadable.values())]
    if not done:
        return
    given = Circumstances(
        BatchFacts(rows_read=len(read.rows.incoming) + len(read.rows.refused)),
        house_facts(books.properties),
        datetime.now(UTC),
    )
    loaded = load_rows(connection, read.rows, given)
    if loaded.part.blocked_by:
        _quarantine(connection, done, f"blocked_{loaded.part.blocked_by[0]}")
        return
    for outcome, ids in _outcomes(done, read, loaded).items():
        mark(connection, ids, "done", outcome=outcome)


def _read(messages: Sequence[Message], books: BooksAndKinds) -> tuple[Read, dict[str, list[Message]]]:
    incoming: list[Incoming] = []
    owners: list[int] = []
    turned_down: list[tuple[Refused, int]] = []
    unreadable: defaultdict[str, list[Message]] = defaultdict(list)
    for message in messages:
        try:
            rows = list(_rows_of(message, books))
        except ConnectorError as error:
            unreadable[error.code].append(message)
            continue
        except Exception:
            # A mapping's own fault must not keep the other messages out.
            logger.exception("the mapping of %s failed on message %d", message.source, message.inbox_id)
            unreadable["mapping_failed"].append(message)
            continue
        for row in rows:
            if isinstance(row, Incoming):
                incoming.append(row)
                owners.append(message.inbox_id)
            else:
                turned_down.append((row, message.inbox_id))
    sources = {message.source for message in messages}
    places = {row.row.property_id for row in incoming}
    rows_read = Rows(
        DATASET,
        sources.pop() if len(sources) == 1 else "*",
        places.pop() if len(places) == 1 else "*",
        incoming,
        turned_down,
        owners,
    )
    return Read(rows_read, owners), dict(unreadable)


def _rows_of(message: Message, books: BooksAndKinds) -> Sequence[Incoming | Refused]:
    if message.body is None:
        return []
    receiver = connector(books.kind(message.source)).webhooks
    if receiver is None:
        return []
    place = MappingPlace(f"i:{message.inbox_id}", 0, message.property_id, message.received_at)
    return list(receiver.map(message.body, books.codebook(message.source), place))


def _outcomes(done: Sequence[Message], read: Read, loaded: Loaded) -> dict[str, list[int]]:
    """Sort the messages by what each did to the house."""
    outcomes = {message.inbox_id: "unchanged" for message in done}
    numbers = loaded.fates.frames.parent["row_number"].to_pylist()
    for number, letter in zip(numbers, loaded.fates.letters.tolist(), strict=True):
        is_cancel = read.rows.incoming[number].action == CANCEL and letter in {NEW, CHANGED, REWRITTEN}
        outcomes[read.owners[number]] = "cancelled" if is_cancel else OUTCOMES.get(letter, "unchanged")
    for number in loaded.held_rows:
        outcomes[read.owners[number]] = "quarantined"
    for _, inbox_id in read.rows.refused:
        outcomes[inbox_id] = "quarantined"
    sorted_out: defaultdict[str, list[int]] = defaultdict(list)
    for inbox_id, outcome in sorted(outcomes.items()):
        sorted_out[outcome].append(inbox_id)
    return sorted_out


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

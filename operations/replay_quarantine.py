"""Read quarantined rows again from what was received, with today's mapping and suite; or let them in by a decision."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from connectors.ports import Mapper, MappingPlace
from connectors.registry import connector
from expectations.facts import BatchFacts
from hotel.codebook import ANY_PROPERTY
from hotel.incoming import Incoming, Refused
from hotel.loads import ReplayedRow, ReplaySummary
from operations.codebooks import BooksAndKinds
from operations.facts import house_facts
from operations.loading import Circumstances, Rows, load_rows
from operations.messages import place_of
from storage.inbox import message, unbury
from storage.pages import batch, page
from storage.quarantine import OpenRow, mark_replayed, open_rows, release
from storage.retrying import in_transaction

# So few at once that no share of bad ones among them says anything about a source.
AT_ONCE: Final = 20
LOADED: Final = "loaded"
RELEASED: Final = "released"
OPEN: Final = "open"
Told = Incoming | Refused
logger = logging.getLogger(__name__)


class Choice(NamedTuple):
    """Which open rows are meant; what is given narrows the choice."""

    ids: Sequence[int] = ()
    reason: str | None = None
    source: str | None = None
    property_id: str | None = None
    received_since: datetime | None = None


class Release(NamedTuple):
    """A person's decision to let rows in although the gate holds them."""

    actor: str
    reason: str


class _StillHeldError(Exception):
    """The rows do not pass even so: nothing of their replay or release stands."""


def replay_quarantine(
    house: Engine, choice: Choice, *, release: Release | None = None, flow_run_id: str | None = None
) -> ReplaySummary:
    """Replay the chosen rows and say of each what became of it; what fails again waits on, seen once more.

    A release is per row and all or nothing: the decision is in the audit log, its codes stay with the row as warnings.
    A row that nobody can read cannot be released: its mapping must be mended first.
    """
    with house.connect() as connection:
        chosen = open_rows(connection, **choice._asdict())
    size = 1 if release else AT_ONCE
    done: list[ReplayedRow] = []
    for (unit, dataset), waiting in _by_unit(chosen).items():
        told = _read_again(house, unit, dataset)
        for start in range(0, len(waiting), size):
            some = waiting[start : start + size]
            done += (
                _release(house, some[0], told, release, flow_run_id)
                if release
                else _replay(house, some, told, flow_run_id)
            )
    with house.connect() as connection:
        still_open = open_rows(connection, **choice._asdict())
    return ReplaySummary(tuple(done), len(still_open))


def _replay(
    house: Engine, some: Sequence[OpenRow], told: dict[str, Told], flow_run_id: str | None
) -> list[ReplayedRow]:
    def work(connection: Connection) -> None:
        mark_replayed(connection, [row.quarantine_id for row in some if row.raw_ref in told])
        _load(connection, some, told, frozenset(), flow_run_id)
        unbury(connection, [_inbox_id(row) for row in some if row.raw_ref in told and _is_buried(row)])

    with suppress(_StillHeldError):
        in_transaction(house, work)
    with house.connect() as connection:
        now = {row.quarantine_id: row for row in open_rows(connection, ids=[row.quarantine_id for row in some])}
    return [_result(row, now.get(row.quarantine_id), LOADED) for row in some]


def _release(
    house: Engine, row: OpenRow, told: dict[str, Told], decision: Release, flow_run_id: str | None
) -> list[ReplayedRow]:
    def work(connection: Connection) -> None:
        if not isinstance(told.get(row.raw_ref), Incoming):
            raise _StillHeldError
        release(connection, row.quarantine_id, actor=decision.actor, reason=decision.reason)
        if not _load(connection, [row], told, frozenset(row.reasons), flow_run_id):
            raise _StillHeldError
        unbury(connection, [_inbox_id(row)] if _is_buried(row) else [])

    try:
        in_transaction(house, work)
    except _StillHeldError:
        return [_result(row, row, OPEN)]
    return [_result(row, None, RELEASED)]


def _load(
    connection: Connection,
    some: Sequence[OpenRow],
    told: dict[str, Told],
    waived: frozenset[str],
    flow_run_id: str | None,
) -> bool:
    """Load rows as read again; True when none of them is held. Raises _StillHeldError where the gate blocks them all."""
    books = BooksAndKinds(connection)
    pairs = [(told[row.raw_ref], row.received_seq or 0) for row in some if row.raw_ref in told]
    incoming = [(row, sequence) for row, sequence in pairs if isinstance(row, Incoming)]
    turned_down = [(row, sequence) for row, sequence in pairs if isinstance(row, Refused)]
    if not pairs:
        return False
    rows = Rows(
        some[0].dataset, some[0].source, some[0].property_id, [row for row, _ in incoming], turned_down,
        [sequence for _, sequence in incoming],
    )  # fmt: skip
    facts = BatchFacts(rows_read=len(pairs), warn_only=waived)
    given = Circumstances(facts, house_facts(books.properties), datetime.now(UTC), flow_run_id=flow_run_id)
    part = load_rows(connection, rows, given).part
    if part.blocked_by:
        raise _StillHeldError
    return part.quarantined_count == 0


def _is_buried(row: OpenRow) -> bool:
    return row.raw_ref.startswith("i:") and row.raw_ref.count(":") == 1


def _inbox_id(row: OpenRow) -> int:
    return int(row.raw_ref.split(":")[1])


def _by_unit(rows: Sequence[OpenRow]) -> dict[tuple[str, str], list[OpenRow]]:
    """Part rows by what they were received in, a page (`p:17:1`) or a message (`i:204`), and by their dataset."""
    units: defaultdict[tuple[str, str], list[OpenRow]] = defaultdict(list)
    for row in rows:
        kind, *numbers = row.raw_ref.split(":")
        unit = ":".join((kind, *numbers[: 2 if kind == "p" else 1]))
        units[unit, row.dataset].append(row)
    return dict(units)


def _read_again(house: Engine, unit: str, dataset: str) -> dict[str, Told]:
    """Map a page or message with today's mapping: raw_ref -> row; empty where its body is pruned."""
    kind, *numbers = unit.split(":")
    with house.connect() as connection:
        books = BooksAndKinds(connection)
        read = _page if kind == "p" else _message
        try:
            told = list(read(connection, books, [int(number) for number in numbers], dataset))
        except Exception as error:  # noqa: BLE001 what one mapping cannot read keeps no other row waiting
            logger.warning("%s cannot be read again, its rows wait on: %s", unit, place_of(error))
            return {}
    # A message that was buried before anybody read it waits under its own name: it stands for what it brings.
    buried = {unit: told[0]} if kind == "i" and told else {}
    return buried | {row.raw_ref: row for row in told}


def _page(connection: Connection, books: BooksAndKinds, numbers: list[int], dataset: str) -> Iterator[Told]:
    pull, stored = batch(connection, numbers[0]), page(connection, numbers[0], numbers[1])
    if stored is None:
        return
    mapper: Mapper = connector(pull.kind).mappers[dataset]
    own = None if pull.property_id == ANY_PROPERTY else pull.property_id
    place = MappingPlace(f"p:{pull.batch_id}:{stored.number}", stored.first_row, own, stored.fetched_at)
    yield from mapper(stored.body, books.codebook(pull.source), place)


def _message(connection: Connection, books: BooksAndKinds, numbers: list[int], _dataset: str) -> Iterator[Told]:
    stored = message(connection, numbers[0])
    mapper = connector(books.kind(stored.source)).messages if stored else None
    if stored is None or stored.body is None or mapper is None:
        return
    place = MappingPlace(f"i:{stored.inbox_id}", 0, stored.property_id, stored.received_at)
    yield from mapper(stored.body, books.codebook(stored.source), place)


def _result(before: OpenRow, now: OpenRow | None, word: str) -> ReplayedRow:
    reasons = tuple(now.reasons) if now else ()
    return ReplayedRow(before.quarantine_id, before.source_ref, tuple(before.reasons), OPEN if now else word, reasons)

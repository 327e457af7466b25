"""Deliver the outbox: claim, commit, read the state, send it, record what the channel said (laws 3, 12 and 15).

A row says only that something must be told anew. It is claimed and committed before the state is read: a change that
comes later finds it gone and enqueues the thing once more. A deliverer that dies leaves its rows `sending`; the next one
puts them back, so everything is told at least once. The last state wins, because one deliverer at a time has a
destination's turn, and what two of them may have told after all is told once more.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, text

from connectors.errors import BreakerOpen, ConnectorError, FixCredentials, FixMapping, TryLater
from connectors.ports import Connector
from connectors.pushes import KINDS, Pushed
from connectors.registry import connector
from operations.errors import error_place
from operations.health import check_of
from operations.house import address, beside
from operations.sending import NothingTakenError, pushing, sent
from operations.sources import Source, now
from operations.tellings import Account, Cell, Codes, Telling, tellings
from storage.codebooks import codebook
from storage.deliveries import ACCEPTED, FAILED, Told, log_failure, record
from storage.engine import unpooled
from storage.health import note_change
from storage.integrations import Integration, integration
from storage.outbox import DEAD_AFTER, Due, claim, end, orphans, put_back, turn
from storage.retrying import in_transaction, passes_by_itself
from storage.selling import markups
from storage.sync_states import FAILED as NOT_AGREED
from storage.sync_states import PENDING, SYNCED, Place, State, note_states

LEAST_AT_ONCE: Final = 500
MOST_AT_ONCE: Final = 5_000
AGAIN_SECONDS: Final = 5.0
STRANGE_SECONDS: Final = 30.0
# What a person must mend is tried again now and then, so that it goes on by itself once it is mended.
MENDING_SECONDS: Final = 300.0
LONGEST_SECONDS: Final = 600.0
CHECK_EVERY: Final = timedelta(minutes=1)
logger = logging.getLogger(__name__)


class DeliverySummary(NamedTuple):
    """What one turn at a destination came to, in rows. `is_busy`: somebody else has the turn, nothing was done."""

    destination: str
    claimed_count: int = 0
    accepted_count: int = 0
    failed_count: int = 0
    expired_count: int = 0
    put_back_count: int = 0
    is_busy: bool = False


def deliver(
    house: Engine, destination: str, *, limit: int | None = None, is_leaving: Callable[[], bool] = lambda: False
) -> DeliverySummary:
    """Tell one channel what is due, at most `limit` rows (by default as many as its messages hold); 0 claimed: nothing is.

    What fails is put back, held or ended with its code, per kind and property; a database that is away raises, and
    the next turn finds what was left. `is_leaving` is asked before each kind and property.
    """
    with turn(unpooled(address(house)), destination) as held:
        if held is None:
            return DeliverySummary(destination, is_busy=True)
        _take_over(house, destination)
        rows = in_transaction(
            house, lambda connection: claim(connection, destination, limit or _cap(house, destination))
        )
        tally: Counter[str] = Counter()
        for property_id, kind, some in _groups(rows):
            group = _Group(house, held, Place(destination, property_id, kind), some)
            tally += group.give_back() if is_leaving() else group.deliver()
    return DeliverySummary(
        destination, len(rows), tally["accepted"], tally["failed"], tally["expired"], tally["put_back"]
    )


def _take_over(house: Engine, destination: str) -> None:
    """Put back what a dead deliverer was sending; what has killed several goes out no more."""
    with house.connect() as connection:
        left = orphans(connection, destination)
    dead = [row for row in left if row.crash_count >= DEAD_AFTER]
    if dead:
        logger.error("%d rows for %s killed whoever sent them: they are given up", len(dead), destination)
        in_transaction(house, lambda c: record(c, destination, [Told(row, FAILED, "crashed") for row in dead]))
    with beside(house).connect() as own_commits:
        put_back(own_commits, [row for row in left if row.crash_count < DEAD_AFTER])


def _cap(house: Engine, destination: str) -> int:
    with house.connect() as connection:
        found = integration(connection, destination)
    try:
        cap = connector(found.kind).capabilities.push_cap if found else LEAST_AT_ONCE
    except FixMapping:
        cap = LEAST_AT_ONCE  # each property hears of it by itself
    return min(max(cap, LEAST_AT_ONCE), MOST_AT_ONCE)


def _groups(rows: Sequence[Due]) -> Iterator[tuple[str, str, list[Due]]]:
    """Sort rows by property and kind; those with closures first, then counts, restrictions, prices."""
    found: defaultdict[tuple[str, str], list[Due]] = defaultdict(list)
    for row in rows:
        found[row.property_id, row.kind].append(row)

    def first(place: tuple[str, str]) -> tuple[int, int, str]:
        return min(row.priority for row in found[place]), KINDS.index(place[1]), place[0]

    for property_id, kind in sorted(found, key=first):
        yield property_id, kind, found[property_id, kind]


class _Group:
    """The claimed rows of one kind and property: sent together, and failing apart from all others."""

    def __init__(self, house: Engine, held: Connection, place: Place, rows: Sequence[Due]) -> None:
        self._house = house
        self._held = held
        self._place = place
        self._left = {row.outbox_id: row for row in rows}
        self._has_probe = any(row.is_probe for row in rows)
        self._tally: Counter[str] = Counter()

    def give_back(self) -> Counter[str]:
        """Let the rows wait for the next deliverer."""
        self._put_back(list(self._left.values()))
        return self._tally

    def deliver(self) -> Counter[str]:
        """Send what there is to tell, and give how many rows came to what."""
        with self._house.connect() as connection:
            found = integration(connection, self._place.source, property_id=self._place.property_id)
        self._expire(found)
        if found is None or not self._left:
            return self._tally
        try:
            self._tell(found)
        except Exception as error:
            if passes_by_itself(error) or not self._left:
                raise  # the house's own database: whoever has the next turn goes on
            self._hold_back(found, error)
        return self._tally

    def _expire(self, found: Integration | None) -> None:
        is_told = found is not None and self._place.entity in found.pushes
        live_on = found.went_live_on if found and is_told else None
        over = [row for row in self._left.values() if row.is_over]
        untold = [row for row in self._left.values() if not row.is_over and (live_on is None or row.stay_on < live_on)]
        with self._house.begin() as connection:
            end(connection, over, "expired")
            end(connection, untold, "expired", "not_told")
        self._over(over + untold, "expired")

    def _tell(self, found: Integration) -> None:
        kind = connector(found.kind)
        told = self._read(found)
        self._record([Told(each.row, FAILED, each.code) for each in told if each.code])
        sayable = [each for each in told if each.code is None]
        self._left = {each.row.outbox_id: each.row for each in sayable}  # in the order in which they go out
        if sayable:
            self._send(found, kind, sayable)

    def _read(self, found: Integration) -> list[Telling]:
        source, property_id, kind = self._place
        with self._house.begin() as connection:
            codes = Codes(codebook(connection, source), property_id)
            account = Account(found, codes, markups(connection, source, property_id))
            return tellings(connection, account, kind, list(self._left.values()))

    def _send(self, found: Integration, kind: Connector, sayable: Sequence[Telling]) -> None:
        with closing(Source(found, kind).open(self._house)) as client:
            push = pushing(client, self._place.entity)

            def in_turn(cells: Sequence[Cell], key: str) -> Pushed:
                self._held.execute(text("SELECT 1"))  # raises where the turn is gone with its connection
                return push(cells, key)

            for told in sent(in_turn, sayable):
                self._record(told)
        if self._has_probe:
            self._note_health(found)

    def _record(self, told: Sequence[Told]) -> None:
        """End rows by what the channel said, in one transaction with what we agree on now."""
        if not told:
            return
        agreed = [each.row.dedupe_key for each in told if each.status == ACCEPTED]
        states: dict[str, State] = {}
        for each in sorted(told, key=lambda one: one.status != ACCEPTED):
            is_agreed = each.status == ACCEPTED
            state = State(SYNCED) if is_agreed else State(NOT_AGREED, each.error_code, each.row.dedupe_key)
            states[each.row.payload["room_type"]] = state

        def write(connection: Connection) -> int:
            note_states(connection, self._place, states, agreed=agreed)
            return record(connection, self._place.source, told)

        lost_count = in_transaction(self._house, write)
        if lost_count:
            logger.warning("%d rows for %s were taken over meanwhile: told anew", lost_count, self._place.source)
        self._over([each.row for each in told if each.status == ACCEPTED], "accepted")
        self._over([each.row for each in told if each.status != ACCEPTED], "failed")

    def _hold_back(self, found: Integration, error: Exception) -> None:
        """Put back what is left. The first row holds the others of its kind and property until it is due again.

        It alone counts its attempt, so that no later message passes for the one that failed.
        """
        first, *others = self._left.values()
        code = error.code if isinstance(error, ConnectorError) else "delivery_failed"
        reason = error if isinstance(error, ConnectorError) else error_place(error)
        logger.warning("%s %s %s is held back: %s: %s", *self._place, code, reason)
        is_begun = not isinstance(error, BreakerOpen)
        status = PENDING if isinstance(error, TryLater) else NOT_AGREED
        types = {row.payload["room_type"] for row in self._left.values()}

        def write(connection: Connection) -> None:
            note_states(connection, self._place, dict.fromkeys(types, State(status, code)))
            if is_begun:
                log_failure(connection, self._place.source, Told(first, FAILED, code, getattr(error, "status", None)))

        in_transaction(self._house, write)
        self._put_back([first], code=code, wait=timedelta(seconds=_wait_seconds(error)), is_begun=is_begun)
        self._put_back(others)
        self._note_health(found, error)

    def _put_back(
        self, rows: Sequence[Due], *, code: str | None = None, wait: timedelta | None = None, is_begun: bool = False
    ) -> None:
        with beside(self._house).connect() as own_commits:
            put_back(own_commits, rows, code=code, wait=wait, is_begun=is_begun)
        self._over(rows, "put_back")

    def _over(self, rows: Sequence[Due], word: str) -> None:
        self._tally[word] += len(rows)
        for row in rows:
            self._left.pop(row.outbox_id, None)

    def _note_health(self, found: Integration, error: Exception | None = None) -> None:
        with self._house.begin() as connection:
            note_change(connection, check_of(found, now(), None, error), at_least_every=CHECK_EVERY)


def _wait_seconds(error: Exception) -> float:
    """Tell after how long to try again: as the channel says, soon, or once somebody can have mended it."""
    if isinstance(error, TryLater):
        return min(max(error.retry_after or AGAIN_SECONDS, 1.0), LONGEST_SECONDS)
    return MENDING_SECONDS if isinstance(error, (FixCredentials, FixMapping, NothingTakenError)) else STRANGE_SECONDS

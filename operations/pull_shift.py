"""Pull all accounts as they become due, each beside the others, and say how they stand (law 15)."""

import logging
import math
import threading
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from connectors.errors import FixMapping
from connectors.registry import connector
from hotel.codebook import ANY_PROPERTY
from hotel.loads import AccountPulls, PullShiftSummary, PullSummary
from operations.errors import error_place
from operations.pull_bookings import DATASET, LEAVING, When, pull
from storage.integrations import Integration, integrations
from storage.pulls import Place, Standing, report_standings, seconds_until_due

POLL_SECONDS: Final = 1.0
AT_ONCE: Final = 12
logger = logging.getLogger(__name__)


class Pulling:
    """Accounts being pulled, each in a thread of its own: one that is slow or fails holds up no other.

    The threads end with the process: a pull may be cut off anywhere.
    """

    def __init__(self, house: Engine) -> None:
        self._house = house
        self._running: dict[Place, Future[PullSummary]] = {}

    @property
    def is_idle(self) -> bool:
        """Tell whether no account is being pulled."""
        return not self._running

    def begin(self, places: Iterable[Place], *, when: When = "due") -> list[Place]:
        """Begin to pull accounts that are not being pulled already; give those that must wait until others have ended."""
        left = []
        for place in places:
            if place not in self._running and len(self._running) < AT_ONCE:
                self._running[place] = Future()
                given = (self._running[place], self._house, place, when)
                threading.Thread(target=_work, args=given, name=f"pull {place[0]}", daemon=True).start()
            elif place not in self._running:
                left.append(place)
        return left

    def ended(self, seconds: float) -> list[PullSummary]:
        """Wait until a pull has ended, for so long at most, and give those that have and were not skipped."""
        wait(self._running.values(), seconds, FIRST_COMPLETED)
        over = {place: future for place, future in self._running.items() if future.done()}
        self._running = {place: future for place, future in self._running.items() if place not in over}
        found = [_result(place, future) for place, future in over.items()]
        return [each for each in found if each and not each.is_skipped]


def pull_due(
    house: Engine,
    *,
    seconds: float,
    source: str | None = None,
    property_id: str = ANY_PROPERTY,
    all_now: bool = False,
) -> PullShiftSummary:
    """Pull accounts as they become due until `seconds` have passed; `all_now`: every one once, due or not, and no more.

    Of all sources those are left out that were pulled a moment ago or were told to wait; a source that is named is pulled.
    The summary is read from what the pulls noted, not counted here: all since the last report is in it, whoever pulled.
    """
    started_at, deadline = datetime.now(UTC), time.monotonic() + seconds
    pulling = Pulling(house)
    left = list(_accounts(house, source, property_id)) if all_now else []
    while True:
        is_over = all_now or time.monotonic() >= deadline or LEAVING.is_set()
        left = pulling.begin(left, when="now" if source else "old")
        if not is_over:
            pulling.begin(due_places(house, source, property_id))
        if pulling.is_idle and is_over:
            return _summary(house, started_at, source, property_id)
        pulling.ended(POLL_SECONDS) if not pulling.is_idle else LEAVING.wait(POLL_SECONDS)


def due_places(house: Engine, source: str | None = None, property_id: str = ANY_PROPERTY) -> list[Place]:
    """List the accounts that are due, the one that has waited longest first; one never pulled is due."""
    accounts = _accounts(house, source, property_id)
    with house.connect() as connection:
        waits = seconds_until_due(connection)
    due = [place for place in accounts if waits.get(place, -math.inf) <= 0]
    return sorted(due, key=lambda place: (waits.get(place, -math.inf), place))


def is_pulled(integration: Integration) -> bool:
    """Tell whether bookings are pulled from an account: its setting `pulls_bookings` says so, else its kind.

    A kind with a queue is, and one whose webhooks only say that it is time to pull.
    """
    try:
        can = connector(integration.kind).capabilities
    except FixMapping:
        return False  # whoever asks for it by name hears that there is no such kind
    chosen = integration.settings.get("pulls_bookings", can.acknowledges or can.hints_by_webhook)
    return chosen is True and (can.acknowledges or DATASET in can.datasets)


def _accounts(house: Engine, source: str | None, property_id: str) -> dict[Place, Integration]:
    with house.connect() as connection:
        found = integrations(connection)
    return {
        (each.source, each.property_id or ANY_PROPERTY): each
        for each in found
        if source in {None, each.source} and property_id in {ANY_PROPERTY, each.property_id} and is_pulled(each)
    }


def _work(future: Future[PullSummary], house: Engine, place: Place, when: When) -> None:
    try:
        future.set_result(pull(house, *place, when=when))
    except BaseException as error:  # noqa: BLE001 told by `_result`
        future.set_exception(error)


def _result(place: Place, future: Future[PullSummary]) -> PullSummary | None:
    error = future.exception()
    if error:  # a database that is away, an account that was taken away meanwhile: what is due stays due
        logger.warning("the pull of %s %s came to nothing: %s", *place, error_place(error))
        return None
    return future.result()


def _summary(house: Engine, started_at: datetime, source: str | None, property_id: str) -> PullShiftSummary:
    accounts = _accounts(house, source, property_id)
    with house.begin() as connection:
        told = {(each.source, each.property_id): each for each in report_standings(connection, source, property_id)}
    ended_at = datetime.now(UTC)
    shown = [_account(told[place], each, ended_at) for place, each in sorted(accounts.items()) if place in told]
    return PullShiftSummary(started_at, ended_at, tuple(shown))


def _account(told: Standing, integration: Integration, now: datetime) -> AccountPulls:
    values = {name: getattr(told, name) for name in AccountPulls._fields if name != "minutes_to_deadline"}
    seconds = connector(integration.kind).capabilities.acknowledge_seconds
    # What came just after the last pull that heard the channel is not told to us yet, and has a deadline as well.
    heard_at = told.failing_since_at or told.pulled_at
    deadlines = [told.acknowledge_by_at, heard_at + timedelta(seconds=seconds) if heard_at and seconds else None]
    nearest = min((each for each in deadlines if each), default=None)
    return AccountPulls(**values, minutes_to_deadline=int((nearest - now).total_seconds() // 60) if nearest else None)

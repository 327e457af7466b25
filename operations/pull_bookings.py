"""Pull one account's bookings: empty its queue, or read what it changed; what fails is noted and waited for."""

import logging
import threading
import time
from contextlib import closing
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import Engine

from connectors.errors import ConnectorError, FixCredentials, TryLater
from hotel.codebook import ANY_PROPERTY
from hotel.loads import PullSummary
from operations.errors import BatchBlockedError, OperationError, error_place
from operations.extract import extract
from operations.health import check_of
from operations.house import address
from operations.load_batch import load_batch
from operations.queue_pull import QueuePull, Tally
from operations.sources import Source, now, source_of
from operations.windows import windows_to_read
from storage.health import note_change
from storage.integrations import note_success
from storage.pulls import Turn, note_pull, note_stored, turn
from storage.retrying import passes_by_itself, sqlstate

DATASET: Final = "reservations"
When = Literal["now", "due", "old"]
AGAIN_SECONDS: Final = 30.0
# A sweep leaves alone who was asked just now: there are channels that forbid to be asked again so soon.
MOMENT_SECONDS: Final = 120.0
# Asked again and again with a wrong password, a channel locks the account.
CREDENTIALS_SECONDS: Final = 300.0
CHECK_EVERY: Final = timedelta(minutes=1)
# Two loads of one process would only wait for each other's locks and for the interpreter.
_ONE_LOAD_AT_A_TIME: Final = threading.Lock()
# Set when this process was asked to stop: its pulls end after the page at hand.
LEAVING: Final = threading.Event()
logger = logging.getLogger(__name__)


def pull(house: Engine, source: str, property_id: str, *, when: When = "now") -> PullSummary:
    """Pull one account until it tells nothing more, and note how it went; what fails is noted, not raised.

    Where somebody else pulls it, it is skipped; so it is where `when` says `due` and it is not, or `old` and it was pulled
    a moment ago or fails and is not due. Raises NotConfiguredError, and what a database raises that is away.
    """
    with house.connect() as connection:
        account = source_of(connection, source, property_id)
    with turn(address(house), source, property_id) as held:
        if held is None or not _is_time(account, held, when):
            return PullSummary(source, property_id, is_skipped=True)
        return _pull(house, account, held)


def _is_time(account: Source, held: Turn, when: When) -> bool:
    if when == "now" or held.is_due:
        return True
    moment = min(_cadence(account), MOMENT_SECONDS)
    return when == "old" and held.quiet_seconds is not None and held.quiet_seconds >= moment


def _pull(house: Engine, account: Source, held: Turn) -> PullSummary:
    tally, error, started = Tally(), None, time.perf_counter()
    try:
        if account.connector.capabilities.acknowledges:
            _empty_queue(house, account, held, tally)
        else:
            _read_changed(house, account, tally)
    except Exception as failure:
        if passes_by_itself(failure):
            raise  # not the account's fault
        error = failure
    place = _place(account)
    code = _note(house, account, held, tally, error, round((time.perf_counter() - started) * 1000))
    return PullSummary(*place, tally.told_count, tally.new_count, len(tally.acknowledged), code)


def _empty_queue(house: Engine, account: Source, held: Turn, tally: Tally) -> None:
    with closing(account.open(house)) as queue:
        QueuePull(house, account, queue, tally, begun_at=held.begun_at).run(LEAVING.is_set)


def _read_changed(house: Engine, account: Source, tally: Tally) -> None:
    """Read what a source without a queue has changed since its watermark; what is known already is no message."""
    source, property_id = _place(account)
    with house.connect() as connection:
        windows = list(windows_to_read(connection, account, DATASET, now()))
    for window in windows:
        batch_id = extract(house, source=source, property_id=property_id, dataset=DATASET, window=window)
        with _ONE_LOAD_AT_A_TIME:
            load = load_batch(house, batch_id)
        count = sum(part.read_count - part.unchanged_count for part in load.properties)
        tally.told_count += count
        tally.new_count += count
        with house.begin() as connection:
            note_stored(connection, source, property_id, count)
        if load.is_blocked:
            steps = {part.property_id: ", ".join(part.blocked_by) for part in load.properties if part.blocked_by}
            sentence = f"Nothing of batch {batch_id} was loaded."
            raise BatchBlockedError(sentence, steps)


def _note(
    house: Engine, account: Source, held: Turn, tally: Tally, error: Exception | None, took_ms: int
) -> str | None:
    """Note how a pull went and when the next is due; give the code of what it failed with."""
    place, code = _place(account), _code(account, error)
    wait = timedelta(seconds=_wait_seconds(account, error))
    check = check_of(account.integration, now(), took_ms, error)
    with house.begin() as connection:
        is_empty = tally.told_count == 0
        note_pull(connection, *place, begun_at=held.begun_at, wait=wait, is_empty=is_empty, error_code=code)
        note_change(connection, check, at_least_every=CHECK_EVERY)
        if error is None:
            note_success(connection, *place)
    return code


def _code(account: Source, error: Exception | None) -> str | None:
    if isinstance(error, (ConnectorError, OperationError)):
        logger.warning("the pull of %s %s failed: %s: %s", *_place(account), error.code, error)
        return error.code
    if error is None:
        return None
    logger.error("the pull of %s %s failed: %s", *_place(account), error_place(error))
    state = sqlstate(error)
    return f"sql_{state}" if state else "pull_failed"


def _wait_seconds(account: Source, error: Exception | None) -> float:
    """Tell after how many seconds the account is due again: as its kind asks for, or as what it failed with says."""
    cadence = _cadence(account)
    if isinstance(error, TryLater):
        return error.retry_after or min(cadence, AGAIN_SECONDS)
    return max(cadence, CREDENTIALS_SECONDS) if isinstance(error, FixCredentials) else cadence


def _cadence(account: Source) -> float:
    return account.integration.cadence_seconds or account.connector.capabilities.cadence_seconds


def _place(account: Source) -> tuple[str, str]:
    return account.integration.source, account.integration.property_id or ANY_PROPERTY

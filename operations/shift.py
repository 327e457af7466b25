"""A shift over the inbox: import what waits for a while, then say what was brought to an end in that time."""

import threading
import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from expectations.gate import is_warm, warm_up
from hotel.loads import ShiftSummary
from operations.import_waiting import import_waiting
from storage.conflicts import open_conflicts
from storage.inbox import waiting
from storage.shifts import quiet_seconds, report_channels, waited_seconds

MOST_CONFLICTS: Final = 10
POLL_SECONDS: Final = 0.25
# A living trigger has begun with a message long before.
PATIENCE_SECONDS: Final = 2.0
_LEAVING: Final = threading.Event()


def work_shift(house: Engine, *, seconds: float, idle_seconds: float) -> ShiftSummary:
    """Import until `seconds` have passed, nothing has come for `idle_seconds` and nothing waits, or `leave` was called.

    A process that has not judged yet takes seconds to begin, so it leaves what came just now to those who have.
    The summary is read from the inbox, not counted here: all that ended since the last shift's is in it, whoever
    imported it, and a shift that dies loses no figure.
    """
    started_at = datetime.now(UTC)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not _LEAVING.is_set():
        if _is_needed(house) and import_waiting(house):
            continue
        with house.connect() as connection:
            if quiet_seconds(connection) >= idle_seconds and not waited_seconds(connection):
                break
        _LEAVING.wait(POLL_SECONDS)
    with house.begin() as connection:
        queue = waiting(connection)
        return ShiftSummary(
            started_at=started_at,
            ended_at=datetime.now(UTC),
            channels=report_channels(connection),
            waiting_count=queue.count,
            oldest_waiting_at=queue.oldest_at,
            conflicts=open_conflicts(connection, MOST_CONFLICTS),
        )


def _is_needed(house: Engine) -> bool:
    if is_warm():
        return True
    with house.connect() as connection:
        if waited_seconds(connection) < PATIENCE_SECONDS:
            return False
    warm_up()  # before any message is claimed
    return True


def leave() -> None:
    """End the shifts of this process now: it was asked to stop."""
    _LEAVING.set()

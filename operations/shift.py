"""A shift over the inbox: import what waits for a while, then say what was brought to an end in that time."""

import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from hotel.loads import ShiftSummary
from operations.import_waiting import import_waiting
from storage.inbox import waiting
from storage.shifts import channels_since

POLL_SECONDS: Final = 0.25


def work_shift(house: Engine, *, seconds: float, idle_seconds: float) -> ShiftSummary:
    """Import until `seconds` have passed or nothing has waited for `idle_seconds`.

    The summary is read from the inbox, not counted here: what another process imported meanwhile is in it too,
    and a shift that dies loses no figure.
    """
    started_at = datetime.now(UTC)
    started = last_work = time.monotonic()
    while True:
        now = time.monotonic()
        if now - started >= seconds or now - last_work > idle_seconds:
            break
        if import_waiting(house):
            last_work = time.monotonic()
        else:
            time.sleep(min(POLL_SECONDS, idle_seconds))
    with house.connect() as connection:
        queue = waiting(connection)
        return ShiftSummary(
            started_at=started_at,
            ended_at=datetime.now(UTC),
            channels=channels_since(connection, started_at),
            waiting_count=queue.count,
            oldest_waiting_at=queue.oldest_at,
        )

"""Import bookings as they arrive: `python -m deployments.trigger`.

The drain is a plain operation that needs PostgreSQL and nothing else. While there is work, a shift of the flow
`import_bookings` runs beside it, so that operators see one run per half minute; where Prefect's API does not answer,
the drain goes on without a run and the next shift reports what it did.
"""

import logging
import signal
import threading
from typing import Final

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import settings
from deployments.shifts import Shifts, recorded, start_logging
from expectations.gate import warm_up
from flows.import_bookings import import_bookings
from operations.house import open_house
from operations.import_waiting import import_waiting
from operations.shift import leave
from storage.engine import database_url

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
logger = logging.getLogger("trigger")


class Trigger:
    """The loop: woken by NOTIFY, and every second in case one was missed."""

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        self._house = house
        self._url = url
        self._shifts = shifts
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the micro-batch at hand and return."""
        self._stopping.set()

    def run(self) -> None:
        """Import until stopped; a database that is away is waited for, an import that fails is tried again."""
        # The first shift loads much of Prefect, and tells what was imported without one.
        self._shifts.begin()
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, OperationalError) as error:
                logger.warning("the database is away (%s): trying again", type(error).__name__)
            except Exception:
                # Each message's attempts are counted, so that one which always fails ends in quarantine.
                logger.exception("the import failed: trying again")
            else:
                continue
            self._stopping.wait(AGAIN_SECONDS)
        self._shifts.end()

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="trigger", connect_timeout=5) as listener:
            listener.execute("LISTEN inbox")
            while not self._stopping.is_set():
                while import_waiting(self._house) and not self._stopping.is_set():
                    self._shifts.begin()
                # All that came with the first: each says no more than "look".
                for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass


def main() -> None:
    """Run the trigger until SIGTERM or SIGINT."""
    start_logging("trigger")
    warm_up()
    shifts = Shifts(lambda: recorded(import_bookings), leave=leave)
    trigger = Trigger(open_house(), database_url(settings.load()), shifts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: trigger.stop())
    trigger.run()


if __name__ == "__main__":
    main()

"""Import bookings as they arrive: `python -m deployments.trigger`.

The drain is a plain operation that needs PostgreSQL and nothing else. While there is work, a shift of the flow
`import_bookings` runs beside it, so that operators see one run per half minute; where Prefect's API does not answer,
the drain goes on without a run and the next shift reports what it did.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

import httpx
import psycopg
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import settings
from expectations.gate import warm_up
from flows.import_bookings import import_bookings
from operations.house import open_house
from operations.import_waiting import import_waiting
from operations.shift import leave
from storage.engine import database_url

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
API_PATIENCE_SECONDS: Final = 2.0
# Where Prefect's API is away, so often it is asked again while bookings come.
API_PAUSE_SECONDS: Final = 10.0
LEAVING_SECONDS: Final = 5.0
logger = logging.getLogger("trigger")


class Shifts:
    """At most one shift of `import_bookings` at a time, beside the drain and never in its way."""

    def __init__(self, run: Callable[[], bool], *, pause_seconds: float = API_PAUSE_SECONDS) -> None:
        self._run = run
        self._pause_seconds = pause_seconds
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start a shift unless one runs, or none could be recorded a moment ago."""
        is_running = self._thread is not None and self._thread.is_alive()
        if not is_running and time.monotonic() >= self._not_before:
            self._thread = threading.Thread(target=self._work, name="shift", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Let the shift that runs report what it has, and wait for it as long as a service may take to stop."""
        leave()
        if self._thread:
            self._thread.join(LEAVING_SECONDS)

    def _work(self) -> None:
        try:
            is_recorded = self._run()
        except Exception:
            logger.exception("the shift was not recorded; what it imported is committed")
            is_recorded = False
        if not is_recorded:
            self._not_before = time.monotonic() + self._pause_seconds


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


def record_shift() -> bool:
    """Run one shift as a flow, False where Prefect's API does not answer; no heartbeat, whose join costs a second."""
    user, _, password = (PREFECT_API_AUTH_STRING.value() or "").partition(":")
    try:
        httpx.get(
            f"{PREFECT_API_URL.value()}/health",
            timeout=API_PATIENCE_SECONDS,
            auth=httpx.BasicAuth(user, password),
            trust_env=False,
        ).raise_for_status()
    except httpx.HTTPError:
        logger.info("Prefect's API does not answer: importing without a run")
        return False
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        import_bookings()
    return True


def main() -> None:
    """Run the trigger until SIGTERM or SIGINT."""
    # Prefect may have given the root logger its handler and its level already; ours is told whatever that is.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logger.setLevel(logging.INFO)
    warm_up()
    trigger = Trigger(open_house(), database_url(settings.load()), Shifts(record_shift))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: trigger.stop())
    trigger.run()


if __name__ == "__main__":
    main()

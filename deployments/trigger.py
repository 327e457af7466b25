"""Import bookings as they arrive: `python -m deployments.trigger`.

The drain is a plain operation that needs PostgreSQL and nothing else. While there is work, a shift of the flow
`import_bookings` runs beside it, so that operators see one run per half minute; where Prefect's API does not answer,
the drain goes on without a run and the next shift reports what it did.
"""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable
from typing import Final

import httpx
import psycopg
from operations.import_waiting import import_waiting
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

import settings
from expectations.gate import warm_up
from flows.import_bookings import import_bookings
from operations.house import open_house
from storage.engine import database_url

POLL_SECONDS: Final = 1.0
RECONNECT_SECONDS: Final = 0.5
API_PATIENCE_SECONDS: Final = 2.0
logger = logging.getLogger("trigger")


class Shifts:
    """At most one shift of `import_bookings` at a time, started when work arrives."""

    def __init__(self, run: Callable[[], object]) -> None:
        self._run = run
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start a shift unless one runs."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="shift", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        try:
            self._run()
        except Exception:
            logger.exception("the shift was not recorded; what it imported is committed")


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
        """Import until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, SQLAlchemyError) as error:
                logger.warning("the database is away (%s): trying again", type(error).__name__)
                self._stopping.wait(RECONNECT_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="trigger") as listener:
            listener.execute("LISTEN inbox")
            while not self._stopping.is_set():
                while import_waiting(self._house) and not self._stopping.is_set():
                    self._shifts.begin()
                with contextlib.suppress(StopIteration):
                    next(listener.notifies(timeout=POLL_SECONDS, stop_after=1))


def record_shift() -> None:
    """Run one shift as a flow if Prefect's API answers; without heartbeat, whose join costs a second a run."""
    try:
        auth = tuple((PREFECT_API_AUTH_STRING.value() or ":").split(":", 1))
        httpx.get(f"{PREFECT_API_URL.value()}/health", timeout=API_PATIENCE_SECONDS, auth=httpx.BasicAuth(*auth))
    except httpx.HTTPError:
        logger.info("Prefect's API does not answer: importing without a run")
        return
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        import_bookings()


def main() -> None:
    """Run the trigger until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    warm_up()
    trigger = Trigger(open_house(), database_url(settings.load()), Shifts(record_shift))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: trigger.stop())
    trigger.run()


if __name__ == "__main__":
    main()

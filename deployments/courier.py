"""Tell channels as soon as something changed: `python -m deployments.courier`.

Delivering is a plain operation that needs PostgreSQL and nothing else: what is due stands in the outbox. While there is
work, a shift of the flow `push_availability` runs beside it, so that operators see how every channel stands.
"""

import functools
import logging
import signal
import threading
import time
from typing import Final

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import settings
from deployments.shifts import Shifts, recorded, start_logging
from flows.push_availability import push_availability
from operations.deliver_outbox import deliver
from operations.errors import error_place
from operations.house import open_house
from operations.push_availability import LEAVING, due_channels
from storage.engine import database_url

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
# After the first change more of it usually comes at once: a booking is several nights, a burst many bookings.
GATHER_SECONDS: Final = 0.2
SHIFT_SECONDS: Final = 30.0
QUIET_SECONDS: Final = 5.0
# What is being sent then is sent again by the next courier.
STOP_SECONDS: Final = 5.0
logger = logging.getLogger("courier")


class Courier:
    """The loop: woken by NOTIFY, and every second for what has become due; a thread for each channel that is told."""

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        self._house = house
        self._url = url
        self._shifts = shifts
        self._stopping = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def stop(self) -> None:
        """Finish the messages at hand and return."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until stopped; a database that is away is waited for, a channel that fails is tried again."""
        # The first shift loads much of Prefect, and tells what was delivered without one.
        self._shifts.begin()
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, OperationalError) as error:
                logger.warning("the database is away (%s): trying again", type(error).__name__)
            except Exception:
                logger.exception("delivering failed: trying again")
            else:
                continue
            self._stopping.wait(AGAIN_SECONDS)
        self._end()

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="courier", connect_timeout=5) as listener:
            listener.execute("LISTEN outbox")
            while not self._stopping.is_set():
                for channel in due_channels(self._house):
                    self._begin(channel)
                for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                    self._stopping.wait(GATHER_SECONDS)

    def _begin(self, channel: str) -> None:
        running = self._threads.get(channel)
        if running is None or not running.is_alive():
            self._threads[channel] = threading.Thread(target=self._work, args=(channel,), name=channel, daemon=True)
            self._threads[channel].start()

    def _work(self, channel: str) -> None:
        """Tell one channel what is due, in one turn after the other with time to gather in between (law 15)."""
        try:
            while not self._stopping.is_set():
                if not deliver(self._house, channel, is_leaving=self._stopping.is_set).claimed_count:
                    return
                self._shifts.begin()
                self._stopping.wait(GATHER_SECONDS)
        except (psycopg.OperationalError, OperationalError) as error:
            logger.warning("telling %s: the database is away (%s)", channel, type(error).__name__)
        except Exception as error:  # noqa: BLE001 this channel's alone; it is begun again while anything is due
            logger.error("telling %s failed: %s", channel, error_place(error))  # noqa: TRY400

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        self._shifts.end()
        for thread in self._threads.values():
            thread.join(max(deadline - time.monotonic(), 0))


def main() -> None:
    """Run the courier until SIGTERM or SIGINT."""
    start_logging("courier")
    shift = functools.partial(push_availability, seconds=SHIFT_SECONDS, idle_seconds=QUIET_SECONDS)
    shifts = Shifts(lambda: recorded(shift), leave=LEAVING.set)
    courier = Courier(open_house(), database_url(settings.load()), shifts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: courier.stop())
    courier.run()


if __name__ == "__main__":
    main()

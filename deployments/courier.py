"""Tell channels as soon as something changed: `python -m deployments.courier`.

Delivering is a plain operation that needs PostgreSQL and nothing else: what is due stands in the outbox. While there is
work, a shift of the flow `push_availability` runs beside it, so that operators see how every channel stands.
"""

import functools
import threading
import time
from typing import Final

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import settings
from deployments.listening import Listener
from deployments.shifts import Shifts, recorded, start_logging
from flows.push_availability import push_availability
from operations.deliver_outbox import deliver
from operations.errors import error_place
from operations.house import open_house
from operations.push_availability import LEAVING, due_channels
from storage.engine import database_url

# After the first change more of it usually comes at once: a booking is several nights, a burst many bookings.
GATHER_SECONDS: Final = 0.2
SHIFT_SECONDS: Final = 30.0
QUIET_SECONDS: Final = 5.0
# What is being sent then is sent again by the next courier.
STOP_SECONDS: Final = 5.0


class Courier(Listener):
    """Tells each channel what is due for it, in a thread of its own."""

    name = "courier"
    channel = "outbox"

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        super().__init__(house, url, shifts)
        self._threads: dict[str, threading.Thread] = {}

    def work(self) -> None:
        """Begin with every channel that is to be told something."""
        for channel in due_channels(self.house):
            self._begin(channel)

    def woken(self) -> None:
        """Let more of the same come."""
        self.stopping.wait(GATHER_SECONDS)

    def _begin(self, channel: str) -> None:
        running = self._threads.get(channel)
        if running is None or not running.is_alive():
            self._threads[channel] = threading.Thread(target=self._work, args=(channel,), name=channel, daemon=True)
            self._threads[channel].start()

    def _work(self, channel: str) -> None:
        """Tell one channel what is due, in one turn after the other with time to gather in between (law 15)."""
        try:
            while not self.stopping.is_set():
                if not deliver(self.house, channel, is_leaving=self.stopping.is_set).claimed_count:
                    return
                self.shifts.begin()
                self.stopping.wait(GATHER_SECONDS)
        except (psycopg.OperationalError, OperationalError) as error:
            self.logger.warning("telling %s: the database is away (%s)", channel, type(error).__name__)
        except Exception as error:  # noqa: BLE001 this channel's alone; it is begun again while anything is due
            self.logger.error("telling %s failed: %s", channel, error_place(error))  # noqa: TRY400

    def end(self) -> None:
        """Leave in order; what is being sent is finished, as far as there is time."""
        deadline = time.monotonic() + STOP_SECONDS
        self.shifts.end()
        for thread in self._threads.values():
            thread.join(max(deadline - time.monotonic(), 0))


def main() -> None:
    """Run the courier until SIGTERM or SIGINT."""
    start_logging(Courier.name)
    shift = functools.partial(push_availability, seconds=SHIFT_SECONDS, idle_seconds=QUIET_SECONDS)
    shifts = Shifts(lambda: recorded(shift), leave=LEAVING.set)
    Courier(open_house(), database_url(settings.load()), shifts).serve()


if __name__ == "__main__":
    main()

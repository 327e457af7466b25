"""What every service that works by arrival does: wait for a NOTIFY or the clock, work, survive, stop when asked."""

import logging
import signal
import threading
from typing import ClassVar, Final

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from deployments.shifts import Shifts

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5


class Listener:
    """A service's loop: woken by `channel`, and every second in case a notification was missed.

    A service says in `work` what is to be done whenever it looks.
    """

    name: ClassVar[str]
    channel: ClassVar[str]

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        self.house = house
        self.shifts = shifts
        self.stopping = threading.Event()
        self.logger = logging.getLogger(self.name)
        self._url = url

    def work(self) -> None:
        """Do what is due."""
        raise NotImplementedError

    def woken(self) -> None:
        """Do something first when a notification came: all that came with it say no more than "look"."""

    def end(self) -> None:
        """Leave in order."""
        self.shifts.end()

    def stop(self) -> None:
        """Finish what is at hand and return."""
        self.stopping.set()

    def run(self) -> None:
        """Work until stopped; a database that is away is waited for, work that fails is tried again."""
        # The first shift loads much of Prefect, and tells what was done without one.
        self.shifts.begin()
        while not self.stopping.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, OperationalError) as error:
                self.logger.warning("the database is away (%s): trying again", type(error).__name__)
            except Exception:
                self.logger.exception("the work failed: trying again")
            else:
                continue
            self.stopping.wait(AGAIN_SECONDS)
        self.end()

    def serve(self) -> None:
        """Run until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run()

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name=self.name, connect_timeout=5) as listener:
            listener.execute(f"LISTEN {self.channel}")
            while not self.stopping.is_set():
                self.work()
                for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                    self.woken()

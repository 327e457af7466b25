"""Pull bookings as each channel asks for it: `python -m deployments.puller`.

A channel that is to be asked every twenty seconds is no flow's affair, and none of it needs Prefect: which account is due
stands in PostgreSQL. When messages have come, or an account begins or ceases to fail, a shift of the flow `pull_bookings`
runs beside it, so that operators see how every account stands.
"""

import logging
import signal
import threading
from collections.abc import Iterable
from typing import Final

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import settings
from deployments.shifts import Shifts, recorded, start_logging
from flows.pull_bookings import pull_bookings
from hotel.loads import PullSummary
from operations.house import open_house
from operations.pull_bookings import LEAVING
from operations.pull_shift import Pulling, due_places
from storage.engine import database_url

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
logger = logging.getLogger("puller")


class Puller:
    """The loop: woken by NOTIFY, and every second for accounts that have become due."""

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        self._house = house
        self._url = url
        self._shifts = shifts
        self._pulling = Pulling(house)
        self._failing: dict[tuple[str, str], str | None] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Begin no pull any more and return."""
        self._stopping.set()

    def run(self) -> None:
        """Pull until stopped; a database that is away is waited for."""
        # The first shift loads much of Prefect, and tells what was pulled without one.
        self._shifts.begin()
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, OperationalError) as error:
                logger.warning("the database is away (%s): trying again", type(error).__name__)
            except Exception:
                logger.exception("pulling failed: trying again")
            else:
                continue
            self._stopping.wait(AGAIN_SECONDS)
        self._shifts.end()

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="puller", connect_timeout=5) as listener:
            listener.execute("LISTEN pulls")
            while not self._stopping.is_set():
                if self._is_news(self._pulling.ended(0)):
                    self._shifts.begin()
                self._pulling.begin(due_places(self._house))
                for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

    def _is_news(self, pulls: Iterable[PullSummary]) -> bool:
        """Tell whether messages have come, or an account fails that did not, or no longer fails."""
        is_news = False
        for each in pulls:
            place = each.source, each.property_id
            is_news |= each.new_count > 0 or self._failing.get(place) != each.error_code
            self._failing[place] = each.error_code
        return is_news


def main() -> None:
    """Run the puller until SIGTERM or SIGINT."""
    start_logging("puller")
    house = open_house()
    puller = Puller(house, database_url(settings.load()), Shifts(lambda: recorded(pull_bookings), leave=LEAVING.set))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: puller.stop())
    puller.run()


if __name__ == "__main__":
    main()

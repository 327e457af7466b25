"""Pull bookings as each channel asks for it: `python -m deployments.puller`.

A channel that is to be asked every twenty seconds is no flow's affair, and none of it needs Prefect: which account is due
stands in PostgreSQL. When messages have come, or an account begins or ceases to fail, a shift of the flow `pull_bookings`
runs beside it, so that operators see how every account stands.
"""

from collections.abc import Iterable

from sqlalchemy import Engine

import settings
from deployments.listening import Listener
from deployments.shifts import Shifts, recorded, start_logging
from flows.pull_bookings import pull_bookings
from hotel.loads import PullSummary
from operations.house import open_house
from operations.pull_bookings import LEAVING
from operations.pull_shift import Pulling, due_places
from storage.engine import database_url


class Puller(Listener):
    """Begins to pull every account that has become due."""

    name = "puller"
    channel = "pulls"

    def __init__(self, house: Engine, url: str, shifts: Shifts) -> None:
        super().__init__(house, url, shifts)
        self._pulling = Pulling(house)
        self._failing: dict[tuple[str, str], str | None] = {}

    def work(self) -> None:
        """Report what has ended, begin what is due."""
        if self._is_news(self._pulling.ended(0)):
            self.shifts.begin()
        self._pulling.begin(due_places(self.house))

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
    start_logging(Puller.name)
    shifts = Shifts(lambda: recorded(pull_bookings), leave=LEAVING.set)
    Puller(open_house(), database_url(settings.load()), shifts).serve()


if __name__ == "__main__":
    main()

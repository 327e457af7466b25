"""Import bookings as they arrive: `python -m deployments.trigger`.

The drain is a plain operation that needs PostgreSQL and nothing else. While there is work, a shift of the flow
`import_bookings` runs beside it, so that operators see one run per half minute; where Prefect's API does not answer,
the drain goes on without a run and the next shift reports what it did.
"""

import settings
from deployments.listening import Listener
from deployments.shifts import Shifts, recorded, start_logging
from expectations.gate import warm_up
from flows.import_bookings import import_bookings
from operations.house import open_house
from operations.import_waiting import import_waiting
from operations.shift import leave
from storage.engine import database_url


class Trigger(Listener):
    """Imports what has come, micro-batch after micro-batch. Each message's attempts are counted: what always fails ends."""

    name = "trigger"
    channel = "inbox"

    def work(self) -> None:
        """Import until nothing waits."""
        while import_waiting(self.house) and not self.stopping.is_set():
            self.shifts.begin()


def main() -> None:
    """Run the trigger until SIGTERM or SIGINT."""
    start_logging(Trigger.name)
    warm_up()
    shifts = Shifts(lambda: recorded(import_bookings), leave=leave)
    Trigger(open_house(), database_url(settings.load()), shifts).serve()


if __name__ == "__main__":
    main()

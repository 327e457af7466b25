"""Ask a source again for a window."""

from datetime import timedelta
from typing import Final

from prefect import runtime

import hotel.loads
from hotel.loads import ResyncSummary
from operations import resync_window as operation
from operations.house import open_house
from tasks.parameters import Window
from tasks.retries import retried_task

LAST_DAY: Final = timedelta(days=1)


@retried_task("resync {source} {property_id}")
def resync(source: str, property_id: str, window: Window | None) -> ResyncSummary:
    """Read a window again, the last day where none is given; see `operations.resync_window`."""
    until = runtime.flow_run.scheduled_start_time
    asked = window.stretch() if window else hotel.loads.Window(until - LAST_DAY, until)
    return operation.resync_window(open_house(), source, property_id, asked, flow_run_id=runtime.flow_run.id)

"""Work one shift over the inbox."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from hotel.loads import ShiftSummary
from operations import shift as operation
from operations.house import open_house


@task(task_run_name="work the inbox", cache_policy=NO_CACHE)
def work_shift(seconds: float, idle_seconds: float) -> ShiftSummary:
    """Import waiting messages for a while; see `operations.shift`. What it commits does not depend on Prefect."""
    return operation.work_shift(open_house(), seconds=seconds, idle_seconds=idle_seconds)

"""Pull bookings from the channels that keep them."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from hotel.loads import PullShiftSummary
from operations import pull_shift as operation
from operations.house import open_house


@task(task_run_name="pull the channels", cache_policy=NO_CACHE)
def work_pulls(source: str | None, property_id: str, seconds: float, all_now: bool) -> PullShiftSummary:  # noqa: FBT001 as the flow
    """Pull accounts as they become due; see `operations.pull_shift`. What it commits does not depend on Prefect."""
    return operation.pull_due(open_house(), seconds=seconds, source=source, property_id=property_id, all_now=all_now)

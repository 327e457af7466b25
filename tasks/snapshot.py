"""Take a booking snapshot."""

from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE

from hotel.loads import SnapshotSummary
from operations import snapshot as operation
from operations.house import open_house
from tasks.retries import ATTEMPTS, BACKOFF, JITTER, worth_retrying


@task(
    task_run_name="snapshot {property_id}",
    retries=ATTEMPTS,
    retry_delay_seconds=BACKOFF,
    retry_jitter_factor=JITTER,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)
def take_snapshot(property_id: str, business_on: date | None) -> SnapshotSummary:
    """Write the on-the-books snapshot of one property and date; see `operations.snapshot`."""
    return operation.take_snapshot(open_house(), property_id, business_on)

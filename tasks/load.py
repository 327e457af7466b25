"""Check a batch and write what passed."""

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from hotel.loads import BatchId, LoadSummary
from operations import load_batch as operation
from operations.house import open_house
from tasks.retries import ATTEMPTS, BACKOFF, JITTER, worth_retrying


@task(
    task_run_name="load batch {batch_id}",
    retries=ATTEMPTS,
    retry_delay_seconds=BACKOFF,
    retry_jitter_factor=JITTER,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)
def load_batch(batch_id: BatchId) -> LoadSummary:
    """Map, gate and load one batch; see `operations.load_batch`."""
    return operation.load_batch(open_house(), batch_id, flow_run_id=runtime.flow_run.id)

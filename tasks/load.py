"""Check a batch and write what passed."""

from prefect import runtime

from hotel.loads import BatchId, LoadSummary
from operations import load_batch as operation
from operations.house import open_house
from tasks.retries import retried_task


@retried_task("load batch {batch_id}")
def load_batch(batch_id: BatchId) -> LoadSummary:
    """Map, gate and load one batch; see `operations.load_batch`."""
    return operation.load_batch(open_house(), batch_id, flow_run_id=runtime.flow_run.id)

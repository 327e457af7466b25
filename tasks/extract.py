"""Land what a source has in `raw.pages` and name the batch."""

from prefect import runtime

from hotel.loads import BatchId
from operations import extract as operation
from operations.house import open_house
from tasks.parameters import Window
from tasks.retries import retried_task


@retried_task("extract {dataset} of {source} {property_id}")
def extract(
    source: str, property_id: str, dataset: str, window: Window | None = None, file: str | None = None
) -> BatchId:
    """Read a source from its watermark (or one window, or one file) and keep every page before it is parsed."""
    return operation.extract(
        open_house(),
        source=source,
        property_id=property_id,
        dataset=dataset,
        until=runtime.flow_run.scheduled_start_time,
        window=window.stretch() if window else None,
        file=file,
    )

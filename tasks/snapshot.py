"""Take a booking snapshot."""

from datetime import date

from hotel.loads import SnapshotSummary
from operations import snapshot as operation
from operations.house import open_house
from tasks.retries import retried_task


@retried_task("snapshot {property_id}")
def take_snapshot(property_id: str, business_on: date | None) -> SnapshotSummary:
    """Write the on-the-books snapshot of one property and date; see `operations.snapshot`."""
    return operation.take_snapshot(open_house(), property_id, business_on)

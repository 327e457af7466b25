"""Keep what is on the books tonight: history that cannot be rebuilt later."""

from datetime import date

from prefect import flow

from hotel.loads import SnapshotSummary
from tasks.names import property_day_run_name
from tasks.parameters import Slug
from tasks.publish import publish_snapshot
from tasks.snapshot import take_snapshot


@flow(flow_run_name=property_day_run_name, timeout_seconds=600)
def take_booking_snapshot(property_id: Slug, business_on: date | None = None) -> SnapshotSummary:
    """Write a property's on-the-books snapshot; unchanged data writes nothing, changed data the next version.

    Args:
        property_id: The property.
        business_on: The date of the snapshot; left out: the property's current business date. A past date is
            reconstructed from booking and cancellation dates and labelled so.
    """
    snapshot = take_snapshot(property_id, business_on)
    publish_snapshot(snapshot)
    return snapshot

"""Ask a source again what it changed in a window: after an outage, or after the database was restored."""

from prefect import flow

from hotel.loads import ResyncSummary
from tasks.names import resync_run_name
from tasks.parameters import PropertyOrAll, Slug, Window
from tasks.publish import publish_resync
from tasks.resync import resync


@flow(flow_run_name=resync_run_name, timeout_seconds=3600)
def resync_window(source: Slug, property_id: PropertyOrAll = "*", window: Window | None = None) -> ResyncSummary:
    """Bring in what was missed in a window, and say what was missed, what was behind and what the source no longer tells.

    Args:
        source: The account to ask, as named in `ops.integrations`.
        property_id: The property, or `*` for an account that serves several.
        window: The stretch of modification time to read again; left out: the last day.
    """
    told = resync(source, property_id, window)
    publish_resync(told)
    return told

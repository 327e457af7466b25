"""Bring one property's changed reservations in: from its PMS (hourly, nightly look-back) or from a file."""

from prefect import flow

from hotel.loads import LoadSummary
from tasks.extract import extract
from tasks.load import load_batch
from tasks.names import load_run_name
from tasks.parameters import PropertyOrAll, Slug, Window
from tasks.publish import publish_load


@flow(flow_run_name=load_run_name, timeout_seconds=3600)
def sync_reservations(
    source: Slug, property_id: PropertyOrAll = "*", window: Window | None = None, file: str | None = None
) -> LoadSummary:
    """Bring a source's reservations in with rooms and nights, checked, linked to their channel copies.

    Args:
        source: The account to read, as named in `ops.integrations`.
        property_id: The property, or `*` for every property of the account.
        window: Read this stretch of modification time again instead of going on from the watermark.
        file: For a file-drop source: the export to read.
    """
    batch = extract(source, property_id, "reservations", window, file)
    load = load_batch(batch)
    publish_load(load)
    return load

"""Bring one property's changed guest profiles in (daily)."""

from prefect import flow

from hotel.loads import LoadSummary
from tasks.extract import extract
from tasks.load import load_batch
from tasks.names import load_run_name
from tasks.parameters import PropertyOrAll, Slug, Window
from tasks.publish import publish_load


@flow(flow_run_name=load_run_name, timeout_seconds=3600)
def sync_guest_profiles(source: Slug, property_id: PropertyOrAll = "*", window: Window | None = None) -> LoadSummary:
    """Bring a property's changed guest profiles in, checked, each linked to a person.

    Args:
        source: The account to read, as named in `ops.integrations`.
        property_id: The property, or `*` for every property of the account.
        window: Read this stretch again instead of going on from the watermark.
    """
    batch = extract(source, property_id, "guests", window)
    load = load_batch(batch)
    publish_load(load)
    return load

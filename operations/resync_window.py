"""Ask a source again what it changed in a window, after an outage or a restore: did we miss anything?"""

from contextlib import closing

from sqlalchemy import Engine

from connectors.ports import ReservationSource
from connectors.queues import ChangedBookings
from hotel.loads import ResyncSummary, Window
from operations.errors import NotConfiguredError
from operations.messages import DATASET
from operations.retold import CHANGED, HELD, NEW, RIGHT, Retold, retold_by_pages
from operations.retold_messages import retold_by_messages
from operations.sources import Source, source_of
from storage.resyncing import active_bookings, earliest_watermark


def resync_window(
    house: Engine, source: str, property_id: str, window: Window, *, flow_run_id: str | None = None
) -> ResyncSummary:
    """Read a window of a source again by whatever way it offers, load it, and compare. Repeating it changes nothing.

    What the source no longer tells is reported and stays. Raises NotConfiguredError where the source cannot be asked
    again, else a ConnectorError.
    """
    with house.connect() as connection:
        account = source_of(connection, source, property_id)
    told = _by_messages(house, account, window)
    if told is None:
        window = _from_the_watermark(house, account, property_id, window)
        told = retold_by_pages(house, account, window, flow_run_id=flow_run_id)
    with house.connect() as connection:
        missing = active_bookings(connection, source, property_id, window) - told.refs
    is_known = told.has_stamps or not told.refs
    counts = {f"{name}_count": told.fates[name] for name in (NEW, CHANGED, RIGHT, HELD)}
    return ResyncSummary(
        source,
        property_id,
        window,
        found_count=len(told.refs),
        known_count=len(told.known),
        vanished=tuple(sorted(ref for _, ref in missing)) if is_known else None,
        blocked_by=told.blocked_by,
        **counts,
    )


def _by_messages(house: Engine, account: Source, window: Window) -> Retold | None:
    """Ask a queue for what it told before; None where the source is read page by page instead."""
    with closing(account.open(house)) as client:
        if isinstance(client, ChangedBookings):
            return retold_by_messages(house, account, client.changed(window.since, window.until))
        if isinstance(client, ReservationSource):
            return None
    msg = f"{account.connector.kind} tells nothing of the past again: have the channel send it once more"
    raise NotConfiguredError(msg)


def _from_the_watermark(house: Engine, account: Source, property_id: str, window: Window) -> Window:
    """Begin no later than where reading had come to: what lies between would never be read."""
    with house.connect() as connection:
        mark = earliest_watermark(connection, account.integration.source, property_id, DATASET)
    return window._replace(since=min(window.since, mark)) if mark else window

"""Counts as AlpineBits wants them: a complete set replaces everything, a delta only the dates it tells."""

from collections.abc import Sequence
from typing import Final

from connectors.alpinebits.handshake import COUNTS, HEAD, OLD_COUNTS, OLDEST
from connectors.protocols.opentravel.compose_ari import Composed, avail_counts, inventory_counts
from connectors.protocols.opentravel.compose_xml import Element, Hotel, unique_id
from connectors.pushes import Availability

COMPLETE: Final = "CompleteSet"


def counts_action(version: str) -> str:
    """Name the action that takes counts in a version."""
    return OLD_COUNTS if version == OLDEST else COUNTS


def free_rooms(version: str, hotel: Hotel, rows: Sequence[Availability], *, is_complete: bool) -> Composed:
    """Write counts by room category: OTA_HotelInvCountNotifRQ, OTA_HotelAvailNotifRQ in the oldest version."""
    if version == OLDEST:
        composed = avail_counts(HEAD, hotel, rows)
    else:
        composed = inventory_counts(HEAD, hotel, [row._replace(physical_count=None) for row in rows])
    if is_complete:
        mark_complete(composed.element)
    return composed


def mark_complete(root: Element) -> None:
    """Say that a message tells everything: what it does not tell is not so any more."""
    root.insert(0, unique_id(root, "1", "16", Instance=COMPLETE))

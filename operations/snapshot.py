"""Keep what is on the books of one property and date: history that no source can tell again."""

from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Engine

from hotel.loads import SnapshotSummary
from hotel.properties import business_date
from operations.errors import NothingThereError
from operations.properties import the_property
from storage import snapshots

CAPTURED: Final = "captured"
RECONSTRUCTED: Final = "reconstructed"


def take_snapshot(house: Engine, property_id: str, business_on: date | None = None) -> SnapshotSummary:
    """Write the snapshot of a date, by default the property's business date; see `storage.snapshots`.

    A date that is over is reconstructed from booking and cancellation dates and labelled so: what was modified since
    then cannot be known. A date still to come raises NothingThereError.
    """
    instant = datetime.now(UTC)
    with house.begin() as connection:
        today = business_date(the_property(connection, property_id), instant)
        snapshot_on = business_on or today
        if snapshot_on is None:
            msg = f"{property_id} has no business date yet: its PMS has not told one, so state business_on"
            raise NothingThereError(msg)
        if today and snapshot_on > today:
            msg = f"{snapshot_on} is still to come at {property_id}, whose business date is {today}"
            raise NothingThereError(msg)
        kind = CAPTURED if snapshot_on == today else RECONSTRUCTED
        return snapshots.take_snapshot(connection, property_id, snapshot_on, kind=kind, taken_at=instant)

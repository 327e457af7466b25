"""The world as it is at an instant: what each house would tell if it were asked then."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from hotel.guests import Guest
from hotel.properties import business_date
from sandbox.export import contract_shape, guest_shape, moment
from sandbox.world import flaws
from sandbox.world.houses import House
from sandbox.world.timeline import Record

Json = dict[str, Any]
GUESTS: Final = "guests"
RESERVATIONS: Final = "reservations"


class World(NamedTuple):
    """All that is and will be. `now` is the instant its clock starts at; records bear their whole lives."""

    seed: int
    now: datetime
    houses: tuple[House, ...]
    guests: tuple[Record, ...]
    reservations: tuple[Record, ...]

    def house(self, property_id: str) -> House | None:
        """Find a house by its id."""
        return next((house for house in self.houses if house.place.property_id == property_id), None)

    def view(self, now: datetime | None = None) -> "View":
        """See the world at an instant (aware); by default at its own now."""
        return View(self, now or self.now)


class Told(NamedTuple):
    """A record in its current version, in the order of delivery: modification instant, then id."""

    modified_at: datetime
    ref: str
    revision: int
    record: Record

    def shape(self) -> Json:
        """Tell it as the contract does, with `modifiedAt` and `revision`, spoiled where the record is flawed."""
        return shape_of_version(self.record, self.revision)


def shape_of_version(record: Record, revision: int) -> Json:
    """Tell one revision of a record as the contract does."""
    version = record.versions[revision - 1]
    shape = guest_shape(version.row) if isinstance(version.row, Guest) else contract_shape(version.row)
    shape.update(modifiedAt=moment(version.at), revision=revision)
    return flaws.spoiled(shape, record.flaw) if is_flawed(record, revision) and record.flaw else shape


def is_flawed(record: Record, revision: int) -> bool:
    """Tell whether that revision is told wrong: it has a flaw that no revision up to it mended."""
    return record.flaw is not None and all(version.kind != flaws.MENDED for version in record.versions[:revision])


class View:
    """Everything visible at an instant, per property and in order of modification."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now = world, now
        self._told = {
            (dataset, house.place.property_id): _told(records, house.place.property_id, now)
            for dataset, records in ((GUESTS, world.guests), (RESERVATIONS, world.reservations))
            for house in world.houses
        }

    def told(
        self, dataset: str, property_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[Told]:
        """List what was modified in [since, until), oldest first; an unknown property has nothing."""
        rows = self._told.get((dataset, property_id), [])
        first = bisect_left(rows, since, key=_modified_at) if since else 0
        last = bisect_left(rows, until, key=_modified_at) if until else len(rows)
        return rows[first:last]

    def shapes(self, dataset: str) -> Iterator[Json]:
        """Tell every row of every house."""
        for (of_dataset, _), rows in self._told.items():
            if of_dataset == dataset:
                yield from (told.shape() for told in rows)

    def business_on(self, property_id: str) -> str:
        """Give a house's business date as ISO text: its day rolls at three in the night."""
        house = self.world.house(property_id)
        day = business_date(house.place, self.now) if house else None
        return day.isoformat() if day else ""


def rows_after(rows: list[Told], modified_at: datetime, ref: str) -> list[Told]:
    """Give what comes behind a place in the order."""
    return rows[bisect_right(rows, (modified_at, ref), key=lambda told: (told.modified_at, told.ref)) :]


def _modified_at(told: Told) -> datetime:
    return told.modified_at


def _told(records: tuple[Record, ...], property_id: str, now: datetime) -> list[Told]:
    visible = (
        (record, revision)
        for record in records
        if record.property_id == property_id and (revision := record.revision_at(now))
    )
    return sorted(
        (Told(record.versions[revision - 1].at, record.ref, revision, record) for record, revision in visible),
        key=lambda told: (told.modified_at, told.ref),
    )

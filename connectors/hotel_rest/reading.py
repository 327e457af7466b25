"""Rows of this vendor's bodies: mapped one by one, refused by the vendor's names, in their own version."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from connectors import json_rows
from connectors.clocks import micros
from connectors.hotel_rest.shapes import Told
from connectors.json_rows import Json, Shape, Unreadable
from connectors.reading import Reading, RefuseError
from hotel.incoming import Incoming, Reason, Refused
from hotel.properties import Property


class RestReading(Reading):
    """One body being mapped."""

    def house(self, hotel_ref: str | None, column: str = "propertyId") -> Property:
        """Give the property of a row: the one it names, else the one the body belongs to."""
        return super().house(hotel_ref, column)

    def rows(
        self,
        dataset: str,
        told: Sequence[Shape | Unreadable],
        one: Callable[["RestReading", Shape, int], Incoming],
        ref: Callable[[Shape], str] | None = None,
    ) -> Iterator[Incoming | Refused]:
        """Map rows one by one; what cannot be understood is refused, named by `ref` where it has no id of its own."""
        for number, row in enumerate(told):
            if isinstance(row, Unreadable):
                yield self.unreadable(dataset, number, row)
                continue
            try:
                yield one(self, row, number)
            except RefuseError as refusal:
                named = {"id": ref(row)} if ref else {}
                yield self.turned_down(dataset, number, refusal.reason, json_rows.content(row) | named)

    def turned_down(self, dataset: str, number: int, reason: Reason, row: Json, **rest: Any) -> Refused:
        """Make the refusal of a row under the property and the id it tells."""
        hotel_ref, ref = row.get("propertyId"), row.get("id")
        named = str(hotel_ref) if hotel_ref else None
        own_ref = "" if ref is None else str(ref)
        return self.refused(dataset, number, reason, row, hotel_ref=named, source_ref=own_ref, **rest)

    def unreadable(self, dataset: str, number: int, found: Unreadable) -> Refused:
        """Make the refusal of a row that does not have the agreed shape."""
        revision = found.row.get("revision")
        version = revision if type(revision) is int else None
        return self.turned_down(dataset, number, found.reason, found.row, source_version=version)


def source_version(told: Told, modified_at: datetime | None) -> int | None:
    """Give the revision, else the modification instant in microseconds, else None."""
    if told.revision is not None:
        return told.revision
    return None if modified_at is None else micros(modified_at)

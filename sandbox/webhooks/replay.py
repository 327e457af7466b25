"""Replay reservations that are there already as the webhooks of a channel that sold them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sandbox.export import STATUS_WORDS
from sandbox.webhooks.messages import CANCELLED, CREATED, Message, copy_ref, message

Json = dict[str, Any]

BOOKED: Final = "Confirmed"
GONE: Final = STATUS_WORDS["cancelled"]


def replayed(rows: Iterable[Json], *, is_history: bool = False) -> Iterator[Message]:
    """Make each reservation (contract shape) a channel's `booking.created` of the state it is in.

    The copy's `channelRef` is the row's own, or its id where it has none; its `id` is `CH-<id>`.
    `is_history`: a cancelled one becomes two messages, booked first and then cancelled.
    """
    for row in rows:
        copy = {**row, "id": copy_ref(row["id"]), "channelRef": row.get("channelRef") or row["id"]}
        copy.setdefault("revision", 1)
        copy["modifiedAt"] = row.get("modifiedAt") or _last_known_moment(row)
        if is_history and row["status"] == GONE:
            yield message(CREATED, _booked(copy))
            yield message(CANCELLED, {**copy, "revision": copy["revision"] + 1})
        else:
            yield message(CREATED, copy)


def _booked(row: Json) -> Json:
    """Tell a cancelled booking as it was before."""
    rooms = [{**room, "status": BOOKED} for room in row["rooms"]]
    return {
        **row,
        "status": BOOKED,
        "cancelledAt": None,
        "rooms": rooms,
        "modifiedAt": row["bookedAt"] or row["modifiedAt"],
    }


def _last_known_moment(row: Json) -> str:
    """Give the latest instant a row speaks of: the same on every replay, unlike the wall clock."""
    told = [row.get("bookedAt"), row.get("cancelledAt")]
    days = [row.get("noShowOn"), row.get("checkedInOn"), row.get("checkedOutOn")]
    known = [text for text in told if text] + [f"{day}T12:00:00Z" for day in days if day]
    return max(known, default=f"{min((room['checkIn'] for room in row['rooms']), default='1970-01-01')}T12:00:00Z")

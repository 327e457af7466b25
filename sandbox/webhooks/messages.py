"""Booking events as messages: what a PMS or a channel posts when something happens to a booking."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from sandbox.world import timeline
from sandbox.world.timeline import Record
from sandbox.world.view import View, shape_of_version

Json = dict[str, Any]
Side = Literal["pms", "channel"]

CREATED, MODIFIED, CANCELLED = "booking.created", "booking.modified", "booking.cancelled"
EVENT_TYPES: Final = {timeline.CREATED: CREATED, timeline.CANCELLED: CANCELLED}
# A cancel carries so much and no more.
CANCEL_FIELDS: Final = ("id", "propertyId", "channel", "channelRef", "cancelledAt", "revision", "modifiedAt")
# What a channel hears of a booking's life, and what it does not know of it.
CHANNEL_KINDS: Final = frozenset({timeline.CREATED, timeline.MODIFIED, timeline.CANCELLED, timeline.REINSTATED})
HOUSE_FIELDS: Final = ("groupId", "segment", "guestId", "bookerId", "agentId", "companyId", "repeatGuest")


class Message(NamedTuple):
    """One event to post: its id and the exact bytes that are signed and sent."""

    event_id: str
    body: bytes


def message(event_type: str, shape: Json) -> Message:
    """Make the message of an event from a reservation's shape with `modifiedAt` and `revision`."""
    event_id = f"evt_{shape['propertyId']}_{shape['id']}_{shape['revision']}"
    data = {name: shape[name] for name in CANCEL_FIELDS} if event_type == CANCELLED else shape
    body = {"id": event_id, "type": event_type, "createdAt": shape["modifiedAt"], "data": data}
    return Message(event_id, msgspec.json.encode(body))


def copy_ref(ref: str) -> str:
    """Name a channel's own copy of a booking."""
    return f"CH-{ref}"


def world_messages(
    view: View, side: Side, since: datetime | None = None, until: datetime | None = None
) -> list[Message]:
    """Give a world's events in [since, until), by default all up to its clock, in the order they happened.

    `pms`: every version of every booking. `channel`: its own copies of what it sold, as far as it hears of them;
    of a flawed booking it tells nothing, so that what quarantine withholds is really missing.
    """
    happened = sorted(
        (version.at, record.ref, revision, record)
        for record in view.world.reservations
        if side == "pms" or (record.flaw is None and _channel_ref(record))
        for revision, version in enumerate(record.versions, start=1)
        if version.at <= view.now and (not since or version.at >= since) and (not until or version.at < until)
    )
    tell = _channel_message if side == "channel" else _house_message
    return [told for _, _, revision, record in happened for told in tell(record, revision)]


def _house_message(record: Record, revision: int) -> Iterator[Message]:
    yield message(_event_type(record, revision), shape_of_version(record, revision))


def _channel_message(record: Record, revision: int) -> Iterator[Message]:
    if record.versions[revision - 1].kind not in CHANNEL_KINDS:
        return
    shape = shape_of_version(record, revision)
    shape.update(dict.fromkeys(HOUSE_FIELDS), id=copy_ref(record.ref))
    for room in shape["rooms"]:
        room["assignedRoomType"] = None
    yield message(_event_type(record, revision), shape)


def _event_type(record: Record, revision: int) -> str:
    return EVENT_TYPES.get(record.versions[revision - 1].kind, MODIFIED)


def _channel_ref(record: Record) -> str | None:
    row = record.versions[0].row
    return getattr(row, "channel_ref", None)

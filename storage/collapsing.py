"""The newest version of each key within one batch: what was told twice is written once."""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Reservation, Room

_ENCODER: Final = msgspec.msgpack.Encoder()


class Collapsed(NamedTuple):
    """What is left of a batch: `numbers` are positions in it, `rows` the row of each.

    `repeated_count`: rows dropped; `rewritten_count`: those of them with the winner's own version but other content.
    """

    numbers: list[int]
    rows: list[Incoming]
    repeated_count: int
    rewritten_count: int


def content_hash(incoming: Incoming) -> bytes:
    """Hash all that a row says, 16 bytes: of a reservation the whole tree, of a cancel only what a cancel says.

    What a message covers is part of what it says: the same rooms told as the whole booking mean that no other is left.
    """
    row = incoming.row
    if incoming.action == CANCEL and isinstance(row, Reservation):
        fees = row.cancellation_fee_minor, row.no_show_fee_minor, row.is_fee_waived
        said = _ENCODER.encode((CANCEL, row.status, row.cancelled_at, row.cancelled_on, *fees))
    elif incoming.covers == "room":
        said = _ENCODER.encode((incoming.covers, row))
    else:
        said = _ENCODER.encode(row)
    return blake2b(said, digest_size=16).digest()


def newest(rows: Sequence[Incoming], sequence: Sequence[int], key_length: int) -> Collapsed:
    """Keep the newest row of each key (its first `key_length` fields); the later one where versions are equal.

    A cancel says little, so it does not replace the booking it cancels: the newest write stays beside a newer cancel.
    Rooms that an older message told and a newer one does not cover come along with the newer.
    """
    keys = [incoming.row[:key_length] for incoming in rows]
    if len(set(keys)) == len(keys):
        return Collapsed(list(range(len(rows))), list(rows), 0, 0)
    groups: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        groups[key].append(number)
    kept: dict[int, Incoming] = {}
    rewritten_count = 0
    for numbers in groups.values():
        winners = {numbers[0]: rows[numbers[0]]} if len(numbers) == 1 else _winners(rows, sequence, numbers)
        kept |= winners
        rewritten_count += sum(_is_rewritten(rows, number, winners) for number in numbers if number not in winners)
    in_order = sorted(kept)
    return Collapsed(in_order, [kept[number] for number in in_order], len(rows) - len(kept), rewritten_count)


def _winners(rows: Sequence[Incoming], sequence: Sequence[int], numbers: list[int]) -> dict[int, Incoming]:
    def place(number: int) -> tuple[int, int, int]:
        version = rows[number].source_version
        return (sequence[number] if version is None else version, sequence[number], number)

    ordered = sorted(numbers, key=place)
    writes = [number for number in ordered if rows[number].action != CANCEL]
    last = ordered[-1]
    if not writes:
        return {last: rows[last]}
    newest_write = _with_uncovered_rooms([rows[number] for number in writes])
    return {writes[-1]: newest_write} | ({} if last == writes[-1] else {last: rows[last]})


def _with_uncovered_rooms(writes: list[Incoming]) -> Incoming:
    newest_write = writes[-1]
    if newest_write.covers != "room" or not isinstance(newest_write.row, Reservation):
        return newest_write
    rooms: dict[str, Room] = {}
    covers = "room"
    for write in writes:
        if isinstance(write.row, Reservation):
            told = {room.room_ref: room for room in write.row.rooms}
            rooms = told if write.covers == "reservation" else rooms | told
            covers = "reservation" if "reservation" in (covers, write.covers) else covers
    return newest_write._replace(row=newest_write.row._replace(rooms=tuple(rooms.values())), covers=covers)


def _is_rewritten(rows: Sequence[Incoming], number: int, winners: dict[int, Incoming]) -> bool:
    row = rows[number]
    return row.source_version is not None and any(
        winner.source_version == row.source_version and content_hash(winner) != content_hash(row)
        for winner in winners.values()
    )

"""Read reservations that are there already, in contract shape: from our database, or from a file of JSON lines."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

from hotel.reservations import Night, Reservation, Room
from sandbox.export import contract_shape

Json = dict[str, Any]
READ_AT_ONCE: Final = 2_000


def _array(alias: str, fields: tuple[str, ...], **instead: str) -> str:
    """Make the SQL of one JSON array with a row's columns in the order of the NamedTuple's fields."""
    return f"json_build_array({', '.join(instead.get(field, f'{alias}.{field}') for field in fields)})"


# The contract has no place for them.
_NOTHING: Final = "'[]'::json"
_NIGHTS: Final = f"""coalesce((
    SELECT json_agg({_array("n", Night._fields, taxes=_NOTHING)} ORDER BY n.stay_on) FROM core.room_nights AS n
    WHERE (n.source, n.property_id, n.source_ref, n.room_ref) = (m.source, m.property_id, m.source_ref, m.room_ref)
      AND NOT n.is_deleted
), '[]'::json)"""
_ROOMS: Final = f"""coalesce((
    SELECT json_agg({_array("m", Room._fields, nights=_NIGHTS)} ORDER BY m.room_ref) FROM core.reservation_rooms AS m
    WHERE (m.source, m.property_id, m.source_ref) = (r.source, r.property_id, r.source_ref) AND NOT m.is_deleted
), '[]'::json)"""
_RESERVATIONS: Final = f"""
SELECT {_array("r", Reservation._fields, rooms=_ROOMS, extras=_NOTHING, virtual_cards=_NOTHING)}::text FROM core.reservations AS r
WHERE r.source <> %(not_from)s AND r.is_of_record AND NOT r.is_tombstone AND NOT r.is_deleted
  AND (%(property_ids)s::text[] IS NULL OR r.property_id = ANY(%(property_ids)s::text[]))
ORDER BY r.property_id, r.source, r.source_ref
LIMIT %(limit)s
"""


def from_database(
    url: str, *, not_from: str, property_ids: Sequence[str] | None = None, limit: int | None = None
) -> Iterator[Json]:
    """Read the records of record in `core.reservations` of all sources but one (the channel that replays).

    `url` is psql-ready; `property_ids` None: of every house. Rows come in key order, read as they are asked for.
    """
    decoder = msgspec.json.Decoder(Reservation)
    # A dialect's `+psycopg` means nothing to the driver itself.
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address) as connection, connection.cursor("sandbox_replay") as cursor:
        cursor.itersize = READ_AT_ONCE
        houses = list(property_ids) if property_ids else None
        cursor.execute(_RESERVATIONS, {"not_from": not_from, "property_ids": houses, "limit": limit})
        for (row,) in cursor:
            yield contract_shape(decoder.decode(row))


def from_jsonl(path: Path) -> Iterator[Json]:
    """Read contract-shaped reservations, one a line, from a file (`.gz` is unpacked). Empty lines are skipped."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines:
        for line in lines:
            if line.strip():
                yield msgspec.json.decode(line)

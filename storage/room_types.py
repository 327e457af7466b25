"""The room types of a hotel as a person enters them (a derived write, law 2): how many rooms, what is shown of them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from hotel.rooms import RoomType
from storage.engine import driver
from storage.enqueueing import AVAILABILITY, Stretch, enqueue_stretch
from storage.inventory import recount_inventory
from storage.loads import reserve_load


def save_room_types(connection: Connection, property_id: str, types: Sequence[RoomType]) -> None:
    """Write room types of one property, and count its inventory again; channels are told anew of what may be sold.

    A type a system tells of later is that system's to say.
    """
    load_id = reserve_load(connection)
    for kind in types:
        values: dict[str, Any] = kind._asdict() | {"property_id": property_id, "load_id": load_id}
        values["amenities"] = None if kind.amenities is None else list(kind.amenities)
        connection.execute(text(_TYPE), values)
    cursor = driver(connection).cursor()
    cursor.execute(_SETTLE, [property_id])
    recount_inventory(cursor, property_id, load_id=load_id)
    enqueue_stretch(cursor, Stretch(property_id, kinds=(AVAILABILITY,)), f"load:{load_id}")


_COLUMNS: Final = [name for name in RoomType._fields if name not in {"property_id", "room_type_code"}]
_TYPE: Final = f"""
INSERT INTO core.room_types (property_id, room_type_code, {", ".join(_COLUMNS)}, source_version, received_seq, load_id,
    raw_ref, row_hash)
VALUES (:property_id, :room_type_code, {", ".join(f":{name}" for name in _COLUMNS)}, 0, 0, :load_id, 'set-up', '')
ON CONFLICT (property_id, room_type_code) DO UPDATE
SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}, load_id = excluded.load_id, is_deleted = false,
    row_hash = '', changed_at = now()
"""
# As `links.settle` for who loads: one transaction at a time counts a property's cells.
_SETTLE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('settle ' || %s, 0))"

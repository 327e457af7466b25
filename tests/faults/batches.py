"""A pull of all of a world's bookings as it lies in raw.pages, and what a load leaves of it."""

import hashlib
from collections import Counter
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Engine

from connectors.ports import Page
from deployments.demo_house import PMS
from hotel.codebook import ANY_PROPERTY
from hotel.loads import BatchId
from sandbox.world import World
from sandbox.world.view import RESERVATIONS
from storage.pages import complete_batch, open_batch, save_page

PAGE_ROWS: Final = 50
TABLES: Final = (
    "core.reservations", "core.reservation_rooms", "core.room_nights", "core.reservation_changes", "core.inventory",
    "ops.quarantine", "ops.watermarks",
)  # fmt: skip
# Who loaded it, when and as which batch is another each time.
_OF_THE_LOAD: Final = {
    "load_id", "loaded_at", "changed_at", "read_at", "received_seq", "raw_ref", "change_id", "changed_on", "row_hash",
    "quarantine_id", "first_seen_at", "last_seen_at", "updated_at", "source_version", "recorded_at",
}  # fmt: skip


def stored_batch(house: Engine, world: World) -> BatchId:
    """Store a pull of every booking of every property."""
    shapes = list(world.view().shapes(RESERVATIONS))
    with house.begin() as connection:
        batch_id = open_batch(connection, source=PMS, property_id=ANY_PROPERTY, dataset=RESERVATIONS, kind="hotel_rest")
        for number, start in enumerate(range(0, len(shapes), PAGE_ROWS), start=1):
            rows = shapes[start : start + PAGE_ROWS]
            body = msgspec.json.encode({"items": rows, "nextCursor": None, "total": len(shapes)})
            digest = hashlib.sha256(body).digest()
            is_last = start + PAGE_ROWS >= len(shapes)
            page = Page(number, body, "application/json", digest, len(rows), start, None, len(shapes), is_last)
            save_page(connection, batch_id, page)
        complete_batch(connection, batch_id, expected_count=len(shapes))
    return batch_id


def loaded_content(url: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """Give every row of the tables a load writes, but for what tells one load from another."""
    with psycopg.connect(url) as connection:
        return {table: _rows(connection, table) for table in TABLES}


def _rows(connection: psycopg.Connection[Any], table: str) -> Counter[tuple[Any, ...]]:
    cursor = connection.execute(f"SELECT * FROM {table}".encode())
    kept = [n for n, column in enumerate(cursor.description or ()) if column.name not in _OF_THE_LOAD]
    return Counter(tuple(str(row[n]) for n in kept) for row in cursor)

"""What was just written of rooms that may not be there. For those who can be refused: what channels tell has happened."""

from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection

from storage.engine import driver
from storage.holdings import start_holdings
from storage.selling import SELLABLE


class Wanted(NamedTuple):
    """What one booking of the last load took (negative: gave back) of a room type on a date, and what is left there now.

    `counted_count` is what of it the inventory counts: nothing where the booking is not the copy of record. What is left
    of the type and of the house falls below nought where rooms are short; None: nobody told how many there are.
    """

    source_ref: str
    room_type_code: str
    stay_on: date
    room_count: int
    counted_count: int
    own_count: int | None
    rest_count: int | None


def begin_watching(connection: Connection) -> None:
    """Forget what loads before have held; `wanted` then speaks of what is loaded from here on."""
    with driver(connection).cursor() as cursor:
        start_holdings(cursor)


def wanted(connection: Connection) -> list[Wanted]:
    """List what each booking of the last load took and gave back, of one property.

    To be asked in the load's transaction: the property is settled, so nobody else takes the same room meanwhile.
    """
    with driver(connection).cursor() as cursor:
        return [Wanted(*row) for row in cursor.execute(_WANTED)]


_WANTED: Final = f"""
WITH RECURSIVE wanted AS MATERIALIZED (
    SELECT t.source_ref, h.property_id, h.room_type_code, h.stay_on, sum(h.night)::int AS room_count,
        sum(h.sold + h.house_use)::int AS counted_count
    FROM pg_temp.holdings h JOIN pg_temp.touched t USING (number)
    GROUP BY t.source_ref, h.property_id, h.room_type_code, h.stay_on HAVING sum(h.night) <> 0
), day AS MATERIALIZED (SELECT DISTINCT property_id, stay_on FROM wanted), {SELLABLE}
SELECT w.source_ref, room_type_code, stay_on, w.room_count, w.counted_count, s.own_count::int, s.rest_count::int
FROM wanted w LEFT JOIN sellable s USING (property_id, room_type_code, stay_on)
ORDER BY stay_on, room_type_code COLLATE "C", w.source_ref COLLATE "C"
"""

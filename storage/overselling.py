"""Whether what was just written sells rooms that are not there. For those who may be refused: channels are told, not asked."""

from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection

from storage.engine import driver
from storage.holdings import start_holdings
from storage.selling import SELLABLE


class Oversold(NamedTuple):
    """A date on which a room type, or the house, is short of rooms."""

    property_id: str
    room_type_code: str
    stay_on: date


def begin_watching(connection: Connection) -> None:
    """Forget what loads before have held; `oversold` then speaks of what is loaded from here on."""
    with driver(connection).cursor() as cursor:
        start_holdings(cursor)


def oversold(connection: Connection) -> list[Oversold]:
    """List the cells the last load of reservations took rooms of although there are not so many.

    To be asked in the load's transaction: the property is settled, so nobody else takes the same room meanwhile. A copy
    that is not the one of record takes nothing by itself: what it wants more than before must be there as well.
    """
    with driver(connection).cursor() as cursor:
        return [Oversold(*row) for row in cursor.execute(_OVERSOLD)]


_OVERSOLD: Final = f"""
WITH RECURSIVE wanted AS MATERIALIZED (
    SELECT property_id, room_type_code, stay_on, sum(night) - sum(sold + house_use) AS uncounted
    FROM pg_temp.holdings GROUP BY property_id, room_type_code, stay_on HAVING sum(night) > 0
), day AS MATERIALIZED (SELECT DISTINCT property_id, stay_on FROM wanted), {SELLABLE}
SELECT property_id, room_type_code, stay_on
FROM wanted JOIN sellable s USING (property_id, room_type_code, stay_on)
WHERE least(s.own_count, s.rest_count) < uncounted
ORDER BY property_id COLLATE "C", stay_on, room_type_code COLLATE "C"
"""

"""The state of every physical room at an instant, as housekeeping and the front desk tell it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from hotel.reservations import Reservation
from hotel.status import IN_HOUSE
from sandbox.export import moment
from sandbox.world.houses import House, PlannedRoom
from sandbox.world.view import RESERVATIONS, View

Json = dict[str, Any]

CLOSURE_WORDS: Final = {"out_of_order": "OOO", "out_of_service": "OOS"}
# Of five vacant rooms one was not made up yet.
DIRTY_EVERY: Final = 5


def room_shapes(view: View, house: House) -> list[Json]:
    """Tell every room's number, type, status word and housekeeping; as many occupied as there are guests in house."""
    occupied = in_house_by_type(view, house)
    today = date.fromisoformat(view.business_on(house.place.property_id))
    return list(_shapes(view, house, occupied, today))


def in_house_by_type(view: View, house: House) -> Counter[str]:
    """Count the rooms with guests in them by the type they were given."""
    rows = (told.record.versions[told.revision - 1].row for told in view.told(RESERVATIONS, house.place.property_id))
    return Counter(
        room.assigned_room_type_code or room.room_type_code
        for row in rows
        if isinstance(row, Reservation)
        for room in row.rooms
        if room.status == IN_HOUSE
    )


def _shapes(view: View, house: House, occupied: Counter[str], today: date) -> Iterator[Json]:
    waiting = Counter(occupied)
    for n, room in enumerate(house.rooms):
        word, housekeeping = _status(room, waiting, n, today)
        yield {
            "number": room.number,
            "type": room.room_type_code,
            "status": word,
            "housekeeping": housekeeping,
            "observedAt": moment(view.now),
        }


def _status(room: PlannedRoom, waiting: Counter[str], n: int, today: date) -> tuple[str, str]:
    if room.closure == "out_of_order" and room.is_closed(today):
        return CLOSURE_WORDS[room.closure], "dirty"
    if waiting[room.room_type_code] > 0:
        waiting[room.room_type_code] -= 1
        return "OCC", "dirty" if n % 2 else "clean"
    if room.closure and room.is_closed(today):
        return CLOSURE_WORDS[room.closure], "pickup"
    return ("VD", "dirty") if n % DIRTY_EVERY == 0 else ("VC", "inspected" if n % 2 else "clean")

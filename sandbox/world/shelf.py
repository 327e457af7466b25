"""How many rooms of a type are still free, so that the world never sells a room twice."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sandbox.world.houses import House


class Shelf:
    """The free rooms of one house by type and date; out-of-order rooms are not on it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._counts = Counter(room.room_type_code for room in house.rooms)
        self._closures = [room for room in house.rooms if room.closure == "out_of_order"]
        self._taken: Counter[tuple[str, date]] = Counter()

    def free(self, room_type_code: str, dates: Iterable[date]) -> int:
        """Count the rooms of a type that are free on every one of the dates."""
        return min((self._free_on(room_type_code, day) for day in dates), default=self._counts[room_type_code])

    def take(self, room_type_code: str, dates: Iterable[date]) -> None:
        """Take one room of a type for the dates."""
        self._taken.update((room_type_code, day) for day in dates)

    def _free_on(self, room_type_code: str, day: date) -> int:
        closed = sum(room.room_type_code == room_type_code and room.is_closed(day) for room in self._closures)
        return self._counts[room_type_code] - closed - self._taken[room_type_code, day]

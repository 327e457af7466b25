"""What we tell Expedia to sell by (AR): read into the desk, all of a message or none of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from sandbox.channels.desk import Desk, Json
from sandbox.channels.xml_answers import Element, below, first

MOST_UPDATES: Final = 3000
MOST_ROOMS: Final = 4999
LONGEST_STAY: Final = 28
# Of no hotel: what a cancel names in place of a room type and a rate plan.
NOBODYS: Final = "0"
_TRUTHS: Final = {"true": True, "false": False, "1": True, "0": False}

Error = tuple[str, str]
Cell = tuple[Element, str, date]


class Updates:
    """Takes AvailRateUpdateRQ."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def take(self, message: Element) -> list[Error]:
        """Apply a message; gives the errors of one that is refused, of which then nothing is applied."""
        cells = list(_cells(message))
        errors = [*_unknown(message), *_too_long(cells)]
        if errors:
            self._desk.problems += [f"{code}: {sentence}" for code, sentence in errors]
            return errors
        counts = restrictions = prices = 0
        for room, room_type, stay_on in cells:
            counts += self._count(room, room_type, stay_on)
            for plan, told in _closures_and_rest(room):
                self._desk.take_restriction(room_type, plan, stay_on, told)
                restrictions += 1
            prices += self._prices(room, room_type, stay_on)
        for kind, count in (("availability", counts), ("restrictions", restrictions), ("rates", prices)):
            if count:
                self._desk.note(kind, count)
        return []

    def _count(self, room: Element, room_type: str, stay_on: date) -> int:
        inventory = first(room, "Inventory")
        if inventory is None:
            return 0
        count = int(inventory.get("totalInventoryAvailable", "-1"))
        if not 0 <= count <= MOST_ROOMS:
            self._desk.problems.append(f"a count is 0 to {MOST_ROOMS}, not {count}")
        self._desk.take_count(room_type, stay_on, count)
        return 1

    def _prices(self, room: Element, room_type: str, stay_on: date) -> int:
        count = 0
        for plan in below(room, "RatePlan"):
            for rate in below(plan, "Rate"):
                for price in rate:
                    people = price.get("occupancy")
                    ref = f"{plan.get('id')}:{people}" if people else plan.get("id")
                    self._desk.take_price(room_type, ref, stay_on, price.get("rate"), rate.get("currency"))
                    count += 1
        return count


def _cells(message: Element) -> Iterator[Cell]:
    for update in below(message, "AvailRateUpdate"):
        for span in below(update, "DateRange"):
            start, end = date.fromisoformat(span.get("from")), date.fromisoformat(span.get("to"))
            for n in range((end - start).days + 1):
                for room in below(update, "RoomType"):
                    yield room, room.get("id"), start + timedelta(days=n)


def _unknown(message: Element) -> Iterator[Error]:
    rooms = {room.get("id") for room in below(message, "AvailRateUpdate", "RoomType")}
    plans = {plan.get("id") for plan in below(message, "AvailRateUpdate", "RoomType", "RatePlan")}
    if NOBODYS in rooms:
        yield "3203", f"The following RoomTypeIDs do not belong to the given hotel: {NOBODYS}."
    if NOBODYS in plans:
        yield "3204", f"The following RatePlanIDs do not belong to the given hotel: {NOBODYS}."


def _too_long(cells: list[Cell]) -> Iterator[Error]:
    count = sum(_update_count(room) for room, _, _ in cells)
    if count > MOST_UPDATES:
        yield "3107", f"Update exceeds allowable size - Maximum allowable size is {MOST_UPDATES} updates."


def _update_count(room: Element) -> int:
    """Count as Expedia does: every single value of a date is one."""
    return sum(
        len([name for name in each.attrib if name not in {"id", "currency", "occupancy"}]) for each in room.iter()
    )


def _closures_and_rest(room: Element) -> Iterator[tuple[str, Json]]:
    if room.get("closed"):
        yield "", {"closed": _TRUTHS[room.get("closed")]}
    for plan in below(room, "RatePlan"):
        told: Json = {"closed": _TRUTHS[plan.get("closed")]} if plan.get("closed") else {}
        for name, value in (dict(limits.attrib) if (limits := first(plan, "Restrictions")) is not None else {}).items():
            told[name] = _TRUTHS[value] if name.startswith("closed") else int(value)
        if told:
            yield plan.get("id"), told

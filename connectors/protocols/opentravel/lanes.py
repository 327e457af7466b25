"""The rooms inside a RoomStay: rates one after the other are one room, rates side by side are several, units are more."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.rates import Rate, rates_of
from connectors.protocols.opentravel.values import count
from connectors.protocols.safe_xml import told
from connectors.reading import RefuseError

Element = Any  # lxml has no types of its own

MOST_ROOMS: Final = 200
_DAY: Final = timedelta(days=1)


class Lane(NamedTuple):
    """One room of a RoomStay, or `units` alike: its rates, and the RoomType and RatePlan elements it was sold by."""

    room_rates: tuple[Element, ...]
    rates: tuple[Rate, ...]
    room_type: Element | None
    rate_plan: Element | None
    units: int = 1


def lanes_of(room_stay: Element, dialect: Dialect) -> list[Lane]:
    """Part a RoomStay into its rooms; refuses a number of rooms that cannot be meant."""
    types = list(elements("RoomTypes/RoomType", room_stay))
    plans = list(elements("RatePlans/RatePlan", room_stay))
    tracks = _tracks(list(elements("RoomRates/RoomRate", room_stay)), dialect)
    if not tracks:
        tracks = [()] * max(1, len(types))
    lanes = []
    for number, track in enumerate(tracks):
        room_type = _matching(types, track, dialect.room_types, number)
        rate_plan = _matching(plans, track, dialect.rate_plans, number)
        units = _units(room_stay, room_type, track, dialect)
        lanes.append(Lane(track, tuple(rates_of(track, dialect)), room_type, rate_plan, units))
    check_room_count(sum(lane.units for lane in lanes))
    return lanes


def check_room_count(count: int) -> None:
    """Refuse a number of rooms that no booking has."""
    if count > MOST_ROOMS:
        code = "room_count_unreadable"
        raise RefuseError(code, "NumberOfUnits", count)


def code_of(attributes: Sequence[str], *sources: Element | None) -> str | None:
    """Give the first code that one of the elements tells under one of the attributes."""
    return next((code for each in sources for name in attributes if (code := told(each, name))), None)


def _tracks(room_rates: Sequence[Element], dialect: Dialect) -> list[tuple[Element, ...]]:
    """Put rates that follow each other into one track, of the same room type where there is a choice."""
    if len(room_rates) == 1:
        return [tuple(room_rates)]
    tracks: list[list[tuple[Element, list[tuple[date, date]]]]] = []
    for room_rate in room_rates:
        spans = _spans(room_rate, dialect)
        code = code_of(dialect.room_types, room_rate)
        free = [track for track in tracks if not any(_meet(spans, taken) for _, taken in track)]
        alike = [track for track in free if code_of(dialect.room_types, track[-1][0]) == code]
        if alike or free:
            (alike or free)[0].append((room_rate, spans))
        else:
            tracks.append([(room_rate, spans)])
    return [tuple(room_rate for room_rate, _ in track) for track in tracks]


def _spans(room_rate: Element, dialect: Dialect) -> list[tuple[date, date]]:
    """List the dates a RoomRate surely holds, [first, end); without any it holds the whole stay."""
    ranges = [rate.range for rate in rates_of([room_rate], dialect)]
    if any(each.first_on is None for each in ranges):
        return [(date.min, date.max)]
    return [(each.first_on, max(each.last_on or date.min, each.first_on + _DAY)) for each in ranges if each.first_on]


def _meet(spans: Sequence[tuple[date, date]], others: Sequence[tuple[date, date]]) -> bool:
    return any(first < other_end and other_first < end for first, end in spans for other_first, other_end in others)


def _matching(
    told_of: Sequence[Element], track: Sequence[Element], names: Sequence[str], number: int
) -> Element | None:
    """Find the RoomType or RatePlan of a room: the one with its code, else the one in its place, else the only one."""
    code = code_of(names, *track)
    found = next((each for each in told_of if code and code_of(names, each) == code), None)
    if found is not None or code:
        return found
    return told_of[number] if number < len(told_of) else (told_of[0] if told_of else None)


def _units(room_stay: Element, room_type: Element | None, track: Sequence[Element], dialect: Dialect) -> int:
    sources = {"RoomStay": (room_stay,), "RoomType": (room_type,), "RoomRate": track}
    for written in dialect.unit_counts:
        element, _, attribute = written.partition("@")
        told_units = [count(said, written) for each in sources[element] if (said := told(each, attribute))]
        if told_units:
            units = max(each or 0 for each in told_units)
            if units < 1:
                code = "room_count_unreadable"
                raise RefuseError(code, written, units)
            return units
    return 1

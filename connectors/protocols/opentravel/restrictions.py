"""What limits the sale, as an AvailStatusMessage tells it: doors that are closed, lengths of stay, days in advance."""

from typing import Any, Final

from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.values import count, flag, nights_of
from connectors.protocols.safe_xml import child, told
from connectors.reading import RefuseError

Element = Any  # lxml has no types of its own

_DOORS: Final = {
    None: "is_stop_sell",
    "Master": "is_stop_sell",
    "Arrival": "is_closed_to_arrival",
    "Departure": "is_closed_to_departure",
}
_STATES: Final = {"Open": False, "Close": True, "ClosedOnArrival": None, "ClosedOnArrivalOnRequest": None}
_LENGTHS: Final = {
    "MinLOS": "min_stay_arrival_count",
    "ForwardMinStay": "min_stay_through_count",
    "MaxLOS": "max_stay_count",
    "ForwardMaxStay": "max_stay_count",
}
_UNITS: Final = {None: 1, "Day": 1, "Week": 7}


def restrictions_of(entry: Element) -> dict[str, Any]:
    """Give the fields of a Restriction that an entry tells, nothing of the others; a restriction taken away is 0."""
    said: dict[str, Any] = {}
    for length in elements("LengthsOfStay/LengthOfStay", entry):
        is_by_arrival = flag(told(child(entry, "LengthsOfStay"), "ArrivalDateBased"))
        said |= _length(length, is_by_arrival=is_by_arrival)
    for status in elements("RestrictionStatus", entry):
        said |= _door(status)
        said |= _advance(status)
    return said


def _length(length: Element, *, is_by_arrival: bool | None) -> dict[str, int]:
    kind = told(length, "MinMaxMessageType") or ""
    is_removed = kind.startswith("Remove")
    field = _LENGTHS.get(kind.removeprefix("Remove").removeprefix("Set"))
    unit = _UNITS.get(told(length, "TimeUnit"))
    if field is None or unit is None:
        code = "length_of_stay_unknown"
        raise RefuseError(code, "LengthOfStay@MinMaxMessageType", kind)
    if field == "min_stay_arrival_count" and is_by_arrival is False:
        field = "min_stay_through_count"
    time = 0 if is_removed else count(told(length, "Time"), "LengthOfStay@Time")
    return {} if time is None else {field: time * unit}


def _door(status: Element) -> dict[str, bool]:
    word, restriction = told(status, "Status"), told(status, "Restriction")
    if word is None:
        return {}
    if restriction not in _DOORS or _STATES.get(word) is None:
        code = "restriction_unknown"
        raise RefuseError(code, "RestrictionStatus@Status", f"{restriction} {word}")
    return {_DOORS[restriction]: bool(_STATES[word])}


def _advance(status: Element) -> dict[str, int]:
    fields = {
        "MinAdvancedBookingOffset": "min_advance_day_count",
        "MaxAdvancedBookingOffset": "max_advance_day_count",
    }
    found = {field: nights_of(told(status, name), name) for name, field in fields.items()}
    return {field: days for field, days in found.items() if days is not None}

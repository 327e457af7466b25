"""Our counts, restrictions and prices on their way to Expedia, and which of them it did not take."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from connectors.batches import Run, runs
from connectors.expedia import compose
from connectors.expedia.answers import UNKNOWN_RATE_PLANS, UNKNOWN_ROOM_TYPES, Error
from connectors.protocols.safe_xml import Element, children, text, told
from connectors.pushes import RefusedCell, Restriction

SHORTEST_STAY: Final = 1
LONGEST_STAY: Final = 28
# Whether a stay's length counts by its arrival or on every night is set at Expedia, for the hotel: we say which it is.
BY_ARRIVAL: Final = "arrival"
BY_NIGHT: Final = "stay_through"

_DATE: Final = re.compile(r"[Dd]ate (\d{4}-\d{2}-\d{2})")
_ROOM: Final = re.compile(r"Room Type ID ([^;\]\s]+)")
_PLAN: Final = re.compile(r"Rate Plan ID ([^;\]\s]+)")
_SHARE: Final = re.compile(r"Warning (\d+) out of (\d+) for this cause")


class Part(NamedTuple):
    """One AvailRateUpdate and the rows it stands for."""

    element: Element
    run: Run


class Warned(NamedTuple):
    """A warning: its number, and the row it is about as far as it says. `is_more`: others of the cause are left out."""

    code: str
    stay_on: str | None
    room_type_ref: str | None
    rate_plan_ref: str | None
    is_more: bool


def parts(rows: Sequence[Any], write: Callable[[Run], Element]) -> list[Part]:
    """Write rows as updates, dates of one state as a range."""
    return [Part(write(run), run) for run in runs(rows)]


def restriction_parts(rows: Sequence[Restriction], stay_kind: str) -> tuple[list[Part], list[RefusedCell]]:
    """Write restrictions, and name the rows of which Expedia has no word for something; what it has goes out."""
    written, refused = [], []
    for run in runs(rows):
        words, code = _words(run.row, stay_kind)
        if words:
            written.append(Part(compose.restricted(run, words), run))
        if code:
            refused += [RefusedCell(position, code) for position in run.positions]
    return written, refused


def _words(row: Restriction, stay_kind: str) -> tuple[dict[str, str], str | None]:
    """Give a restriction in their words, and the code of the first thing they have none for."""
    counted, other = row.min_stay_arrival_count, row.min_stay_through_count
    if stay_kind == BY_NIGHT:
        counted, other = other, counted
    codes = ["min_stay_kind_not_sold"] * (other is not None and other != counted)
    codes += ["advance_not_sold"] * (row.min_advance_day_count is not None or row.max_advance_day_count is not None)
    told = _flag("closed", is_set=row.is_stop_sell)
    plan = _flag("closedToArrival", is_set=row.is_closed_to_arrival)
    plan |= _flag("closedToDeparture", is_set=row.is_closed_to_departure)
    for name, count in (("minLOS", counted), ("maxLOS", row.max_stay_count)):
        if count is not None and SHORTEST_STAY <= count <= LONGEST_STAY:
            plan[name] = str(count)
        elif count is not None:
            codes.append("stay_length_not_sold")
    if plan and not row.rate_plan_ref:
        codes.append("needs_rate_plan")
        plan = {}
    return told | plan, codes[0] if codes else None


def _flag(name: str, *, is_set: bool | None) -> dict[str, str]:
    return {} if is_set is None else {name: str(is_set).lower()}


def warnings(done: Element) -> Iterator[Warned]:
    """Read the warnings of a success: each is a row that was not taken as sent."""
    for each in children(done, "Warning"):
        sentence = text(each) or ""
        share = _SHARE.search(sentence)
        is_more = bool(share) and share is not None and share[1] == "20" and int(share[2]) > int(share[1])
        yield Warned(
            told(each, "code") or "", _found(_DATE, sentence), _found(_ROOM, sentence), _found(_PLAN, sentence), is_more
        )


def _found(pattern: re.Pattern[str], sentence: str) -> str | None:
    match = pattern.search(sentence)
    return match[1] if match else None


def refused_by_warning(rows: Sequence[Any], found: Iterable[Warned]) -> dict[int, str]:
    """Give position -> code of the rows that warnings are about.

    A warning that names no row, or of which further ones were left out, is about every row it could be about: what is
    not known to be taken is not taken.
    """
    refused: dict[int, str] = {}
    for each in found:
        for position, row in enumerate(rows):
            if _is_about(each, row):
                refused.setdefault(position, each.code)
    return refused


def _is_about(warned: Warned, row: Any) -> bool:
    if warned.room_type_ref is not None and warned.room_type_ref != row.room_type_ref:
        return False
    plan = getattr(row, "rate_plan_ref", None)
    if warned.rate_plan_ref is not None and plan is not None and warned.rate_plan_ref != plan:
        return False
    return warned.is_more or warned.stay_on is None or warned.stay_on == row.stay_on.isoformat()


def refused_by_error(rows: Sequence[Any], found: Sequence[Error]) -> dict[int, str]:
    """Give position -> code of the rows whose room type or rate plan Expedia does not know; empty: not for that alone.

    One wrong code makes Expedia refuse a whole message: without these rows it may pass.
    """
    if not found or any(each.code not in (UNKNOWN_ROOM_TYPES, UNKNOWN_RATE_PLANS) or not each.ids for each in found):
        return {}
    fields = {UNKNOWN_ROOM_TYPES: "room_type_ref", UNKNOWN_RATE_PLANS: "rate_plan_ref"}
    unknown = {(fields[each.code], ref): each.code for each in found for ref in each.ids}
    return {
        position: code
        for position, row in enumerate(rows)
        for (field, ref), code in unknown.items()
        if getattr(row, field, None) == ref
    }

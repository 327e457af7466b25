"""Rows of ours as allocations: dates of one state as a range, each with the rows it came from."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from connectors.batches import Run, runs
from connectors.errors import RequestRefused
from connectors.myallocator.answers import PARTIAL, check, errors, success
from connectors.myallocator.shapes import Note, Update
from connectors.pushes import Availability, Price, Pushed, RefusedCell, Restriction
from connectors.texts import ref
from hotel.money import Money

_INFO: Final = "info"
# A room that a channel does not sell was skipped there.
_HARMLESS: Final = frozenset({"207"})


class Allocation(NamedTuple):
    """One allocation on its way; `positions` are those of the rows it says."""

    content: dict[str, Any]
    positions: tuple[int, ...]


def counted(rows: Sequence[Availability]) -> tuple[list[Allocation], list[RefusedCell]]:
    """Say how many rooms may be sold."""
    plain = [row._replace(physical_count=None) for row in rows]
    return [_allocation(run, {"Units": str(run.row.available_count)}) for run in runs(plain)], []


def restricted(rows: Sequence[Restriction]) -> tuple[list[Allocation], list[RefusedCell]]:
    """Say what limits the sale, only what is told; what the vendor has no word for is named."""
    found: list[Allocation] = []
    unsaid: list[RefusedCell] = []
    for run in runs(rows):
        row: Restriction = run.row
        if word := _unknown(row):
            unsaid += [RefusedCell(position, word) for position in run.positions]
        if told := _limits(row):
            found.append(_allocation(run, told))
    return found, unsaid


def priced(rows: Sequence[Price]) -> tuple[list[Allocation], list[RefusedCell]]:
    """Say prices of rooms, in major units; the property's currency is known to the vendor."""
    found: list[Allocation] = []
    unsaid: list[RefusedCell] = []
    for run in runs(rows):
        row: Price = run.row
        if row.occupancy_count:
            unsaid += [RefusedCell(position, "guest_prices_unsupported") for position in run.positions]
            continue
        found.append(_allocation(run, {"Price": str(Money(row.price_minor, row.currency).decimal())}))
    return found, unsaid


def outcome(allocations: Sequence[Allocation], unsaid: Sequence[RefusedCell], answer: Update) -> Pushed:
    """Name the rows that were not taken: those a warning repeats, or all where channels failed (law 14)."""
    check(answer, "ARIUpdate")
    refused = [*unsaid]
    for note in answer.messages:
        if note.type != _INFO and ref(note.id) not in _HARMLESS:
            refused += [RefusedCell(position, _code(note)) for position in _meant(allocations, note)]
    if success(answer) == PARTIAL:
        code = "; ".join(f"{error.channel or '?'} {error.code}" for error in errors(answer)) or PARTIAL
        refused += [RefusedCell(position, code) for each in allocations for position in each.positions]
    first = {cell.position: cell for cell in reversed(refused)}
    return Pushed(tuple(first[position] for position in sorted(first)), ref(answer.update_id))


def _allocation(run: Run, told: dict[str, Any]) -> Allocation:
    plan = getattr(run.row, "rate_plan_ref", "")
    return Allocation(
        {
            "RoomId": run.row.room_type_ref,
            **({"RatePlanId": plan} if plan else {}),
            "StartDate": run.first_on.isoformat(),
            "EndDate": run.last_on.isoformat(),
            **told,
        },
        run.positions,
    )


def _limits(row: Restriction) -> dict[str, Any]:
    limits = {
        "Closed": row.is_stop_sell,
        "ClosedForArrival": row.is_closed_to_arrival,
        "ClosedForDeparture": row.is_closed_to_departure,
        "MinStay": None if row.min_stay_arrival_count is None else str(row.min_stay_arrival_count),
        "MaxStay": None if row.max_stay_count is None else str(row.max_stay_count),
    }
    return {name: value for name, value in limits.items() if value is not None}


def _unknown(row: Restriction) -> str | None:
    """Name what this vendor cannot be told of a row."""
    if row.min_stay_through_count is not None:
        return "min_stay_through_unsupported"
    if row.min_advance_day_count is not None or row.max_advance_day_count is not None:
        return "advance_days_unsupported"
    return None


def _code(note: Note) -> str:
    return f"{note.type} {ref(note.id) or '?'}"


def _meant(allocations: Sequence[Allocation], note: Note) -> list[int]:
    """Give the rows of the allocations a warning is about: of its room, and its dates where it names them.

    One that names no room is about all; one that names what was not sent fails the push.
    """
    told = {
        name: value
        for name, value in (
            ("RoomId", ref(note.room_id)),
            ("StartDate", note.start_date and note.start_date.isoformat()),
            ("EndDate", note.end_date and note.end_date.isoformat()),
        )
        if value
    }
    found = [each for each in allocations if told.items() <= each.content.items()]
    if not found:
        msg = f"ARIUpdate: the vendor warns ({_code(note)}) of what was not sent"
        raise RequestRefused(msg)
    return [position for each in found for position in each.positions]

"""Rows of ours as the changes the vendor takes: dates of one state as a range, each change with the rows it came from."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple

from connectors.batches import Run, runs
from connectors.channex.shapes import PushAnswer, Warned
from connectors.errors import RequestRefused
from connectors.pushes import Availability, Price, Pushed, RefusedCell, Restriction
from hotel.money import Money

Json = dict[str, Any]
_LONGEST_CODE: Final = 200


class Change(NamedTuple):
    """One change on its way; `positions` are those of the rows it says."""

    value: Json
    positions: tuple[int, ...]


class _Offer(NamedTuple):
    """All prices of a plan on a date: one of the room, or one for each number of guests."""

    stay_on: date
    rate_plan_ref: str
    rate: str | None
    rates: tuple[tuple[int, str], ...]


def counted(property_ref: str, rows: Sequence[Availability]) -> list[Change]:
    """Say how many rooms may be sold."""
    plain = [row._replace(physical_count=None) for row in rows]
    return [
        Change(_value(property_ref, run, room_type_id=run.row.room_type_ref, availability=run.row.available_count), run.positions)
        for run in runs(plain)
    ]  # fmt: skip


def restricted(property_ref: str, rows: Sequence[Restriction]) -> tuple[list[Change], list[RefusedCell]]:
    """Say what limits the sale of each plan, only what is told; rows that say what the vendor does not know are named."""
    changes: list[Change] = []
    refused: list[RefusedCell] = []
    for run in runs(rows):
        row: Restriction = run.row
        told = _limits(row)
        if not row.rate_plan_ref:
            refused += [RefusedCell(position, "rate_plan_required") for position in run.positions]
            continue
        if row.min_advance_day_count is not None or row.max_advance_day_count is not None:
            refused += [RefusedCell(position, "advance_days_unsupported") for position in run.positions]
        if told:
            changes.append(Change(_value(property_ref, run, rate_plan_id=row.rate_plan_ref, **told), run.positions))
    return changes, refused


def priced(property_ref: str, rows: Sequence[Price]) -> list[Change]:
    """Say prices, in major units as text: the vendor knows a plan's currency and is not told it."""
    changes: list[Change] = []
    for places, run in _offers(rows):
        offer: _Offer = run.row
        told: Json = {"rate": offer.rate} if offer.rate is not None else {}
        if offer.rates:
            told["rates"] = [{"occupancy": guests, "rate": rate} for guests, rate in offer.rates]
        changes.append(Change(_value(property_ref, run, rate_plan_id=offer.rate_plan_ref, **told), places))
    return changes


def outcome(changes: Sequence[Change], answer: PushAnswer) -> Pushed:
    """Name the rows that were not taken; a warning that fits none of ours fails the whole push (law 14)."""
    refused = [
        RefusedCell(position, _code(warned)) for warned in answer.meta.warnings for position in _meant(changes, warned)
    ]
    once = {cell.position: cell for cell in reversed(refused)}
    task = next((task.id for task in answer.data if task.id), None)
    return Pushed(tuple(once[position] for position in sorted(once)), task)


def _limits(row: Restriction) -> Json:
    limits = {
        "stop_sell": row.is_stop_sell,
        "closed_to_arrival": row.is_closed_to_arrival,
        "closed_to_departure": row.is_closed_to_departure,
        "min_stay_arrival": row.min_stay_arrival_count,
        "min_stay_through": row.min_stay_through_count,
        "max_stay": row.max_stay_count,
    }
    # A null is not "leave it": the vendor turns the field down. What is absent stays as it is.
    return {name: value for name, value in limits.items() if value is not None}


def _offers(rows: Sequence[Price]) -> Iterator[tuple[tuple[int, ...], Run]]:
    """Yield the prices by plan and range of dates, with the positions of their rows."""
    offers: list[_Offer] = []
    places: list[tuple[int, ...]] = []
    for (stay_on, plan), group in groupby(enumerate(rows), key=lambda each: (each[1].stay_on, each[1].rate_plan_ref)):
        told = list(group)
        rate = next((_major(row) for _, row in reversed(told) if not row.occupancy_count), None)
        by_guests = {row.occupancy_count: _major(row) for _, row in told if row.occupancy_count}
        offers.append(_Offer(stay_on, plan, rate, tuple(sorted(by_guests.items()))))
        places.append(tuple(position for position, _ in told))
    for run in runs(offers):
        yield tuple(position for n in run.positions for position in places[n]), run


def _value(property_ref: str, run: Run, **told: Any) -> Json:
    dates = (
        {"date": run.first_on.isoformat()}
        if run.first_on == run.last_on
        else {"date_from": run.first_on.isoformat(), "date_to": run.last_on.isoformat()}
    )
    return {"property_id": property_ref, **dates, **told}


def _meant(changes: Sequence[Change], warned: Warned) -> list[int]:
    """Give the rows of the changes that a warning repeats."""
    told = {
        name: value
        for name in ("date", "date_from", "date_to", "room_type_id", "rate_plan_id")
        if (value := getattr(warned, name)) is not None
    }
    found = [change for change in changes if told and told.items() <= change.value.items()]
    if not found:
        msg = "the vendor warns of a change that was not sent"
        raise RequestRefused(msg)
    return [position for change in found for position in change.positions]


def _code(warned: Warned) -> str:
    told = "; ".join(f"{name} {messages[0]}" if messages else name for name, messages in sorted(warned.warning.items()))
    return told[:_LONGEST_CODE] or "not_taken"


def _major(row: Price) -> str:
    return str(Money(row.price_minor, row.currency).decimal())

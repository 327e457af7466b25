"""What rows of the outbox come to: the state as it is now, in the channel's own codes, or why nothing can be told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from connectors.pushes import AVAILABILITY, RATES, RESTRICTIONS, Availability, Price, Restriction
from hotel.codebook import ANY_PROPERTY, Codebook
from hotel.rooms import Rate
from storage import selling
from storage.integrations import Integration
from storage.outbox import Due

Cell = Availability | Restriction | Price
# Their own word in the settings of the account: our room type -> most rooms of it that are sold there.
ALLOTMENT: Final = "allotment"
# Their room type -> their rate plans of it, where a plan of theirs is of one type only.
PLANS_OF_TYPE: Final = "rate_plans_of"
_LIMITS: Final = tuple(name for name in Restriction._fields if name in Rate._fields and name != "stay_on")


class Telling(NamedTuple):
    """One row of the outbox and what is sent for it; nothing is where `code` says why."""

    row: Due
    cells: tuple[Cell, ...]
    code: str | None = None

    @property
    def is_closure(self) -> bool:
        """Tell whether it takes something out of sale."""
        return any(is_closure(cell) for cell in self.cells)


def is_closure(cell: Cell) -> bool:
    """Tell whether a cell takes something out of sale: these go first (law 12)."""
    if isinstance(cell, Availability):
        return cell.available_count == 0
    return isinstance(cell, Restriction) and cell.is_stop_sell is True


class Codes:
    """Our codes in a channel's words, for one property: a room type or plan may be several of theirs."""

    def __init__(self, book: Codebook, property_id: str) -> None:
        self._as_is = book.as_is
        self._theirs: dict[tuple[str, str], list[str]] = {}
        own = {(field, ref): code for (place, field, ref), code in book.codes.items() if place == property_id}
        usual = {(field, ref): code for (place, field, ref), code in book.codes.items() if place == ANY_PROPERTY}
        self._known = usual | own
        for (field, ref), code in sorted(self._known.items()):
            self._theirs.setdefault((field, code), []).append(ref)

    def theirs(self, field: str, code: str) -> Sequence[str]:
        """Give their codes for ours; none where nobody has mapped it."""
        found = self._theirs.get((field, code))
        if found:
            return found
        return [code] if field in self._as_is and (field, code) not in self._known else []


class Account(NamedTuple):
    """What must be known of an account to say anything to it."""

    integration: Integration
    codes: Codes
    markups: dict[str, Decimal]

    def plans(self, room_type_ref: str, plan_refs: Sequence[str]) -> list[str]:
        """Give those of their plans that are sold with one of their room types."""
        of_type = self.integration.settings.get(PLANS_OF_TYPE)
        return [ref for ref in plan_refs if of_type is None or ref in of_type.get(room_type_ref, ())]


def tellings(connection: Connection, account: Account, kind: str, rows: Sequence[Due]) -> list[Telling]:
    """Read what rows of one kind and property ask to be told, all at one moment; closures first, then by type and date."""
    told = list(_READERS[kind](connection, account, rows))
    return sorted(told, key=lambda each: (not each.is_closure, each.row.payload["room_type"], each.row.stay_on))


def _availability(connection: Connection, account: Account, rows: Sequence[Due]) -> Iterator[Telling]:
    property_id = rows[0].property_id
    counts = selling.counts(connection, property_id, ((row.payload["room_type"], row.stay_on) for row in rows))
    allotment = account.integration.settings.get(ALLOTMENT, {})
    for row in rows:
        room_type = row.payload["room_type"]
        available, physical = counts[room_type, row.stay_on]
        refs = account.codes.theirs("room_type", room_type)
        if available is None:
            yield Telling(row, (), "inventory_unknown")
        elif not refs:
            yield Telling(row, (), "unmapped_room_type")
        else:
            sold_there = min(available, allotment.get(room_type, available))
            yield Telling(row, tuple(Availability(row.stay_on, ref, sold_there, physical) for ref in refs))


def _restrictions(connection: Connection, account: Account, rows: Sequence[Due]) -> Iterator[Telling]:
    def restricted(row: Due, found: Sequence[Rate], pairs: Iterable[tuple[str, str]]) -> tuple[Cell, ...]:
        limits = {name: _strictest(name, [getattr(rate, name) for rate in found]) for name in _LIMITS}
        if all(value is None for value in limits.values()):
            return ()
        return tuple(Restriction(row.stay_on, room_type, plan, **limits) for room_type, plan in pairs)

    return _by_plan(connection, account, rows, restricted)


def _prices(connection: Connection, account: Account, rows: Sequence[Due]) -> Iterator[Telling]:
    def priced(row: Due, found: Sequence[Rate], pairs: Iterable[tuple[str, str]]) -> tuple[Cell, ...]:
        return tuple(
            Price(
                row.stay_on, room_type, plan, marked_up(rate.price_minor, account.markups.get(plan)), rate.currency,
                rate.occupancy_count, rate.is_tax_included,
            )
            for room_type, plan in pairs
            for rate in found
        )  # fmt: skip

    return _by_plan(connection, account, rows, priced)


def _by_plan(
    connection: Connection,
    account: Account,
    rows: Sequence[Due],
    cells: Callable[[Due, Sequence[Rate], Iterable[tuple[str, str]]], tuple[Cell, ...]],
) -> Iterator[Telling]:
    places = {row.outbox_id: (row.payload["rate_plan"], row.payload["room_type"], row.stay_on) for row in rows}
    found = selling.rates(connection, rows[0].property_id, places.values())
    for row in rows:
        rates = found.get(places[row.outbox_id])
        types = account.codes.theirs("room_type", row.payload["room_type"])
        plans = account.codes.theirs("rate_plan", row.payload["rate_plan"])
        pairs = [(room_type, plan) for room_type in types for plan in account.plans(room_type, plans)]
        if not rates:
            yield Telling(row, (), "price_unknown")
        elif not pairs:
            yield Telling(row, (), "unmapped_rate_plan" if types else "unmapped_room_type")
        else:
            told = cells(row, rates, pairs)
            yield Telling(row, told, None if told else "restrictions_unknown")


def _strictest(name: str, told: Sequence[Any]) -> Any:
    """Of what is told for several occupancies take what sells least; None where none is told."""
    known = [value for value in told if value is not None]
    return (min if name.startswith("max_") else max)(known, default=None)


def marked_up(price_minor: int, markup: Decimal | None) -> int:
    """Add a channel's markup to a price: whole minor units, half to even."""
    return round(price_minor * (1 + Fraction(markup))) if markup else price_minor


_READERS: Final[dict[str, Callable[[Connection, Account, Sequence[Due]], Iterator[Telling]]]] = {
    AVAILABILITY: _availability,
    RESTRICTIONS: _restrictions,
    RATES: _prices,
}

"""What goes out to a system that sells our rooms: counts, restrictions, prices, always as state (law 12)."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol, runtime_checkable

AVAILABILITY: Final = "availability"
RESTRICTIONS: Final = "restrictions"
RATES: Final = "rates"
KINDS: Final = (AVAILABILITY, RESTRICTIONS, RATES)


class Availability(NamedTuple):
    """How many rooms of a type may be sold on a date: the state, never a change (law 12). Codes are the receiver's."""

    stay_on: date
    room_type_ref: str
    available_count: int
    physical_count: int | None = None


class Restriction(NamedTuple):
    """What limits the sale of a rate plan on a date. Each field by itself: None leaves it as the receiver has it.

    `rate_plan_ref` empty: of the room type, whatever the plan. Codes are the receiver's.
    """

    stay_on: date
    room_type_ref: str
    rate_plan_ref: str = ""
    is_stop_sell: bool | None = None
    is_closed_to_arrival: bool | None = None
    is_closed_to_departure: bool | None = None
    min_stay_arrival_count: int | None = None
    min_stay_through_count: int | None = None
    max_stay_count: int | None = None
    min_advance_day_count: int | None = None
    max_advance_day_count: int | None = None


class Price(NamedTuple):
    """One price to publish, minor units of `currency`. Codes are the receiver's; `occupancy_count` 0 means per room."""

    stay_on: date
    room_type_ref: str
    rate_plan_ref: str
    price_minor: int
    currency: str
    occupancy_count: int = 0
    is_tax_included: bool | None = None


class RefusedCell(NamedTuple):
    """One row the receiver did not take: its place in what was sent, and the receiver's code for why."""

    position: int
    code: str


class Pushed(NamedTuple):
    """What became of a push: rows not named in `refused` were taken. `provider_ref` is the receiver's name for it."""

    refused: tuple[RefusedCell, ...] = ()
    provider_ref: str | None = None


@runtime_checkable
class InventorySink(Protocol):
    """A system that sells rooms by our count. Sending the same again changes nothing (`idempotency_key`).

    Rows are given closures first and are sent in that order, in as many messages as the system's limits ask for. Raises a
    ConnectorError where a message was not taken at all; rows it took before that are taken, and are sent again.
    """

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts."""
        ...


@runtime_checkable
class RestrictionSink(Protocol):
    """A system that takes restrictions, apart from counts and prices."""

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions."""
        ...


@runtime_checkable
class RateSink(Protocol):
    """A system that sells at our prices."""

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices."""
        ...

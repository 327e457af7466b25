"""Rows on their way out, in messages no larger than the receiver takes, and dates of one state written as a range."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from connectors.pushes import Pushed

_DAY = timedelta(days=1)


class _Cell(Protocol):
    """A row of one date."""

    @property
    def stay_on(self) -> date: ...


Cell = TypeVar("Cell", bound=_Cell)


class Run(NamedTuple):
    """Dates in a row that say the same: `first_on` to `last_on`, both included. `positions` are places in the rows."""

    first_on: date
    last_on: date
    row: Any
    positions: tuple[int, ...]


def pushed_in_batches(
    rows: Sequence[Cell], cap: int, send: Callable[[Sequence[Cell], str], Pushed], *, idempotency_key: str
) -> Pushed:
    """Send rows in messages of at most `cap`, each under a key of its own; refusals are numbered over all of them."""
    told = Pushed()
    for number, start in enumerate(range(0, len(rows), cap)):
        key = idempotency_key if len(rows) <= cap else f"{idempotency_key}:{number}"
        part = send(rows[start : start + cap], key)
        refused = (cell._replace(position=cell.position + start) for cell in part.refused)
        told = Pushed((*told.refused, *refused), part.provider_ref or told.provider_ref)
    return told


def runs(rows: Sequence[Any]) -> Iterator[Run]:
    """Join neighbours in `rows` (NamedTuples with `stay_on`) that follow each other by a day and say the same."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end < len(rows) and _follows(rows[end - 1], rows[end]):
            continue
        yield Run(rows[start].stay_on, rows[end - 1].stay_on, rows[start], tuple(range(start, end)))
        start = end


def _follows(before: Any, after: Any) -> bool:
    return bool(after.stay_on - before.stay_on == _DAY and before._replace(stay_on=after.stay_on) == after)

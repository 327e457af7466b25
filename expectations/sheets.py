"""A batch laid out for judging: for each frame the columns its rules look at, and the reservation a row belongs to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations.columns import guests, house, nights, reservations, rooms
from expectations.columns.arrays import NOT_FOUND, Columns, Whole, look_up, times_seen
from expectations.columns.stays import Stays
from expectations.errors import CannotJudgeError
from expectations.facts import HouseFacts

_OF_STAYS: Final = ("reservations", "reservation_rooms", "room_nights")
# What goes with its reservation, held or passed, and has no rules of its own.
_ALONG: Final = ("room_night_taxes", "reservation_extras", "virtual_cards")


class Sheet(NamedTuple):
    """One frame to judge by the plan `name`; `parent` is each row's position in the first frame."""

    name: str
    judged: pd.DataFrame
    told: Columns
    parent: Whole


class LaidOut(NamedTuple):
    """A batch ready to be judged. `parents`: table name -> each row's position in the first table."""

    sheets: Sequence[Sheet]
    parents: Mapping[str, Whole]
    first: Columns


def lay_out(dataset: str, frames: Mapping[str, pa.Table], facts: HouseFacts) -> LaidOut:
    """Lay out a batch; CannotJudgeError where tables or columns are missing or do not fit together."""
    names = _OF_STAYS if dataset == "reservations" else (dataset,)
    along = {name: Columns(frames[name]) for name in _ALONG if name in frames and dataset == "reservations"}
    if odd := (set(frames) - set(along)) ^ set(names):
        raise CannotJudgeError(code="frames_misaligned", column=", ".join(sorted(odd)))
    tables = [Columns(frames[name]) for name in names]
    numbers = tables[0].whole("row_number")
    if (times_seen(numbers) > 1).any():
        raise CannotJudgeError(code="frames_misaligned", column="row_number")
    everyone = np.arange(numbers.size)
    if dataset == "reservations":
        parents = {name: look_up(numbers, table.whole("row_number")) for name, table in along.items()}
        if any(NOT_FOUND in parent for parent in parents.values()):
            raise CannotJudgeError(code="frames_misaligned", column="row_number")
        laid_out = _stays(Stays(tables[0], tables[1], tables[2], facts, along.get("reservation_extras")), everyone)
        return laid_out._replace(parents={**laid_out.parents, **parents})
    computed = _COLUMNS_OF[dataset](tables[0], facts)
    return LaidOut((Sheet(dataset, _frame(computed, tables[0]), tables[0], everyone),), {dataset: everyone}, tables[0])


_COLUMNS_OF: Final[Mapping[str, Callable[[Columns, HouseFacts], Mapping[str, Any]]]] = {
    "guests": guests.columns,
    "room_status": house.room_status_columns,
    "rates": house.rates_columns,
}


def _stays(stays: Stays, everyone: Whole) -> LaidOut:
    of_room, of_night = stays.reservation_of_room, stays.reservation_of_night
    if NOT_FOUND in of_room or NOT_FOUND in of_night:
        raise CannotJudgeError(code="frames_misaligned", column="row_number")
    told = _frame(reservations.columns(stays), stays.reservations)
    cancels = stays.is_cancel
    sheets = (
        Sheet("reservations", told[~cancels] if cancels.any() else told, stays.reservations, everyone),
        Sheet("cancellations", told[cancels], stays.reservations, everyone),
        Sheet("rooms", _frame(rooms.columns(stays), stays.rooms), stays.rooms, of_room),
        Sheet("nights", _frame(nights.columns(stays), stays.nights), stays.nights, of_night),
    )
    return LaidOut(sheets, dict(zip(_OF_STAYS, (everyone, of_room, of_night), strict=True)), stays.reservations)


def _frame(computed: Mapping[str, Any], told: Columns) -> pd.DataFrame:
    return pd.DataFrame(computed, index=pd.RangeIndex(told.row_count), copy=False)

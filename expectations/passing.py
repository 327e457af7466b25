"""The rows that go on: without those that are held, with the warnings they earned, frames still aligned."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from expectations.columns.arrays import Columns, Flags, Whole
from hotel.passed import Held

WARNINGS: Final = "warnings"


def is_held(first: Columns, held: Sequence[Held]) -> Flags:
    """Tell which rows of the first frame are held."""
    numbers = np.array([each.position for each in held], np.int64)
    return np.isin(first.whole("row_number"), numbers)


def keep(
    frames: Mapping[str, pa.Table], parents: Mapping[str, Whole], warnings: pa.ListArray, waits: Flags
) -> dict[str, pa.Table]:
    """Leave the held rows and all that belongs to them out of every frame; order and columns stay as they came.

    `parents` has the tables in their order, the first one first: it gets the warnings.
    """
    told = {name: frames[name] for name in parents}
    first = next(iter(told))
    told[first] = told[first].set_column(told[first].column_names.index(WARNINGS), WARNINGS, warnings)
    if waits.any():
        told = {name: table.filter(pa.array(~waits[parents[name]])) for name, table in told.items()}
    return told

"""Cells: a known number, or why it is not known."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import pandas as pd

from hotel.figures import Cell

Cells = Mapping[str, Cell]

DOES_NOT_APPLY: Final = Cell(None)
NO_INVENTORY: Final = "no inventory loaded"


def ratio(numerator: Cell, denominator: Cell, *, of_none: str) -> Cell:
    """Divide exactly; what is not known stays not known with its reason, and of zero there is no share."""
    for part in (denominator, numerator):
        if part.value is None:
            return part
    if not denominator.value or numerator.value is None:
        return Cell(None, of_none)
    return Cell(Fraction(numerator.value) / denominator.value)


def total(column: pd.Series) -> int:
    """Add an integer column; unknown values count 0. A sum of nothing is 0."""
    return int(column.sum())

"""What the suite of whole batches looks at: one row of figures, and the words for those that break a rule."""

from collections.abc import Mapping
from statistics import median
from typing import Any, Final

import numpy as np

from expectations.facts import BatchFacts

COMPARABLE_LOADS: Final = 7
FEW_ROWS: Final = 20
BEARABLE_PERCENT: Final = 5


def columns(facts: BatchFacts, *, judged_count: int, held_count: int) -> dict[str, Any]:
    """Compute the judged columns, one row for the batch; what is not known lets its rule pass."""
    return {
        "missing_row_count": [max((facts.expected_count or 0) - facts.rows_read, 0)],
        "is_complete": [facts.is_complete],
        "unjudged_row_count": [_unjudged(facts, judged_count)],
        "percent_of_usual": [_percent_of_usual(facts)],
        "is_quarantined_share_bearable": [_is_bearable(facts, judged_count, held_count)],
        "missing_column_count": [len(facts.missing_columns)],
        "extra_column_count": [len(facts.extra_columns)],
        "differing_total_count": [len(differing_totals(facts))],
    }


def details(facts: BatchFacts, *, judged_count: int, held_count: int) -> Mapping[str, str]:
    """Say for each code what was found: figures and names of columns, nothing personal."""
    return {
        "rows_missing": f"{facts.rows_read} of {facts.expected_count} rows",
        "nothing_judged": f"{judged_count} rows, {facts.due_count if facts.due_count is not None else facts.rows_read} due",
        "row_count_dropped": f"{facts.rows_read} rows, usually {_usual(facts):g}",
        "quarantined_share": f"{held_count + facts.refused_count} of {_all_rows(facts, judged_count)} rows",
        "columns_missing": ", ".join(sorted(facts.missing_columns)),
        "control_total_differs": ", ".join(
            f"{name}: {facts.counted_totals.get(name)} not {facts.stated_totals[name]}"
            for name in differing_totals(facts)
        ),
    }


def differing_totals(facts: BatchFacts) -> list[str]:
    """Name the control totals that were stated and were not counted, or counted otherwise."""
    return sorted(name for name, stated in facts.stated_totals.items() if facts.counted_totals.get(name) != stated)


def _unjudged(facts: BatchFacts, judged_count: int) -> int:
    if facts.due_count is not None:
        return max(facts.due_count - judged_count, 0)
    return 0 if judged_count else max(facts.rows_read - facts.refused_count, 0)


def _usual(facts: BatchFacts) -> float:
    recent = facts.recent_counts[-COMPARABLE_LOADS:]
    return float(median(recent)) if len(recent) == COMPARABLE_LOADS else 0


def _percent_of_usual(facts: BatchFacts) -> float:
    usual = _usual(facts)
    return 100 * facts.rows_read / usual if usual >= FEW_ROWS else np.nan


def _all_rows(facts: BatchFacts, judged_count: int) -> int:
    return max(facts.rows_read, judged_count + facts.refused_count)


def _is_bearable(facts: BatchFacts, judged_count: int, held_count: int) -> bool:
    waiting = held_count + facts.refused_count
    if not facts.is_one_dataset:
        return True
    return waiting <= FEW_ROWS or 100 * waiting <= BEARABLE_PERCENT * _all_rows(facts, judged_count)

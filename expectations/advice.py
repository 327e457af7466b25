"""What an operator does about a blocked batch, by the code that blocked it. No Great Expectations here."""

from collections.abc import Mapping
from typing import Final

ADVICE: Final[Mapping[str, str]] = {
    "rows_missing": "Read the batch again: the source said it has more rows than arrived.",
    "pull_incomplete": "Read the batch again: its last page was never seen.",
    "nothing_judged": "Read the batch again from its raw pages: rows that were due did not reach the gate.",
    "row_count_dropped": "Look at the export: it has less than half its usual rows. Release the batch if the house is that quiet.",
    "quarantined_share": "Look at the reasons in ops.quarantine: so many bad rows mean a changed export or mapping. Fix it and replay.",
    "columns_missing": "Ask who makes the file for the missing columns, or change the mapping, then load again.",
    "control_total_differs": "Compare with the trailer or the source's own statistic; get the file again if it was cut off.",
    "suite_missing": "No suite judges this dataset: write one in expectations/ and name it in expectations/suites.py.",
    "frames_misaligned": "Rooms or nights came without their reservation: this is a fault of ours, report it with the batch id.",
    "column_not_given": "The frame lacks a column the rules look at: this is a fault of ours, report it with the batch id.",
    "gate_failed": "The gate itself failed, so nothing loads: run the batch again; if it fails again report it with the batch id.",
}


def what_to_do(code: str) -> str:
    """Give the sentence for a code that blocks; an unknown code sends the reader to the list of rules."""
    return ADVICE.get(code, "Look the code up in docs/expectations.md.")

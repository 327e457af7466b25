"""The ticket into `core.*`: rows that have a verdict. Only `expectations/gate.py` makes one (law 2)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hotel.incoming import Reason


class PassedBatch(NamedTuple):
    """Rows that passed the gate. `frames` maps a table name to a `pyarrow.Table`; `row_count` is that of the first.

    The loader refuses a batch whose frames do not have the stated number of rows.
    """

    dataset: str
    batch_id: int
    suite_name: str
    suite_version: str
    frames: Mapping[str, Any]
    row_count: int


class Held(NamedTuple):
    """One row the gate holds back, by its position in the judged frame."""

    position: int
    reasons: tuple[Reason, ...]
    severity: str = "quarantine"


class Verdict(NamedTuple):
    """What the gate says of a batch.

    `blocked_by` not empty: nothing of the batch may load. `warnings`: code -> number of rows that load all the same.
    """

    suite_name: str
    suite_version: str
    rows_judged_count: int
    passed: PassedBatch | None
    held: tuple[Held, ...]
    warnings: Mapping[str, int]
    blocked_by: tuple[Reason, ...] = ()

    @property
    def word(self) -> str:
        """One word for the operator: `passed`, `quarantined` (some rows wait) or `blocked` (all do)."""
        if self.blocked_by:
            return "blocked"
        return "quarantined" if self.held else "passed"

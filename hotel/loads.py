"""What a load says of itself: ids and counts only, so that it may travel between tasks and into the UI."""

from datetime import datetime
from typing import NamedTuple

BatchId = int


class Window(NamedTuple):
    """A stretch of a source's modification time, [since, until), aware instants."""

    since: datetime
    until: datetime


class PropertyLoad(NamedTuple):
    """One property's part of a load: the counts of `ops.loads`, what it warned of and what it withholds."""

    load_id: int
    property_id: str
    verdict: str
    read_count: int
    passed_count: int
    quarantined_count: int
    inserted_count: int
    updated_count: int
    unchanged_count: int
    stale_count: int
    warnings: dict[str, int]
    top_reasons: dict[str, int]
    blocked_by: tuple[str, ...] = ()
    withheld_rows_count: int = 0
    withheld_night_count: int = 0
    withheld_minor: dict[str, int] = {}  # noqa: RUF012 a NamedTuple default is never mutated
    unmapped_count: int = 0
    linked_count: int = 0
    watermark_before: str | None = None
    watermark_after: str | None = None


class LoadSummary(NamedTuple):
    """One batch's load over all its properties."""

    batch_id: BatchId
    dataset: str
    source: str
    properties: tuple[PropertyLoad, ...]

    @property
    def is_blocked(self) -> bool:
        """Tell whether any property's part was blocked."""
        return any(part.verdict == "blocked" for part in self.properties)

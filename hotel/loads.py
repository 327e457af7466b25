"""What a load says of itself: ids and counts only, so that it may travel between tasks and into the UI."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
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
    withheld_minor: Mapping[str, int] = MappingProxyType({})
    expected_count: int | None = None
    room_night_count: int = 0
    revenue_minor: Mapping[str, int] = MappingProxyType({})
    unmapped_count: int = 0
    linked_count: int = 0
    not_linked_count: int = 0
    copy_difference_count: int = 0
    watermark_before: str | None = None
    watermark_after: str | None = None


class LoadSummary(NamedTuple):
    """One batch's load over all its properties."""

    batch_id: BatchId
    dataset: str
    source: str
    properties: tuple[PropertyLoad, ...]
    window: Window | None = None

    @property
    def is_blocked(self) -> bool:
        """Tell whether any property's part was blocked."""
        return any(part.verdict == "blocked" for part in self.properties)


class ChannelShift(NamedTuple):
    """What one channel (source) sent during a shift."""

    source: str
    message_count: int
    new_count: int
    modified_count: int
    cancelled_count: int
    stale_count: int
    duplicate_count: int
    quarantined_count: int
    waiting_count: int
    p50_ms: int
    p95_ms: int
    slowest_message_id: int | None


class ShiftSummary(NamedTuple):
    """Half a minute of booking import: per channel, and what still waits."""

    started_at: datetime
    ended_at: datetime
    channels: tuple[ChannelShift, ...]
    waiting_count: int
    oldest_waiting_at: datetime | None

    @property
    def message_count(self) -> int:
        """Messages brought to an end in the shift."""
        return sum(channel.message_count for channel in self.channels)


class SnapshotSummary(NamedTuple):
    """One property's on-the-books snapshot; money per currency in minor units."""

    property_id: str
    snapshot_on: date
    version: int
    kind: str
    is_new: bool
    room_night_count: int
    total_minor: dict[str, int]
    change_count: int | None
    gap_day_count: int | None
    sha256: str


class ReportFile(NamedTuple):
    """A published file of a report, by its path relative to the reports folder."""

    format: str
    path: str
    sha256: str
    bytes_count: int


class ReplayedRow(NamedTuple):
    """What became of one quarantined row when it was read again with today's mapping and suite."""

    quarantine_id: int
    source_ref: str
    reasons_before: tuple[str, ...]
    result: str
    reasons_now: tuple[str, ...] = ()


class ReplaySummary(NamedTuple):
    """One replay: each row's result, and how many are still open."""

    rows: tuple[ReplayedRow, ...]
    still_open_count: int


class FigureLine(NamedTuple):
    """One figure as shown: its K id, name, the three columns, and what it rests on."""

    metric_id: str
    name: str
    today: str
    month_to_date: str
    last_year: str
    basis: str


class ReportSummary(NamedTuple):
    """A published report of one property and business date; `status` is `preliminary` or `final v n`."""

    property_id: str
    business_on: date
    status: str
    is_new: bool
    lines: tuple[FigureLine, ...]
    withheld: str
    files: tuple[ReportFile, ...]

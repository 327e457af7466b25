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
    unmapped_count: int = 0
    overbooked_count: int = 0


class OpenConflict(NamedTuple):
    """What was accepted although it cannot all be true. `room_type_code` empty: the house as a whole."""

    kind: str
    property_id: str
    room_type_code: str
    stay_on: date | None
    over_count: int | None
    source: str | None
    source_ref: str | None
    opened_at: datetime


class ShiftSummary(NamedTuple):
    """Half a minute of booking import: per channel, what still waits, and the conflicts nearest to an arrival."""

    started_at: datetime
    ended_at: datetime
    channels: tuple[ChannelShift, ...]
    waiting_count: int
    oldest_waiting_at: datetime | None
    conflicts: tuple[OpenConflict, ...] = ()

    @property
    def message_count(self) -> int:
        """Messages brought to an end in the shift."""
        return sum(channel.message_count for channel in self.channels)


class PullSummary(NamedTuple):
    """One pull of one account: messages told and those of them that were new, and what kept it from its end.

    `is_skipped`: somebody else pulls it, or has just done so.
    """

    source: str
    property_id: str
    told_count: int = 0
    new_count: int = 0
    acknowledged_count: int = 0
    error_code: str | None = None
    is_skipped: bool = False


class AccountPulls(NamedTuple):
    """How one account stands that is pulled, with its counts since the last report.

    `minutes_to_deadline`: until the channel gives up on what it has not heard of, told or not yet told; None: it has no
    deadline. `breakers`: endpoint -> state of those that are not closed.
    """

    source: str
    property_id: str
    pulled_at: datetime | None
    message_count: int
    acknowledged_count: int
    unacknowledged_count: int
    minutes_to_deadline: int | None
    empty_count: int
    breakers: Mapping[str, str]
    error_code: str | None
    failing_since_at: datetime | None


class PullShiftSummary(NamedTuple):
    """A stretch of pulling, and how every account stands at its end."""

    started_at: datetime
    ended_at: datetime
    accounts: tuple[AccountPulls, ...]

    @property
    def message_count(self) -> int:
        """Messages that came since the last report."""
        return sum(account.message_count for account in self.accounts)


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


class ReplayedMessage(NamedTuple):
    """What became of one message that was read again. `result`: what it did to the house, else what keeps it from it.

    `is_open`: it is not in, or something of it is held.
    """

    inbox_id: int
    source: str
    reason_before: str
    result: str
    booking_ref: str | None
    arrival_on: date | None
    is_open: bool


class MessageReplaySummary(NamedTuple):
    """One replay of messages."""

    messages: tuple[ReplayedMessage, ...]

    @property
    def still_open_count(self) -> int:
        """Messages that are not in yet, or of which something is held."""
        return sum(message.is_open for message in self.messages)


class ResyncSummary(NamedTuple):
    """What a source told of a window when it was asked again. Counts are bookings.

    `known_count`: of those found the house had before; `right_count`: those it had as they are; `held_count`: those that
    wait or are held. `vanished`: references of bookings we hold as active and changed in the window that the source does
    not tell; None: not known, the source does not say when it changed them.
    """

    source: str
    property_id: str
    window: Window
    found_count: int
    known_count: int
    new_count: int
    changed_count: int
    right_count: int
    held_count: int
    vanished: tuple[str, ...] | None
    blocked_by: tuple[str, ...] = ()


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

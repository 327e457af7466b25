"""What telling channels says of itself: ids and counts only, as `hotel.loads` does of what comes in."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class ChannelPush(NamedTuple):
    """What one channel (source) was told since its last report, in rows of the outbox, and what waits for it.

    `partial_count`: messages of which the channel took some rows and refused others; `refused`: why rows were not taken,
    code -> rows; `lag_p95_ms`: from the first change to the channel's yes; `held_by`: why the channel is not asked now.
    """

    source: str
    account_status: str
    pending_count: int
    oldest_pending_at: datetime | None
    closures_waiting_count: int
    sent_count: int
    coalesced_count: int
    accepted_count: int
    partial_count: int
    refused: Mapping[str, int]
    lag_p95_ms: int
    held_by: str | None = None


class PushSummary(NamedTuple):
    """A stretch of telling channels; `enqueued_count`: rows that were asked to be told from scratch."""

    started_at: datetime
    ended_at: datetime
    enqueued_count: int
    channels: tuple[ChannelPush, ...]

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing was told and nothing waits."""
        return not any(each.sent_count or each.pending_count for each in self.channels)

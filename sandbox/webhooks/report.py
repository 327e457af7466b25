"""What became of the messages that were sent."""

import re
from collections import Counter
from typing import NamedTuple


class DeliveryReport(NamedTuple):
    """Counts of messages, and milliseconds from the post to the answer that ended it.

    `accepted_count` were answered 2xx, of them `duplicate_count` as known already and `conflict_count` as known with
    another body; `refused` by the last status of a message that was never accepted, `unanswered_count` had no answer
    at all; `retried_count` further tries.
    `latest_ms`: how far the sender itself fell behind its pace; above a few ms the rate was not kept.
    """

    sent_count: int
    accepted_count: int
    duplicate_count: int
    conflict_count: int
    refused: dict[str, int]
    unanswered_count: int
    retried_count: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    slowest_ms: float
    latest_ms: float


class Tally:
    """Counts while messages are on their way."""

    def __init__(self) -> None:
        self.accepted = self.unanswered = self.retried = 0
        self.known: Counter[bytes] = Counter()
        self.refused: Counter[str] = Counter()
        self.answer_seconds: list[float] = []
        self.latest = 0.0

    def accept(self, known: re.Match[bytes] | None, seconds: float) -> None:
        """Count a message that was taken, and how it was known already."""
        self.accepted += 1
        self.answer_seconds.append(seconds)
        if known:
            self.known[known[1]] += 1

    def give_up(self, status: int | None) -> None:
        """Count a message that was not taken, by its last status if there was any."""
        if status is None:
            self.unanswered += 1
        else:
            self.refused[str(status)] += 1

    def report(self, seconds: float) -> DeliveryReport:
        """Sum up after so many seconds."""
        sent = self.accepted + self.unanswered + self.refused.total()
        ordered = sorted(self.answer_seconds)
        return DeliveryReport(
            sent_count=sent,
            accepted_count=self.accepted,
            duplicate_count=self.known[b"duplicate"],
            conflict_count=self.known[b"conflict"],
            refused=dict(sorted(self.refused.items())),
            unanswered_count=self.unanswered,
            retried_count=self.retried,
            seconds=round(seconds, 3),
            per_second=round(sent / seconds, 1) if seconds else 0.0,
            p50_ms=_milliseconds(ordered, 50),
            p95_ms=_milliseconds(ordered, 95),
            slowest_ms=_milliseconds(ordered, 100),
            latest_ms=round(self.latest * 1000, 2),
        )


def _milliseconds(ordered: list[float], percent: int) -> float:
    """Give the nearest-rank percentile; 0 where nothing was answered."""
    if not ordered:
        return 0.0
    return round(ordered[-(-len(ordered) * percent // 100) - 1] * 1000, 2)

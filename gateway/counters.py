"""What the gateway counts for Prometheus; labels never carry ids, personal data or names a stranger made up."""

from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram

ANSWERS: Final = Counter("night_audit_webhook_answers", "Webhook calls by source and answer.", ["source", "status"])
SEALED: Final = Counter("night_audit_webhook_sealed", "Bodies stored sealed: removing cards failed.", ["source"])
COMMIT_SECONDS: Final = Histogram(
    "night_audit_webhook_commit_seconds",
    "How long a group's commit took.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
GROUP_SIZE: Final = Histogram(
    "night_audit_webhook_group_size",
    "How many deliveries shared a commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)


@cache
def answers(source: str, status: int) -> Counter:
    """Give the counter of one answer; looking labels up costs more than counting."""
    return ANSWERS.labels(source, status)

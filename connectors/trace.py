"""What one logical request has seen, for its one line in the request log."""

import time
from datetime import UTC, datetime
from uuid import uuid4

from connectors.calls import Call
from connectors.ports import Account, RequestRecord


class Trace:
    """Collects counts while attempts run. Nothing of the request's content gets in."""

    def __init__(self) -> None:
        self.request_id = str(uuid4())
        self.attempts_count = 0
        self.status_code: int | None = None
        self.bytes_count = 0
        self._sent_at = datetime.now(UTC)
        self._started = time.monotonic()

    def record(self, account: Account, call: Call, error_code: str | None) -> RequestRecord:
        """Give the line for the log: codes, counts and durations."""
        return RequestRecord(
            request_id=self.request_id,
            sent_at=self._sent_at,
            source=account.source,
            property_id=account.property_id,
            endpoint_code=call.endpoint_code,
            method=call.method,
            status_code=self.status_code,
            duration_ms=round((time.monotonic() - self._started) * 1000),
            attempts_count=self.attempts_count,
            bytes_count=self.bytes_count,
            error_code=error_code,
        )

"""The ports of `connectors.ports` in memory, simple enough to be trusted."""

from collections.abc import Callable
from typing import Any

from connectors.ports import Account, Ports, RequestRecord, Token


class MemoryBreaker:
    """Opens after `threshold` failures in a row; a test closes it by hand."""

    def __init__(self, threshold: int = 5) -> None:
        self.threshold = threshold
        self.failures: dict[tuple[str, str], int] = {}
        self.verdicts: list[str] = []

    def admit(self, source: str, endpoint_code: str) -> float:
        return 30.0 if self.failures.get((source, endpoint_code), 0) >= self.threshold else 0.0

    def succeeded(self, source: str, endpoint_code: str) -> None:
        self.verdicts.append("succeeded")
        self.failures[source, endpoint_code] = 0

    def failed(self, source: str, endpoint_code: str) -> None:
        self.verdicts.append("failed")
        self.failures[source, endpoint_code] = self.failures.get((source, endpoint_code), 0) + 1


class MemoryRateLimit:
    """Grants every turn, after the waits a test put into `waits`."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.granted = 0

    def take(self, source: str, bucket: str, *, per_second: float, burst: int) -> float:
        if self.waits:
            return self.waits.pop(0)
        self.granted += 1
        return 0.0


class MemoryTokens:
    """Keeps one token per account and never forgets it by itself."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.refreshed: list[Token] = []

    def token(self, source: str, account: str, refresh: Callable[[], Token], *, rejected: str | None = None) -> str:
        kept = self.kept.get((source, account))
        if kept is None or kept == rejected:
            fresh = refresh()
            self.refreshed.append(fresh)
            self.kept[source, account] = fresh.value
        return self.kept[source, account]


class MemoryRequestLog:
    """Keeps every record."""

    def __init__(self) -> None:
        self.records: list[RequestRecord] = []

    def write(self, record: RequestRecord) -> None:
        self.records.append(record)


def memory_ports() -> Ports:
    """Give fresh ports for one test."""
    return Ports(MemoryBreaker(), MemoryRateLimit(), MemoryTokens(), MemoryRequestLog())


def loopback_account(url: str, **options: Any) -> Account:
    """Give an account whose system runs on this machine."""
    return Account("sandbox_pms", "city-hotel", "CITY", {"base_url": url, **options}, allow_private_hosts=True)

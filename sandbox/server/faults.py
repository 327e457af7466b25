"""Faults on demand: which requests go wrong, how, and how often. What each does stands in `wire` and `spoil`."""

from threading import Lock
from typing import Any, Final

from msgspec import Struct

# On the wire: the answer itself is wrong.
WIRE_KINDS: Final = (
    "rate_limited",  # 429, with Retry-After where `retry_after` says so
    "server_error",  # `status` (503), with Retry-After where `retry_after` says so
    "expired_token",  # every token ends now, 401
    "timeout",  # nothing for `seconds`, then the connection closes
    "disconnect",  # the connection closes without a word
    "slow_drip",  # the whole answer, a few bytes at a time over `seconds`
    "cut_length",  # Content-Length promises more than comes
    "cut_chunked",  # chunked, without the last chunk
    "cut_close",  # neither length nor chunks: the cut looks like an end
    "garbage",  # 200 with a page of HTML that says it is JSON
    "broken_text",  # 200, JSON with bytes that are no UTF-8
    "endless_body",  # blanks without end, for `seconds` at most
)
# In the page: the answer is whole and well formed, but does not say what it should.
PAGE_KINDS: Final = (
    "success_false",  # 200 {"success": false}
    "duplicates",  # the first half of the rows comes twice
    "repeated_page",  # the rows of the page before once more
    "cursor_loop",  # the next cursor leads back to this page
    "wrong_total",  # the total promises seven more than there are
    "short_page",  # the last row is missing
)
KINDS: Final = WIRE_KINDS + PAGE_KINDS


class Fault(Struct, forbid_unknown_fields=True, kw_only=True):
    """What goes wrong for the next `times` requests of `method` under `path`, after `after` good ones."""

    kind: str
    path: str = "/v1/"
    method: str = "GET"
    times: int = 1
    after: int = 0
    status: int = 503
    retry_after: int | None = None
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"unknown fault {self.kind!r}: one of {', '.join(KINDS)}"
            raise ValueError(msg)


class Faults:
    """The faults still to come, first armed first served. Safe to arm from another thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._armed: list[Fault] = []

    def arm(self, kind: str, **how: Any) -> None:
        """Let something go wrong; `how` are the fields of `Fault`. ValueError for a kind that is not known."""
        self.add(Fault(kind=kind, **how))

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the line."""
        with self._lock:
            self._armed.append(fault)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[Fault]:
        """List the faults still to come."""
        with self._lock:
            return list(self._armed)

    def take(self, method: str, path: str) -> Fault | None:
        """Take the fault of a request, if one is due, and count it down."""
        with self._lock:
            for fault in self._armed:
                if fault.method != method or not path.startswith(fault.path):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    return None
                fault.times -= 1
                if fault.times <= 0:
                    self._armed.remove(fault)
                return fault
        return None

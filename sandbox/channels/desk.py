"""One hotel's desk at a channel: what was sold and is not acknowledged yet, and what we told it to sell by.

Knows no vendor: a vendor's module writes what lies here in the vendor's own words, and reads ours into it.
"""

import time
from collections.abc import Callable, Iterable
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

from sandbox.channels.sales import Sale
from sandbox.server.faults import Faults

Json = dict[str, Any]


class Keys(NamedTuple):
    """What opens every sandbox channel; invented, worth nothing."""

    username: str = "sandbox-hotel"
    password: str = "sandbox-hotel-key"  # noqa: S105
    api_key: str = "sandbox-api-key"
    webhook_secret: str = "sandbox-webhook-key"  # noqa: S105


class Message(NamedTuple):
    """One version of a sale on its way: `message_id` is the channel's id of the message."""

    message_id: str
    sale: Sale
    sold_at: float


class Pushed(NamedTuple):
    """One message of ours as it was taken: `kind` is availability, restrictions or rates."""

    at: float
    kind: str
    cell_count: int


class Desk:
    """The state behind one vendor's server. Safe to use from several threads.

    `clock` counts seconds and never goes back. `redeliver_seconds`: a message told is told again after so long unless it
    was acknowledged; 0: each time it is asked for. `delay_seconds`: how long every answer lets us wait.
    """

    def __init__(
        self, *, keys: Keys | None = None, redeliver_seconds: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.keys = keys or Keys()
        self.faults = Faults()
        self.delay_seconds = 0.0
        self.counts: dict[tuple[str, date], int] = {}
        self.restrictions: dict[tuple[str, str, date], Json] = {}
        self.prices: dict[tuple[str, str, date], tuple[str, str]] = {}
        self.pushed: list[Pushed] = []
        self.acknowledged: dict[str, str] = {}
        self.told_count: dict[str, int] = {}
        self.problems: list[str] = []
        self._redeliver_seconds = redeliver_seconds
        self._clock = clock
        self._lock = Lock()
        self._queue: dict[str, Message] = {}
        self._told_at: dict[str, float] = {}

    def now(self) -> float:
        """Give the seconds on the desk's clock, for what a vendor counts by time."""
        return self._clock()

    def sell(self, sale: Sale) -> str:
        """Put a version of a sale into the queue and give the message's id."""
        message_id = f"{sale.ref}-{sale.revision}"
        with self._lock:
            self._queue[message_id] = Message(message_id, sale, self._clock())
        return message_id

    def waiting(self, most: int, kinds: Iterable[str] | None = None) -> list[Message]:
        """Take the oldest messages that are due to be told, of these kinds; they stay until they are acknowledged."""
        now = self._clock()
        with self._lock:
            due = [
                each
                for each in self._queue.values()
                if (kinds is None or each.sale.kind in kinds)
                and now - self._told_at.get(each.message_id, float("-inf")) >= self._redeliver_seconds
            ][:most]
            for each in due:
                self._told_at[each.message_id] = now
                self.told_count[each.message_id] = self.told_count.get(each.message_id, 0) + 1
        return due

    def acknowledge(self, message_id: str, our_ref: str = "") -> bool:
        """Take a message out of the queue; True where it waited or was acknowledged before."""
        with self._lock:
            known = self._queue.pop(message_id, None) is not None or message_id in self.acknowledged
            if known:
                self.acknowledged.setdefault(message_id, our_ref)
        return known

    def message_of(self, ref: str) -> str | None:
        """Give the id of the newest message of a booking that waits; for vendors that acknowledge by booking."""
        with self._lock:
            found = [each.message_id for each in self._queue.values() if each.sale.ref == ref]
        return found[-1] if found else None

    def unacknowledged(self) -> list[Message]:
        """List what waits, oldest first."""
        with self._lock:
            return list(self._queue.values())

    def take_count(self, room_type: str, stay_on: date, count: int) -> None:
        """Set how many rooms of a type may be sold on a date."""
        self.counts[room_type, stay_on] = count

    def take_restriction(self, room_type: str, rate_plan: str, stay_on: date, told: Json) -> None:
        """Overlay restrictions of a date: what is not told stays."""
        place = room_type, rate_plan, stay_on
        self.restrictions[place] = self.restrictions.get(place, {}) | told

    def take_price(self, room_type: str, rate_plan: str, stay_on: date, amount: str, currency: str) -> None:
        """Set a price, the amount as it was written."""
        self.prices[room_type, rate_plan, stay_on] = amount, currency

    def note(self, kind: str, cell_count: int) -> None:
        """Note that a message of ours was taken."""
        self.pushed.append(Pushed(self._clock(), kind, cell_count))

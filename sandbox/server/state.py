"""What the running sandbox remembers: its clock, what was pushed to it, who asked for what."""

from collections import deque
from datetime import datetime
from typing import Any, Final, NamedTuple

from sandbox.server.access import Access, Keys
from sandbox.server.faults import Faults
from sandbox.world import View, World

Json = dict[str, Any]
REQUESTS_KEPT: Final = 10_000


class Asked(NamedTuple):
    """One request as it was answered; `fault` names what was done to it."""

    method: str
    path: str
    query: str
    status: int
    fault: str | None = None


class State:
    """One sandbox. Its world never changes; its clock, its memory and its faults do."""

    def __init__(self, world: World, keys: Keys | None = None) -> None:
        self.world = world
        self.view: View = world.view()
        self.access = Access(keys)
        self.faults = Faults()
        self.asked: deque[Asked] = deque(maxlen=REQUESTS_KEPT)
        self.rates: dict[tuple[str, str, str, str], Json] = {}
        self.inventory: dict[tuple[str, str, str], Json] = {}
        self.answers: dict[str, Json] = {}

    def reset(self) -> None:
        """Forget all that happened since the start: clock, tokens, faults, what was pushed and asked."""
        self.view = self.world.view()
        self.access.expire_all()
        self.faults.clear()
        for memory in (self.asked, self.rates, self.inventory, self.answers):
            memory.clear()

    def move_clock(self, now: datetime) -> None:
        """Let the world be as it is at an aware instant."""
        self.view = self.world.view(now)

"""Channels of all kinds side by side, for a person to connect to: a desk of each, sales on demand, posted where it posts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

import httpx

from sandbox.channels import (
    alpinebits,
    booking_engine,
    channex,
    cloudbeds,
    myallocator,
    opentravel_generic,
    siteminder_told,
)
from sandbox.channels.desk import Desk, Json
from sandbox.channels.sales import Sale, Shop, sale
from sandbox.world.dice import dice

# Each has a module of its name in this folder.
KINDS: Final = (
    "alpinebits", "booking_com", "booking_engine", "channex", "cloudbeds", "expedia", "myallocator", "opentravel_generic",
    "siteminder",
)  # fmt: skip
# Below the address of a kind, where its one address of all messages is to be stated whole.
PATHS: Final = {"alpinebits": "/server"}
ROOM_TYPES: Final = ("101", "102", "103", "104")
RATE_PLANS: Final = ("901", "902")
DAYS: Final = 60
MOST_SOLD: Final = 10_000
POST_SECONDS: Final = 10.0
Clock = Callable[[], datetime]


class Post(NamedTuple):
    """How a kind posts what it has sold. `is_receipt`: the answer is all it waits for, and it tells the booking no more."""

    write: Callable[[Desk, Sale], tuple[Mapping[str, str], bytes]]
    is_receipt: bool = False


def _siteminder(desk: Desk, sold: Sale) -> tuple[Mapping[str, str], bytes]:
    login = desk.keys.username, desk.keys.password
    body = siteminder_told.pushed(f"{sold.ref}-{sold.revision}", sold, login, datetime.now(UTC))
    return {"Content-Type": "text/xml; charset=utf-8"}, body


POSTS: Final[Mapping[str, Post]] = {
    "alpinebits": Post(alpinebits.webhook, is_receipt=True),
    "booking_engine": Post(booking_engine.event, is_receipt=True),
    "channex": Post(channex.webhook),
    "cloudbeds": Post(cloudbeds.event),
    "myallocator": Post(myallocator.callback),
    "opentravel_generic": Post(opentravel_generic.webhook, is_receipt=True),
    "siteminder": Post(_siteminder, is_receipt=True),
}


class Stall:
    """One kind's place: its desk, and the bookings it has sold that stand."""

    def __init__(self, kind: str, seed: int) -> None:
        self.kind = kind
        self.desk = Desk()
        self.standing: list[Sale] = []
        self.sold_count = 0
        self._dice = dice("hall", kind, seed)
        self._first = seed % 1_000 * MOST_SOLD
        # No two kinds, and no two seeds, give the same number: one booking that two channels tell would be one stay.
        self._prefix = str(KINDS.index(kind) + 1)

    def draw(self, shop: Shop, clock: Clock) -> Sale:
        """Draw the next sale, made just now."""
        self.sold_count += 1
        number = self._first + self.sold_count
        # A shop's n-th sale is made n seconds after it opens.
        opened_at = clock() - timedelta(seconds=number)
        return sale(self._dice, number, shop._replace(now=opened_at), prefix=self._prefix)


class Hall:
    """All stalls. `gateway` None: nothing is posted. The same seed draws the same people, rooms and prices."""

    def __init__(
        self,
        hotel_ref: str,
        kinds: Sequence[str] = KINDS,
        *,
        gateway: str | None = None,
        seed: int = 1,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._gateway = gateway.rstrip("/") if gateway else None
        self._lock = Lock()
        first_on = clock().date() + timedelta(days=2)
        self.shop = Shop(hotel_ref, "EUR", ROOM_TYPES, RATE_PLANS, first_on, DAYS)
        self.stalls = {kind: Stall(kind, seed) for kind in kinds}

    async def sell(self, kind: str, count: int) -> list[Json]:
        """Sell so many bookings through a desk; gives what was sold and what the gateway answered."""
        stall = self.stalls[kind]
        with self._lock:
            sold = [stall.draw(self.shop, self._clock) for _ in range(count)]
            stall.standing += sold
        return [await self._tell(stall, each) for each in sold]

    async def cancel(self, kind: str, count: int) -> list[Json]:
        """Cancel the last of the bookings that stand, as many as there are up to `count`."""
        stall = self.stalls[kind]
        with self._lock:
            gone = [stall.standing.pop() for _ in range(min(count, len(stall.standing)))]
        now = self._clock()
        return [await self._tell(stall, each.cancelled()._replace(modified_at=now)) for each in gone]

    async def _tell(self, stall: Stall, told: Sale) -> Json:
        post = POSTS.get(stall.kind)
        if self._gateway is None or post is None:
            stall.desk.sell(told)
            return shown(told)
        if not post.is_receipt:
            # Whoever hears that something waits asks at once.
            stall.desk.sell(told)
        posted = await self._post(stall, *post.write(stall.desk, told))
        if post.is_receipt:
            message_id = stall.desk.sell(told)
            if posted.get("status") in {httpx.codes.OK, httpx.codes.ACCEPTED}:
                stall.desk.acknowledge(message_id)
        return shown(told) | {"posted": posted}

    async def _post(self, stall: Stall, headers: Mapping[str, str], body: bytes) -> Json:
        address = f"{self._gateway}/webhooks/bookings/{stall.kind}"
        try:
            async with httpx.AsyncClient(timeout=POST_SECONDS, trust_env=False) as client:
                answered = await client.post(address, content=body, headers=dict(headers))
        except httpx.TransportError as error:
            stall.desk.problems.append(f"{address} does not answer ({type(error).__name__})")
            return {"error": type(error).__name__}
        if not answered.is_success:
            stall.desk.problems.append(f"{address} answered {answered.status_code}: {answered.text[:200]}")
        return {"status": answered.status_code, "answer": answered.text[:200]}


def shown(told: Sale) -> Json:
    """Show a sale: its number, what it is, when somebody comes, what rooms for how much."""
    return {
        "booking": told.ref,
        "kind": told.kind,
        "arrival": min(room.arrival_on for room in told.rooms).isoformat(),
        "departure": max(room.departure_on for room in told.rooms).isoformat(),
        "rooms": [room.room_type for room in told.rooms],
        "total_minor": told.total_minor,
        "currency": told.currency,
    }

"""Six channels selling at once: nothing lost, nothing doubled, how fast each booking is in, and told to the others.

`python -m benchmarks.six_channels [--seconds 120] [--rate 50]`. A share of the messages comes twice or in the wrong order;
one channel answers with 503 from soon on until the sales are over, one lets every call wait.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import psycopg

from benchmarks.channel_fair import HOUSE, SELLERS, Fair, running_fair
from benchmarks.channel_figures import (
    PATIENCE_SECONDS,
    Event,
    Told,
    account,
    breakers,
    missing,
    stored_bookings,
    told_to_channels,
    wait_until_told,
)
from benchmarks.channel_services import Services, running_services
from benchmarks.server import running_server
from sandbox.channels.sales import Sale, sale
from sandbox.world.dice import dice
from storage.engine import engine

FAILING: Final = "expedia"
FAILING_FROM_SHARE: Final = 1 / 12
SLOW: Final = "booking_com"
SLOW_SECONDS: Final = 2.0
CHANGED_SHARE, TWICE_SHARE, REORDERED_SHARE = 0.10, 0.05, 0.05
# After the last sale: one round of the slowest queue, and what a failed one waits for before it is tried again.
QUIET_SECONDS: Final = 15.0
QUIET_SALES: Final = 12
QUIET_PAUSE_SECONDS: Final = 12.5
HTTP_REFUSED: Final = 400


def events(fair: Fair, seconds: float, rate: float, drawn_by: Random) -> list[Event]:
    """Draw the whole fair: sales in turn by channel, some changed or cancelled a little later, some before they are new."""
    drawn: list[Event] = []
    for number in range(int(seconds * rate / (1 + CHANGED_SHARE))):
        channel = SELLERS[number % len(SELLERS)].name
        at = number * (1 + CHANGED_SHARE) / rate
        first = sale(drawn_by, number + 1, fair.shop, prefix=str(number % len(SELLERS) + 1))
        drawn.append(Event(at, channel, first, drawn_by.random() < TWICE_SHARE))
        if drawn_by.random() < CHANGED_SHARE:
            second = first.cancelled() if drawn_by.random() < 0.5 else first.modified(comment="changed")  # noqa: PLR2004
            is_before = drawn_by.random() < REORDERED_SHARE / CHANGED_SHARE
            drawn.append(Event(max(at - 0.05, 0.0) if is_before else at + drawn_by.uniform(0.5, 3), channel, second))
    return sorted(drawn, key=lambda event: event.at)


def run(
    url: str, folder: Path, seconds: float, rate: float, *, seed: int = 1, quiet_sales: int = QUIET_SALES
) -> dict[str, Any]:
    """Hold the fair on a migrated, empty database and give what came of it."""
    house = engine(url)
    today = datetime.now(UTC).date()
    with running_fair(house, today) as fair, running_services(url, folder) as services:
        planned = events(fair, seconds, rate, dice("fair", seed))
        told = _hold(fair, services, planned, seconds)
        waited = _wait_until_in(url, fair, planned)
        channels = {name: account(url, name, planned, told) for name in fair.sellers}
        wait_until_told(url)
        heard = _sale_to_others(url, fair, services, quiet_sales)
        wait_until_told(url)
        return {
            "seconds": seconds,
            "messages": len(planned),
            "settled_after_seconds": round(waited, 1),
            "channels": channels,
            "sale_to_other_channels": heard,
            "breakers": breakers(url),
            "availability": told_to_channels(url),
            "problems": {name: desk.problems[:3] for name, desk in fair.desks.items() if desk.problems},
        }


def _hold(fair: Fair, services: Services, planned: Sequence[Event], seconds: float) -> list[Told]:
    """Tell every event when it is due; the failing channel fails until the last is told."""
    fair.desks[SLOW].delay_seconds = SLOW_SECONDS
    told: list[Told] = []
    started = time.perf_counter()
    with httpx.Client(timeout=30, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
        for event in planned:
            passed = time.perf_counter() - started
            _fail(fair, is_failing=event.at > seconds * FAILING_FROM_SHARE)
            if event.at > passed:
                time.sleep(event.at - passed)
            told.append(Told(time.time(), event))
            for _ in range(2 if event.is_twice else 1):
                pool.submit(_tell, fair, services, client, event).add_done_callback(_raise)
    _fail(fair, is_failing=False)
    fair.desks[SLOW].delay_seconds = 0.0
    return told


def _fail(fair: Fair, *, is_failing: bool) -> None:
    faults = fair.desks[FAILING].faults
    if is_failing and not faults.armed():
        faults.arm("server_error", path="/", method="POST", times=1_000_000)
    elif not is_failing and faults.armed():
        faults.clear()


def _tell(fair: Fair, services: Services, client: httpx.Client, event: Event) -> None:
    seller = fair.sellers[event.channel]
    if seller.is_pulled:
        fair.desks[event.channel].sell(event.sale)
    if seller.webhook is None:
        return
    headers, body = fair.webhook(event.channel, event.sale)
    answer = client.post(f"{services.gateway}/webhooks/bookings/{event.channel}", content=body, headers=headers)
    if answer.status_code >= HTTP_REFUSED:
        msg = f"{event.channel}: {answer.status_code} {answer.text[:200]}"
        raise AssertionError(msg)


def _raise(done: Any) -> None:
    if error := done.exception():
        sys.stderr.write(f"{error!r}\n")


def _wait_until_in(url: str, fair: Fair, planned: Sequence[Event]) -> float:
    """Wait until every sale is in, in its last version, or patience ends."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE_SECONDS:
        if all(not missing(channel, planned, stored_bookings(url, channel)) for channel in fair.sellers):
            break
        time.sleep(0.5)
    return time.monotonic() - started


def _sale_to_others(url: str, fair: Fair, services: Services, sales: int) -> dict[str, Any]:
    """Sell one room at a time in a quiet hour and see how long each other channel takes to have the new count."""
    waits: list[float] = []
    drawn = dice("fair", "quiet")
    with httpx.Client(timeout=30, trust_env=False) as client:
        for number in range(sales):
            # Channex takes five messages at once and one each twelve seconds: what waits for a turn is not measured.
            time.sleep(QUIET_PAUSE_SECONDS)
            channel = ("alpinebits", "siteminder", "partner")[number % 3]
            shop = fair.shop._replace(room_types=fair.shop.room_types[:1])
            sold = sale(drawn, number + 1, shop, prefix="9")
            started = time.perf_counter()
            _tell(fair, services, client, Event(0.0, channel, sold))
            waits += _until_told(url, fair, channel, sold, started)
    waits.sort()
    return {
        "due": sales * (len(fair.desks) - 1),
        "told": len(waits),
        "p50_seconds": _share(waits, 0.5),
        "p95_seconds": _share(waits, 0.95),
    }


def _share(waits: Sequence[float], share: float) -> float | None:
    return round(waits[int(len(waits) * share)], 2) if waits else None


def _until_told(url: str, fair: Fair, seller: str, sold: Sale, started: float) -> Iterator[float]:
    """Yield for each other channel how long it took until it had our count of the sale's first night."""
    night = sold.rooms[0].nights[0].stay_on
    open_channels = {name for name in fair.desks if name != seller}
    is_in = _watch(url, sold)
    while open_channels and time.perf_counter() - started < QUIET_SECONDS:
        count = is_in(night)
        for name in sorted(open_channels):
            if count is not None and fair.desks[name].counts.get((sold.rooms[0].room_type, night)) == count:
                open_channels.discard(name)
                yield time.perf_counter() - started
        time.sleep(0.02)


def _watch(url: str, sold: Sale) -> Callable[[date], int | None]:
    """Give a function that tells our own count of a night once the sale is in, None before."""
    query = """
        SELECT available_count FROM core.inventory i
        WHERE source = 'derived' AND property_id = %s AND room_type_code = %s AND stay_on = %s AND EXISTS (
            SELECT FROM core.reservations r WHERE coalesce(r.channel_ref, r.source_ref) = %s)
    """

    def count(night: date) -> int | None:
        with psycopg.connect(url) as connection:
            row = connection.execute(query, [HOUSE, sold.rooms[0].room_type, night, sold.ref]).fetchone()
        return row[0] if row else None

    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold one fair and print what came of it as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.six_channels", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rate", type=float, default=50, help="messages a second, all channels together")
    asked = parser.parse_args(arguments)
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        found = run(server.fresh("fair"), Path(folder), asked.seconds, asked.rate)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Part B: bookings imported by a shift, one flow run for all of them, against one Prefect flow run per booking."""

import logging
from collections.abc import Callable
from typing import Final

from prefect import flow
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)

from benchmarks.bookings import fill_inbox
from benchmarks.prefect_server import running_prefect
from benchmarks.rounds import interleave
from benchmarks.server import Server
from expectations.gate import warm_up
from operations.import_waiting import import_waiting
from operations.shift import work_shift
from storage.engine import engine

SHIFT: Final = "a shift: one flow run for all"
PER_BOOKING: Final = "a flow run per booking, Prefect as it comes"
QUICK: Final = "a flow run per booking, heartbeats off"
# A flow run per booking takes about a second: a few tell what each costs.
FEW: Final = 20


@flow
def import_shift(url: str) -> None:
    """Import all that waits."""
    work_shift(engine(url), seconds=600, idle_seconds=0)


@flow
def import_booking(url: str) -> None:
    """Import one message, by the same operation: claim, map, gate, load, mark."""
    import_waiting(engine(url), limit=1)


def measure(server: Server, bookings: int, rounds: int) -> list[str]:
    """Measure and give the lines of the report; both roads gate and load alike and end with an empty inbox."""
    warm_up()
    logging.getLogger("prefect").setLevel(logging.ERROR)
    counts = {SHIFT: bookings, PER_BOOKING: FEW, QUICK: FEW}
    runs: dict[str, Callable[[str], None]] = {SHIFT: import_shift, PER_BOOKING: _one_by_one, QUICK: _quick}
    with running_prefect(server.folder / "prefect") as api_url:
        settings = {PREFECT_API_URL: api_url, PREFECT_LOGGING_TO_API_ENABLED: False}
        with temporary_settings(settings):
            measured = interleave(
                {name: (_filled(server, counts[name]), _emptying(server, runs[name])) for name in counts}, rounds
            )
    each = {name: found.median / counts[name] for name, found in measured.items()}
    rows = [
        f"| {name} | {counts[name]:,} | {found.median:.2f} ({found.spread}) | {1 / each[name]:,.1f} "
        f"| {each[name] / each[SHIFT]:,.0f} |"
        for name, found in measured.items()
    ]
    ratio, quick = each[PER_BOOKING] / each[SHIFT], each[QUICK] / each[SHIFT]
    return [
        "## Import",
        "",
        (
            f"A shift imports **{ratio:,.0f} x** as many bookings a second as one flow run per booking, {quick:,.0f} x "
            "where those send no heartbeats. All are gated; one room of two nights each."
        ),
        "",
        "| | bookings | seconds, median (spread) | bookings/s | shift against it |",
        "|-|-|-|-|-|",
        *rows,
        "",
    ]


def _filled(server: Server, count: int) -> Callable[[], None]:
    def fill() -> None:
        url = server.fresh("shifts")
        with engine(url).begin() as connection:
            fill_inbox(connection, count)
        server.settle(url)

    return fill


def _emptying(server: Server, run: Callable[[str], None]) -> Callable[[], None]:
    url = server.address("shifts")

    def empty() -> None:
        run(url)
        with engine(url).connect() as connection:
            left = connection.exec_driver_sql(
                "SELECT count(*) FROM raw.inbox WHERE outcome IS DISTINCT FROM 'new'"
            ).scalar()
        if left:
            msg = f"{left} bookings were not imported"
            raise ValueError(msg)

    return empty


def _one_by_one(url: str) -> None:
    for _ in range(FEW):
        import_booking(url)


def _quick(url: str) -> None:
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        _one_by_one(url)

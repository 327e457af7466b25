"""`python -m benchmarks [--size N] [--rounds N] [--only loads,shifts,webhooks]`: measure and write RESULTS.md."""

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import guest_loads
from benchmarks.machine import describe
from benchmarks.server import Server, running_server
from storage.engine import engine

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="guests to load (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of every contender (default 3)")
    parser.add_argument("--only", default="loads", help="parts to measure, separated by commas")
    parser.add_argument("--output", type=Path, default=RESULTS, help="file to write (default benchmarks/RESULTS.md)")
    asked = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    parts: dict[str, Callable[[Server], list[str]]] = {
        "loads": lambda server: guest_loads.measure(server, asked.size, asked.rounds),
    }
    started = time.monotonic()
    with running_server() as server:
        with engine(server.url).connect() as connection:
            machine = describe(connection)
        lines = [line for name in asked.only.split(",") for line in parts[name](server)]
    minutes = (time.monotonic() - started) / 60
    print("\n".join([*machine, "", *lines, f"{minutes:.1f} minutes, {datetime.now(UTC):%Y-%m-%d}"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m benchmarks [--size N] [--rounds N] [--only loads shifts webhooks api messages]`: measure and write RESULTS.md."""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks import api, channel_messages, shifts, webhooks
from benchmarks.machine import describe
from benchmarks.server import Server, running_server
from storage.engine import engine

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = ("loads", "shifts", "webhooks", "api", "messages")
BOOKINGS_SHARE = 200  # of a million guests: five thousand bookings
MESSAGES_SHARE = 500  # two thousand messages of channels


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for and write them with the machine's description."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = _asked(given)
    warnings.simplefilter("ignore")
    measures: dict[str, Callable[[Server], list[str]]] = {
        # The one part that needs what only `make bench` installs.
        "loads": lambda server: import_module("benchmarks.guest_loads").measure(server, asked.size, asked.rounds),
        "shifts": lambda server: shifts.measure(server, max(asked.size // BOOKINGS_SHARE, 1), asked.rounds),
        "webhooks": lambda _: ["## Webhooks", "", *webhooks.measure(asked.rounds)],
        "api": api.measure,
        "messages": lambda server: channel_messages.measure(server, max(asked.size // MESSAGES_SHARE, 1), asked.rounds),
    }
    started = time.monotonic()
    with running_server() as server:
        with engine(server.url).connect() as connection:
            machine = describe(connection)
        measured = [line for part in asked.only for line in measures[part](server)]
    minutes = (time.monotonic() - started) / 60
    command = " ".join(["python -m benchmarks", *given])
    asked.output.write_text(_report(command, minutes, machine, measured), encoding="utf-8")
    sys.stdout.write(f"{asked.output} in {minutes:.0f} minutes\n")
    return 0


def _asked(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="guests to load (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of every contender (default 3)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure (default all)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="file to write (default benchmarks/RESULTS.md)")
    return parser.parse_args(given)


def _report(command: str, minutes: float, machine: Sequence[str], measured: Sequence[str]) -> str:
    lines = [
        "# Results",
        "",
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}, in {minutes:.0f} minutes. Contenders took turns within one run,",
        "figures are medians of the rounds. Identical work varies by half on shared machines: read ratios, not seconds.",
        "",
        *(f"- {line}" for line in machine),
        "",
        *measured,
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    raise SystemExit(main())

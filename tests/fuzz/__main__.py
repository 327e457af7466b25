"""Fuzz the parsers: `python -m tests.fuzz [--seconds N] [--target name] [--seed n]`; what fells one is kept in .data/fuzz/."""

import argparse
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.fuzz.harness import Find, Report, Target, fuzz
from tests.fuzz.targets import groups, targets

FOLDER = Path(__file__).resolve().parents[2] / ".data" / "fuzz"
USUAL_SECONDS = 600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the chosen targets in turn and give 1 where one of them fell over."""
    given = _given(arguments)
    seed = given.seed if given.seed is not None else time.time_ns() % 10**9
    chosen = [target for group in groups() for target in targets(group) if target.name.startswith(given.target)]
    if not chosen:
        sys.stderr.write(f"no target begins with {given.target!r}\n")
        return 2
    sys.stdout.write(f"seed {seed}, {len(chosen)} targets, {given.seconds:.0f} s\n")
    reports = [_run(target, seed, given.seconds / len(chosen)) for target in chosen]
    count = sum(len(report.finds) for report in reports)
    sys.stdout.write(f"{sum(report.input_count for report in reports)} inputs, {count} finds; seed {seed}\n")
    return 1 if count else 0


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=USUAL_SECONDS, help="processor time, split over the targets")
    parser.add_argument(
        "--target", default="", help="those whose name begins like this, such as expedia or protocols.xml"
    )
    parser.add_argument("--seed", type=int, help="repeat a run that printed this seed")
    return parser.parse_args(arguments)


def _run(target: Target, seed: int, seconds: float) -> Report:
    report = fuzz(target, seed, seconds=seconds)
    rate = f"{report.per_second:>8,.0f} inputs/s"
    sys.stdout.write(f"{report.name:32}{rate} {report.input_count:>10,} inputs {report.outcome_count:>5} outcomes\n")
    for find in report.finds:
        sys.stdout.write(f"    {find.what}\n    {_kept(find)}\n")
    sys.stdout.flush()
    return report


def _kept(find: Find) -> Path:
    """Keep the input of a find, under a name of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    words = "".join(char if char.isalnum() else "_" for char in find.what)[:80]
    path = FOLDER / f"{words}-{sha256(find.body).hexdigest()[:8]}"
    path.write_bytes(find.body)
    return path


if __name__ == "__main__":
    sys.exit(main())

"""Run every parser of some groups on every attack, in a process that notes which files and addresses it asks for.

`python -m tests.hostile.locked_room <group,group> <file> <address>`: the last two are bait. Writes what it found to stdout.
"""

import gc
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.harness import Find, Target, tried
from tests.fuzz.targets import targets
from tests.hostile.attacks import Attack, attacks_on, corpus, large_attacks_on
from tests.hostile.xml_attacks import Bait

# What may be opened although a parser runs: modules that load late, time zones.
_OWN = tuple({sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2]), "/usr/share/zoneinfo"})
_WATCHED = (
    "open",
    "socket.",
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.system",
    "os.startfile",
    "urllib.",
    "ftplib.",
)
# What all normal messages together may add to the process, and what it may have for large ones.
MOST_GROWN = 50 * 1024 * 1024
MOST_MEMORY = 900 * 1024 * 1024
_LARGEST_SEED = 5_000
_MESSAGES = (".messages", "protocols.xml", "protocols.soap", "protocols.split")
# These look at bytes and make no rows of them.
_BYTES = ("protocols.cards", "protocols.logins")


class Watch:
    """Notes what the process asks of the world once it is armed."""

    def __init__(self) -> None:
        self.is_armed = False
        self.asked: set[str] = set()
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_armed or not event.startswith(_WATCHED):
            return
        what = str(arguments[0]) if arguments else ""
        if event != "open" or not what.startswith(_OWN):
            self.asked.add(f"{event} {what}"[:200])


def main(names: list[str], bait: Bait) -> dict[str, Any]:
    """Attack the targets of these groups and report."""
    chosen = [target for name in names for target in targets(name)]
    for target in chosen:
        for seed in target.seeds:
            tried(target, seed, {})
    corpus()
    watch, finds, counts = Watch(), dict[str, Find](), dict[str, int]()
    _limit_memory()
    gc.collect()
    gc.freeze()
    watch.is_armed = True
    before = _peak()
    for target in chosen:
        counts[target.name] = _attack(target, _attacks(target, bait), finds)
    grown = _peak() - before
    for target in chosen:
        counts[target.name] += _attack(target, _large(target), finds)
    watch.is_armed = False
    return {"finds": sorted(finds), "asked": sorted(watch.asked), "counts": counts, "grown": grown, "peak": _peak()}


def _attacks(target: Target, bait: Bait) -> Iterator[Attack]:
    """Yield the attacks on a target: on messages of its own, on any XML or JSON, and the published ones."""
    for seed in (_seed(target), b"<a><b>x</b></a>", b'{"a": {"b": "x"}}'):
        yield from attacks_on(seed, bait)
    yield from corpus()


def _large(target: Target) -> Iterator[Attack]:
    """Yield the large ones, once for each parser: what else reads a body hands it on to the same."""
    if target.name.endswith(_MESSAGES):
        yield from large_attacks_on(_seed(target))


def _seed(target: Target) -> bytes:
    own = [seed for seed in target.seeds if len(seed) <= _LARGEST_SEED]
    return max(own, key=len) if own else target.seeds[0]


def _attack(target: Target, attacks: Iterator[Attack], finds: dict[str, Find]) -> int:
    count = 0
    for attack in attacks:
        known = len(finds)
        outcome = tried(target, attack.body, finds)
        if len(finds) > known:  # name the first attack that found it
            last = next(reversed(finds))
            finds[f"{last} ({attack.name})"] = finds.pop(last)
        if attack.is_forbidden and _has_rows(outcome) and target.name not in _BYTES:
            what = f"{target.name} reads {attack.name}"
            finds.setdefault(what, Find(what, attack.body))
        count += 1
    return count


def _has_rows(outcome: Any) -> bool:
    """Tell whether something was read: an error's outcome begins with its class."""
    is_error = isinstance(outcome, str) or (isinstance(outcome, tuple) and outcome and isinstance(outcome[0], type))
    return not is_error and outcome != ()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    json.dump(main(sys.argv[1].split(","), Bait(*sys.argv[2:4])), sys.stdout)

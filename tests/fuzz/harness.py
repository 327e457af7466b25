"""Run a parser over many inputs: anything but a row or an error that says what to do is a find, so is one that is slow."""

import contextlib
import gc
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

from connectors.errors import ConnectorError
from hotel.incoming import Incoming, Refused
from tests.fuzz.mutations import LARGEST, Mutations
from tests.fuzz.rows import complaints

# Processor time a document of normal size may take.
SLOW_SECONDS = 0.05
RERUNS = 5
MOST_IN_POOL = 400
_PER_COLLECTION = 500
_SMALL = 4096

Run = Callable[[bytes], Iterable[Any]]


class Target(NamedTuple):
    """One parser: what it is called, bodies it reads, and how to run it; what it gives is checked as rows if it gives any."""

    name: str
    seeds: tuple[bytes, ...]
    run: Run


class Find(NamedTuple):
    """An input that found a fault: what it is about, the same for the same fault, and the input."""

    what: str
    body: bytes


class Report(NamedTuple):
    """What a target did: how many inputs, in how much processor time, how many sorts of outcome, and what it fell over."""

    name: str
    input_count: int
    seconds: float
    outcome_count: int
    finds: tuple[Find, ...]

    @property
    def per_second(self) -> float:
        """Inputs per second of processor time."""
        return self.input_count / self.seconds if self.seconds else 0.0


def fuzz(target: Target, seed: int, *, inputs: int = 0, seconds: float = 0.0) -> Report:
    """Run a target on so many inputs, or for so long. The same seed and number of inputs do the same again."""
    dice = Random(crc32(target.name.encode(), seed))
    mutations = Mutations(dice, target.seeds)
    finds: dict[str, Find] = {}
    outcomes: set[Any] = set()
    # What only grows would make everything slow and find nothing.
    largest = max(_SMALL, *map(len, target.seeds))
    count, began = 0, time.process_time()
    gc.collect()
    gc.freeze()  # what is there already need not be looked at again and again
    gc.disable()
    try:
        while count < inputs or (seconds and time.process_time() - began < seconds):
            body = target.seeds[count] if count < len(target.seeds) else mutations.next()
            outcome = tried(target, body, finds)
            # What came to an end of its own is worth changing further.
            if outcome not in outcomes and len(mutations.pool) < MOST_IN_POOL and len(body) <= largest:
                outcomes.add(outcome)
                mutations.pool.append(body)
            count += 1
            if count % _PER_COLLECTION == 0:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return Report(target.name, count, time.process_time() - began, len(outcomes), tuple(finds.values()))


def tried(target: Target, body: bytes, finds: dict[str, Find]) -> Any:
    """Run a target on one input, add what it falls over to the finds, and give what tells sorts of outcome apart."""
    started = time.thread_time()
    try:
        rows = list(target.run(body))
    except ConnectorError as error:
        outcome: Any = type(error), str(error)[:80]
    except Exception as error:  # noqa: BLE001 that is what is looked for
        what = f"{target.name} raises {_place(error)}"
        finds.setdefault(what, Find(what, body))
        return what
    else:
        outcome = _sort(rows)
        for wrong in complaints(row for row in rows if isinstance(row, Incoming | Refused)):
            finds.setdefault(f"{target.name}: {wrong}", Find(f"{target.name}: {wrong}", body))
    if time.thread_time() - started > allowed(body) and (took := quickest(target.run, body)) > allowed(body):
        what = f"{target.name} is slow"
        finds.setdefault(what, Find(f"{what}: {took * 1000:.0f} ms for {len(body)} bytes", body))
    return outcome


def allowed(body: bytes) -> float:
    """Give the processor time a body may take: the same for all of normal size, more in proportion beyond."""
    return SLOW_SECONDS * max(1.0, len(body) / LARGEST)


def quickest(run: Run, body: bytes) -> float:
    """Give the least processor time of some runs: a busy machine makes some of them slow, never all."""
    return min(_time(run, body) for _ in range(RERUNS))


def _time(run: Run, body: bytes) -> float:
    started = time.thread_time()
    with contextlib.suppress(ConnectorError):
        list(run(body))
    return time.thread_time() - started


def _sort(rows: list[Any]) -> Any:
    """Tell outcomes apart by what is said of rows, not by what stands in them."""
    return tuple(
        (row.reasons[0][:2] if row.reasons else "") if isinstance(row, Refused) else
        (type(row.row), row.action, row.warnings, len(row.unmapped)) if isinstance(row, Incoming) else row
        for row in rows[:8]
    )  # fmt: skip


def _place(error: Exception) -> str:
    """Name an error by its kind and the innermost line of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "connectors" in Path(frame.filename).parts] or frames
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"

"""Interleaved rounds: A B C, A B C, A B C, so that a slow minute of the machine slows all alike."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Measured(NamedTuple):
    """One contender's rounds: seconds of each, and what else it told (rows, WAL bytes) in its last."""

    seconds: list[float]
    told: dict[str, float]

    @property
    def median(self) -> float:
        """The median of its rounds, in seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> str:
        """The fastest and the slowest round."""
        return f"{min(self.seconds):.2f}–{max(self.seconds):.2f}"


Contender = Callable[[], Mapping[str, float] | None]


def interleave(contenders: Mapping[str, tuple[Callable[[], None], Contender]], rounds: int) -> dict[str, Measured]:
    """Run every contender once per round, each after its own preparation, and time only the contender."""
    measured = {name: Measured([], {}) for name in contenders}
    for _ in range(rounds):
        for name, (prepare, run) in contenders.items():
            prepare()
            gc.collect()
            started = time.perf_counter()
            told = run()
            measured[name].seconds.append(time.perf_counter() - started)
            measured[name].told.update(told or {})
    return measured

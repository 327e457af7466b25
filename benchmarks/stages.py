"""Where the time of a load goes: the real steps, each with a stopwatch around it.

Beside the seconds of each step stand those of our own processor time (`… cpu`): the rest is PostgreSQL, the disk, or others.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import MappingProxyType, ModuleType
from typing import Any, Final
from unittest.mock import patch

from operations import loading

# `map`, then the steps as `operations.loading` calls them. What is left of the whole is the commit and small things.
STEPS = ("map", "frames", "classify", "judge", "write", "advance_versions", "supersede")
_NO_MORE: Final[Mapping[str, tuple[ModuleType, str]]] = MappingProxyType({})


@contextmanager
def stopwatch(seconds: defaultdict[str, float], name: str) -> Iterator[None]:
    """Add the seconds of the context to those of a step."""
    started, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        seconds[name] += time.perf_counter() - started
        seconds[f"{name} cpu"] += time.process_time() - cpu


@contextmanager
def stopwatches(more: Mapping[str, tuple[ModuleType, str]] = _NO_MORE) -> Iterator[defaultdict[str, float]]:
    """Give the seconds spent in each step while the context lasts; `more`: further steps, by module and function."""
    seconds: defaultdict[str, float] = defaultdict(float)

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def run(*given: Any, **named: Any) -> Any:
            with stopwatch(seconds, name):
                return step(*given, **named)

        return run

    steps = {name: (loading, name) for name in STEPS[1:]} | dict(more)
    with ExitStack() as patches:
        for name, (module, function) in steps.items():
            patches.enter_context(patch.object(module, function, timed(name, getattr(module, function))))
        yield seconds

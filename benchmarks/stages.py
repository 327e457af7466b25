"""Where the time of a load goes: the real steps, each with a stopwatch around it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from operations import loading

# The steps as `operations.loading` calls them. What is left of the whole is `map`, the commit and small things.
STEPS = ("frames", "classify", "judge", "write", "advance_versions", "supersede")


@contextmanager
def stopwatches() -> Iterator[dict[str, float]]:
    """Give the seconds spent in each step while the context lasts."""
    seconds = dict.fromkeys(STEPS, 0.0)

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def run(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return step(*given, **named)
            finally:
                seconds[name] += time.perf_counter() - started

        return run

    with ExitStack() as patches:
        for name in STEPS:
            patches.enter_context(patch.object(loading, name, timed(name, getattr(loading, name))))
        yield seconds

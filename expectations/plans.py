"""One frame's rules, planned once and run many times on Great Expectations' own engine.

GX spends most of a small validation on planning: every `validate` copies each expectation's configuration and works out
anew which metrics it needs (125 ms for 40 expectations on 20 rows, 15 ms of it computing). A plan keeps what was worked
out: the expectations and the graph of their metrics, both made by GX. Running it loads the frame into the engine under
the plan's name, lets GX resolve the graph and lets each expectation give its own verdict on its metrics.

Two things of GX are left out on purpose. Loading by name skips the fingerprint over the whole frame (twice its memory
and half the time of a large batch): the batch id names the data. And of an expectation that fails, the rows come from the
very mask it was judged by, not from a COMPLETE result, which would copy out values: those are personal.
`docs/decisions/0007-the-gate-plans-once.md` has the measurements; a test compares plans with GX's public validation.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.validator import validation_graph

from expectations.columns.arrays import Whole
from expectations.rules import Rule

CHUNK: Final = 100_000
_SETTINGS: Final[dict[str, Any]] = {"result_format": {"result_format": "BOOLEAN_ONLY"}, "catch_exceptions": False}

# GX logs what went wrong with the values it went wrong on, and sends Python's warnings of the whole process to logging.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
logging.captureWarnings(capture=False)
# GX makes a progress bar even where it shows none. Bars come with a thread and with a semaphore that all processes forked
# from this one share: one of them killed while it holds that would stop the gate in all others.
_BAR: Final[Any] = validation_graph.tqdm  # type: ignore[attr-defined]
_BAR.set_lock(threading.RLock())
_BAR.monitor_interval = 0


class Broken(NamedTuple):
    """A rule that rows break, and their positions in the frame, ascending."""

    rule: Rule
    positions: Whole


class _Step(NamedTuple):
    """One rule, the metrics its verdict needs by name, and the metric that masks the rows that break it."""

    rule: Rule
    expectation: Any
    needs: Mapping[str, Any]
    mask: Any


class Plan:
    """A frame's rules, ready to run. Safe between threads; keeps no rows after a run."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self.rules = tuple(rules)
        self._lock = threading.Lock()
        # Without its cache: a metric's name says nothing of the data, an old value would be taken for a new one.
        self._engine = PandasExecutionEngine(caching=False)
        self._graph = validation_graph.ValidationGraph(execution_engine=self._engine)
        self._steps = tuple(self._step(rule) for rule in self.rules)

    def run(self, frame: pd.DataFrame) -> list[Broken]:
        """Judge a frame whose index is the position; GX's errors are raised, never taken for a pass."""
        found: list[list[Whole]] = [[] for _ in self._steps]
        with self._lock:
            try:
                for start in range(0, len(frame), CHUNK):
                    for at, positions in enumerate(self._run_chunk(frame.iloc[start : start + CHUNK])):
                        found[at].append(positions)
            finally:
                self._engine.load_batch_data(self.name, frame.iloc[:0])
        whole = [np.concatenate(parts) if parts else np.empty(0, np.int64) for parts in found]
        return [Broken(step.rule, at) for step, at in zip(self._steps, whole, strict=True) if at.size]

    def _step(self, rule: Rule) -> _Step:
        configuration = rule.expectation.configuration
        configuration.kwargs["batch_id"] = self.name
        expectation = configuration.to_domain_obj()
        needs = expectation.get_validation_dependencies(self._engine, _SETTINGS).metric_configurations
        for metric in needs.values():
            self._graph.build_metric_dependency_graph(metric, _SETTINGS)
        count = needs[f"{expectation.map_metric}.unexpected_count"]
        return _Step(rule, expectation, needs, count.metric_dependencies["unexpected_condition"].id)

    def _run_chunk(self, chunk: pd.DataFrame) -> list[Whole]:
        self._engine.load_batch_data(self.name, chunk)
        metrics, _ = self._graph.resolve(_SETTINGS, show_progress_bars=False)
        return [_positions(step, metrics, self._engine) for step in self._steps]


def _positions(step: _Step, metrics: Mapping[Any, Any], engine: PandasExecutionEngine) -> Whole:
    given = {name: metrics[metric.id] for name, metric in step.needs.items()}
    # The method every expectation defines for its verdict; the public one around it plans all over again.
    result = step.expectation._validate(given, _SETTINGS, engine)  # noqa: SLF001
    if result["success"]:
        return np.empty(0, np.int64)
    broken = metrics[step.mask][0]
    return np.asarray(broken.index[broken.to_numpy(np.bool_)], np.int64)

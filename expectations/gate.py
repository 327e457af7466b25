"""The gate: the only place that gives a verdict and the only one that makes a `PassedBatch` (law 2).

It never raises and never guesses: what it cannot judge it blocks, with a code that `expectations.advice` explains.
Importing this module is cheap. Judging is not: the first verdict loads pandas and Great Expectations, so a process that
must be quick calls `warm_up` when it starts.
"""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.errors import CannotJudgeError
from expectations.facts import BatchFacts, HouseFacts
from expectations.rules import BLOCK, WARN
from expectations.suites import BATCH, DATASETS, Suite, suite
from hotel.incoming import Reason
from hotel.passed import PassedBatch, Verdict

if TYPE_CHECKING:
    import pyarrow as pa


def judge(
    dataset: str, frames: Mapping[str, "pa.Table"], *, batch_id: int, facts: BatchFacts, house: HouseFacts
) -> Verdict:
    """Judge the rows that would be written and the batch they came in.

    `frames`: table name -> rows with the columns of the `hotel` tuples, their keys and `row_number`; the first frame also
    has `warnings` (list of text), reservations `action`, and `covers` where a message may speak of one room only.
    A room or night that breaks a rule holds its reservation in all frames. `Held.position` is the `row_number`.
    """
    try:
        return _judge(suite(dataset), frames, batch_id, facts, house)
    except CannotJudgeError as error:
        return _closed(dataset, Reason(error.code, error.column))
    except Exception as error:  # noqa: BLE001 whatever goes wrong in here must block the batch, not lose it
        return _closed(dataset, _failure(error))


def warm_up() -> None:
    """Load Great Expectations and plan every suite, so that the first verdict of this process is as quick as the rest."""
    for dataset in DATASETS:
        suite(dataset)


def is_warm() -> bool:
    """Tell whether the next verdict of this process is quick."""
    return suite.cache_info().currsize >= len(DATASETS)


def _judge(
    judging: Suite, frames: Mapping[str, "pa.Table"], batch_id: int, facts: BatchFacts, house: HouseFacts
) -> Verdict:
    # pandas and pyarrow, half a second: only who judges pays for them.
    from expectations import findings, passing, sheets  # noqa: PLC0415

    laid_out = sheets.lay_out(judging.name, frames, house)
    found = findings.find(judging, laid_out.sheets, facts.warn_only)
    held = findings.held_rows(found, laid_out.first)
    waits = passing.is_held(laid_out.first, held)
    warned = findings.warnings(found, laid_out.first, is_held=waits)
    rows_count = laid_out.first.row_count
    blocked_by, notes = _judge_batch(judging, facts, judged_count=rows_count, held_count=len(held))
    passed = None
    if not blocked_by:
        kept = passing.keep(frames, laid_out.parents, warned.lists, waits)
        passed = PassedBatch(judging.name, batch_id, judging.name, judging.version, kept, rows_count - len(held))
    return Verdict(judging.name, judging.version, rows_count, passed, held, {**warned.counts, **notes}, blocked_by)


def _judge_batch(
    judging: Suite, facts: BatchFacts, *, judged_count: int, held_count: int
) -> tuple[tuple[Reason, ...], dict[str, int]]:
    """Judge the batch as a whole: what blocks it, and what is only to be noted."""
    import pandas as pd  # noqa: PLC0415 see _judge

    from expectations.columns import batches  # noqa: PLC0415

    row = pd.DataFrame(batches.columns(facts, judged_count=judged_count, held_count=held_count))
    words = batches.details(facts, judged_count=judged_count, held_count=held_count)
    broken = [each.rule for each in judging.plans[BATCH].run(row)]
    blocked_by = tuple(Reason(rule.code, "", words.get(rule.code, "")) for rule in broken if rule.severity == BLOCK)
    return blocked_by, {rule.code: len(facts.extra_columns) for rule in broken if rule.severity == WARN}


def _closed(dataset: str, reason: Reason) -> Verdict:
    return Verdict(dataset, "", 0, None, (), {}, (reason,))


def _failure(error: Exception) -> Reason:
    """Name an error by its kind and place. Its message may show a row and is not kept."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return Reason("gate_failed", type(error).__name__, f"{Path(place.filename).name}:{place.lineno}")

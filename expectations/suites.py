"""Which suite judges which dataset. Loading one imports Great Expectations: seconds and 200 MB, so never at import time."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from inspect import getsource
from typing import TYPE_CHECKING, Final, NamedTuple

from expectations.errors import CannotJudgeError
from expectations.rules import Rule

if TYPE_CHECKING:
    from expectations.plans import Plan

BATCH: Final = "batches"
# dataset -> the frames its rows are judged in; each has a module of rules of the same name in this folder.
DATASETS: Final[Mapping[str, tuple[str, ...]]] = {
    "reservations": ("reservations", "cancellations", "rooms", "nights"),
    "guests": ("guests",),
    "room_status": ("room_status",),
    "rates": ("rates",),
}


class Suite(NamedTuple):
    """A dataset's rules, planned. `version` changes with any rule and with any line that computes what they look at."""

    name: str
    version: str
    plans: "Mapping[str, Plan]"


def rules_of(frame: str) -> tuple[Rule, ...]:
    """Give the rules of one frame (or of the batch as a whole)."""
    rules: tuple[Rule, ...] = import_module(f"expectations.{frame}").RULES
    return rules


@cache
def suite(dataset: str) -> Suite:
    """Load and plan a dataset's suite, once per process; CannotJudgeError for one that has none."""
    if dataset not in DATASETS:
        raise CannotJudgeError(code="suite_missing", column=dataset)
    plan: Callable[[str, Sequence[Rule]], Plan] = import_module("expectations.plans").Plan
    rules = {frame: rules_of(frame) for frame in (*DATASETS[dataset], BATCH)}
    return Suite(dataset, version(rules), {frame: plan(frame, of_frame) for frame, of_frame in rules.items()})


def version(rules: Mapping[str, Sequence[Rule]]) -> str:
    """Hash what the rules say and the code of the columns they say it of."""
    said = [
        [frame, rule.code, rule.severity, rule.expectation.configuration.to_json_dict()]
        for frame, of_frame in rules.items()
        for rule in of_frame
    ]
    text = json.dumps(said, sort_keys=True) + "".join(getsource(import_module(name)) for name in _COLUMNS)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


_COLUMNS: Final = tuple(
    f"expectations.columns.{name}"
    for name in ("arrays", "stays", "reservations", "rooms", "nights", "guests", "house", "batches", "cards")
)

"""From broken rules to what becomes of each row: held with its reasons, or loaded with its warnings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.columns.arrays import Columns, Flags, Whole
from expectations.rules import INFO, QUARANTINE, WARN, Rule
from hotel.incoming import Reason, shape_of
from hotel.passed import Held

if TYPE_CHECKING:
    from expectations.sheets import Sheet
    from expectations.suites import Suite


class Finding(NamedTuple):
    """A rule that rows of one sheet break, with the severity it has for this source."""

    rule: Rule
    severity: str
    sheet: "Sheet"
    positions: Whole

    @property
    def parents(self) -> Whole:
        """The positions in the first frame of the rows concerned, each once."""
        return np.unique(self.sheet.parent[self.positions])


def find(suite: "Suite", sheets: Iterable["Sheet"], warn_only: frozenset[str]) -> list[Finding]:
    """Judge every sheet that has rows by its plan."""
    return [
        Finding(broken.rule, _severity(broken.rule, warn_only), sheet, broken.positions)
        for sheet in sheets
        if len(sheet.judged)
        for broken in suite.plans[sheet.name].run(sheet.judged)
    ]


def _severity(rule: Rule, warn_only: frozenset[str]) -> str:
    return WARN if rule.severity == QUARANTINE and rule.code in warn_only else rule.severity


def held_rows(findings: Sequence[Finding], first: Columns) -> tuple[Held, ...]:
    """Give each row that waits with its reasons, each code once; `position` is its `row_number`."""
    reasons: dict[int, dict[str, Reason]] = {}
    for finding in findings:
        if finding.severity == QUARANTINE:
            parents, at = np.unique(finding.sheet.parent[finding.positions], return_index=True)
            shapes = _shapes(finding, finding.positions[at])
            for parent, shape in zip(parents.tolist(), shapes, strict=True):
                reason = Reason(finding.rule.code, finding.rule.shows, shape)
                reasons.setdefault(parent, {}).setdefault(reason.code, reason)
    numbers = first.whole("row_number")
    return tuple(Held(int(numbers[parent]), tuple(reasons[parent].values())) for parent in sorted(reasons))


def _shapes(finding: Finding, positions: Whole) -> list[str]:
    if not finding.rule.shows:
        return [""] * positions.size
    values = finding.sheet.told.array(finding.rule.shows).take(pa.array(positions)).to_pylist()
    return ["" if value is None else shape_of(value) for value in values]


class Warned(NamedTuple):
    """The warnings of the rows that load: a list of codes for each row of the first frame, and rows per code."""

    lists: pa.ListArray
    counts: Mapping[str, int]


def warnings(findings: Sequence[Finding], first: Columns, *, is_held: Flags) -> Warned:
    """Add the gate's codes to what the mapping warned of; a code stands once in a row, the mapping's first."""
    known = first.array("warnings")
    rows = [np.asarray(pc.list_parent_indices(known), np.int64)]
    words: list[str] = []
    places = [_places(pc.list_flatten(known).to_pylist(), words)]
    for finding in findings:
        if finding.severity == WARN:
            rows.append(finding.parents)
            places.append(np.full(finding.parents.size, _places([finding.rule.code], words)[0]))
    row, place = np.concatenate(rows), np.concatenate(places)
    _, at = np.unique(row * (len(words) + 1) + place, return_index=True)
    at = np.sort(at)[np.argsort(row[np.sort(at)], kind="stable")]
    row, place = row[at], place[at]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=first.row_count))])
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(words, pa.string()).take(pa.array(place)))
    return Warned(lists, _counts(findings, words, place[~is_held[row]], is_held))


def _counts(findings: Sequence[Finding], words: Sequence[str], places: Whole, is_held: Flags) -> dict[str, int]:
    of_rows = dict(zip(words, np.bincount(places, minlength=len(words)).tolist(), strict=True))
    of_notes: dict[str, int] = {}
    for finding in findings:
        if finding.severity == INFO:
            here = int((~is_held[finding.parents]).sum())
            of_notes[finding.rule.code] = of_notes.get(finding.rule.code, 0) + here
    return {code: count for code, count in sorted({**of_rows, **of_notes}.items()) if count}


def _places(codes: Sequence[str], words: list[str]) -> Whole:
    """Give each code its place in the list of words, which grows by those it does not have."""
    places = {word: place for place, word in enumerate(words)}
    for code in codes:
        if code not in places:
            places[code] = len(words)
            words.append(code)
    return np.array([places[code] for code in codes], np.int64)

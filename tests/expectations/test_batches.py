"""What blocks a batch as a whole, and at which figure."""

from typing import Any

import pytest

from expectations.suites import BATCH, rules_of
from tests.expectations.builders import guest, judged, tables

ONE = tables("guests", guest())
HUNDRED = tables("guests", *(guest(source_ref=f"G{number}") for number in range(100)))
WEEK = (100, 90, 110, 100, 100, 95, 105)

BREAKS: list[tuple[str, dict[str, Any], str]] = [
    ("rows_missing", {"rows_read": 999, "expected_count": 1_000}, "999 of 1000 rows"),
    ("pull_incomplete", {"is_complete": False}, ""),
    ("nothing_judged", {"due_count": 101}, "100 rows, 101 due"),
    ("row_count_dropped", {"rows_read": 100, "recent_counts": (201,) * 7}, "100 rows, usually 201"),
    ("quarantined_share", {"rows_read": 419, "refused_count": 21}, "21 of 419 rows"),
    ("columns_missing", {"missing_columns": ("departure", "adults")}, "adults, departure"),
    ("control_total_differs", {"stated_totals": {"EUR": 5, "rows": 100}, "counted_totals": {"EUR": 4, "rows": 100}}, "EUR: 4 not 5"),
    ("control_total_differs", {"stated_totals": {"nights": 5}}, "nights: None not 5"),
]  # fmt: skip
BEARS: list[dict[str, Any]] = [
    {"expected_count": 100},
    {"expected_count": 99},  # rows that came in while the pull was running
    {"recent_counts": WEEK},
    {"rows_read": 100, "recent_counts": (200,) * 7},
    {"rows_read": 100, "recent_counts": (2_000,) * 6},  # too few loads to compare with
    {"rows_read": 100, "recent_counts": (2_000, *WEEK)},  # the last seven count
    {"rows_read": 420, "refused_count": 21},  # exactly 5 %
    {"rows_read": 120, "refused_count": 20},  # few enough whatever their share
    {"rows_read": 199, "refused_count": 99, "is_one_dataset": False},  # messages stand for themselves
    {"stated_totals": {"EUR": 5}, "counted_totals": {"EUR": 5, "rows": 1}},
]


@pytest.mark.parametrize(("code", "facts", "detail"), BREAKS, ids=[code for code, _, _ in BREAKS])
def test_a_batch_that_breaks_a_rule_is_blocked_with_the_figures(code: str, facts: dict[str, Any], detail: str) -> None:
    found = judged("guests", HUNDRED, **facts)
    assert found.passed is None
    assert found.blocked_by == ((code, "", detail),)


@pytest.mark.parametrize("facts", BEARS, ids=str)
def test_a_batch_at_the_edge_of_a_rule_passes(facts: dict[str, Any]) -> None:
    assert judged("guests", HUNDRED, **facts).word == "passed"


def test_every_rule_of_a_batch_has_a_batch_that_breaks_it() -> None:
    assert {code for code, _, _ in BREAKS} | {"columns_extra"} == {rule.code for rule in rules_of(BATCH)}


def test_columns_that_nobody_asked_for_are_a_warning() -> None:
    found = judged("guests", ONE, extra_columns=("loyalty", "shoe_size"))
    assert (found.word, found.warnings) == ("passed", {"columns_extra": 2})


def test_rows_that_the_gate_holds_count_into_the_share_that_waits() -> None:
    rows = [guest(source_ref=f"G{number}", kind="ghost" if number < 21 else "person") for number in range(100)]
    found = judged("guests", tables("guests", *rows))
    assert found.blocked_by == (("quarantined_share", "", "21 of 100 rows"),)
    assert len(found.held) == 21
    assert judged("guests", tables("guests", *rows), rows_read=420).word == "quarantined"


def test_a_small_house_may_have_a_day_without_rows() -> None:
    assert judged("guests", tables("guests"), rows_read=0, recent_counts=(3, 0, 1, 2, 0, 1, 4)).word == "passed"
    blocked = judged("guests", tables("guests"), rows_read=0, recent_counts=WEEK)
    assert [reason.code for reason in blocked.blocked_by] == ["row_count_dropped"]


def test_everything_that_is_wrong_with_a_batch_is_said_at_once() -> None:
    found = judged("guests", ONE, is_complete=False, expected_count=8, missing_columns=("kind",))
    assert [reason.code for reason in found.blocked_by] == ["rows_missing", "pull_incomplete", "columns_missing"]

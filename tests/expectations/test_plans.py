"""A plan says what Great Expectations' own validation says, and what a mask written by hand says."""

import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
import pytest
from great_expectations.exceptions.exceptions import MetricResolutionError
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import plans
from expectations.expect import at_least, at_most, differs_from, holds, never, one_of, within
from expectations.plans import Plan
from expectations.rules import QUARANTINE, rule
from expectations.sheets import lay_out
from expectations.suites import rules_of, suite
from tests.expectations.builders import HOUSE, tables
from tests.expectations.cases import CASES

RULES = (
    rule(1, "status", QUARANTINE, "", one_of("status", ["in", "out"])),
    rule(2, "price", QUARANTINE, "", at_least("price", 0)),
    rule(3, "nights", QUARANTINE, "", at_most("nights", 30)),
    rule(4, "stay", QUARANTINE, "", differs_from("nights", 0)),
    rule(5, "known", QUARANTINE, "", holds("is_known")),
    rule(6, "card", QUARANTINE, "", never("is_card")),
    rule(7, "limit", QUARANTINE, "", within("price", "limit")),
)
PLAN = Plan("made_up", RULES)
WHOLE = st.integers(-(2**53), 2**53)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "gone", ""]),
        WHOLE | st.sampled_from([0, -1]),
        st.none() | st.integers(-400, 400),
        st.booleans(),
        st.booleans(),
        WHOLE,
    ),
    min_size=1,
    max_size=60,
)


def framed(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    status, price, nights, is_known, is_card, limit = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "status": pd.Categorical(status),
            "price": np.array(price, np.int64),
            "nights": np.array(nights, np.float64),
            "is_known": np.array(is_known, np.bool_),
            "is_card": np.array(is_card, np.bool_),
            "limit": np.array(limit, np.int64),
        }
    )


def by_hand(frame: pd.DataFrame) -> dict[str, list[int]]:
    masks = {
        "status": ~frame["status"].astype(str).isin(["in", "out"]),
        "price": frame["price"] < 0,
        "nights": frame["nights"] > 30,
        "stay": frame["nights"] == 0,
        "known": ~frame["is_known"],
        "card": frame["is_card"],
        "limit": frame["price"] > frame["limit"],
    }
    return {code: np.flatnonzero(mask).tolist() for code, mask in masks.items() if mask.any()}


def by_plan(frame: pd.DataFrame, plan: Plan = PLAN) -> dict[str, list[int]]:
    return {broken.rule.code: broken.positions.tolist() for broken in plan.run(frame)}


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_a_plan_finds_what_a_mask_written_by_hand_finds(rows: list[tuple[Any, ...]]) -> None:
    frame = framed(rows)
    assert by_plan(frame) == by_hand(frame)


@given(ROWS, st.integers(1, 7))
@settings(max_examples=30, deadline=None)
def test_pieces_of_a_frame_are_judged_as_the_whole(rows: list[tuple[Any, ...]], piece: int) -> None:
    frame = framed(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "CHUNK", piece)
        assert by_plan(frame) == by_hand(frame)


def public_validation(frame: pd.DataFrame, plan: Plan) -> dict[int, list[int]]:
    """Ask GX the way its manual says: a context, a batch, a suite, every row that is not as expected."""
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(plan.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    expectations = [each.expectation.copy() for each in plan.rules]
    result = batch.validate(
        gx.ExpectationSuite(plan.name, expectations=expectations),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["position"]},
    )
    found = {}
    for number, each in enumerate(result.results):
        assert each.exception_info.get("raised_exception") in {None, False}
        if not each.success:
            found[number] = [row["position"] for row in each.result["unexpected_index_list"]]
    return found


def every_sheet() -> dict[str, pd.DataFrame]:
    """Every frame that the suites judge, of all rows that break a rule one below the other."""
    pieces = defaultdict(list)
    for case in CASES:
        for sheet in lay_out(case.dataset, tables(case.dataset, *case.rows), HOUSE).sheets:
            pieces[sheet.name].append(
                sheet.judged.astype(dict.fromkeys(sheet.judged.select_dtypes("category"), object))
            )
    return {name: pd.concat(judged, ignore_index=True) for name, judged in pieces.items()}


SHEETS = every_sheet()


@pytest.mark.parametrize("name", SHEETS)
def test_a_suite_planned_once_says_what_a_public_validation_says(name: str) -> None:
    frame, plan = SHEETS[name], Plan(name, rules_of(name))
    places = {id(each): number for number, each in enumerate(plan.rules)}
    planned = {places[id(broken.rule)]: broken.positions.tolist() for broken in plan.run(frame)}
    assert planned == public_validation(frame.assign(position=range(len(frame))), plan)
    assert planned


def test_an_error_is_raised_and_never_a_pass() -> None:
    with pytest.raises(MetricResolutionError):
        PLAN.run(framed([("in", 1, 2, True, False, 3)]).drop(columns="price"))
    assert by_plan(framed([("in", -1, 2, True, False, 3)])) == {"price": [0]}


def test_a_plan_forgets_its_rows() -> None:
    PLAN.run(framed([("in", 1, 2, True, False, 3)]))
    (kept,) = PLAN._engine.batch_manager.batch_data_cache.values()
    assert len(kept.dataframe) == 0  # type: ignore[union-attr]
    assert not PLAN._engine._caching


def test_threads_do_not_see_each_other_s_rows() -> None:
    frames = [
        framed([("in", -1 if row == number else 1, 2, True, False, 3) for row in range(8)]) for number in range(8)
    ]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(by_plan, frames * 3))
    assert found == [{"price": [number]} for number in range(8)] * 3


def test_great_expectations_logs_no_value(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    frame = framed([("in", 1, 2, True, False, 3)]).assign(price=["Ana Lima, room 12"])
    with caplog.at_level(logging.DEBUG), pytest.raises(MetricResolutionError):
        PLAN.run(frame)
    out, err = capfd.readouterr()
    assert "Lima" not in caplog.text + out + err
    assert "Calculating" not in out + err


def test_a_suite_is_planned_once_per_process() -> None:
    assert suite("guests") is suite("guests")

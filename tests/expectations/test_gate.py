"""What the gate does with a batch: it fails closed, holds a parent for its child and keeps frames aligned."""

import pickle
from datetime import timedelta
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from expectations import findings, gate, suites
from expectations.advice import ADVICE, what_to_do
from expectations.facts import PropertyFacts
from expectations.rules import BLOCK
from hotel.passed import Verdict
from tests.expectations.builders import (
    ARRIVAL,
    HOUSE,
    cancel,
    cancellation,
    codes_held,
    guest,
    incoming,
    judged,
    night,
    room,
    stay,
    tables,
    verdict,
)


def blocked(found: Verdict) -> list[str]:
    assert found.passed is None
    assert found.word == "blocked"
    return [reason.code for reason in found.blocked_by]


def numbers(found: Verdict, frame: str) -> list[int]:
    assert found.passed is not None
    return list(found.passed.frames[frame]["row_number"].to_pylist())


def test_a_clean_batch_passes_whole_under_the_suite_that_judged_it() -> None:
    found = verdict("reservations", stay(), stay(source_ref="R2"))
    passed = found.passed
    assert passed is not None
    assert (passed.dataset, passed.batch_id, passed.row_count, found.rows_judged_count) == ("reservations", 7, 2, 2)
    assert (passed.suite_name, passed.suite_version) == (found.suite_name, found.suite_version)
    assert [table.num_rows for table in passed.frames.values()] == [2, 2, 4, 0, 0, 0]


def test_a_bad_night_holds_its_reservation_with_all_its_rooms_and_nights() -> None:
    bad = stay(room(), room(room_ref="2", total_minor=9_000, nights=(night(price_minor=-1_000), night(1))))
    found = verdict("reservations", stay(), bad._replace(source_ref="R2"), stay(source_ref="R3"))
    assert [(held.position, [reason.code for reason in held.reasons]) for held in found.held] == [
        (1, ["negative_price"])
    ]
    for frame in ("reservations", "reservation_rooms", "room_nights"):
        assert set(numbers(found, frame)) == {0, 2}
    assert found.passed is not None
    assert found.passed.row_count == 2


def test_a_row_has_each_code_once_however_many_nights_break_the_rule() -> None:
    bad = stay(room(2, status="maybe", total_minor=-200, nights=(night(price_minor=-100), night(1, price_minor=-100))))
    assert codes_held(verdict("reservations", bad._replace(status="maybe"))) == ["status_unknown", "negative_price"]


def test_a_position_is_the_row_s_number_among_what_the_mapping_gave() -> None:
    frames = {
        name: table.set_column(0, "row_number", pa.array([number + 40 for number in table["row_number"].to_pylist()]))
        for name, table in tables("reservations", stay(), stay(source_ref="R2", adult_count=0)).items()
    }
    found = judged("reservations", frames)
    assert [held.position for held in found.held] == [41]
    assert set(numbers(found, "room_nights")) == {40}


def test_warnings_follow_the_mapping_s_own_and_count_each_row_once() -> None:
    told = stay(room(31, rate_plan_code="unmapped"), channel_code="unmapped", child_count=None)
    found = verdict(
        "reservations",
        incoming(told, warnings=("ambiguous_hour", "unmapped")),
        incoming(stay(source_ref="R2"), warnings=("ambiguous_hour",)),
        stay(source_ref="R3"),
    )
    assert found.passed is not None
    lists = found.passed.frames["reservations"]["warnings"].to_pylist()
    assert lists == [["ambiguous_hour", "unmapped", "long_stay", "children_unknown"], ["ambiguous_hour"], []]
    assert found.warnings == {"ambiguous_hour": 2, "children_unknown": 1, "long_stay": 1, "unmapped": 1}


def test_what_a_held_row_would_have_warned_of_is_not_counted() -> None:
    found = verdict(
        "reservations", incoming(stay(adult_count=0, meal_plan_code="unmapped"), warnings=("ambiguous_hour",))
    )
    assert (found.word, found.warnings) == ("quarantined", {})


def test_frames_keep_their_columns_types_and_order() -> None:
    before = tables(
        "reservations", stay(), stay(source_ref="R2", adult_count=0), stay(source_ref="R3", child_count=None)
    )
    found = judged("reservations", before)
    assert found.passed is not None
    for name, table in found.passed.frames.items():
        assert table.schema.equals(before[name].schema)
    assert numbers(found, "reservations") == [0, 2]


def test_frames_in_pieces_are_judged_as_one() -> None:
    one, two = tables("reservations", stay()), tables("reservations", stay(adult_count=0), stay(source_ref="R2"))
    moved = {
        name: t.set_column(0, "row_number", pa.array([n + 1 for n in t["row_number"].to_pylist()], pa.int64()))
        for name, t in two.items()
    }
    found = judged("reservations", {name: pa.concat_tables([one[name], moved[name]]) for name in one})
    # R1 stands twice in this batch, and that is what holds it.
    assert [(held.position, held.reasons[0].code) for held in found.held] == [(0, "key_repeated"), (1, "key_repeated")]
    assert numbers(found, "room_nights") == [2, 2]


def test_a_batch_of_cancel_messages_alone_is_judged() -> None:
    found = verdict("reservations", cancel(cancellation()), cancel(cancellation(source_ref="R2", property_id="castle")))
    assert codes_held(found) == ["property_unknown"]
    assert numbers(found, "reservations") == [0]


def test_a_booking_and_the_message_that_cancels_it_may_come_in_one_batch() -> None:
    found = verdict("reservations", stay(), cancel(cancellation(source_ref="R1")))
    assert found.held == ()
    assert numbers(found, "reservations") == [0, 1]


def test_a_source_may_be_allowed_to_break_a_rule() -> None:
    found = verdict("reservations", stay(adult_count=0), warn_only=frozenset({"no_guests"}))
    assert (found.held, found.warnings) == ((), {"no_guests": 1})


def test_an_unchanged_batch_has_nothing_to_judge_and_passes() -> None:
    found = judged("guests", {"guests": tables("guests")["guests"]}, rows_read=500, due_count=0)
    assert found.passed is not None
    assert (found.word, found.passed.row_count, found.rows_judged_count) == ("passed", 0, 0)


@pytest.mark.parametrize(
    "facts", [{"rows_read": 500}, {"rows_read": 500, "due_count": 3}, {"rows_read": 9, "refused_count": 8}]
)
def test_no_rows_where_rows_were_due_blocks(facts: dict[str, Any]) -> None:
    assert blocked(judged("guests", tables("guests"), **facts)) == ["nothing_judged"]


def test_some_rows_where_more_were_due_block() -> None:
    assert blocked(verdict("guests", guest(), due_count=2)) == ["nothing_judged"]


def test_a_batch_of_which_the_mapping_refused_all_is_empty_and_passes() -> None:
    assert judged("guests", tables("guests"), rows_read=3, refused_count=3).word == "passed"


def test_a_dataset_without_a_suite_is_blocked() -> None:
    found = judged("invoices", {})
    assert (blocked(found), found.blocked_by[0].column) == (["suite_missing"], "invoices")


def test_an_error_inside_the_gate_blocks_and_keeps_its_message_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        msg = "guest Ana Lima is not a number"
        raise ValueError(msg)

    monkeypatch.setattr(findings, "held_rows", fail)
    found = verdict("guests", guest())
    assert blocked(found) == ["gate_failed"]
    assert found.blocked_by[0].column == "ValueError"
    assert found.blocked_by[0].shape.startswith("test_gate.py:")
    assert "Lima" not in repr(found)


def test_an_error_inside_great_expectations_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = suites.suite("guests").plans["guests"]._engine
    monkeypatch.setattr(engine, "get_compute_domain", lambda **_: 1 / 0)
    assert blocked(verdict("guests", guest())) == ["gate_failed"]
    monkeypatch.undo()
    assert verdict("guests", guest()).word == "passed"


def test_a_suite_that_cannot_be_loaded_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> NoReturn:
        raise ModuleNotFoundError(name="great_expectations")

    monkeypatch.setattr(gate, "suite", absent)
    assert blocked(verdict("guests", guest())) == ["gate_failed"]


@pytest.mark.parametrize("absent", ["adult_count", "row_number", "warnings", "action"])
def test_a_frame_without_a_column_that_rules_look_at_is_blocked(absent: str) -> None:
    frames = tables("reservations", stay())
    frames["reservations"] = frames["reservations"].drop_columns([absent])
    found = judged("reservations", frames)
    assert (blocked(found), found.blocked_by[0].column) == (["column_not_given"], absent)


@pytest.mark.parametrize("frame", ["reservation_rooms", "room_nights"])
def test_a_child_without_its_parent_blocks(frame: str) -> None:
    frames = tables("reservations", stay())
    frames[frame] = frames[frame].set_column(0, "row_number", pa.array([9] * frames[frame].num_rows, pa.int64()))
    assert blocked(judged("reservations", frames)) == ["frames_misaligned"]


def test_two_rows_of_one_number_block() -> None:
    frames = tables("guests", guest(), guest(source_ref="G2"))
    frames["guests"] = frames["guests"].set_column(0, "row_number", pa.array([0, 0]))
    assert blocked(judged("guests", frames)) == ["frames_misaligned"]


@pytest.mark.parametrize("change", [{"room_nights": None}, {"extras": pa.table({"row_number": [0]})}])
def test_frames_missing_or_unknown_block(change: dict[str, Any]) -> None:
    frames = {name: table for name, table in {**tables("reservations", stay()), **change}.items() if table is not None}
    found = judged("reservations", frames)
    assert (blocked(found), found.blocked_by[0].column) == (["frames_misaligned"], next(iter(change)))


def test_a_verdict_travels_between_processes() -> None:
    found = verdict("reservations", stay(adult_count=0), stay(source_ref="R2"))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 our own


def test_the_same_batch_gets_the_same_verdict_again() -> None:
    rows: list[Any] = [
        stay(adult_count=0),
        stay(source_ref="R2", child_count=None),
        cancel(cancellation(source_ref="R3")),
    ]
    assert verdict("reservations", *rows) == verdict("reservations", *rows)


def test_every_code_that_blocks_says_what_to_do() -> None:
    of_rules = {rule.code for rule in suites.rules_of(suites.BATCH) if rule.severity == BLOCK}
    assert of_rules < ADVICE.keys()
    assert all(what_to_do(code).endswith(".") for code in (*ADVICE, "no_guests"))


def test_a_property_counts_its_own_business_date() -> None:
    house = HOUSE._replace(properties={**HOUSE.properties, "late": PropertyFacts(("EUR",), business_on=ARRIVAL)})
    left = stay(room(status="checked_out"), status="checked_out", checked_out_on=ARRIVAL + timedelta(days=2))
    found = verdict("reservations", left, left._replace(property_id="late"), house=house)
    assert [(held.position, held.reasons[0].code) for held in found.held] == [(1, "checked_out_in_future")]

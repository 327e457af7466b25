"""The benchmark runs from end to end on a handful of rows; its figures mean nothing here, its report must be whole."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from benchmarks import api, channel_messages
from benchmarks.guest_cases import cases
from benchmarks.guest_contenders import Pipeline, PlainUpsert
from benchmarks.guest_pages import ROWS_PER_PAGE, pages
from benchmarks.message_ways import importing, mapping, protocols
from benchmarks.rounds import interleave
from benchmarks.server import Server
from hotel.guests import Guest

needs_dlt = pytest.mark.skipif(importlib.util.find_spec("dlt") is None, reason="dlt is installed by `make bench` alone")


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    made = Server(database_url, tmp_path)
    made.make_template()
    yield made
    made.clear()


def test_contenders_take_turns_each_after_its_own_preparation() -> None:
    calls: list[str] = []

    def contender(name: str, rows: int) -> tuple[Callable[[], None], Callable[[], dict[str, float]]]:
        def run() -> dict[str, float]:
            calls.append(name)
            return {"rows": rows}

        return lambda: calls.append(f"prepare {name}"), run

    measured = interleave({"a": contender("a", 1), "b": contender("b", 2)}, 2)
    assert calls == ["prepare a", "a", "prepare b", "b"] * 2
    assert [len(each.seconds) for each in measured.values()] == [2, 2]
    assert measured["b"].told == {"rows": 2}


def test_the_three_loads_differ_in_as_many_rows_as_they_say() -> None:
    first, few, every = cases(1_000)
    emails = [case.rows["email"].to_pylist() for case in (first, few, every)]
    assert [case.rows.column_names for case in (first, few, every)] == [list(Guest._fields)] * 3
    assert sum(a != b for a, b in zip(emails[0], emails[1], strict=True)) == 10
    assert not set(emails[1]) & set(emails[2])
    assert len({row["source_ref"] for row in first.records(1_000)}) == 1_000


def test_pages_hold_as_many_rows_as_the_contract_allows_and_tell_where_they_begin() -> None:
    told = pages(ROWS_PER_PAGE + 1)
    assert [(page.first_row, page.row_count) for page in told] == [(0, ROWS_PER_PAGE), (ROWS_PER_PAGE, 1)]


CONTENDERS: dict[type[Any], str] = {
    Pipeline: "SELECT count(*), count(*) FILTER (WHERE source_version = 3) FROM core.guests",
    PlainUpsert: "SELECT count(*), count(*) FILTER (WHERE email LIKE '%.3@%') FROM plain",
}


def test_a_contender_ends_with_every_row_as_the_last_load_told_it(server: Server) -> None:
    told = cases(1_000)
    for make, query in CONTENDERS.items():
        contender = make(server)
        contender.begin()
        for case in told:
            contender.prepare(case)()
        with psycopg.connect(contender.url) as connection:
            assert connection.execute(query.encode()).fetchone() == (1_000, 1_000)


def test_messages_are_measured_in_both_protocols_by_all_contenders_and_by_stage(server: Server) -> None:
    told = channel_messages.measure(server, 8, 1)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in told if line.startswith("| ")]
    names = [row[0] for row in rows]
    assert names[:5] == ["", "bare parsing", "parsed safely", "cards removed, mapped", "imported"]
    assert names[5:9] == ["", "bare parsing", "cards removed, mapped", "imported"]
    assert {"claim", "parse (of XML)", "map", "frames", "judge", "write", "mark"} <= set(names[10:])
    figures = {row[0]: [float(cell) for cell in row[1:]] for row in rows[10:]}
    for stage in (
        "before: cards and login removed",
        "before: stored in the inbox",
        "claim",
        "map",
        "judge",
        "write",
        "mark",
    ):
        assert min(figures[stage]) > 0, stage
    whole, parts = figures.pop("all of the import"), [each for name, each in figures.items() if "before" not in name]
    assert [sum(column) for column in zip(*parts, strict=True)] == pytest.approx(whole, abs=1)


def test_a_message_that_is_not_imported_is_no_figure(server: Server) -> None:
    for whole in protocols(3):
        spoilt = whole._replace(bodies=[*whole.bodies[:2], whole.bodies[2].replace(b"EUR", b"EUX")])
        way = importing(spoilt, server)
        way.prepare()
        with pytest.raises(AssertionError, match="not imported"):
            way.run()
        with pytest.raises(AssertionError, match="refused"):
            mapping(spoilt).run()


def test_every_kind_of_request_to_our_own_api_is_answered_and_told(database_url: str, tmp_path: Path) -> None:
    server = Server(database_url, tmp_path)
    server.make_template()
    try:
        told = "\n".join(api.measure(server, requests=3, bookings=5))
    finally:
        server.clear()
    for question in api.QUESTIONS:
        assert f"| {question.name} | " in told


@needs_dlt
def test_the_loads_run_and_tell_every_contender(tmp_path: Path) -> None:
    main = importlib.import_module("benchmarks.__main__").main
    report = tmp_path / "RESULTS.md"
    assert main(["--size", "500", "--rounds", "1", "--only", "loads", "--output", str(report)]) == 0
    told = report.read_text(encoding="utf-8")
    for heading in ("### First load", "### 1 % changed", "### All changed"):
        assert heading in told
    for contender in ("pipeline", "COPY", "plain upsert", "dlt, records", "dlt, Arrow", "`to_sql`"):
        assert f"| {contender} |" in told

"""What goes into a staging table comes out again, whatever it is."""

from datetime import UTC, date, datetime

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage.copying import copy_in, stage
from storage.engine import driver
from storage.frames import frames
from storage.loader import classify, write
from storage.planning import planned_for
from tests.storage.guests import a_guest
from tests.storage.stays import load, passed, rows, told

SCHEMA = pa.schema(
    {
        "number": pa.int64(), "words": pa.string(), "flag": pa.bool_(), "day": pa.date32(),
        "instant": pa.timestamp("us", "UTC"), "hash": pa.binary(), "list": pa.list_(pa.string()),
    }
)  # fmt: skip
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
naughty = st.sampled_from(
    [
        "",
        " ",
        "NULL",
        "\\N",
        "\\.",
        '"',
        '""',
        "\\",
        "a\n\\.\nb",
        "\r",
        "\r\n",
        "{",
        ",",
        "غرفة",
        "👩‍👩‍👧",
        "\ufeff",
        "\x01",
    ]
)
line = st.tuples(
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    st.one_of(st.none(), text, naughty),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.dates()),
    st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    st.binary(min_size=16, max_size=16),
    st.lists(st.one_of(text, naughty), max_size=3),
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(line, max_size=12))
def test_what_is_staged_comes_out_as_it_went_in(connection: Connection, lines: list[tuple[object, ...]]) -> None:
    table = pa.table(
        [
            pa.array(column, kind)
            for column, kind in zip(list(zip(*lines, strict=True)) or [()] * 7, SCHEMA.types, strict=True)
        ],
        SCHEMA,
    )
    cursor = driver(connection).cursor()
    stage(cursor, "anything", table)
    cursor.execute(
        "SELECT number, words, flag, day, instant, hash, coalesce(list, '{}') FROM pg_temp.anything ORDER BY ctid"
    )
    assert [(*row[:5], bytes(row[5]), row[6]) for row in cursor] == lines


def test_staging_again_replaces_what_was_staged(connection: Connection) -> None:
    cursor = driver(connection).cursor()
    for count in (3, 100_000, 2, 0):
        stage(cursor, "numbers", pa.table({"number": pa.array(range(count), pa.int64())}))
        assert rows(connection, "SELECT count(*) FROM pg_temp.numbers") == [(count,)]


def test_what_a_rolled_back_transaction_staged_does_not_come_back(connection: Connection) -> None:
    cursor = driver(connection).cursor()
    with connection.begin_nested() as savepoint:
        stage(cursor, "gone", pa.table({"number": pa.array([1], pa.int64())}))
        savepoint.rollback()
    stage(cursor, "gone", pa.table({"number": pa.array([2], pa.int64())}))
    assert rows(connection, "SELECT number FROM pg_temp.gone") == [(2,)]


def test_columns_that_are_left_out_take_their_default(connection: Connection) -> None:
    cursor = driver(connection).cursor()
    cursor.execute("CREATE TEMPORARY TABLE kept (name text, warnings text[] NOT NULL DEFAULT '{}')")
    empty = pa.table({"name": ["a"], "warnings": pa.array([[]], pa.list_(pa.string()))})
    copy_in(cursor, ("pg_temp", "kept"), empty)
    some = pa.table({"name": ["b", "c"], "warnings": pa.array([[], ['x"y']], pa.list_(pa.string()))})
    copy_in(cursor, ("pg_temp", "kept"), some)
    assert rows(connection, "SELECT name, warnings FROM pg_temp.kept ORDER BY name") == [
        ("a", []),
        ("b", []),
        ("c", ['x"y']),
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(st.none(), text, naughty), min_size=1, max_size=5))
def test_a_guests_name_is_stored_as_it_was_told(connection: Connection, names: list[str | None]) -> None:
    with connection.begin_nested() as savepoint:
        load(connection, [told(a_guest(str(n), last_name=name), 1) for n, name in enumerate(names)], 1, "guests")
        assert rows(connection, "SELECT last_name FROM core.guests ORDER BY source_ref::int") == [
            (name,) for name in names
        ]
        savepoint.rollback()


def test_many_rows_go_the_same_way_as_few(connection: Connection) -> None:
    count = 12_000
    people = [
        told(a_guest(f"G{n}", birth_on=date(1980, 1, 1), created_on_source_at=datetime(2020, 1, 1, tzinfo=UTC)), 1)
        for n in range(count)
    ]
    assert load(connection, people, 1, "guests")[:2] == (count, 0)
    assert rows(connection, "SELECT count(*), count(DISTINCT row_hash), min(load_id) FROM core.guests") == [
        (count, count, 1)
    ]
    changed = [
        told(a_guest(f"G{n}", last_name="Other"), 2) if n % 100 == 0 else person for n, person in enumerate(people)
    ]
    assert load(connection, changed, 2, "guests")[:4] == (0, 120, count - 120, 0)
    assert rows(connection, "SELECT count(*) FROM core.guests WHERE last_name = 'Other' AND load_id = 2") == [(120,)]


def test_warnings_of_the_gate_are_stored_with_the_row_they_are_of(connection: Connection) -> None:
    read = frames("guests", [told(a_guest("A")), told(a_guest("B"))], 1)
    fates = classify(connection, read)
    place = read.parent.column_names.index("warnings")
    warned = read.parent.set_column(place, "warnings", pa.array([["email_invalid", "phone_invalid"], []]))
    write(connection, passed(read, {"guests": warned}), fates, load_id=1)
    assert rows(connection, "SELECT warnings FROM core.guests ORDER BY source_ref") == [
        (["email_invalid", "phone_invalid"],),
        ([],),
    ]


def test_a_micro_batch_leaves_the_planner_as_it_found_it(connection: Connection) -> None:
    cursor = driver(connection).cursor()
    before = rows(connection, "SELECT current_setting('enable_hashjoin'), current_setting('work_mem')")
    for count in (1, 1_000):
        with planned_for(cursor, count):
            assert rows(connection, "SELECT current_setting('enable_hashjoin'), current_setting('work_mem')") != before
        assert rows(connection, "SELECT current_setting('enable_hashjoin'), current_setting('work_mem')") == before
    assert cursor.connection.prepare_threshold == 5

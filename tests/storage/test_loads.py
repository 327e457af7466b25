"""Loads say what they did, watermarks how far a source was read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from storage.loads import Load, advance_watermark, read_watermark, recent_counts, record_load, reserve_load
from tests.storage.stays import HOUSE, PMS, rows

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday
PLACE = (PMS, HOUSE, "guests")


def a_load(connection: Connection, **given: Any) -> int:
    told = Load(reserve_load(connection), "guests", PMS, HOUSE, "passed", NOON, batch_id=1)
    return record_load(connection, told._replace(**given))


def test_a_load_is_recorded_under_the_id_its_rows_bear(connection: Connection) -> None:
    load_id = reserve_load(connection)
    told = Load(
        load_id, "guests", PMS, HOUSE, "quarantined", NOON, control_minor={"EUR": 5}, blocked_by=("rows_missing",)
    )
    assert record_load(connection, told) == load_id
    assert rows(
        connection, "SELECT load_id, verdict, control_minor, blocked_by, committed_at IS NULL FROM ops.loads"
    ) == [(load_id, "quarantined", {"EUR": 5}, ["rows_missing"], False)]
    assert reserve_load(connection) > load_id


def test_comparable_loads_are_the_last_seven_of_the_same_kind_of_day(connection: Connection) -> None:
    for count in range(9):
        a_load(connection, rows_read_count=count)
    a_load(connection, rows_read_count=100, verdict="blocked")
    a_load(connection, rows_read_count=101, batch_id=None)
    a_load(connection, rows_read_count=102, dataset="reservations")
    a_load(connection, rows_read_count=103, started_at=NOON - timedelta(days=1))
    assert recent_counts(connection, *PLACE, on=date(2026, 5, 8)) == (8, 7, 6, 5, 4, 3, 2)
    assert recent_counts(connection, *PLACE, on=date(2026, 5, 9)) == (103,)


def test_a_watermark_moves_on_and_never_back(connection: Connection) -> None:
    assert read_watermark(connection, *PLACE) is None
    for hours in (1, 3, 2):
        advance_watermark(connection, *PLACE, load_id=hours, value_at=NOON + timedelta(hours=hours))
    mark = read_watermark(connection, *PLACE)
    assert mark is not None
    assert (mark.value_at, mark.load_id, mark.overlap_seconds) == (NOON + timedelta(hours=3), 3, 0)


def test_a_watermark_may_be_the_sources_own_text(connection: Connection) -> None:
    for load_id, word in ((1, "page-9"), (2, "page-10")):
        advance_watermark(connection, *PLACE, load_id=load_id, value_text=word)
    mark = read_watermark(connection, *PLACE)
    assert mark is not None
    assert (mark.value_text, mark.load_id) == ("page-10", 2)


def test_two_properties_have_two_watermarks(connection: Connection) -> None:
    advance_watermark(connection, *PLACE, load_id=1, value_at=NOON)
    assert read_watermark(connection, PMS, "resort-hotel", "guests") is None

"""What is noted of calls, checks, acts and days: requests, health checks, the audit log, business days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from connectors.ports import RequestRecord
from storage import audit
from storage.business_days import business_day, close_day, note_loads, open_day
from storage.health import HealthCheck, latest_checks, note_check
from storage.integrations import Integration, save_integration
from storage.requests import RequestTable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
RECORD = RequestRecord("r1", NOON, "pms", "city-hotel", "guests", "GET", 200, 12, 2, 345, None)


def test_a_request_is_noted_once_and_at_once(database_url: str, clean_database: str, engine: Engine) -> None:
    log = RequestTable(database_url)
    log.write(RECORD)
    log.write(RECORD)
    log.write(RECORD._replace(request_id="r2", status_code=None, error_code="timeout"))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM ops.requests ORDER BY request_id")).all()
    assert [tuple(row) for row in rows] == [
        tuple(RECORD), tuple(RECORD._replace(request_id="r2", status_code=None, error_code="timeout")),
    ]  # fmt: skip


def test_without_the_database_a_request_is_not_silently_unnoted() -> None:
    with pytest.raises(OperationalError):
        RequestTable("postgresql://nobody@127.0.0.1:1/none").write(RECORD)


def test_the_latest_check_of_each_connected_system_counts(connection: Connection) -> None:
    older = HealthCheck("pms", "city-hotel", NOON, "unhealthy", detail="503")
    newer = HealthCheck("pms", "city-hotel", NOON + timedelta(minutes=5), "healthy", 12, 60, 0)
    other = HealthCheck("bank", "resort-hotel", NOON, "degraded")
    for check in (newer, older, other, other, other._replace(source="disconnected")):
        note_check(connection, check)
    for source, property_id in (("pms", "city-hotel"), ("bank", "resort-hotel"), ("pms", "never-checked")):
        save_integration(connection, Integration(source, property_id, "hotel_rest"))
    assert latest_checks(connection) == [other, newer]


def test_an_act_is_noted_with_its_reason(connection: Connection) -> None:
    audit_id = audit.note(
        connection, actor="ana", action="release", entity="ops.quarantine", entity_key="7", reason="day guests",
        before={"status": "open"}, after={"status": "released"}, role="controller",
    )  # fmt: skip
    row = connection.execute(text("SELECT * FROM ops.audit_log")).one()
    assert (row.audit_id, row.actor, row.role, row.action) == (audit_id, "ana", "controller", "release")
    assert (row.entity, row.entity_key, row.reason) == ("ops.quarantine", "7", "day guests")
    assert (row.before, row.after) == ({"status": "open"}, {"status": "released"})


def test_personal_columns_are_masked_on_the_way_into_the_audit_log(connection: Connection) -> None:
    audit.note(
        connection, actor="ana", action="edit", entity="core.guests", entity_key="pms city-hotel 1",
        before={"email": "guest@example.com", "vip_code": "1", "phone": None},
    )  # fmt: skip
    before = connection.execute(text("SELECT before FROM ops.audit_log")).scalar_one()
    assert before == {"email": audit.MASK, "vip_code": "1", "phone": None}


def test_an_act_on_an_unknown_table_is_refused_since_nobody_knows_what_is_personal_there(
    connection: Connection,
) -> None:
    with pytest.raises(KeyError):
        audit.note(connection, actor="ana", action="edit", entity="guests", entity_key="1", after={"email": "x"})


@pytest.mark.parametrize("change", ["UPDATE ops.audit_log SET actor = 'eve'", "DELETE FROM ops.audit_log"])
def test_the_audit_log_is_append_only(connection: Connection, change: str) -> None:
    audit.note(connection, actor="ana", action="release", entity="ops.quarantine", entity_key="7")
    with pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text(change))


def test_a_day_is_closed_once_whoever_says_so_again(connection: Connection) -> None:
    assert business_day(connection, "city-hotel", DAY) is None
    open_day(connection, "city-hotel", DAY)
    opened = business_day(connection, "city-hotel", DAY)
    assert opened is not None
    assert (opened.status, opened.source, opened.is_closed) == ("open", "clock", False)
    assert close_day(connection, "city-hotel", DAY, source="pms")
    assert not close_day(connection, "city-hotel", DAY)
    open_day(connection, "city-hotel", DAY)
    closed = business_day(connection, "city-hotel", DAY)
    assert closed is not None
    assert (closed.status, closed.source, closed.is_closed) == ("closed", "pms", True)


def test_a_day_nobody_opened_can_be_closed(connection: Connection) -> None:
    assert close_day(connection, "city-hotel", DAY)
    assert business_day(connection, "resort-hotel", DAY) is None


def test_loads_before_the_close_are_the_day_and_loads_after_it_restate_it(connection: Connection) -> None:
    assert note_loads(connection, "city-hotel", DAY, [1, 2]) is False
    close_day(connection, "city-hotel", DAY)
    assert note_loads(connection, "city-hotel", DAY, [3]) is True
    assert note_loads(connection, "city-hotel", DAY, [3]) is False, "the same load restates a day once"
    day = business_day(connection, "city-hotel", DAY)
    assert day is not None
    assert (day.load_ids, day.restated_count, day.status) == ([1, 2, 3], 1, "closed")

"""Every flow, run against a real Prefect server and a real database: what operators see of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from deployments.demo_house import set_up_sandbox
from flows.import_bookings import import_bookings
from flows.publish_daily_report import publish_daily_report
from flows.replay_quarantine import replay_quarantine
from flows.sync_guest_profiles import sync_guest_profiles
from flows.sync_reservations import sync_reservations
from flows.take_booking_snapshot import take_booking_snapshot
from hotel.money import Money
from operations.errors import BatchBlockedError
from sandbox.expected import expectations
from sandbox.server import running
from sandbox.webhooks.messages import world_messages
from sandbox.world import build
from storage.inbox import Delivery, receive
from tasks.parameters import QuarantineChoice, Release
from tests.deployments.sandbox_house import House
from tests.flows.seen import artifacts, newest_run, table_of

PMS = "sandbox_pms"
LISBON = "harbour-lisbon"


@contextmanager
def counted(house: House, table: str) -> Iterator[list[int]]:
    found: list[int] = []
    yield found
    with house.engine.connect() as connection:
        found.append(connection.execute(text(f"select count(*) from {table}")).scalar_one())


def test_guest_profiles_come_in_and_the_run_says_whose(house: House) -> None:
    with counted(house, "core.guests") as stored:
        load = sync_guest_profiles(PMS, LISBON)

    (row,) = table_of(newest_run(f"{PMS} {LISBON} guests since watermark"))
    assert stored == [load.properties[0].inserted_count] == [expectations(house.world).guest_count[LISBON]]
    assert row["property"] == LISBON
    assert row["inserted"] == stored[0]
    assert "→" in row["watermark"]


def test_reservations_come_in_and_what_is_held_stands_in_the_artifact(house: House) -> None:
    expected = expectations(house.world)

    load = sync_reservations(PMS, LISBON)

    (row,) = table_of(newest_run(f"{PMS} {LISBON} reservations since watermark"))
    assert load.properties[0].inserted_count == expected.reservation_count[LISBON]
    assert row["quarantined"] == sum(expected.withheld[LISBON].reasons.values())
    assert row["withheld"].startswith(f"{row['quarantined']} rows") or "nights" in row["withheld"]
    assert row["next step"] != "nothing"


def test_a_second_sync_reads_on_from_the_watermark_and_changes_nothing(house: House) -> None:
    sync_reservations(PMS, LISBON)

    again = sync_reservations(PMS, LISBON)

    assert again.properties[0].inserted_count == again.properties[0].updated_count == 0


def test_a_blocked_batch_fails_the_run_with_what_to_do(house: House) -> None:
    so_bad_that_its_share_blocks = build(size=120, flawed_per_mille=600)
    with running(so_bad_that_its_share_blocks) as sandbox:
        set_up_sandbox(house.engine, so_bad_that_its_share_blocks, sandbox.url)
        with pytest.raises(BatchBlockedError, match="quarantined_share"):
            sync_reservations(PMS, LISBON)

    run = newest_run(f"{PMS} {LISBON} reservations since watermark")
    assert run.state is not None
    assert run.state.is_failed()
    assert "Blocked" in str(run.state.message)
    with house.engine.connect() as connection:
        assert connection.execute(text("select count(*) from ops.watermarks")).scalar_one() == 0


def test_a_shift_imports_what_waits_and_reports_each_channel(house: House) -> None:
    messages = list(world_messages(house.world.view(), "channel"))
    with house.engine.begin() as connection:
        for message in messages:
            sha256 = message.event_id.encode().ljust(32)[:32]
            receive(
                connection,
                [Delivery("sandbox_channel", "", message.event_id, "booking", message.body, sha256, {}, "bearer")],
            )

    shift = import_bookings(seconds=20, idle_seconds=0)

    (row,) = table_of(newest_run("bookings "))
    assert shift.message_count == len(messages) == row["messages"]
    assert row["channel"] == "sandbox_channel"
    assert row["waiting"] == 0


def test_snapshot_and_report_show_their_figures_and_link_their_files(house: House) -> None:
    sync_reservations(PMS, LISBON)
    closed_on = expectations(house.world).business_on[LISBON] - timedelta(days=1)

    snapshot = take_booking_snapshot(LISBON, closed_on)
    report = publish_daily_report(LISBON, closed_on)

    run = newest_run(f"{LISBON} {closed_on}")
    assert snapshot.kind == "reconstructed"
    assert report.status == "final v1"
    assert {row["id"] for row in table_of(run)} >= {"K-01", "K-02", "K-05", "K-10"}
    assert {file.format for file in report.files} == {"html", "json", "xlsx"}
    assert len(artifacts(run.id, "markdown")) == 3
    assert all((house.data_dir / "reports" / file.path).stat().st_size == file.bytes_count for file in report.files)


def test_the_report_says_what_the_sandbox_knows(house: House) -> None:
    sync_reservations(PMS, LISBON)
    expected = expectations(house.world)
    closed_on: date = expected.business_on[LISBON] - timedelta(days=1)

    report = publish_daily_report(LISBON, closed_on)

    shown = {line.name: line.today for line in report.lines}
    day = expected.day(LISBON, closed_on)
    assert shown["Occupied rooms"] == str(day.occupied)
    assert shown["Arrivals"] == str(day.arrivals)
    assert shown["Departures"] == str(day.departures)
    assert shown["Room revenue"] == Money(day.revenue_minor + day.day_use_minor, "EUR").display()


def test_held_rows_wait_on_replay_and_load_on_release(house: House) -> None:
    sync_reservations(PMS, LISBON)
    with house.engine.connect() as connection:
        query = "select quarantine_id from ops.quarantine where 'no_guests' = any(reasons) order by 1"
        held = list(connection.execute(text(query)).scalars())
    choice = QuarantineChoice(ids=held, reason="no_guests")

    replayed = replay_quarantine(choice)
    released = replay_quarantine(choice, Release(actor="night manager", reason="day rooms of the airline crew"))

    assert held
    assert [row.result for row in replayed.rows] == ["open"] * len(held)
    assert [row.result for row in released.rows] == ["released"] * len(held)
    with house.engine.connect() as connection:
        loaded = "select count(*) from core.reservations where 'no_guests' = any(warnings)"
        assert connection.execute(text(loaded)).scalar_one() == len(held)
        assert connection.execute(text("select count(*) from ops.audit_log")).scalar_one() == len(held)

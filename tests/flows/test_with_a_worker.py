"""Every flow of the house, deployed, started by a worker and looked at as an operator would."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments.demo_house import CHANNEL, PMS
from sandbox.server import running
from sandbox.server.access import Keys
from sandbox.world import build
from storage.integrations import Integration, save_integration
from tests.deployments.sandbox_house import House, sandbox_house
from tests.deployments.trigger_process import send
from tests.flows.running import Prefect, Run, deployed, worker

HOUSE = "harbour-lisbon"
LOAD_COLUMNS = [
    "property", "window", "verdict", "expected", "read", "passed", "quarantined", "top reasons", "warnings", "inserted",
    "updated", "unchanged", "stale", "watermark",
]  # fmt: skip
RESERVATION_COLUMNS = [
    "room nights in", "revenue in", "unmapped codes", "linked to channel copies", "not linked", "differences to copies",
    "withheld",
]  # fmt: skip


@pytest.fixture
def house(clean_database: str, tmp_path: Path) -> Iterator[House]:
    """The sandbox's hotels, some of whose bookings are told wrong."""
    with sandbox_house(clean_database, tmp_path / "house", size=60, flawed_per_mille=80) as made:
        yield made


@pytest.fixture
def broken_pms(house: House) -> Iterator[str]:
    """A source so many of whose bookings are wrong that none may load."""
    with running(build(size=90, flawed_per_mille=700)) as sandbox:
        settings = {"base_url": sandbox.url, "allow_private_hosts": True}
        with house.engine.begin() as connection:
            broken = Integration("broken_pms", HOUSE, "hotel_rest", settings=settings)
            save_integration(connection, broken, credentials={"api_key": Keys().api_key})
        yield "broken_pms"


def test_every_flow_runs_under_a_worker_and_says_what_it_did(house: House, broken_pms: str) -> None:
    with deployed(house.data_dir, house.url) as prefect:
        prefect.pause_schedules()
        send(house, 0, 20)
        with worker(prefect, house):
            guests, bookings, shift = prefect.finished(
                prefect.start("sync-guest-profiles/daily", source=PMS, property_id=HOUSE),
                prefect.start("sync-reservations/hourly", source=PMS, property_id=HOUSE),
                prefect.start("import-bookings/sweeper"),
            )
            guests_are_in(guests)
            bookings_are_in(bookings)
            the_shift_tells_of_each_channel(shift)
            snapshot, report, blocked, unknown, replay = rest(prefect, house, broken_pms)
            the_snapshot_is_taken(snapshot)
            the_report_is_published_with_links(report, house)
            a_blocked_batch_says_what_to_mend(blocked)
            a_source_that_is_not_set_up_says_what_to_add(unknown)
            a_replay_shows_what_still_waits(replay, bookings)
            pulls, resync, messages = asked_again(prefect, house)
            pulls_tell_of_each_account(pulls)
            a_resync_finds_nothing_missed(resync)
            no_message_is_stuck(messages)


def rest(prefect: Prefect, house: House, broken_pms: str) -> list[Run]:
    return prefect.finished(
        prefect.start("take-booking-snapshot/nightly", property_id=HOUSE),
        prefect.start("publish-daily-report/daily", property_id=HOUSE, business_on=closed_on(house)),
        prefect.start("sync-reservations/hourly", source=broken_pms, property_id=HOUSE),
        prefect.start("sync-reservations/file", source="no_such_source", file="export.csv"),
        prefect.start("replay-quarantine/on-demand", choice={"source": PMS}),
    )


def asked_again(prefect: Prefect, house: House) -> list[Run]:
    with house.engine.begin() as connection:
        pulled = (
            "UPDATE ops.integrations SET settings = settings || '{\"pulls_bookings\": true}' WHERE source = :source"
        )
        connection.execute(text(pulled), {"source": PMS})
    window = {"since": "2020-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
    return prefect.finished(
        prefect.start("pull-bookings/on-demand", source=PMS, property_id=HOUSE),
        prefect.start("resync-window/on-demand", source=PMS, property_id=HOUSE, window=window),
        prefect.start("replay-messages/on-demand", choice={"origin": "inbox"}),
    )


def guests_are_in(run: Run) -> None:
    assert_completed(run)
    assert run.name == f"{PMS} {HOUSE} guests since watermark"
    assert "dataset:guests" in run.tags
    [row] = run.table(f"sync-guest-profiles-sandbox-pms-{HOUSE}")
    assert list(row) == [*LOAD_COLUMNS, "next step"]
    assert row["read"] == row["inserted"] == row["expected"] > 0


def bookings_are_in(run: Run) -> None:
    assert_completed(run)
    assert run.name == f"{PMS} {HOUSE} reservations since watermark"
    [row] = run.table(f"sync-reservations-sandbox-pms-{HOUSE}")
    assert list(row) == [*LOAD_COLUMNS, *RESERVATION_COLUMNS, "next step"]
    assert row["verdict"] == "quarantined"
    assert row["read"] == row["passed"] + row["quarantined"]
    assert row["quarantined"] > 0
    assert row["revenue in"].endswith(" EUR")
    assert "ops.quarantine" in row["next step"]


def the_shift_tells_of_each_channel(run: Run) -> None:
    assert_completed(run)
    assert run.name.startswith("bookings 20")
    [row] = run.table("import-bookings")
    assert row["channel"] == CHANNEL
    assert row["messages"] == 20
    assert row["p50 ms"] <= row["p95 ms"]
    assert list(row)[-1] == "next step"


def the_snapshot_is_taken(run: Run) -> None:
    assert_completed(run)
    assert run.name.startswith(f"{HOUSE} as of 20")
    [row] = run.table(f"take-booking-snapshot-{HOUSE}")
    assert (row["property"], row["version"], row["kind"]) == (HOUSE, 1, "captured")
    assert row["room nights"] > 0


def the_report_is_published_with_links(run: Run, house: House) -> None:
    assert_completed(run)
    assert run.name == f"{HOUSE} {closed_on(house)}"
    rows = run.table(f"publish-daily-report-{HOUSE}")
    assert list(rows[0]) == ["id", "figure", "today", "month to date", "last year", "basis", "status", "withheld"]
    assert all(row["id"].startswith("K-") for row in rows)
    links = {key.rsplit("-", 1)[-1]: each["data"] for key, each in run.artifacts.items() if each["type"] == "markdown"}
    assert set(links) == {"html", "json", "xlsx"}
    for file_format, link in links.items():
        path = link.split("/reports/", 1)[1].rstrip(")")
        assert path.endswith(file_format)
        assert (house.data_dir / "reports" / path).is_file()


def a_blocked_batch_says_what_to_mend(run: Run) -> None:
    assert run.state == "FAILED"
    assert f"Blocked: nothing of {HOUSE} was loaded" in run.message
    assert "Look at the reasons in ops.quarantine" in run.message
    [row] = run.table(f"sync-reservations-broken-pms-{HOUSE}")
    assert row["verdict"] == "blocked"
    assert row["inserted"] == 0


def a_source_that_is_not_set_up_says_what_to_add(run: Run) -> None:
    assert run.state == "FAILED"
    assert run.name == "no_such_source * reservations export.csv"
    assert "there is no integration 'no_such_source'" in run.message
    assert "add it to ops.integrations" in run.message


def a_replay_shows_what_still_waits(run: Run, bookings: Run) -> None:
    assert_completed(run)
    assert run.name == f"replay {PMS}"
    [held] = bookings.table(f"sync-reservations-sandbox-pms-{HOUSE}")
    rows = run.table("replay-quarantine")
    assert len(rows) == min(held["quarantined"], 10)
    assert {row["result"] for row in rows} == {"open"}
    assert all(row["reason before"] == row["reason now"] for row in rows)


def pulls_tell_of_each_account(run: Run) -> None:
    assert_completed(run)
    assert run.name.startswith(f"pulls {PMS} {HOUSE} 20")
    [row] = run.table("pull-bookings")
    assert (row["channel"], row["property"], row["failing"], row["next step"]) == (PMS, HOUSE, "no", "nothing")


def a_resync_finds_nothing_missed(run: Run) -> None:
    assert_completed(run)
    assert run.name == f"resync {PMS} {HOUSE} 2020-01-01T00:00Z..2027-01-01T00:00Z"
    [row] = run.table(f"resync-window-sandbox-pms-{HOUSE}")
    assert (row["new"], row["changed"], row["vanished at source"]) == (0, 0, 0)
    assert row["already right"] + row["held"] == row["found at source"] > 0


def no_message_is_stuck(run: Run) -> None:
    assert_completed(run)
    assert run.name == "replay messages all that are stuck"
    assert run.table("replay-messages") == []


def closed_on(house: House) -> str:
    return str(date.fromisoformat(house.world.view().business_on(HOUSE)) - timedelta(days=1))


def assert_completed(run: Run) -> None:
    assert run.state == "COMPLETED", run

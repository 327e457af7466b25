"""Extract and load: what is pulled is kept whole, what is loaded is loaded once, one property's trouble stays its own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from connectors.errors import VendorChangedShape
from deployments.demo_house import PMS
from operations.daily_report import publish_daily_report
from operations.errors import NotConfiguredError, NothingThereError
from operations.extract import extract
from operations.load_batch import load_batch
from operations.snapshot import take_snapshot
from sandbox.expected import expectations
from sandbox.server import Sandbox
from sandbox.world import World
from tests.operations.messages import ask

LISBON = "harbour-lisbon"


def pull(house: Engine, dataset: str = "reservations", property_id: str = LISBON) -> int:
    return extract(house, source=PMS, property_id=property_id, dataset=dataset)


def test_a_pull_is_complete_or_it_is_never_loaded(house: Engine, sandbox: Sandbox) -> None:
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET settings = settings || '{\"page_rows\": 5}'"))
    sandbox.faults.arm("cursor_loop", path="/v1/reservations", times=1, after=1)

    with pytest.raises(VendorChangedShape):
        pull(house)

    ((batch_id, is_complete),) = ask(house, "SELECT batch_id, is_complete FROM raw.batches")
    assert not is_complete
    assert ask(house, "SELECT count(*) > 0 FROM raw.pages") == [(True,)]
    with pytest.raises(NothingThereError, match="cut off"):
        load_batch(house, batch_id)


def test_the_watermark_is_the_sources_own_and_a_later_pull_starts_there(house: Engine, world: World) -> None:
    load_batch(house, pull(house))
    ((marked_at,),) = ask(house, "SELECT value_at FROM ops.watermarks")

    pull(house)

    ((since,),) = ask(house, "SELECT window_from FROM raw.batches ORDER BY batch_id DESC LIMIT 1")
    assert marked_at <= world.now
    assert marked_at - timedelta(minutes=10) <= since <= marked_at


def test_loading_a_batch_again_writes_nothing(house: Engine, world: World) -> None:
    batch_id = pull(house)
    first = load_batch(house, batch_id).properties[0]

    again = load_batch(house, batch_id).properties[0]

    assert first.inserted_count == expectations(world).reservation_count[LISBON]
    assert (again.inserted_count, again.updated_count) == (0, 0)
    assert again.unchanged_count == first.inserted_count


@pytest.mark.parametrize("dataset", ["guests", "rates", "room_status"])
def test_every_dataset_of_the_pms_loads_and_is_known_the_second_time(house: Engine, dataset: str) -> None:
    first = load_batch(house, pull(house, dataset)).properties[0]
    again = load_batch(house, extract_all(house, dataset)).properties[0]

    assert first.verdict == "passed"
    assert first.inserted_count == first.read_count > 0
    assert (again.inserted_count, again.updated_count) == (0, 0)


def extract_all(house: Engine, dataset: str) -> int:
    with house.begin() as connection:
        connection.execute(text("DELETE FROM ops.watermarks"))
    return pull(house, dataset)


def test_what_is_not_set_up_is_named(house: Engine) -> None:
    with pytest.raises(NotConfiguredError, match=r"add it to ops\.integrations"):
        extract(house, source="nobody", property_id=LISBON, dataset="guests")
    with pytest.raises(NotConfiguredError, match="known: harbour-lisbon"):
        take_snapshot(house, "nowhere")
    with pytest.raises(NothingThereError, match="there is no batch"):
        load_batch(house, 10**9)


def test_a_paused_account_is_read_and_one_in_maintenance_is_not(house: Engine) -> None:
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET status = 'paused'"))
    assert pull(house)
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET status = 'maintenance'"))

    with pytest.raises(NotConfiguredError, match="is in maintenance"):
        pull(house)


def test_a_snapshot_of_unchanged_books_is_taken_once(house: Engine, world: World) -> None:
    load_batch(house, pull(house))
    today = expectations(world).business_on[LISBON]

    first, again = take_snapshot(house, LISBON), take_snapshot(house, LISBON)

    assert (first.kind, first.is_new, first.version) == ("captured", True, 1)
    assert (again.is_new, again.version, again.sha256) == (False, 1, first.sha256)
    assert take_snapshot(house, LISBON, today - timedelta(days=3)).kind == "reconstructed"
    with pytest.raises(NothingThereError, match="still to come"):
        take_snapshot(house, LISBON, today + timedelta(days=1))


def test_a_final_report_stays_until_its_data_change_and_then_says_what_changed(house: Engine, world: World) -> None:
    load_batch(house, pull(house))
    closed_on: date = expectations(world).business_on[LISBON] - timedelta(days=1)
    first = publish_daily_report(house, LISBON, None, run_name="first")
    again = publish_daily_report(house, LISBON, closed_on, run_name="again")
    with house.begin() as connection:
        cheaper = "UPDATE core.room_nights SET price_minor = price_minor + 100 WHERE property_id = :property AND stay_on = :on"
        connection.execute(text(cheaper), {"property": LISBON, "on": closed_on})

    changed = publish_daily_report(house, LISBON, closed_on, run_name="changed")

    assert (first.business_on, first.status, first.is_new) == (closed_on, "final v1", True)
    assert (again.status, again.is_new, again.files) == ("final v1", False, first.files)
    assert (changed.status, changed.is_new) == ("final v2", True)
    assert datetime.now(UTC) > world.now

"""How pulled accounts stand: when they are due, what a hint changes, what a report counts."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from storage.inbox import Delivery, receive
from storage.pulls import (
    Turn,
    hint,
    note_acknowledged,
    note_heard,
    note_pull,
    note_stored,
    report_standings,
    seconds_until_due,
    turn,
)

CITY, RESORT = ("channel", "city-hotel"), ("channel", "resort-hotel")
MINUTE = timedelta(minutes=1)
LATER = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty(clean_database: str) -> None: ...


def begun(database_url: str, place: tuple[str, str] = CITY) -> Turn:
    with turn(database_url, *place) as held:
        assert held is not None
        return held


def pulled(engine: Engine, held: Turn, place: tuple[str, str] = CITY, **more: Any) -> None:
    with engine.begin() as connection:
        note_pull(connection, *place, begun_at=held.begun_at, wait=MINUTE, **{"is_empty": True} | more)


def hinted(engine: Engine, source: str = "channel", property_id: str | None = "city-hotel") -> None:
    with engine.begin() as connection:
        hint(connection, source, property_id)


def waits(engine: Engine) -> dict[tuple[str, str], float]:
    with engine.connect() as connection:
        return seconds_until_due(connection)


def put(engine: Engine, *names: str, place: tuple[str, str] = CITY, **more: Any) -> list[int]:
    given: dict[str, Any] = {"headers": {}, "acknowledge_by_at": LATER} | more
    deliveries = [
        Delivery(
            place[0], "", name, "new", b"{}", hashlib.sha256(b"{}").digest(), signature_kind="pulled",
            property_id=place[1], **given,
        )
        for name in names
    ]  # fmt: skip
    with engine.begin() as connection:
        ids = [each.inbox_id for each in receive(connection, deliveries)]
        note_stored(connection, *place, len(ids))
    return ids


def acknowledged(engine: Engine, ids: list[int], place: tuple[str, str] = CITY) -> None:
    with engine.begin() as connection:
        note_acknowledged(connection, *place, ids)


def test_an_account_never_pulled_is_due_and_one_that_was_pulled_when_it_was_told(
    engine: Engine, database_url: str
) -> None:
    held = begun(database_url)
    assert held.is_due
    pulled(engine, held)
    assert 59 < waits(engine)[CITY] <= 60
    assert not begun(database_url).is_due


def test_a_turn_is_one_s_own_until_it_ends(engine: Engine, database_url: str) -> None:
    with turn(database_url, *CITY) as mine, turn(database_url, *CITY) as second, turn(database_url, *RESORT) as other:
        assert mine is not None
        assert second is None
        assert other is not None
    begun(database_url)


def test_a_hint_makes_an_account_due_at_once_and_is_heard(engine: Engine, database_url: str) -> None:
    pulled(engine, begun(database_url))
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN pulls")
        hinted(engine)
        assert [note.channel for note in listener.notifies(timeout=5, stop_after=1)] == ["pulls"]
    assert waits(engine)[CITY] <= 0


@pytest.mark.parametrize(
    ("source", "property_id", "due"),
    [("channel", "city-hotel", {CITY}), ("channel", None, {CITY, RESORT}), ("other", None, set())],
)
def test_a_hint_is_for_the_account_it_names(
    engine: Engine, database_url: str, source: str, property_id: str | None, due: set[tuple[str, str]]
) -> None:
    for place in (CITY, RESORT):
        pulled(engine, begun(database_url, place), place)
    hinted(engine, source, property_id)
    assert {place for place, wait in waits(engine).items() if wait <= 0} == due


def test_a_hint_for_one_property_makes_the_account_of_all_properties_due(engine: Engine, database_url: str) -> None:
    whole = ("channel", "*")
    pulled(engine, begun(database_url, whole), whole)
    hinted(engine)
    assert waits(engine)[whole] <= 0


def test_a_hint_that_comes_during_a_pull_is_not_forgotten_at_its_end(engine: Engine, database_url: str) -> None:
    pulled(engine, begun(database_url))
    held = begun(database_url)
    hinted(engine)
    pulled(engine, held)
    assert waits(engine)[CITY] <= 0
    pulled(engine, begun(database_url))
    assert waits(engine)[CITY] > 0


def test_a_hint_that_comes_during_the_first_pull_is_not_forgotten_either(engine: Engine, database_url: str) -> None:
    held = begun(database_url)
    hinted(engine)
    pulled(engine, held)
    assert waits(engine)[CITY] <= 0


def test_an_account_that_fails_waits_as_it_was_told_whatever_is_hinted(engine: Engine, database_url: str) -> None:
    held = begun(database_url)
    hinted(engine)
    pulled(engine, held, error_code="try_later")
    hinted(engine)
    assert waits(engine)[CITY] > 59


def test_a_hint_during_a_pull_that_mends_itself_is_kept(engine: Engine, database_url: str) -> None:
    pulled(engine, begun(database_url), error_code="try_later")
    with engine.begin() as connection:
        connection.execute(text("UPDATE ops.pulls SET due_at = clock_timestamp()"))
    held = begun(database_url)
    hinted(engine)
    pulled(engine, held)
    assert waits(engine)[CITY] <= 0


def test_what_a_queue_must_have_heard_of_is_noted_of_its_own_account_up_to_an_instant(
    engine: Engine, database_url: str
) -> None:
    begun(database_url)
    old = put(engine, "old", "older")
    with engine.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = :at"), {"at": LATER - MINUTE})
    put(engine, "fresh")
    put(engine, "pushed", acknowledge_by_at=None)
    put(engine, "elsewhere", place=RESORT)
    with engine.begin() as connection:
        note_heard(connection, *CITY, account="", received_before=LATER)
        note_heard(connection, *CITY, account="other", received_before=datetime.now(UTC))
        known = connection.execute(text("SELECT inbox_id FROM raw.inbox WHERE acknowledged_at IS NOT NULL"))
        assert list(known.scalars()) == old
        assert connection.execute(text("SELECT acknowledged_count FROM ops.pulls")).scalar_one() == 2


@pytest.fixture
def reported(engine: Engine, database_url: str) -> None:
    for place in (CITY, RESORT):
        pulled(engine, begun(database_url, place), place)
    report(engine)


def report(engine: Engine, **given: str) -> dict[str, tuple[int, int, int]]:
    with engine.begin() as connection:
        return {
            each.property_id: (each.message_count, each.acknowledged_count, each.unacknowledged_count)
            for each in report_standings(connection, **given)
        }


@pytest.mark.usefixtures("reported")
def test_a_report_counts_what_came_since_the_last_one(engine: Engine) -> None:
    ids = put(engine, "a", "b", "c")
    acknowledged(engine, ids[:2])
    assert report(engine) == {"city-hotel": (3, 2, 1), "resort-hotel": (0, 0, 0)}
    acknowledged(engine, ids)
    put(engine, "d", place=RESORT)
    assert report(engine) == {"city-hotel": (0, 1, 0), "resort-hotel": (1, 0, 1)}
    assert report(engine) == {"city-hotel": (0, 0, 0), "resort-hotel": (0, 0, 1)}


@pytest.mark.usefixtures("reported")
def test_a_report_of_one_account_leaves_the_others_to_the_next(engine: Engine) -> None:
    put(engine, "a")
    put(engine, "b", place=RESORT)
    assert report(engine, source="channel", property_id="resort-hotel") == {"resort-hotel": (1, 0, 1)}
    assert report(engine, source="other") == {}
    assert report(engine) == {"city-hotel": (1, 0, 1), "resort-hotel": (0, 0, 1)}


@pytest.mark.usefixtures("reported")
def test_a_report_that_is_rolled_back_has_told_nothing(engine: Engine, connection: Connection) -> None:
    put(engine, "a")
    report_standings(connection)
    connection.rollback()
    assert report(engine)["city-hotel"] == (1, 0, 1)


@pytest.mark.usefixtures("reported")
def test_a_report_tells_the_nearest_deadline_and_the_breakers_that_are_not_closed(engine: Engine) -> None:
    put(engine, "a", acknowledge_by_at=LATER + MINUTE)
    put(engine, "b")
    breaker = "INSERT INTO ops.breakers (source, endpoint_code, state) VALUES ('channel', :endpoint, :state)"
    with engine.begin() as connection:
        connection.execute(
            text(breaker), [{"endpoint": "queue", "state": "open"}, {"endpoint": "ack", "state": "closed"}]
        )
        city, resort = report_standings(connection)
    assert (city.acknowledge_by_at, resort.acknowledge_by_at) == (LATER, None)
    assert city.breakers == resort.breakers == {"queue": "open"}
    assert city.pulled_at is not None

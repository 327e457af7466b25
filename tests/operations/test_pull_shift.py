"""All accounts pulled when they are due, each beside the others, and what is said of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Engine, text

from connectors.errors import TryLater, VendorChangedShape
from connectors.ports import Account
from deployments.demo_house import CHANNEL, PMS
from hotel.loads import AccountPulls, PullSummary
from operations.pull_bookings import pull
from operations.pull_shift import Pulling, due_places, pull_due
from sandbox.webhooks.messages import Message
from sandbox.world import World
from storage.integrations import Integration, save_integration
from storage.pulls import hint
from tests.operations.messages import ask, told_by
from tests.operations.queue_channel import CAPABILITIES, KIND, LISBON, Queue, queue_connector, registered, set_up_queue

NAMES = ("good", "slow", "faulty")


@pytest.fixture
def queues(house: Engine) -> Iterator[dict[str, Queue]]:
    """Three channels of one kind."""
    made = {name: Queue() for name in NAMES}

    def opened(account: Account) -> Queue:
        return made[account.source]

    for name in NAMES:
        set_up_queue(house, name)
    with registered(queue_connector(opened)):
        yield made


@pytest.fixture(scope="module")
def bookings(world: World) -> list[Message]:
    return told_by(world, CHANNEL)


def account(house: Engine, name: str) -> AccountPulls:
    summary = pull_due(house, seconds=0, source=name)
    (found,) = summary.accounts
    return found


def test_every_account_is_pulled_once_and_those_that_fail_or_hang_hold_up_no_other(
    house: Engine, queues: dict[str, Queue], bookings: list[Message]
) -> None:
    others_are_in = threading.Event()

    def hang(call: str) -> None:
        assert others_are_in.wait(20)

    queues["slow"].before = hang
    queues["faulty"].failures["waiting"] = [ZeroDivisionError()]
    for queue in queues.values():
        queue.sell(bookings[:4])
    with ExitStack() as stack:
        stack.callback(others_are_in.set)
        waiting = threading.Thread(target=_set_when, args=(queues["good"], others_are_in))
        waiting.start()
        summary = pull_due(house, seconds=0, all_now=True)
    waiting.join()
    assert {each.source: (each.message_count, each.error_code) for each in summary.accounts} == {
        "faulty": (0, "pull_failed"), "good": (4, None), "slow": (4, None),
    }  # fmt: skip
    assert summary.message_count == 8
    assert all(queue.messages == {} for name, queue in queues.items() if name != "faulty")


def _set_when(queue: Queue, event: threading.Event) -> None:
    deadline = time.monotonic() + 20
    while queue.told.total() == 0 or queue.messages:
        assert time.monotonic() < deadline
    event.set()


def test_only_what_is_due_is_pulled_and_the_one_that_waited_longest_comes_first(
    house: Engine, queues: dict[str, Queue]
) -> None:
    for name in NAMES:
        pull(house, name, LISBON)
    assert due_places(house) == []
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.pulls SET due_at = now() - interval '1 hour' WHERE source = 'slow'"))
        hint(connection, "good", LISBON)
    assert due_places(house) == [("slow", LISBON), ("good", LISBON)]


def test_accounts_are_pulled_again_as_they_become_due(
    house: Engine, queues: dict[str, Queue], bookings: list[Message]
) -> None:
    set_up_queue(house, "good", cadence_seconds=1)
    calls: list[str] = []
    queues["good"].after = calls.append
    queues["faulty"].after = lambda _: queues["good"].sell(bookings[:1])
    summary = pull_due(house, seconds=3)
    assert calls.count("waiting") >= 2
    assert {each.source: each.message_count for each in summary.accounts} == {"faulty": 0, "good": 1, "slow": 0}


def test_one_account_or_one_source_is_pulled_alone(house: Engine, queues: dict[str, Queue]) -> None:
    set_up_queue(house, "good", "kamo-kyoto")
    assert [each.source for each in pull_due(house, seconds=0, source="slow", all_now=True).accounts] == ["slow"]
    found = pull_due(house, seconds=0, source="good", property_id="kamo-kyoto", all_now=True).accounts
    assert [(each.source, each.property_id) for each in found] == [("good", "kamo-kyoto")]
    assert ask(house, "SELECT source, property_id FROM ops.pulls ORDER BY 1") == [
        ("good", "kamo-kyoto"),
        ("slow", LISBON),
    ]


def test_what_is_pulled_is_the_set_up_s_affair(house: Engine, queues: dict[str, Queue]) -> None:
    assert {source for source, _ in due_places(house)} == set(NAMES)
    set_up_queue(house, "slow", settings={"pulls_bookings": False})
    set_up_queue(house, "good", status="maintenance")
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET kind = 'no such kind' WHERE source = 'faulty'"))
        pms = "UPDATE ops.integrations SET settings = settings || '{\"pulls_bookings\": true}' WHERE source = :source"
        connection.execute(text(pms), {"source": PMS})
        save_integration(connection, Integration("pushing", LISBON, "file_drop", settings={"pulls_bookings": False}))
    assert {source for source, _ in due_places(house)} == {PMS}


def test_a_kind_whose_webhooks_only_hint_is_pulled(house: Engine) -> None:
    can = CAPABILITIES._replace(acknowledges=False, hints_by_webhook=True, datasets=frozenset({"reservations"}))
    set_up_queue(house)
    with registered(queue_connector(lambda _: Queue(), can)):
        assert due_places(house) == [(KIND, LISBON)]
    with registered(queue_connector(lambda _: Queue(), can._replace(hints_by_webhook=False))):
        assert due_places(house) == []


def test_the_deadline_is_that_of_what_is_open_or_of_what_may_have_come_since(
    house: Engine, queues: dict[str, Queue], bookings: list[Message]
) -> None:
    pull_due(house, seconds=0, all_now=True)
    assert account(house, "good").minutes_to_deadline == 29
    queues["good"].sell(bookings[:2])
    queues["good"].failures["acknowledge"] = [TryLater("busy", 60)]
    pull(house, "good", LISBON)
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET acknowledge_by_at = acknowledge_by_at - interval '20 minutes'"))
    found = account(house, "good")
    assert (found.minutes_to_deadline, found.unacknowledged_count, found.error_code) == (9, 2, "try_later")
    queues["slow"].failures["waiting"] = [VendorChangedShape("odd")]
    pull(house, "slow", LISBON)
    with house.begin() as connection:  # it has failed for 40 minutes, and was asked all the time
        query = "UPDATE ops.pulls SET failing_since_at = :at WHERE source = 'slow'"
        connection.execute(text(query), {"at": datetime.now(UTC) - timedelta(minutes=40)})
    assert account(house, "slow").minutes_to_deadline == -11


def finished(house: Engine, name: str) -> list[PullSummary]:
    pulling = Pulling(house)
    pulling.begin([(name, LISBON)])
    found = pulling.ended(20)
    assert pulling.is_idle
    return found


def test_a_pull_goes_on_where_all_connections_are_cut(
    house: Engine, queues: dict[str, Queue], bookings: list[Message]
) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def cut_all(_: str) -> None:
        ask(house, cut)

    queues["good"].sell(bookings[:4])
    queues["good"].before = cut_all
    assert finished(house, "good") == [PullSummary("good", LISBON, 4, 4, 4)]


def test_a_database_that_is_away_leaves_the_account_due(
    house: Engine, queues: dict[str, Queue], bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise psycopg.errors.AdminShutdown

    queues["good"].sell(bookings[:2])
    with monkeypatch.context() as patch:
        patch.setattr("operations.queue_pull.receive", away)
        assert finished(house, "good") == []
    assert ("good", LISBON) in due_places(house)
    assert ask(house, "SELECT error_code FROM ops.pulls") == [(None,)]
    assert finished(house, "good") == [PullSummary("good", LISBON, 2, 2, 2)]


def test_what_the_database_refuses_for_good_is_waited_for_and_not_asked_for_at_once(
    house: Engine, queues: dict[str, Queue], bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise psycopg.errors.NotNullViolation

    queues["good"].sell(bookings[:2])
    monkeypatch.setattr("operations.queue_pull.receive", refused)
    (found,) = finished(house, "good")
    assert found.error_code == "sql_23502"
    assert ("good", LISBON) not in due_places(house)

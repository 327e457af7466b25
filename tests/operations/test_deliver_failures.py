"""A channel that fails holds up nobody and loses nothing; a deliverer that dies is followed by another."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from operations import deliver_outbox, sending
from operations.deliver_outbox import DeliverySummary, deliver
from operations.health import integration_healths
from operations.tellings import tellings
from sandbox.server import Sandbox
from storage.deliveries import record
from tests.operations.channels_house import (
    FAR,
    HOUSE,
    NEAR,
    ask,
    book,
    connect,
    counts,
    day,
    ended,
    let_time_pass,
    pushes,
    states,
)
from tests.operations.dying_deliverer import deliver_and_die

INVENTORY = {"path": "/v1/inventory", "method": "PUT"}
WAITS = "SELECT extract(epoch FROM not_before_at - now())::int FROM ops.outbox WHERE destination = :s AND error_code IS NOT NULL"


def health(house: Engine, source: str) -> tuple[str, str | None]:
    with house.connect() as connection:
        found = {each.source: each for each in integration_healths(connection)}
    return found[source].status, (found[source].detail or "").partition(":")[0] or None


def breaker(house: Engine, source: str) -> list[tuple[Any, ...]]:
    return ask(house, "SELECT endpoint_code, state FROM ops.breakers WHERE source = :source", source=source)


def test_a_channel_that_says_later_is_asked_later_and_nothing_is_lost(
    shop: Engine, sandbox: Sandbox, far: Sandbox
) -> None:
    sandbox.faults.arm("rate_limited", retry_after=100, **INVENTORY)
    book(shop, "R1", 1, 2, 3)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 3, put_back_count=3)
    assert deliver(shop, FAR).accepted_count == 3
    assert ended(shop, NEAR) == [("pending", "try_later", 1), ("pending", None, 2)]
    assert 95 <= ask(shop, WAITS, s=NEAR)[0][0] <= 100
    assert states(shop, NEAR) == [("availability", "double", "pending", "try_later")]
    assert health(shop, NEAR) == ("degraded", "try_later")
    assert deliver(shop, NEAR).claimed_count == 0
    let_time_pass(shop)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 1, accepted_count=1)  # alone: does it answer again?
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 2, accepted_count=2)
    assert states(shop, NEAR) == [("availability", "double", "synced", None)]
    assert health(shop, NEAR) == ("healthy", None)
    query = (
        "SELECT attempt_no, d.status FROM ops.deliveries d JOIN ops.outbox o USING (outbox_id) WHERE o.destination = :s"
    )
    log = ask(shop, f"{query} ORDER BY outbox_id, attempt_no", s=NEAR)
    assert log == [(1, "failed"), (2, "accepted"), (1, "accepted"), (1, "accepted")]


def test_a_channel_that_is_away_opens_its_breaker_and_comes_back_by_itself(
    shop: Engine, sandbox: Sandbox, far: Sandbox
) -> None:
    sandbox.faults.arm("rate_limited", retry_after=60, times=5, **INVENTORY)
    book(shop, "R1", *range(1, 9))
    for _ in range(5):
        assert deliver(shop, NEAR).put_back_count > 0
        let_time_pass(shop)
    assert breaker(shop, NEAR) == [("inventory", "open")]
    with shop.begin() as connection:
        connection.execute(text("UPDATE ops.breakers SET next_probe_at = now() + interval '20 seconds'"))
    asked = pushes(sandbox)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 1, put_back_count=1)
    assert pushes(sandbox) == asked  # not even asked
    assert ended(shop, NEAR) == [("pending", "breaker_open", 1), ("pending", None, 7)]
    assert deliver(shop, FAR).accepted_count == 8
    assert breaker(shop, FAR) == []
    let_time_pass(shop)
    assert [deliver(shop, NEAR).accepted_count for _ in range(2)] == [1, 7]
    assert breaker(shop, NEAR) == [("inventory", "closed")]
    assert len(counts(sandbox)) == 8


def test_while_a_channel_is_away_its_rows_coalesce_and_the_last_count_is_told(shop: Engine, sandbox: Sandbox) -> None:
    sandbox.faults.arm("rate_limited", retry_after=60, times=3, **INVENTORY)
    for seq in (1, 2, 3):
        book(shop, f"R{seq}", 1, seq=seq)
        assert deliver(shop, NEAR).put_back_count == 1
        let_time_pass(shop)
    assert deliver(shop, NEAR).accepted_count == 1
    assert counts(sandbox) == {("STD", day(1)): 0}
    assert ended(shop, NEAR) == [("sent", None, 1)]


def test_a_key_that_is_refused_waits_for_a_person_and_then_goes_on(shop: Engine, sandbox: Sandbox) -> None:
    connect(shop, NEAR, sandbox, key="wrong")
    book(shop, "R1", 1, 2)
    assert deliver(shop, NEAR).put_back_count == 2
    assert ask(shop, WAITS, s=NEAR)[0][0] >= 295
    assert states(shop, NEAR) == [("availability", "double", "failed", "fix_credentials")]
    assert health(shop, NEAR) == ("unhealthy", "fix_credentials")
    connect(shop, NEAR, sandbox)
    let_time_pass(shop)
    assert [deliver(shop, NEAR).accepted_count for _ in range(2)] == [1, 1]
    assert states(shop, NEAR) == [("availability", "double", "synced", None)]


def test_a_channel_that_refuses_all_of_it_is_held_back_before_all_is_burned(shop: Engine, sandbox: Sandbox) -> None:
    connect(shop, NEAR, sandbox, hotel_ref="nobody")
    book(shop, "R1", *range(1, 31))
    told = deliver(shop, NEAR)
    assert told.failed_count == sending.MOST_CULPRITS - 1
    assert told.put_back_count == 30 - told.failed_count
    assert ("pending", "nothing_taken", 1) in ended(shop, NEAR)


def test_a_system_that_takes_no_such_thing_says_what_to_mend(shop: Engine, sandbox: Sandbox) -> None:
    with shop.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET kind = 'file_drop' WHERE source = :near"), {"near": NEAR})
    book(shop, "R1", 1)
    deliver(shop, NEAR)
    assert ended(shop, NEAR) == [("pending", "fix_mapping", 1)]


@pytest.mark.parametrize("status", ["paused", "maintenance"])
def test_an_account_at_rest_is_told_nothing_until_it_is_active(
    shop: Engine, sandbox: Sandbox, far: Sandbox, status: str
) -> None:
    book(shop, "R1", 1)
    connect(shop, NEAR, sandbox, status=status)
    book(shop, "R2", 2, seq=2)
    assert deliver(shop, NEAR).claimed_count == 0
    assert deliver(shop, FAR).accepted_count == 2
    assert pushes(sandbox) == 0
    connect(shop, NEAR, sandbox)
    assert deliver(shop, NEAR).accepted_count == {"paused": 2, "maintenance": 1}[status]


def test_nothing_is_told_of_dates_before_it_went_live_or_of_what_it_is_not_told(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1, 2, 3)
    connect(shop, NEAR, sandbox, went_live_on=day(2))
    connect(shop, FAR, sandbox, pushes=("rates",))
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 3, accepted_count=2, expired_count=1)
    assert deliver(shop, FAR) == DeliverySummary(FAR, 3, expired_count=3)
    assert ended(shop, FAR) == [("expired", "not_told", 3)]
    assert set(counts(sandbox)) == {("STD", day(2)), ("STD", day(3))}


def test_a_date_that_passed_while_it_waited_is_told_to_nobody(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 0, 1)
    with shop.begin() as connection:
        query = "UPDATE ops.outbox SET expires_at = now() WHERE payload ->> 'stay_on' = :today"
        connection.execute(text(query), {"today": str(day(0))})
    assert deliver(shop, NEAR).expired_count == 1
    assert set(counts(sandbox)) == {("STD", day(1))}


@pytest.mark.parametrize(("step", "sent_before"), [("claimed", 0), ("read", 0), ("sent", 1)])
def test_a_deliverer_killed_between_two_steps_is_followed_by_another(
    shop: Engine, sandbox: Sandbox, step: str, sent_before: int
) -> None:
    book(shop, "R1", 1, 2)
    deliver_and_die(NEAR, step)
    assert ended(shop, NEAR) == [("sending", None, 2)]
    assert pushes(sandbox) == sent_before
    book(shop, "R2", 1, seq=2)
    told = deliver(shop, NEAR)
    assert (told.claimed_count, told.accepted_count) == (2, 2)
    assert counts(sandbox) == {("STD", day(1)): 1, ("STD", day(2)): 2}
    assert ended(shop, NEAR) == [("sent", None, 2), ("superseded", None, 1)]
    assert pushes(sandbox) == sent_before + 1


def test_whoever_loses_its_turn_while_it_sends_sends_no_more(
    shop: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(shop, "R1", 1)

    def and_lose_the_turn(*given: Any) -> Any:
        holder = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        ask(shop, f"{holder} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        return tellings(*given)

    monkeypatch.setattr(deliver_outbox, "tellings", and_lose_the_turn)
    with pytest.raises(OperationalError):
        deliver(shop, NEAR)
    assert pushes(sandbox) == 0
    monkeypatch.setattr(deliver_outbox, "tellings", tellings)
    assert deliver(shop, NEAR).accepted_count == 1


def test_what_two_may_have_told_at_once_is_told_once_more(
    shop: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(shop, "R1", 1)

    def after_another(*given: Any) -> Any:
        monkeypatch.setattr(deliver_outbox, "record", record)
        with shop.begin() as connection:
            connection.execute(text("UPDATE ops.outbox SET status = 'superseded' WHERE status = 'sending'"))
        return record(*given)

    monkeypatch.setattr(deliver_outbox, "record", after_another)
    deliver(shop, NEAR)
    assert ended(shop, NEAR) == [("pending", None, 1), ("superseded", None, 1)]


def test_a_second_deliverer_waits_for_its_turn(shop: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    book(shop, "R1", 1)
    seen = []

    def meanwhile(*given: Any) -> Any:
        seen.append(deliver(shop, NEAR))
        return tellings(*given)

    monkeypatch.setattr(deliver_outbox, "tellings", meanwhile)
    assert deliver(shop, NEAR).accepted_count == 1
    assert seen == [DeliverySummary(NEAR, is_busy=True)]


def test_who_is_asked_to_leave_begins_no_more(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1)
    assert deliver(shop, NEAR, is_leaving=lambda: True).put_back_count == 1
    assert ended(shop, NEAR) == [("pending", None, 1)]
    assert ask(shop, "SELECT attempts_count FROM ops.outbox WHERE destination = :s", s=NEAR) == [(0,)]


def test_a_row_that_kills_whoever_sends_it_is_given_up(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1)
    with shop.begin() as connection:
        query = "UPDATE ops.outbox SET status = 'sending', attempts_count = 5 WHERE destination = :near"
        connection.execute(text(query), {"near": NEAR})
    assert deliver(shop, NEAR).claimed_count == 0
    assert ended(shop, NEAR) == [("failed", "crashed", 1)]


def test_the_longest_wait_is_bounded(shop: Engine, sandbox: Sandbox) -> None:
    sandbox.faults.arm("rate_limited", retry_after=86_400, **INVENTORY)
    book(shop, "R1", 1)
    deliver(shop, NEAR)
    assert timedelta(seconds=ask(shop, WAITS, s=NEAR)[0][0]) <= timedelta(minutes=10)
    assert ask(shop, "SELECT property_id FROM ops.health_checks WHERE source = :s", s=NEAR) == [(HOUSE,)]

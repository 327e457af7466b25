"""The inbox: a message is stored once, claimed by one worker, and ends."""

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from storage import inbox
from storage.engine import autocommit
from storage.inbox import Delivery, Receipt


def delivery(event: int | str, body: bytes = b"{}", **more: Any) -> Delivery:
    known: dict[str, Any] = {
        "source": "channel", "account": "", "event_id": f"evt_{event}", "event_type": "booking.created", "body": body,
        "body_sha256": hashlib.sha256(body).digest(), "headers": {"content-type": "application/json"},
        "signature_kind": "hmac",
    }  # fmt: skip
    return Delivery(**known | more)


@pytest.fixture(autouse=True)
def _empty(clean_database: str) -> None: ...


def put(engine: Engine, deliveries: Sequence[Delivery]) -> list[Receipt]:
    with engine.begin() as connection:
        return inbox.receive(connection, deliveries)


def begin(engine: Engine, ids: Sequence[int], times: int = 1) -> None:
    with autocommit(engine.url.render_as_string(hide_password=False)).connect() as connection:
        for _ in range(times):
            inbox.count_attempts(connection, ids)


def test_what_is_received_is_what_is_claimed(engine: Engine) -> None:
    body = bytes(range(256))
    sent = delivery(1, body, account="house-2", property_id="city-hotel", is_test=True)
    (receipt,) = put(engine, [sent])
    with engine.begin() as connection:
        (message,) = inbox.claim(connection, 10)
    assert receipt == Receipt(message.inbox_id)
    assert (message.body, message.headers, message.property_id) == (body, dict(sent.headers), "city-hotel")
    assert (message.account, message.is_test, message.is_sealed, message.attempts_count) == ("house-2", True, False, 0)


def test_nothing_received_is_nothing_stored(connection: Connection) -> None:
    assert inbox.receive(connection, []) == []


def test_receive_sequence_follows_arrival_within_a_group(engine: Engine) -> None:
    receipts = put(engine, [delivery(name) for name in ("z", "a", "m")])
    assert [receipt.inbox_id for receipt in receipts] == sorted(receipt.inbox_id for receipt in receipts)


def test_the_same_event_again_is_a_duplicate_with_the_first_ones_id(engine: Engine) -> None:
    first = put(engine, [delivery(1), delivery(2)])
    again = put(engine, [delivery(2), delivery(3), delivery(1)])
    assert again[0] == Receipt(first[1].inbox_id, is_duplicate=True)
    assert again[2] == Receipt(first[0].inbox_id, is_duplicate=True)
    assert not again[1].is_duplicate


def test_the_same_event_id_of_another_account_or_source_is_another_message(engine: Engine) -> None:
    receipts = put(engine, [delivery(1), delivery(1, account="b"), delivery(1, source="other")])
    assert len({receipt.inbox_id for receipt in receipts}) == 3
    assert not any(receipt.is_duplicate for receipt in receipts)


def test_another_body_under_a_known_id_is_put_aside_and_the_first_is_kept(engine: Engine) -> None:
    (first,) = put(engine, [delivery(1, b"first")])
    for _ in range(2):
        (second,) = put(engine, [delivery(1, b"second")])
        assert second == Receipt(first.inbox_id, is_duplicate=True, is_conflict=True)
    with engine.begin() as connection:
        assert inbox.claim(connection, 10)[0].body == b"first"
        aside = connection.execute(text("SELECT inbox_id, body, seen_count FROM raw.inbox_conflicts")).one()
    assert aside == (first.inbox_id, b"second", 2)


def test_repeats_within_one_group_keep_the_first(engine: Engine) -> None:
    group = [delivery(1, b"first"), delivery(1, b"first"), delivery(1, b"other"), delivery(1, b"other")]
    receipts = put(engine, group)
    assert [(each.is_duplicate, each.is_conflict) for each in receipts] == [
        (False, False), (True, False), (True, True), (True, True),
    ]  # fmt: skip
    with engine.begin() as connection:
        assert [message.body for message in inbox.claim(connection, 10)] == [b"first"]


def test_two_groups_with_the_same_events_in_opposite_order_store_each_once(engine: Engine) -> None:
    group = [delivery(n) for n in range(100)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda part: put(engine, part), [group, group[::-1]] * 4))
    assert sum(not receipt.is_duplicate for receipts in outcomes for receipt in receipts) == 100
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM raw.inbox")) == 100


def test_a_receiver_that_saw_no_commit_may_send_again(engine: Engine) -> None:
    with engine.connect() as connection:
        inbox.receive(connection, [delivery(1)])
        connection.rollback()
    (receipt,) = put(engine, [delivery(1)])
    assert not receipt.is_duplicate


def test_the_asynchronous_receiver_gives_the_same_receipts(engine: Engine) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def send(group: list[Delivery]) -> list[Receipt]:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return await inbox.receive_async(connection, group)

    (first,) = put(engine, [delivery(1, b"first")])
    receipts = asyncio.run(send([delivery(1, b"other"), delivery(2)]))
    assert receipts[0] == Receipt(first.inbox_id, is_duplicate=True, is_conflict=True)
    with engine.begin() as connection:
        assert [message.inbox_id for message in inbox.claim(connection, 9)] == [first.inbox_id, receipts[1].inbox_id]
        assert connection.scalar(text("SELECT count(*) FROM raw.inbox_conflicts")) == 1


def test_listeners_hear_of_new_and_of_ended_messages_at_the_commit(engine: Engine) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN inbox")
        listener.execute("LISTEN inbox_done")
        with engine.begin() as connection:
            (receipt,) = inbox.receive(connection, [delivery(1)])
            assert list(listener.notifies(timeout=0.05)) == [], "told before the commit"
        assert [note.channel for note in listener.notifies(timeout=5, stop_after=1)] == ["inbox"]
        with engine.begin() as connection:
            inbox.mark(connection, [receipt.inbox_id], "done")
        (note,) = listener.notifies(timeout=5, stop_after=1)
        assert (note.channel, note.payload) == ("inbox_done", str(receipt.inbox_id))


def test_two_workers_never_claim_the_same_message(engine: Engine) -> None:
    put(engine, [delivery(n) for n in range(10)])
    with engine.begin() as one, engine.begin() as two:
        first, second = inbox.claim(one, 4), inbox.claim(two, 10)
        assert [message.event_id for message in first] == [f"evt_{n}" for n in range(4)]
        assert [message.event_id for message in second] == [f"evt_{n}" for n in range(4, 10)]


def test_a_worker_that_dies_leaves_its_messages_to_the_next_and_its_attempt_counted(engine: Engine) -> None:
    put(engine, [delivery(1)])
    with engine.connect() as worker:
        (message,) = inbox.claim(worker, 10)
        begin(engine, [message.inbox_id])
        worker.rollback()
    with engine.begin() as connection:
        assert inbox.claim(connection, 10)[0].attempts_count == 1


def test_after_three_attempts_a_message_comes_alone_and_holds_nobody_up(engine: Engine) -> None:
    receipts = put(engine, [delivery(n) for n in range(3)])
    suspect = receipts[1].inbox_id
    begin(engine, [suspect], times=inbox.ALONE_AFTER)
    with engine.begin() as connection:
        healthy = inbox.claim(connection, 10)
        assert [message.event_id for message in healthy] == ["evt_0", "evt_2"]
        inbox.mark(connection, [message.inbox_id for message in healthy], "done")
    put(engine, [delivery(9)])
    with engine.begin() as connection:
        (alone,) = inbox.claim(connection, 10)
    assert (alone.inbox_id, alone.attempts_count, alone.is_spent) == (suspect, 3, False)


def test_after_five_attempts_a_message_is_spent_and_buried_as_crashed(engine: Engine) -> None:
    (receipt,) = put(engine, [delivery(1)])
    begin(engine, [receipt.inbox_id], times=inbox.DEAD_AFTER)
    with engine.begin() as connection:
        (message,) = inbox.claim(connection, 10)
        assert message.is_spent
        inbox.bury(connection, [message.inbox_id])
    with engine.begin() as connection:
        assert inbox.claim(connection, 10) == []
        row = connection.execute(text("SELECT status, error_code, body IS NOT NULL FROM raw.inbox")).one()
        assert row == ("dead", "crashed", True)
        assert connection.scalar(text("SELECT count(*) FROM raw.inbox_attempts")) == 0


def test_a_failed_message_waits_for_its_time_and_keeps_its_attempts(engine: Engine) -> None:
    (receipt,) = put(engine, [delivery(1)])
    begin(engine, [receipt.inbox_id])
    with engine.begin() as connection:
        inbox.mark(connection, [receipt.inbox_id], "failed", error_code="40001", retry_after=timedelta(hours=1))
    with engine.begin() as connection:
        assert inbox.claim(connection, 10) == []
        connection.execute(text("UPDATE raw.inbox SET next_attempt_at = now() - interval '1 s'"))
    with engine.begin() as connection:
        assert inbox.claim(connection, 10)[0].attempts_count == 1


def test_a_message_that_waits_for_a_mapping_is_over_until_it_is_put_back(engine: Engine) -> None:
    (receipt,) = put(engine, [delivery(1)])
    with engine.begin() as connection:
        inbox.mark(connection, [receipt.inbox_id], "waiting_mapping", error_code="unmapped")
    with engine.begin() as connection:
        assert inbox.claim(connection, 10) == []
        inbox.mark(connection, [receipt.inbox_id], "received")
    with engine.begin() as connection:
        assert len(inbox.claim(connection, 10)) == 1
        assert connection.scalar(text("SELECT ended_at IS NULL AND error_code IS NULL FROM raw.inbox"))


def test_marking_happens_with_the_work_or_not_at_all(engine: Engine) -> None:
    put(engine, [delivery(1)])
    with engine.connect() as worker:
        ids = [message.inbox_id for message in inbox.claim(worker, 10)]
        inbox.mark(worker, ids, "done")
        worker.rollback()
    with engine.connect() as connection:
        assert inbox.waiting(connection).count == 1


def test_waiting_counts_what_no_worker_has_ended(engine: Engine) -> None:
    with engine.connect() as connection:
        assert inbox.waiting(connection) == inbox.Waiting(0, None)
    receipts = put(engine, [delivery(n) for n in range(3)])
    with engine.begin() as connection:
        inbox.mark(connection, [receipts[0].inbox_id], "done")
        oldest = connection.scalar(text("SELECT min(received_at) FROM raw.inbox WHERE status = 'received'"))
        assert inbox.waiting(connection) == inbox.Waiting(2, oldest)


def test_an_ended_message_is_known_by_its_id_for_ever(engine: Engine) -> None:
    (receipt,) = put(engine, [delivery(1)])
    with engine.begin() as connection:
        inbox.mark(connection, [receipt.inbox_id], "done")
        connection.execute(text("UPDATE raw.inbox SET body = NULL"))
    assert put(engine, [delivery(1)]) == [Receipt(receipt.inbox_id, is_duplicate=True)]


def blocks_read_by_a_claim(engine: Engine) -> int:
    with engine.begin() as connection:
        explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT FROM raw.claim(50)"
        plan = connection.execute(text(explain)).scalar_one()[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_a_claim_reads_neither_the_done_nor_the_whole_queue_whatever_the_statistics_say(engine: Engine) -> None:
    fill = """
        INSERT INTO raw.inbox (source, event_id, event_type, signature_kind, body_sha256, body, status)
        SELECT 'channel', concat(CAST(:status AS text), n), 'booking.created', 'hmac', sha256('x'), convert_to(repeat('x', 200), 'UTF8'), :status
        FROM generate_series(1, :rows) AS n
    """
    with engine.begin() as connection:
        connection.execute(text(fill), {"status": "done", "rows": 100_000})
        connection.execute(text("ANALYZE raw.inbox"))  # from here on the statistics say that nothing waits
        connection.execute(text(fill), {"status": "received", "rows": 20_000})
        pages = connection.scalar(text("SELECT pg_relation_size('raw.inbox') / 8192"))
    blocks_read_by_a_claim(engine)  # the first one loads the function and the catalogue
    assert blocks_read_by_a_claim(engine) < pages / 5


def test_text_a_database_cannot_hold_is_refused_as_such(connection: Connection) -> None:
    with pytest.raises(psycopg.DataError):
        inbox.receive(connection, [delivery("a\x00b")])

"""Messages go out signed, at their pace, again until they are taken, and every one of them is counted."""

import asyncio
import socket
from collections import Counter
from itertools import pairwise

import httpx
import pytest

from sandbox.server import Sandbox
from sandbox.webhooks.connection import BrokenReplyError, Connection
from sandbox.webhooks.delivery import Manner, Target, _schedule, deliver, in_order_of
from sandbox.webhooks.messages import Message
from sandbox.webhooks.report import DeliveryReport
from sandbox.webhooks.signing import SECRET, signer
from tests.sandbox.receiver import Planned, Receiver

MESSAGES = [Message(f"evt_{n}", b'{"id":"evt_%d"}' % n) for n in range(40)]


def send(receiver: Receiver, messages: list[Message] = MESSAGES, **manner: object) -> DeliveryReport:
    target = Target(f"{receiver.url}/webhooks/bookings/sandbox_channel", signer("bearer", "t0ken"))
    return asyncio.run(deliver(messages, target, Manner(**{"pause": 0.01, **manner})))  # type: ignore[arg-type]


def test_every_message_arrives_once_with_its_signature(receiver: Receiver) -> None:
    report = send(receiver)
    assert sorted(receiver.bodies) == sorted(message.body for message in MESSAGES)
    assert {got.path for got in receiver.got} == {"/webhooks/bookings/sandbox_channel"}
    assert {got.headers["authorization"] for got in receiver.got} == {"Bearer t0ken"}
    assert {got.headers["content-type"] for got in receiver.got} == {"application/json"}
    assert (report.sent_count, report.accepted_count, report.retried_count) == (40, 40, 0)
    assert 0 < report.p50_ms <= report.p95_ms <= report.slowest_ms


def test_one_connection_keeps_the_order_and_is_used_again(receiver: Receiver) -> None:
    send(receiver, concurrency=1)
    assert receiver.bodies == [message.body for message in MESSAGES]
    assert receiver.connections == 1


def test_no_more_connections_are_open_than_asked_for(receiver: Receiver) -> None:
    receiver.plan = [Planned(202, after_seconds=0.02) for _ in MESSAGES]
    send(receiver, concurrency=4)
    assert receiver.connections == 4


def test_a_pace_is_kept(receiver: Receiver) -> None:
    report = send(receiver, rate=100)
    took = receiver.got[-1].at - receiver.got[0].at
    assert 0.3 <= took < 10
    assert report.seconds >= 0.39
    assert 20 <= report.per_second <= 103


def test_every_message_has_its_own_moment_however_long_the_others_take() -> None:
    due = [at for at, _ in _schedule(MESSAGES, 50, started_at=100.0)]
    assert due == [100.0 + n / 50 for n in range(40)]
    assert {at for at, _ in _schedule(MESSAGES, None, started_at=100.0)} == {0.0}


def test_the_report_says_when_the_pace_could_not_be_kept(receiver: Receiver) -> None:
    receiver.plan = [Planned(202, after_seconds=0.1) for _ in range(5)]
    report = send(receiver, MESSAGES[:5], rate=100, concurrency=1)
    assert report.latest_ms > 200


def test_shuffled_is_another_order_and_the_same_one_for_the_same_seed() -> None:
    one, again, other = (in_order_of(MESSAGES, Manner(shuffle=seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one != MESSAGES
    assert sorted(one) == sorted(MESSAGES)


def test_twice_is_every_message_two_times_with_the_same_id_and_bytes(receiver: Receiver) -> None:
    report = send(receiver, is_twice=True, shuffle=3, limit=10)
    assert Counter(receiver.bodies) == dict.fromkeys((message.body for message in MESSAGES[:10]), 2)
    assert report.sent_count == 20


def test_a_server_error_is_tried_again(receiver: Receiver) -> None:
    receiver.plan = [Planned(503), Planned(500), Planned(202)]
    report = send(receiver, MESSAGES[:1])
    assert receiver.bodies == [MESSAGES[0].body] * 3
    assert (report.accepted_count, report.retried_count, report.refused) == (1, 2, {})


def test_a_try_waits_longer_each_time_and_as_long_as_it_is_asked_to(receiver: Receiver) -> None:
    receiver.plan = [Planned(503), Planned(503), Planned(429, headers=(("Retry-After", "0"),))]
    send(receiver, MESSAGES[:1], pause=0.05)
    first, second, third = (after.at - before.at for before, after in pairwise(receiver.got))
    assert 0.05 <= first < second
    assert second >= 0.1
    assert third < 0.2


def test_what_cannot_be_answered_better_is_not_tried_again(receiver: Receiver) -> None:
    receiver.plan = [Planned(401), Planned(400), Planned(413)]
    report = send(receiver, MESSAGES[:3], concurrency=1)
    assert len(receiver.got) == 3
    assert report.refused == {"400": 1, "401": 1, "413": 1}
    assert (report.accepted_count, report.sent_count) == (0, 3)


def test_attempts_end(receiver: Receiver) -> None:
    receiver.plan = [Planned(503)] * 3
    report = send(receiver, MESSAGES[:1], attempts=3)
    assert len(receiver.got) == 3
    assert (report.refused, report.retried_count) == ({"503": 1}, 2)


def test_no_answer_at_all_is_counted_as_that(receiver: Receiver) -> None:
    receiver.plan = [Planned(202, without_answer=True)] * 2
    report = send(receiver, MESSAGES[:1], attempts=2)
    assert (report.unanswered_count, report.accepted_count) == (1, 0)


def test_a_slow_answer_is_given_up_and_sent_again(receiver: Receiver) -> None:
    receiver.plan = [Planned(202, after_seconds=0.5)]
    report = send(receiver, MESSAGES[:1], timeout=0.1)
    assert len(receiver.got) == 2
    assert (report.accepted_count, report.retried_count) == (1, 1)


def test_nobody_listening_is_no_crash() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = Target(f"http://127.0.0.1:{taken.getsockname()[1]}/", signer("bearer", "t"))
        report = asyncio.run(deliver(MESSAGES[:2], target, Manner(attempts=2, pause=0.01)))
    assert (report.sent_count, report.unanswered_count, report.p95_ms) == (2, 2, 0.0)


def test_what_the_gateway_knew_already_is_counted(receiver: Receiver) -> None:
    words = [
        b'{"inbox_id":1,"status":"duplicate"}',
        b'{"inbox_id":1,"status": "conflict"}',
        b'{"inbox_id":2,"status":"accepted"}',
    ]
    receiver.plan = [Planned(202, body) for body in words]
    report = send(receiver, MESSAGES[:3], concurrency=1)
    assert (report.accepted_count, report.duplicate_count, report.conflict_count) == (3, 1, 1)


def test_an_answer_of_unknown_length_counts_by_its_status(receiver: Receiver) -> None:
    receiver.plan = [Planned(202, without_length=True)]
    assert send(receiver, MESSAGES[:3], concurrency=1).accepted_count == 3
    assert receiver.connections == 2


def test_nothing_to_send_is_a_report_of_nothing(receiver: Receiver) -> None:
    assert send(receiver, []).sent_count == 0


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1:8080", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Connection(url)


def test_a_reply_that_is_no_http_is_an_error_of_the_line() -> None:
    async def ask() -> None:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 smtp.example.com ESMTP\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await Connection(f"http://127.0.0.1:{port}/").post({}, b"{}")

    with pytest.raises(BrokenReplyError):
        asyncio.run(ask())


def test_the_running_sandbox_sends_its_webhooks_on_request(
    client: httpx.Client, sandbox: Sandbox, receiver: Receiver
) -> None:
    order = {
        "url": f"{receiver.url}/hook",
        "secret": SECRET,
        "side": "channel",
        "limit": 25,
        "shuffle": 1,
        "twice": True,
    }
    report = client.post("/sandbox/webhooks", json=order, timeout=30).json()
    assert (report["sent_count"], report["accepted_count"]) == (50, 50)
    assert len(set(receiver.bodies)) == 25
    assert all(got.headers["webhook-signature"].startswith("v1,") for got in receiver.got)


@pytest.mark.parametrize(
    "order",
    [{}, {"url": "http://127.0.0.1:1/", "secret": "x"}, {"url": "http://x/", "secret": "eA==", "colour": "red"}],
)
def test_an_order_that_cannot_be_read_is_refused(client: httpx.Client, order: dict[str, str]) -> None:
    assert client.post("/sandbox/webhooks", json=order).status_code == 400

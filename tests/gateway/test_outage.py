"""The database goes away and comes back: senders hear 503 soon, and nothing is said that is not so."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.receivers import booking
from tests.gateway.running import Gateway, Inbox, Start
from tests.gateway.wire import Wire, wired

# Callers are promised an answer in a few seconds: look-up 2.5 s, store 3 s.
LONGEST_ANSWER = 7.0
LONGEST_HEALTH = 2.0


@pytest.fixture
def wire(clean_database: str) -> Iterator[Wire]:
    with wired(clean_database) as wire:
        yield wire


def timed_post(gateway: Gateway, event_id: str, path: str = "/webhooks/bookings/channel") -> httpx.Response:
    began = time.monotonic()
    answer = gateway.post(booking(event_id), path=path)
    assert time.monotonic() - began < LONGEST_ANSWER
    return answer


def timed_health(gateway: Gateway, path: str = "/health") -> httpx.Response:
    began = time.monotonic()
    answer = gateway.client.get(path)
    assert time.monotonic() - began < LONGEST_HEALTH
    return answer


def until_taken(gateway: Gateway, event_id: str) -> None:
    """Send again as a sender does, until it is taken."""
    deadline = time.monotonic() + 20
    while gateway.post(booking(event_id)).status_code != 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_while_the_database_is_down_senders_hear_503_and_later_202(start: Start, wire: Wire, inbox: Inbox) -> None:
    gateway = start(wire.url)
    assert timed_post(gateway, "evt_before").status_code == 202

    wire.cut()
    away = [timed_post(gateway, f"evt_{n}") for n in range(3)]
    wire.mend()
    until_taken(gateway, "evt_after")

    assert [each.status_code for each in away] == [503] * 3
    assert all(int(each.headers["retry-after"]) > 0 for each in away)
    assert "send it again" in away[0].json()["error"]
    assert [row.event_id for row in inbox()] == ["evt_before", "evt_after"]


def test_while_the_database_is_silent_senders_hear_503_in_time_and_later_202(
    start: Start, wire: Wire, inbox: Inbox
) -> None:
    gateway = start(wire.url)
    assert timed_post(gateway, "evt_before").status_code == 202

    wire.silence()
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(timed_post(gateway, f"evt_{n}"))) for n in range(8)]
    for each in threads:
        each.start()
    assert timed_health(gateway).status_code == 503
    for each in threads:
        each.join()
    wire.sound()
    until_taken(gateway, "evt_after")

    assert [each.status_code for each in answers] == [503] * 8
    # What was on its way when the wire fell silent may be stored after all: sent again, it is a duplicate.
    stored = [row.event_id for row in inbox()]
    assert {"evt_before", "evt_after"} <= set(stored) <= {"evt_before", "evt_after", *(f"evt_{n}" for n in range(8))}
    assert [timed_post(gateway, each).json()["status"] for each in stored] == ["duplicate"] * len(stored)


def test_started_without_its_database_the_gateway_waits_for_it(start: Start, wire: Wire) -> None:
    wire.cut()
    gateway = start(wire.url)

    assert timed_post(gateway, "evt_1").status_code == 503
    assert timed_health(gateway).status_code == 503

    wire.mend()
    until_taken(gateway, "evt_1")


def test_a_known_sender_is_still_verified_while_the_database_is_down(start: Start, wire: Wire) -> None:
    gateway = start(wire.url)
    assert timed_post(gateway, "evt_1").status_code == 202

    wire.cut()

    assert gateway.post(booking("evt_2"), {}).status_code == 401
    assert timed_post(gateway, "evt_2", path="/webhooks/bookings/unheard_of").status_code == 503


@pytest.mark.parametrize("path", ["/health", "/health/integrations"])
def test_health_answers_within_two_seconds_whatever_the_database_does(start: Start, wire: Wire, path: str) -> None:
    gateway = start(wire.url)
    assert timed_health(gateway, path).status_code == 200

    wire.silence()
    silent = [timed_health(gateway, path) for _ in range(3)]
    wire.sound()
    wire.cut()
    down = timed_health(gateway, path)
    wire.mend()

    assert [each.status_code for each in (*silent, down)] == [503] * 4
    assert {each.json()["status"] for each in (*silent, down)} == {"unhealthy"}
    deadline = time.monotonic() + 15
    while timed_health(gateway, path).status_code != 200:
        assert time.monotonic() < deadline

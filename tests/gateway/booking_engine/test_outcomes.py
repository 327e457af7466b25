"""Who asks waits a little for the outcome; undecided, it is told where to ask, and nothing is lost or doubled by a crash."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from sqlalchemy import Engine

from gateway.booking_engine import outcomes
from gateway.booking_engine.service import Terms
from settings import Settings
from storage.sealing import Keys
from tests.gateway.booking_engine.engine_house import API, Api, asked, calling, importing, new_key
from tests.gateway.own_process import own_process
from tests.operations.messages import ask, drain

INBOX = "SELECT event_id, status, outcome FROM raw.inbox ORDER BY inbox_id"


@pytest.fixture
def unheard(settings: Settings, keys: Keys, hotel: Engine) -> Iterator[Api]:
    """The API of a hotel where nobody imports."""
    with calling(settings, keys, hotel, Terms(wait_seconds=0.1)) as found:
        yield found


def test_of_clients_who_race_for_the_last_rooms_exactly_so_many_have_one(api: Api, hotel: Engine) -> None:
    gate = threading.Barrier(8)

    def book(number: int) -> tuple[int, str]:
        gate.wait()
        answer = api.book(f"race {number}".replace(" ", "-"))
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(8) as pool:
        told = Counter(pool.map(book, range(8)))

    assert told == Counter({(201, ""): 2, (409, "sold_out"): 6})
    assert ask(hotel, "SELECT max(sold_count) FROM core.inventory") == [(2,)]
    assert ask(hotel, "SELECT count(*) FROM core.reservations") == [(2,)]
    assert ask(hotel, "SELECT count(*) FROM ops.conflicts") == [(0,)]


def test_one_request_sent_by_many_at_once_is_one_booking(api: Api, hotel: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.book("once"), range(8)))
    assert Counter(each.status_code for each in answers) == Counter({201: 8})
    assert len({each.json()["id"] for each in answers}) == 1
    assert ask(hotel, INBOX)[0][1:] == ("done", "new")
    assert ask(hotel, "SELECT count(*) FROM core.reservations") == [(1,)]


def test_what_nobody_decided_yet_is_pending_and_then_what_it_came_to(unheard: Api, hotel: Engine) -> None:
    pending = unheard.book("k1", reference="WEB-1")
    url = pending.json()["status_url"]
    assert (pending.status_code, pending.json()["status"], pending.headers["location"]) == (202, "pending", url)
    assert unheard.client.get(url).status_code == 202
    others = [unheard.book(f"k{n}") for n in (2, 3)]

    drain(hotel)

    assert unheard.client.get(url).json() == unheard.read("WEB-1").json()
    assert unheard.book("k1", reference="WEB-1").status_code == 201
    assert [unheard.client.get(each.json()["status_url"]).status_code for each in others] == [200, 409]
    assert unheard.book("k3").json()["code"] == "sold_out", "what was refused stays refused"


def test_a_change_that_nobody_decided_yet_is_pending_and_shown_once_it_is_made(unheard: Api, hotel: Engine) -> None:
    unheard.book(reference="WEB-1")
    drain(hotel)
    answer = unheard.change("WEB-1", "c1", nights=3)
    assert (answer.status_code, answer.json()["status_url"]) == (202, f"{API}/bookings/WEB-1")
    drain(hotel)
    assert unheard.change("WEB-1", "c1", nights=3).status_code == 200
    assert len(unheard.read("WEB-1").json()["rooms"][0]["nights"]) == 3


def test_an_answer_comes_as_soon_as_it_is_told(settings: Settings, keys: Keys, hotel: Engine) -> None:
    with calling(settings, keys, hotel, Terms(wait_seconds=30)) as found, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(found.book, "k1")
        while not ask(hotel, INBOX):
            time.sleep(0.01)
        drain(hotel)
        assert answer.result(15).status_code == 201


def test_who_listens_to_a_deaf_line_looks_now_and_then(
    settings: Settings, keys: Keys, hotel: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes.Outcomes, "_tell", lambda *_: None)
    monkeypatch.setattr(outcomes, "LOOK_SECONDS", 0.05)
    with importing(hotel), calling(settings, keys, hotel, Terms(wait_seconds=30)) as found:
        assert found.book("k1").status_code == 201


def test_the_listener_comes_back_after_its_connection_was_cut(
    settings: Settings, keys: Keys, hotel: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "LOOK_SECONDS", 30)
    listening = """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = 'gateway-outcomes' AND state = 'idle' AND query = 'LISTEN inbox_done'
    """
    with calling(settings, keys, hotel, Terms(wait_seconds=30)) as found:
        while not (before := ask(hotel, listening)):
            time.sleep(0.01)
        with hotel.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({before[0][0]})")
        while not set(ask(hotel, listening)) - set(before):
            time.sleep(0.01)
        with importing(hotel):
            assert found.book("k1").status_code == 201


def test_where_too_many_wait_the_next_is_told_to_ask_later(
    settings: Settings, keys: Keys, hotel: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST_WAITING", 0)
    with calling(settings, keys, hotel, Terms(wait_seconds=30)) as found:
        assert found.book("k1").status_code == 202


def test_killed_between_commit_and_answer_the_same_request_finds_its_booking(
    settings: Settings, keys: Keys, hotel: Engine
) -> None:
    key = new_key(hotel, keys)
    with own_process(settings) as gateway, ThreadPoolExecutor(1) as pool:
        url = f"http://127.0.0.1:{gateway.port}{API}/bookings"
        headers = {"X-API-Key": key, "Idempotency-Key": "k1"}

        def post() -> httpx.Response:
            return httpx.post(url, json=asked(), headers=headers, timeout=30)

        cut_off = pool.submit(post)
        while not ask(hotel, INBOX):
            time.sleep(0.005)
        gateway.kill()
        with pytest.raises(httpx.TransportError):
            cut_off.result(30)
        drain(hotel)
        gateway.start()
        again = post()

    assert again.status_code == 201
    assert ask(hotel, "SELECT source_ref FROM core.reservations") == [(again.json()["id"],)]
    assert len(ask(hotel, INBOX)) == 1


def test_with_the_database_away_nothing_is_promised(unheard: Api, hotel: Engine, database_url: str) -> None:
    assert unheard.book("k1").status_code == 202
    name = database_url.rsplit("/", 1)[1]
    with psycopg.connect(database_url.replace(f"/{name}", "/postgres"), autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false'.encode())
        try:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            answers = [unheard.book("k2"), unheard.read("WEB-1"), unheard.available()]
        finally:
            server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true'.encode())
    assert [(each.status_code, each.headers.get("retry-after")) for each in answers] == [(503, "5")] * 3

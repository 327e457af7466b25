"""Channels to connect to: each kind under its name, sales on demand, posted as each kind posts, shown on one page."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.registry import connector
from sandbox.__main__ import main
from sandbox.channels.desk import Keys
from sandbox.channels.hall import KINDS, POSTS, Hall
from sandbox.channels.hall_page import PAGE, hall_app
from sandbox.server.running import serving
from settings.ports import free_port
from tests.sandbox.receiver import Planned, Receiver

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
KEYS = Keys()
# What an integration states as its webhook secret, by kind; the others' is the bare key.
OPENS = {
    "alpinebits": f"alpinebits:{KEYS.webhook_secret}",
    "opentravel_generic": f"partner:{KEYS.webhook_secret}",
    "siteminder": f"{KEYS.username}:{KEYS.password}",
}


@pytest.fixture
def hall() -> Hall:
    return Hall("4711", clock=lambda: NOW)


@pytest.fixture
def client(hall: Hall) -> Iterator[httpx.Client]:
    yield from opened(hall)


@pytest.fixture
def posting(receiver: Receiver) -> Hall:
    return Hall("4711", gateway=f"{receiver.url}/", clock=lambda: NOW)


@pytest.fixture
def posted(posting: Hall) -> Iterator[httpx.Client]:
    yield from opened(posting)


def opened(hall: Hall) -> Iterator[httpx.Client]:
    with serving(hall_app(hall)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def sell(client: httpx.Client, kind: str, **asked: Any) -> list[dict[str, Any]]:
    answered = client.post(f"{PAGE}/{kind}/sell", json=asked)
    assert answered.status_code == 200, answered.text
    told: list[dict[str, Any]] = answered.json()["told"]
    return told


def shown(client: httpx.Client, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{PAGE}/{kind}").json()
    return found


def test_the_page_says_of_every_kind_where_it_is_and_what_opens_it(client: httpx.Client) -> None:
    page = client.get(PAGE).json()
    assert (page["hotel_ref"], tuple(page["channels"])) == ("4711", KINDS)
    for kind, told in page["channels"].items():
        assert told["address"].startswith(f"{str(client.base_url).rstrip('/')}/{kind}")
        assert told["keys"] == KEYS._asdict()
        assert (told["sold"], told["waiting"]["count"], told["counts"], told["problems"]["count"]) == (0, 0, {}, 0)
        assert shown(client, kind) == told
    assert client.get(f"{PAGE}/hotels").status_code == 404


def test_what_is_sold_waits_until_it_is_acknowledged(client: httpx.Client) -> None:
    (sold,) = sell(client, "channex")
    assert sold["kind"] == "new"
    assert sold.get("posted") is None
    headers = {"user-api-key": KEYS.api_key}
    asked = {"order[inserted_at]": "asc", "filter[property_id]": "4711"}
    (told,) = client.get("/channex/api/v1/booking_revisions/feed", params=asked, headers=headers).json()["data"]
    assert told["attributes"]["ota_reservation_code"] == sold["booking"]
    assert told["attributes"]["inserted_at"] == "2026-11-02T09:30:00"
    assert shown(client, "channex")["waiting"] == {"count": 1, "oldest": [{"message": told["id"], "told": 1}]}
    assert client.post(f"/channex/api/v1/booking_revisions/{told['id']}/ack", headers=headers).status_code == 200
    now = shown(client, "channex")
    assert (now["waiting"]["count"], now["acknowledged"]) == (0, {"count": 1, "latest": [told["id"]]})
    assert shown(client, "siteminder")["sold"] == 0


def test_the_last_bookings_that_stand_are_cancelled_each_once(client: httpx.Client) -> None:
    sold = [each["booking"] for each in sell(client, "expedia", count=3)]
    gone = sell(client, "expedia", count=2, cancel=True)
    assert [(each["booking"], each["kind"]) for each in gone] == [(sold[2], "cancelled"), (sold[1], "cancelled")]
    assert [each["booking"] for each in sell(client, "expedia", count=9, cancel=True)] == [sold[0]]
    nothing = client.post(f"{PAGE}/expedia/sell", json={"cancel": True})
    assert (nothing.status_code, nothing.json()["error"]) == (409, "nothing_stands")
    assert shown(client, "expedia")["sold"] == 3


@pytest.mark.parametrize(
    ("kind", "asked", "status"),
    [("hotels", "{}", 404), ("channex", '{"count": 0}', 400), ("channex", '{"many": 1}', 400), ("channex", "", 400)],
)
def test_a_sale_that_nobody_can_make_is_refused(client: httpx.Client, kind: str, asked: str, status: int) -> None:
    answered = client.post(f"{PAGE}/{kind}/sell", content=asked)
    assert (answered.status_code, set(answered.json())) == (status, {"error", "message"})


def test_counts_of_ours_are_shown_as_stretches_of_dates(hall: Hall, client: httpx.Client) -> None:
    desk = hall.stalls["channex"].desk
    for day, count in ((1, 4), (2, 4), (3, 3), (5, 3)):
        desk.take_count("101", date(2026, 12, day), count)
    assert shown(client, "channex")["counts"] == {
        "101": [
            {"first": "2026-12-01", "last": "2026-12-02", "count": 4},
            {"first": "2026-12-03", "last": "2026-12-03", "count": 3},
            {"first": "2026-12-05", "last": "2026-12-05", "count": 3},
        ]
    }


@pytest.mark.parametrize("kind", sorted(POSTS))
def test_what_a_kind_posts_is_what_its_receiver_takes(posted: httpx.Client, receiver: Receiver, kind: str) -> None:
    (sold,) = sell(posted, kind)
    assert sold["posted"]["status"] == 202
    (got,) = receiver.got
    assert got.path == f"/webhooks/bookings/{kind}"
    receiving = connector(kind).webhooks
    assert receiving is not None
    facts = receiving.verify(got.headers, got.body, [OPENS.get(kind, KEYS.webhook_secret)], datetime.now(UTC))
    assert facts.hotel_ref in {"4711", None}
    assert shown(posted, kind)["waiting"]["count"] == (0 if POSTS[kind].is_receipt else 1)


def test_kinds_that_post_nothing_only_wait(posted: httpx.Client, receiver: Receiver) -> None:
    for kind in set(KINDS) - set(POSTS):
        assert "posted" not in sell(posted, kind)[0]
        assert shown(posted, kind)["waiting"]["count"] == 1
    assert receiver.got == []


def test_a_booking_that_is_not_taken_waits_and_the_page_says_why(posted: httpx.Client, receiver: Receiver) -> None:
    receiver.plan = [Planned(401, b"the message is not signed")]
    (sold,) = sell(posted, "siteminder")
    assert sold["posted"]["status"] == 401
    now = shown(posted, "siteminder")
    assert now["waiting"]["count"] == 1
    assert "401: the message is not signed" in now["problems"]["latest"][0]


def test_a_gateway_that_is_not_there_loses_no_booking() -> None:
    hall = Hall("4711", ["siteminder"], gateway=f"http://127.0.0.1:{free_port()}", clock=lambda: NOW)
    for client in opened(hall):
        assert sell(client, "siteminder")[0]["posted"] == {"error": "ConnectError"}
        now = shown(client, "siteminder")
        assert (now["waiting"]["count"], now["problems"]["count"]) == (1, 1)


def test_a_seed_draws_the_same_bookings_again_and_no_two_give_a_number_twice() -> None:
    def drawn(seed: int) -> dict[str, list[Any]]:
        hall = Hall("4711", seed=seed, clock=lambda: NOW)
        return {kind: [stall.draw(hall.shop, lambda: NOW) for _ in range(3)] for kind, stall in hall.stalls.items()}

    first, again, other = drawn(1), drawn(1), drawn(2)
    assert first == again
    sales = [each for told in (first, other) for sold in told.values() for each in sold]
    assert len({each.ref for each in sales}) == len(sales)
    assert {each.booked_at for each in sales} == {NOW}
    assert min(room.arrival_on for each in sales for room in each.rooms) > NOW.date() + timedelta(days=1)


def test_the_command_serves_the_kinds_named_and_sells_at_the_pace_asked_for() -> None:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "channels",
        "--port",
        str(port),
        "--kind",
        "channex",
        "--kind",
        "expedia",
    ]
    with subprocess.Popen(
        [*command, "--hotel-ref", "CITY", "--rate", "50"], cwd=ROOT, stdout=subprocess.PIPE
    ) as served:
        try:
            assert served.stdout is not None
            assert f"http://127.0.0.1:{port}{PAGE}" in served.stdout.readline().decode()
            page = until_sold(f"http://127.0.0.1:{port}{PAGE}")
        finally:
            served.terminate()
    assert (page["hotel_ref"], list(page["channels"])) == ("CITY", ["channex", "expedia"])
    assert all(told["waiting"]["count"] for told in page["channels"].values())
    assert served.returncode in {0, -15}


def until_sold(address: str) -> dict[str, Any]:
    """The page, as soon as it answers and each channel has sold something."""
    with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False, timeout=30) as client:
        for _ in range(2_000):
            page: dict[str, Any] = client.get(address).json()
            if all(told["sold"] for told in page["channels"].values()):
                return page
    pytest.fail("nothing was sold")


def test_a_kind_that_nobody_serves_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["channels", "--kind", "hotels"])
    assert "invalid choice: 'hotels'" in capsys.readouterr().err

"""The sandbox answers by the hotel_rest contract: access, windows, pages, rooms, rates, houses."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from sandbox.export import moment
from sandbox.server import Sandbox, running
from sandbox.server.access import Access, Keys, basic
from sandbox.server.reading import MOST
from sandbox.world import World
from sandbox.world.view import GUESTS, RESERVATIONS
from tests.sandbox.conftest import HOUSES
from tests.sandbox.test_export import FIELDS, ROOM_FIELDS


def pages(client: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Follow the cursors to the end."""
    found = []
    cursor: dict[str, str] = {}
    while True:
        answered = client.get(path, params={**asked, **cursor})
        answered.raise_for_status()
        found.append(answered.json())
        if not found[-1]["nextCursor"]:
            return found
        cursor = {"cursor": found[-1]["nextCursor"]}


@pytest.mark.parametrize("dataset", [GUESTS, RESERVATIONS])
@pytest.mark.parametrize("limit", [1, 7, 100, 10_000])
def test_the_pages_together_are_every_row_once(client: httpx.Client, world: World, dataset: str, limit: int) -> None:
    whole = pages(client, f"/v1/{dataset}", propertyId="kamo-kyoto", limit=limit)
    ids = [row["id"] for page in whole for row in page["items"]]
    expected = [told.ref for told in world.view().told(dataset, "kamo-kyoto")]
    assert ids == expected
    assert {page["total"] for page in whole} == {len(expected)}
    assert len(whole) == -(-len(expected) // min(limit, MOST))


def test_a_reservation_has_the_fields_of_the_contract(client: httpx.Client) -> None:
    for house in HOUSES:
        for row in client.get("/v1/reservations", params={"propertyId": house}).json()["items"]:
            assert row.keys() == FIELDS | {"modifiedAt", "revision"}
            assert row["propertyId"] == house
            for room in row["rooms"]:
                assert room.keys() == ROOM_FIELDS


def test_a_guest_has_the_fields_of_the_contract(client: httpx.Client) -> None:
    for row in client.get("/v1/guests", params={"propertyId": "pearl-manama"}).json()["items"]:
        assert row.keys() == {
            "id", "propertyId", "kind", "firstName", "lastName", "dateOfBirth", "nationality", "language", "email", "phone",
            "vipLevel", "mergedIntoId", "active", "createdAt", "modifiedAt", "revision",
        }  # fmt: skip


def test_a_window_holds_its_beginning_and_not_its_end(client: httpx.Client, world: World) -> None:
    rows = world.view().told(RESERVATIONS, "harbour-lisbon")
    first, last = rows[10].modified_at, rows[20].modified_at
    asked = {"propertyId": "harbour-lisbon", "modifiedSince": moment(first), "modifiedUntil": moment(last)}
    whole = client.get("/v1/reservations", params=asked).json()
    assert [row["id"] for row in whole["items"]] == [told.ref for told in rows[10:20]]
    assert whole["total"] == 10


def test_neighbouring_windows_tell_everything_once(client: httpx.Client, world: World) -> None:
    starts = [world.now - timedelta(days=400 - 40 * n) for n in range(11)]
    ids: list[str] = []
    for since, until in pairwise(starts):
        asked = {"modifiedSince": since.isoformat(), "modifiedUntil": until.isoformat(), "limit": 50}
        ids += [
            row["id"]
            for page in pages(client, "/v1/reservations", propertyId="kamo-kyoto", **asked)
            for row in page["items"]
        ]
    within = world.view().told(RESERVATIONS, "kamo-kyoto", starts[0], starts[-1])
    assert ids == [told.ref for told in within]


def test_a_cursor_stays_good_when_the_clock_moves_between_two_pages(client: httpx.Client, sandbox: Sandbox) -> None:
    first = client.get("/v1/reservations", params={"propertyId": "kamo-kyoto", "limit": 20}).json()
    client.put("/sandbox/clock", json={"now": moment(sandbox.world.now + timedelta(days=1))}).raise_for_status()
    rest = pages(client, "/v1/reservations", propertyId="kamo-kyoto", cursor=first["nextCursor"])
    seen = {row["id"] for page in [first, *rest] for row in page["items"]}
    assert seen == {told.ref for told in sandbox.state.view.told(RESERVATIONS, "kamo-kyoto")}


def test_moving_the_clock_moves_the_business_date(client: httpx.Client) -> None:
    moved = client.put("/sandbox/clock", json={"now": "2026-09-20T19:00:00Z"}).json()
    dates = {house["id"]: house["businessDate"] for house in moved["properties"]}
    assert dates == {"harbour-lisbon": "2026-09-20", "kamo-kyoto": "2026-09-21", "pearl-manama": "2026-09-20"}


@pytest.mark.parametrize("body", [{"now": "2026-09-20T19:00:00"}, {"now": "tomorrow"}, {}])
def test_a_clock_is_only_moved_to_an_instant(client: httpx.Client, sandbox: Sandbox, body: dict[str, str]) -> None:
    assert client.put("/sandbox/clock", json=body).status_code == 400
    assert sandbox.state.view.now == sandbox.world.now


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/reservations", {}),
        ("/v1/reservations", {"propertyId": "nowhere"}),
        ("/v1/reservations", {"propertyId": "kamo-kyoto", "limit": "0"}),
        ("/v1/reservations", {"propertyId": "kamo-kyoto", "limit": "ten"}),
        ("/v1/reservations", {"propertyId": "kamo-kyoto", "modifiedSince": "yesterday"}),
        ("/v1/reservations", {"propertyId": "kamo-kyoto", "cursor": "%%%"}),
        ("/v1/guests", {"propertyId": "kamo-kyoto", "cursor": "bm9uc2Vuc2U="}),
        ("/v1/rates", {"propertyId": "kamo-kyoto", "from": "2026-01-01"}),
        ("/sandbox/expectations", {"propertyId": "kamo-kyoto", "date": "15.9.2026"}),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_with_what_is_wrong(
    client: httpx.Client, path: str, asked: dict[str, str]
) -> None:
    answered = client.get(path, params=asked)
    assert answered.status_code == 400
    assert answered.json()["message"]


def test_rooms_tell_number_type_and_status(client: httpx.Client) -> None:
    rooms = client.get("/v1/rooms/status", params={"propertyId": "harbour-lisbon"}).json()["rooms"]
    assert all(room.keys() == {"number", "type", "status", "housekeeping", "observedAt"} for room in rooms)
    assert {room["status"] for room in rooms} <= {"OCC", "VAC", "VD", "VC", "OOO", "OOS"}
    assert {room["observedAt"] for room in rooms} == {"2026-09-15T12:00:00Z"}


def test_rates_cover_every_plan_type_and_date(client: httpx.Client, world: World) -> None:
    asked = {"propertyId": "pearl-manama", "from": "2026-09-18", "to": "2026-09-20"}
    rates = client.get("/v1/rates", params=asked).json()["rates"]
    house = world.house("pearl-manama")
    assert house
    assert len(rates) == len(house.plans) * len(house.types) * 3
    assert len({(rate["ratePlan"], rate["roomType"], rate["date"]) for rate in rates}) == len(rates)
    assert all(len(rate["price"].partition(".")[2]) == 3 and rate["currency"] == "BHD" for rate in rates)
    by_day = {rate["date"]: rate["price"] for rate in rates if (rate["ratePlan"], rate["roomType"]) == ("BAR", "STD")}
    assert float(by_day["2026-09-19"]) > float(by_day["2026-09-20"])


def test_the_houses_tell_what_is_sold_in_them(client: httpx.Client) -> None:
    houses = client.get("/v1/properties").json()["properties"]
    assert [(house["id"], house["currency"], house["timeZone"]) for house in houses] == [
        ("harbour-lisbon", "EUR", "Europe/Lisbon"), ("kamo-kyoto", "JPY", "Asia/Tokyo"), ("pearl-manama", "BHD", "Asia/Bahrain"),
    ]  # fmt: skip
    for house in houses:
        assert house["roomCount"] == sum(kind["roomCount"] for kind in house["roomTypes"])
        assert {plan["code"] for plan in house["ratePlans"]} == {"BAR", "BB", "NRF", "CORP"}
        assert date.fromisoformat(house["businessDate"]) == date(2026, 9, 15)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Basic %%%", "Digest x", "Bearer", "sandbox-api-key"],
)
def test_nobody_comes_in_without_a_key(sandbox: Sandbox, authorization: str) -> None:
    answered = httpx.get(f"{sandbox.url}/v1/properties", headers={"Authorization": authorization})
    assert answered.status_code == 401
    assert answered.headers["www-authenticate"].startswith("Bearer")


def test_a_key_basic_and_a_token_all_open_the_door(sandbox: Sandbox) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-client-key"}
    granted = httpx.post(f"{sandbox.url}/oauth/token", data=form).json()
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 3600)
    by_basic = httpx.post(
        f"{sandbox.url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox-client", "sandbox-client-key"),
    )
    tokens = [granted["access_token"], by_basic.json()["access_token"], "sandbox-api-key"]
    for authorization in [
        *(f"Bearer {token}" for token in tokens),
        f"Basic {basic('sandbox-client', 'sandbox-client-key')}",
    ]:
        assert httpx.get(f"{sandbox.url}/v1/properties", headers={"Authorization": authorization}).status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "password"}, 400),
        ({"grant_type": "client_credentials"}, 401),
        ({"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "wrong"}, 401),
    ],
)
def test_a_token_is_not_granted_to_anybody(sandbox: Sandbox, form: dict[str, str], status: int) -> None:
    assert httpx.post(f"{sandbox.url}/oauth/token", data=form).status_code == status


def test_a_token_ends_when_its_seconds_are_over() -> None:
    now = [100.0]
    access = Access(Keys(token_seconds=60), clock=lambda: now[0])
    token = access.grant()
    assert access.is_granted(f"Bearer {token}")
    now[0] += 60
    assert not access.is_granted(f"Bearer {token}")


def test_two_sandboxes_live_side_by_side(world: World) -> None:
    with running(world) as one, running(world) as other:
        assert one.url != other.url
        one.faults.arm("server_error", path="/health")
        one.move_clock(world.now + timedelta(days=1))
        assert httpx.get(f"{one.url}/health").json()["now"] == "2026-09-16T12:00:00Z"
        assert httpx.get(f"{other.url}/health").json()["now"] == "2026-09-15T12:00:00Z"


def test_a_sandbox_that_was_left_no_longer_listens(world: World) -> None:
    with running(world) as served:
        url = served.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_the_figures_to_expect_can_be_asked_for(client: httpx.Client) -> None:
    asked = {"propertyId": "kamo-kyoto", "date": "2026-09-14"}
    told = client.get("/sandbox/expectations", params=asked).json()
    assert told["businessDate"] == "2026-09-15"
    assert told["day"]["occupied"] > 0
    assert told["withheld"] == {"reasons": {}, "roomNights": 0}

"""What is pushed is remembered as a state: repeated it changes nothing, a wrong row is named."""

from typing import Any

import httpx
import pytest


def cell(room_type: str = "STD", **row: Any) -> dict[str, Any]:
    return {"date": "2026-10-01", "roomType": room_type, "totalRooms": 4, "availableRooms": 2, **row}


def push(client: httpx.Client, *rows: dict[str, Any], **headers: str) -> dict[str, Any]:
    body = {"propertyId": "harbour-lisbon", "inventory": list(rows)}
    answered = client.put("/v1/inventory/bulk", json=body, headers=headers)
    answered.raise_for_status()
    told: dict[str, Any] = answered.json()
    return told


def push_rates(client: httpx.Client, *rows: dict[str, Any], **whole: Any) -> httpx.Response:
    body = {"propertyId": "harbour-lisbon", "roomType": "STD", "ratePlan": "BAR", "rates": list(rows), **whole}
    return client.post("/v1/rates", json=body)


def remembered(client: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/sandbox/remembered").json()
    return told


def test_the_last_count_of_a_cell_is_the_one_that_counts(client: httpx.Client) -> None:
    push(client, cell(availableRooms=3), cell("SUP"))
    push(client, cell(availableRooms=0))
    counts = {tuple(row["key"]): row["availableRooms"] for row in remembered(client)["inventory"]}
    assert counts == {
        ("harbour-lisbon", "STD", "2026-10-01"): 0,
        ("harbour-lisbon", "SUP", "2026-10-01"): 2,
    }


def test_wrong_rows_are_named_under_status_200_and_the_others_taken(client: httpx.Client) -> None:
    told = push(client, cell(), cell("BARN"), cell("SUP", availableRooms=-1), cell("DLX", date="soon"))
    assert told == {
        "success": False,
        "updated": 1,
        "errors": [
            {"index": 1, "code": "room_type_unknown"},
            {"index": 2, "code": "count_unreadable"},
            {"index": 3, "code": "date_unreadable"},
        ],
    }
    assert len(remembered(client)["inventory"]) == 1


def test_a_repeated_key_changes_nothing_and_gets_the_first_answer(client: httpx.Client) -> None:
    first = push(client, cell(availableRooms=1), **{"Idempotency-Key": "k1"})
    again = push(client, cell(availableRooms=4), **{"Idempotency-Key": "k1"})
    assert first == again
    assert remembered(client)["inventory"][0]["availableRooms"] == 1


def test_a_pushed_price_is_the_price_that_is_told(client: httpx.Client) -> None:
    told = push_rates(client, {"date": "2026-10-01", "price": "123.45", "currency": "EUR", "minimumStay": 1}).json()
    assert told == {"success": True, "updated": 1, "errors": []}
    asked = {"propertyId": "harbour-lisbon", "from": "2026-10-01", "to": "2026-10-02"}
    rates = client.get("/v1/rates", params=asked).json()["rates"]
    prices = {rate["date"]: rate["price"] for rate in rates if (rate["roomType"], rate["ratePlan"]) == ("STD", "BAR")}
    assert prices["2026-10-01"] == "123.45"
    assert prices["2026-10-02"] != "123.45"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"price": "1.00", "ratePlan": "HOME"}, "rate_plan_unknown"),
        ({"price": "1.00", "roomType": "BARN"}, "room_type_unknown"),
        ({"price": "1.00", "currency": "USD"}, "currency_differs"),
        ({"price": "-1.00"}, "price_negative"),
        ({"price": "cheap"}, "price_unreadable"),
    ],
)
def test_a_wrong_price_is_refused_by_name(client: httpx.Client, row: dict[str, str], code: str) -> None:
    told = push_rates(client, {"date": "2026-10-01", **row}).json()
    assert told == {"success": False, "updated": 0, "errors": [{"index": 0, "code": code}]}
    assert remembered(client)["rates"] == []


@pytest.mark.parametrize(
    "body", [b"no json", b"[]", b'{"propertyId":"harbour-lisbon"}', b'{"propertyId":"x","inventory":[]}']
)
def test_a_body_that_cannot_be_read_is_a_bad_request(client: httpx.Client, body: bytes) -> None:
    assert client.put("/v1/inventory/bulk", content=body).status_code == 400


def test_every_request_is_remembered_with_its_answer(client: httpx.Client) -> None:
    client.get("/v1/properties")
    client.get("/v1/rates", params={"propertyId": "kamo-kyoto"})
    requests = remembered(client)["requests"]
    assert [(row["method"], row["path"], row["status"], row["fault"]) for row in requests] == [
        ("GET", "/v1/properties", 200, None),
        ("GET", "/v1/rates", 400, None),
    ]

"""A booking made here stands, or its caller hears why not; the same request again changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.gateway.booking_engine.engine_house import API, Api, asked, rate, tell
from tests.operations.asking import HOTEL, SOON, set_up_hotel
from tests.operations.messages import ask


def day(number: int) -> str:
    return (SOON + timedelta(days=number)).isoformat()


def test_a_booking_is_made_at_the_hotels_prices_and_reads_as_it_was_answered(api: Api, hotel: Engine) -> None:
    answer = api.book("k1", rooms=("DBL", "STE"), comment=" late ")

    booking = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/bookings/{booking['id']}"
    assert (booking["status"], booking["hotel_id"], booking["comment"]) == ("confirmed", HOTEL, "late")
    assert (booking["currency"], booking["total"], booking["tax_included"]) == ("EUR", "702.00", True)
    assert [room["nights"] for room in booking["rooms"]] == [
        [{"date": day(0), "price": "100.00"}, {"date": day(1), "price": "101.00"}],
        [{"date": day(0), "price": "250.00"}, {"date": day(1), "price": "251.00"}],
    ]
    assert booking["guest"] == {
        "first_name": "Ana", "last_name": "Reis", "email": "ana@example.com", "phone": None, "country": "PT",
        "language": None,
    }  # fmt: skip
    assert api.read(booking["id"]).json() == booking
    row = "SELECT source, account, event_type, property_id, signature_kind, outcome FROM raw.inbox"
    assert ask(hotel, row) == [("booking_engine", HOTEL, "ask.create", HOTEL, "api_key", "new")]
    copy = "SELECT source, source_ref, channel_ref, channel_code, collect, is_of_record FROM core.reservations"
    named = booking["id"]
    assert ask(hotel, copy) == [("booking_engine", named, named, "booking_engine", "property", True)]


def test_the_same_request_again_is_the_same_booking_even_when_the_house_is_full(api: Api, hotel: Engine) -> None:
    first = api.book("k1", rooms=("DBL", "DBL"))
    tell(hotel, rate(0, price=99_900))

    again = [api.book("k1", rooms=("DBL", "DBL")) for _ in range(2)]

    assert [each.status_code for each in again] == [201, 201]
    assert [each.json() for each in again] == [first.json()] * 2
    assert ask(hotel, "SELECT count(*) FROM raw.inbox") == [(1,)]


def test_a_key_belongs_to_one_request_and_a_reference_to_one_booking(api: Api, hotel: Engine) -> None:
    assert api.book("k1").status_code == 201
    other = api.book("k1", nights=3)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")

    assert api.book(reference="WEB-1", first=SOON + timedelta(days=9)).json()["id"] == "WEB-1"
    assert api.book(reference="WEB-1", first=SOON + timedelta(days=9)).status_code == 201
    for answer in (api.book(reference="WEB-1", nights=1), api.book("k2", reference="WEB-1")):
        assert (answer.status_code, answer.json()["code"]) == (409, "exists_already")

    # A key that comes again with another reference is the first request's, whatever it is called now.
    assert api.book("k1", reference="WEB-2").json()["code"] == "key_reused"
    assert ask(hotel, "SELECT count(*) FROM core.reservations") == [(2,)]


def test_a_request_without_a_name_is_turned_away(api: Api) -> None:
    answer = api.book()
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "Idempotency-Key")


def test_what_is_sold_out_is_refused_with_its_dates_and_leaves_no_message(api: Api, hotel: Engine) -> None:
    assert api.book("k1", rooms=("DBL", "DBL"), nights=3).status_code == 201
    answer = api.book("k2", first=SOON + timedelta(days=2))
    assert answer.status_code == 409
    assert answer.json()["code"] == "sold_out"
    assert answer.json()["dates"] == [day(2)]
    assert ask(hotel, "SELECT count(*) FROM raw.inbox") == [(1,)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"rooms": ("PENTHOUSE",)}, "unknown_room_type"),
        ({"plan": "FREE"}, "unknown_rate_plan"),
        ({"rooms": ("STE",), "plan": "NRF"}, "unknown_rate_plan"),
        ({"adults": 3}, "too_many_guests"),
        ({"first": SOON - timedelta(days=31)}, "in_the_past"),
        ({"hotel_id": "elsewhere"}, "unknown_hotel"),
        ({"total": "200.99"}, "price_changed"),
        ({"total": "201.00", "currency": "USD"}, "other_currency"),
        ({"first": SOON + timedelta(days=59)}, "no_price"),
        ({"first": SOON + timedelta(days=10)}, "closed_to_arrival"),
        ({"rooms": ("DBL", "DBL", "DBL")}, "sold_out"),
    ],
)
def test_what_the_hotel_does_not_sell_is_refused_before_it_is_stored(
    api: Api, hotel: Engine, body: dict[str, Any], code: str
) -> None:
    tell(hotel, rate(10, is_closed_to_arrival=True))
    answer = api.book("k1", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert ask(hotel, "SELECT count(*) FROM raw.inbox") == [(0,)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nights": 0}, ""),
        ({"nights": 91}, ""),
        ({"rooms": ()}, "rooms"),
        ({"adults": 0}, "rooms.0.adults"),
        ({"total": "12,50"}, "total"),
        ({"total": "201.001"}, "total"),
        ({"guest": {"first_name": "Ana"}}, "guest.last_name"),
        ({"guest": {"last_name": "Re\x00is"}}, "guest.last_name"),
        ({"reference": "../etc"}, "reference"),
        ({"colour": "blue"}, "colour"),
        ({"currency": "ZZZ", "total": "1.00"}, "currency"),
    ],
)
def test_what_is_malformed_is_named_and_not_repeated(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.book("k1", **body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "malformed")
    assert [each["field"] for each in told["fields"]] == [field]
    assert "is\\u0000" not in answer.text


def test_a_total_that_agrees_is_taken_and_without_prices_it_is_spread(api: Api, hotel: Engine) -> None:
    assert api.book("k1", total="201.00", currency="EUR").json()["total"] == "201.00"
    unpriced = api.book("k2", first=SOON + timedelta(days=59), nights=3, rooms=("DBL", "STE"), total="100.00")
    assert unpriced.status_code == 201
    assert [[night["price"] for night in room["nights"]] for room in unpriced.json()["rooms"]] == [
        ["16.67", "16.67", "16.67"], ["16.67", "16.66", "16.66"],
    ]  # fmt: skip
    assert ask(hotel, "SELECT count(*) FROM core.room_nights WHERE is_price_derived") == [(6,)]


def test_where_nobody_told_how_many_rooms_there_are_a_booking_is_taken(api: Api, hotel: Engine) -> None:
    set_up_hotel(hotel, types=[], room_count=None)
    with hotel.begin() as connection:
        connection.exec_driver_sql("DELETE FROM core.room_types")
    assert api.available().json()["room_types"][0]["available"] is None
    assert [api.book(f"k{n}").status_code for n in range(4)] == [201] * 4


def test_a_card_number_in_a_comment_never_lands(api: Api, hotel: Engine) -> None:
    answer = api.book("k1", comment="charge 4111 1111 1111 1111 please")
    assert answer.status_code == 201
    assert "1111 1111 1111" not in answer.text
    assert "charge" in answer.json()["comment"]
    assert ask(hotel, "SELECT count(*) FROM raw.inbox WHERE encode(body, 'escape') LIKE '%1111 1111 1111%'") == [(0,)]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 422),
        (b"[]", {}, 422),
        (b'{"check_in": "2027-01-01", "note": "' + b"x" * 300_000 + b'"}', {}, 413),
        (b"\x1f\x8b", {"Content-Encoding": "gzip"}, 415),
    ],
)
def test_bodies_are_bounded_as_webhooks_are(api: Api, body: bytes, headers: dict[str, str], status: int) -> None:
    given = headers | {"Content-Type": "application/json", "Idempotency-Key": "k1"}
    answer = api.client.post(f"{API}/bookings", content=body, headers=given)
    assert answer.status_code == status
    assert set(answer.json()) >= {"error", "code"}


def test_the_plain_names_of_older_engines_lead_to_the_same(api: Api) -> None:
    made = api.client.post("/api/reservations", json=asked(reference="OLD-1"))
    assert made.status_code == 201
    assert api.client.get("/api/reservations/OLD-1").json() == api.read("OLD-1").json()
    params = {"check_in": day(0), "check_out": day(2)}
    assert api.client.get("/api/availability", params=params).json() == api.available().json()
    assert api.client.delete("/api/reservations/OLD-1").json()["status"] == "cancelled"

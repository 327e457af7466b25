"""What may be sold is what channels are told; what nobody told is null, and never nought."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hotel.pages import HotelPage, Image
from hotel.rooms import RatePlan, RoomType
from storage.hotel_pages import save_page
from storage.room_types import save_room_types
from tests.gateway.booking_engine.engine_house import API, Api, rate, tell
from tests.operations.asking import HOTEL, SOON, ask_for, booking, set_up_hotel
from tests.operations.messages import ask, drain


def kinds(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["room_type"]: each for each in answer["room_types"]}


def counts(api: Api, nights: int = 3) -> dict[str, list[int | None]]:
    found = kinds(api.available(nights=nights).json())
    return {kind: [each["available"] for each in told["dates"]] for kind, told in found.items()}


def test_what_is_left_is_counted_by_type_and_date_and_the_stay_has_the_least_of_it(api: Api, hotel: Engine) -> None:
    assert counts(api) == {"DBL": [2, 2, 2], "STE": [1, 1, 1]}
    api.book("k1", first=SOON + timedelta(days=1), nights=1)
    assert counts(api) == {"DBL": [2, 1, 2], "STE": [1, 1, 1]}
    api.book("k2", first=SOON + timedelta(days=1), nights=1)
    found = kinds(api.available(nights=3).json())
    assert [(kind, told["available"], len(told["offers"])) for kind, told in found.items()] == [
        ("DBL", 0, 0), ("STE", 1, 1),
    ]  # fmt: skip


def test_a_type_has_no_more_rooms_than_the_house(api: Api, hotel: Engine) -> None:
    set_up_hotel(hotel, room_count=2)
    ask_for(hotel, booking("A"))
    drain(hotel)
    assert counts(api, nights=1) == {"DBL": [1], "STE": [1]}
    ask_for(hotel, booking("B", "STE"))
    drain(hotel)
    assert counts(api, nights=1) == {"DBL": [0], "STE": [0]}


def test_rooms_nobody_counted_are_not_known(api: Api, hotel: Engine) -> None:
    with hotel.begin() as connection:
        save_room_types(connection, HOTEL, [RoomType(HOTEL, "STE", "Suite")])
    found = kinds(api.available(nights=1).json())["STE"]
    assert (found["available"], found["dates"][0]["available"], len(found["offers"])) == (None, None, 1)


def test_rooms_entered_anew_count_at_once_for_dates_that_were_sold(api: Api, hotel: Engine) -> None:
    api.book("k1", rooms=("DBL", "DBL"))
    with hotel.begin() as connection:
        save_room_types(connection, HOTEL, [RoomType(HOTEL, "DBL", "Double", room_count=3)])
    assert counts(api, nights=1)["DBL"] == [1]
    set_up_hotel(hotel, types=[RoomType(HOTEL, "DBL", "Double", room_count=2)])
    assert counts(api, nights=1)["DBL"] == [0]


def test_a_type_given_up_and_a_pseudo_type_are_not_for_sale(api: Api, hotel: Engine) -> None:
    gone = [
        RoomType(HOTEL, "STE", "Suite", room_count=1, is_active=False),
        RoomType(HOTEL, "PM", "Paymaster", room_count=9, is_pseudo=True),
    ]
    with hotel.begin() as connection:
        save_room_types(connection, HOTEL, gone)
    assert list(counts(api)) == ["DBL"]
    assert api.book("k1", rooms=("STE",)).json()["code"] == "unknown_room_type"


def test_an_offer_is_the_stay_at_one_plan_with_every_night(api: Api, hotel: Engine) -> None:
    with hotel.begin() as connection:
        plan = RatePlan(HOTEL, "NRF", "Non-refundable", meal_plan_code="BB", is_refundable=False)
        columns = ", ".join(RatePlan._fields)
        values = ", ".join(f":{name}" for name in RatePlan._fields)
        connection.execute(
            text(
                f"INSERT INTO core.rate_plans ({columns}, source_version, received_seq, load_id, raw_ref, row_hash) "
                f"VALUES ({values}, 1, 1, 1, 'x', 'x')"
            ),
            plan._asdict(),
        )
    bar, nrf = kinds(api.available().json())["DBL"]["offers"]
    assert (bar["rate_plan"], bar["name"], bar["total"], bar["currency"]) == ("BAR", None, "201.00", "EUR")
    assert bar["nights"] == [
        {"date": SOON.isoformat(), "price": "100.00"},
        {"date": (SOON + timedelta(days=1)).isoformat(), "price": "101.00"},
    ]
    told = [nrf[name] for name in ("rate_plan", "name", "meal_plan", "refundable", "total", "tax_included")]
    assert told == ["NRF", "Non-refundable", "BB", False, "181.00", True]


def test_what_is_restricted_or_unpriced_is_not_offered(api: Api, hotel: Engine) -> None:
    tell(hotel, rate(1, is_stop_sell=True), rate(3, "NRF", min_stay_through_count=3))

    def offered(first: int, nights: int) -> list[str]:
        found = api.available(SOON + timedelta(days=first), nights).json()
        return [each["rate_plan"] for each in kinds(found)["DBL"]["offers"]]

    assert offered(0, 2) == ["NRF"]
    assert offered(2, 2) == ["BAR"]
    assert offered(2, 3) == ["BAR", "NRF"]
    assert offered(59, 2) == [], "the second night has no price"
    assert offered(-31, 1) == [], "nobody arrives yesterday"


def test_prices_are_those_of_so_many_adults(api: Api, hotel: Engine) -> None:
    tell(hotel, rate(0, price=8_000, occupancy_count=1), rate(0, price=15_000, occupancy_count=3))

    def total(guests: int) -> list[str]:
        return [each["total"] for each in kinds(api.available(nights=1, guests=guests).json())["DBL"]["offers"]]

    assert (total(1), total(2)) == (["80.00", "90.00"], ["100.00", "90.00"])
    assert total(3) == [], "a double takes two adults"


def test_amounts_have_the_decimals_of_their_currency(api: Api, hotel: Engine) -> None:
    tell(hotel, rate(40, "JPN", price=8_000, currency="JPY"), rate(40, "KWT", price=8_000, currency="KWD"))
    found = api.client.get(f"{API}/hotels/{HOTEL}/pricing", params=dates(40, 1)).json()["prices"]
    assert {each["rate_plan"]: each["price"] for each in found if each["rate_plan"] in {"JPN", "KWT"}} == {
        "JPN": "12000", "KWT": "12.000",
    }  # fmt: skip
    assert api.book("k1", first=SOON + timedelta(days=40), nights=1, plan="JPN").json()["total"] == "12000"


def dates(first: int, nights: int) -> dict[str, str]:
    day = SOON + timedelta(days=first)
    return {"check_in": day.isoformat(), "check_out": (day + timedelta(days=nights)).isoformat()}


def test_pricing_tells_restrictions_and_can_be_narrowed(api: Api, hotel: Engine) -> None:
    tell(hotel, rate(0, is_closed_to_arrival=True, min_stay_arrival_count=2, occupancy_count=2))
    path = f"{API}/hotels/{HOTEL}/pricing"
    narrowed = api.client.get(path, params=dates(0, 1) | {"room_type": "DBL", "rate_plan": "BAR"}).json()["prices"]
    assert [(each["guests"], each["closed_to_arrival"], each["min_stay_on_arrival"]) for each in narrowed] == [
        (None, None, None), (2, True, 2),
    ]  # fmt: skip
    assert {each["room_type"] for each in api.client.get(path, params=dates(0, 1)).json()["prices"]} == {"DBL", "STE"}
    usual = api.client.get(path).json()
    assert date.fromisoformat(usual["check_out"]) - date.fromisoformat(usual["check_in"]) == timedelta(days=31)


@pytest.mark.parametrize(
    "params",
    [
        {"check_in": "2027-02-30", "check_out": "2027-03-02"},
        {"check_in": "2027-03-02", "check_out": "2027-03-02"},
        {"check_in": "2027-03-02", "check_out": "2027-12-02"},
        {"check_in": "9999-12-30", "check_out": "9999-12-31"},
        {"check_in": "2027-03-02"},
        {"check_in": "2027-03-02", "check_out": "2027-03-04", "guests": "0"},
    ],
)
def test_dates_that_are_none_are_named(api: Api, params: dict[str, str]) -> None:
    answer = api.client.get(f"{API}/availability/{HOTEL}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert {each["field"] for each in answer.json()["fields"]} <= {"check_in", "check_out", "guests"}


def test_the_hotels_page_is_what_it_told_of_itself(api: Api, hotel: Engine) -> None:
    bare = api.client.get(f"{API}/hotels/{HOTEL}").json()
    assert (bare["name"], bare["city"], bare["images"], bare["check_in_from"]) == ("Harbour Hotel", None, [], None)
    page = HotelPage(
        city="Lisboa", address_line_1="Rua 1", latitude=Decimal("38.707751"), longitude=Decimal("-9.136592"),
        check_in_at=time(15), check_out_at=time(11), amenities=("wifi", "pool"),
        images=(Image("https://example.com/1.jpg", "Front"), Image("https://example.com/2.jpg", room_type_code="DBL")),
    )  # fmt: skip
    types = [RoomType(HOTEL, "DBL", "Double", 2, 2, 3, bed_code="queen", class_code="standard", amenities=("desk",))]
    with hotel.begin() as connection:
        assert save_page(connection, HOTEL, page)
        save_room_types(connection, HOTEL, types)

    told = api.client.get(f"{API}/hotels/{HOTEL}").json()
    assert [told[name] for name in ("city", "latitude", "longitude", "check_in_from", "check_out_until", "currency")] == [
        "Lisboa", 38.707751, -9.136592, "15:00", "11:00", "EUR",
    ]  # fmt: skip
    images = [
        {"url": "https://example.com/1.jpg", "caption": "Front", "room_type": None},
        {"url": "https://example.com/2.jpg", "caption": None, "room_type": "DBL"},
    ]
    assert told["images"] == images
    assert api.client.get(f"{API}/hotels/{HOTEL}/images").json() == {"hotel_id": HOTEL, "images": images}
    assert api.client.get(f"{API}/amenities/{HOTEL}").json() == {
        "hotel_id": HOTEL,
        "amenities": ["wifi", "pool"],
        "room_types": [{"room_type": "DBL", "amenities": ["desk"]}, {"room_type": "STE", "amenities": None}],
    }
    double = kinds(api.client.get(f"{API}/room-types/{HOTEL}").json())["DBL"]
    assert (double["bed"], double["room_class"], double["room_count"], double["most_guests"]) == (
        "queen",
        "standard",
        2,
        3,
    )
    assert double["images"] == images[1:]


@pytest.mark.parametrize(
    "path", ["availability/{}", "room-types/{}", "amenities/{}", "hotels/{}", "hotels/{}/images", "hotels/{}/pricing"]
)
def test_a_key_sees_its_own_hotel_only(api: Api, hotel: Engine, path: str) -> None:
    for other in ("resort", "%00", "a b"):
        answer = api.client.get(f"{API}/{path.format(other)}", params=dates(0, 1))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_hotel")
    with hotel.begin() as connection:
        connection.exec_driver_sql("UPDATE core.properties SET is_active = false")
    assert api.client.get(f"{API}/{path.format(HOTEL)}", params=dates(0, 1)).status_code == 404
    assert ask(hotel, "SELECT count(*) FROM raw.inbox") == [(0,)]

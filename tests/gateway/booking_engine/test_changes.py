"""A booking is changed as a whole or not at all; a cancelled one stays cancelled."""

from datetime import timedelta

from sqlalchemy import Engine

from tests.gateway.booking_engine.engine_house import Api, rate, tell
from tests.operations.asking import SOON
from tests.operations.messages import ask

SOLD = "SELECT stay_on, sold_count FROM core.inventory WHERE room_type_code = 'DBL' AND sold_count > 0 ORDER BY 1"


def nights(first: int, count: int) -> list[object]:
    return [SOON + timedelta(days=day) for day in range(first, first + count)]


def test_nights_that_stay_keep_their_price_and_new_ones_cost_what_they_cost_today(api: Api, hotel: Engine) -> None:
    api.book(reference="WEB-1")
    tell(hotel, rate(1, price=50_000), rate(2, price=50_000))

    answer = api.change("WEB-1", first=SOON + timedelta(days=1), guest=None)

    booking = answer.json()
    assert answer.status_code == 200
    assert [night["price"] for night in booking["rooms"][0]["nights"]] == ["101.00", "502.00"]
    assert booking["guest"]["last_name"] == "Reis", "who booked stays as known"
    assert api.read("WEB-1").json() == booking
    assert ask(hotel, SOLD) == [(each, 1) for each in nights(1, 2)]


def test_another_plan_or_more_adults_is_another_price(api: Api, hotel: Engine) -> None:
    tell(hotel, *(rate(day, price=7_000, occupancy_count=1) for day in range(3)))
    api.book(reference="WEB-1")
    assert api.change("WEB-1", adults=1).json()["total"] == "141.00"
    assert api.change("WEB-1", plan="NRF").json()["total"] == "181.00"
    assert api.change("WEB-1", plan="NRF", rooms=("DBL", "DBL")).json()["total"] == "362.00"
    assert api.change("WEB-1", plan="NRF", rooms=("DBL",)).json()["rooms"].__len__() == 1
    assert {count for _, count in ask(hotel, SOLD)} == {1}


def test_a_change_into_dates_that_are_full_leaves_the_booking_as_it_was(api: Api, hotel: Engine) -> None:
    before = api.book(reference="WEB-1").json()
    assert api.book("k2", first=SOON + timedelta(days=2), rooms=("DBL", "DBL")).status_code == 201

    answer = api.change("WEB-1", nights=3)

    assert (answer.status_code, answer.json()["code"]) == (409, "sold_out")
    assert api.read("WEB-1").json() == before
    assert ask(hotel, "SELECT count(*) FROM ops.conflicts") == [(0,)]


def test_the_same_again_without_a_key_changes_nothing_and_with_one_is_the_first(api: Api, hotel: Engine) -> None:
    made = api.book(reference="WEB-1").json()
    again = api.change("WEB-1")
    assert (again.status_code, again.json()["rooms"]) == (200, made["rooms"])

    longer = api.change("WEB-1", "c1", nights=3)
    shorter = api.change("WEB-1", "c2", nights=1)
    late = api.change("WEB-1", "c1", nights=3)
    assert [each.status_code for each in (longer, shorter, late)] == [200, 200, 200]
    assert late.json() == shorter.json(), "a change that was made once is not made again"
    reused = api.change("WEB-1", "c1", nights=1)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")


def test_a_cancel_is_status_time_and_fee_and_the_rooms_are_free_again(api: Api, hotel: Engine) -> None:
    made = api.book(reference="WEB-1", rooms=("DBL", "DBL")).json()
    answer = api.cancel("WEB-1", cancellation_fee="25.50")

    booking = answer.json()
    assert answer.status_code == 200
    assert (booking["status"], booking["cancellation_fee"], bool(booking["cancelled_at"])) == (
        "cancelled",
        "25.50",
        True,
    )
    kept = ("rooms", "total", "guest", "check_in", "check_out", "booked_at")
    assert {name: booking[name] for name in kept} == {name: made[name] for name in kept}
    assert ask(hotel, SOLD) == []
    assert api.book("k2", rooms=("DBL", "DBL")).status_code == 201


def test_what_is_cancelled_is_neither_changed_nor_cancelled_again_nor_made_anew(api: Api) -> None:
    api.book(reference="WEB-1")
    api.cancel("WEB-1")
    answers = [api.change("WEB-1"), api.cancel("WEB-1"), api.book("k9", reference="WEB-1")]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        (409, "cancelled_already"), (409, "cancelled_already"), (409, "exists_already"),
    ]  # fmt: skip


def test_a_booking_nobody_made_is_not_there(api: Api, hotel: Engine) -> None:
    for each in (api.read("NOBODY"), api.change("NOBODY"), api.cancel("NOBODY"), api.read("%00"), api.cancel("a b")):
        assert (each.status_code, each.json()["code"]) == (404, "unknown_booking")
    assert ask(hotel, "SELECT count(*) FROM core.reservations") == [(0,)]


def test_a_fee_has_the_decimals_of_its_currency(api: Api) -> None:
    api.book(reference="WEB-1")
    answer = api.cancel("WEB-1", cancellation_fee="25.505")
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "cancellation_fee")
    assert api.read("WEB-1").json()["status"] == "confirmed"

"""Where the removal has missed a card number the gate sees it: it reaches neither core nor the row that waits."""

import pytest
from sqlalchemy import Engine

from connectors.cards import Cleaned
from operations.queue_pull import pulled_delivery
from storage.inbox import receive
from storage.integrations import Integration
from storage.sealing import house_keys
from tests.contract.suites import Row
from tests.contract.test_hotel_rest import guest
from tests.hostile.house import ask, drain
from tests.hostile.kinds import HOTEL_NUMBER, pulled, queue_suite
from tests.hostile.test_one_bad_row import loaded

VISA = "4111111111111111"
MISSED = ["4111 1111 1111 1111", "4111\u00a01111\u00a01111\u00a01111", "\u0e54" + "\u0e51" * 15, "4111/1111/1111/1111"]


@pytest.mark.parametrize("number", MISSED)
def test_a_number_that_was_missed_waits_without_what_it_stood_in(
    house: Engine, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr("operations.stored_bodies.remove_cards", lambda body: Cleaned(body, 0))
    good, bad = (guest(n) | {"propertyId": HOTEL_NUMBER} for n in (1, 2))
    bad |= Row(lastName=f"Roe {number}")

    loaded(house, [good, bad], "guests")

    assert ask(house, "SELECT source_ref FROM core.guests") == [("G-1",)]
    assert ask(house, "SELECT reasons, row FROM ops.quarantine") == [
        (["card_number_present"], {"source": "hotel_rest", "property_id": "city-hotel", "source_ref": "G-2"})
    ]


def test_a_number_that_was_missed_in_a_comment_keeps_its_booking_waiting(
    house: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.stored_bodies.remove_cards", lambda body: Cleaned(body, 0))
    suite = queue_suite("channex")
    assert suite
    good, bad = (suite.message(n) for n in (1, 2))
    for each in (good, bad):
        each["attributes"]["property_id"] = HOTEL_NUMBER
    bad["attributes"]["notes"] = f"please charge {VISA}"
    place = Integration("channex", "city-hotel", "channex")
    told = [pulled_delivery(place, each, house_keys()) for each in pulled(suite, suite.answer([good, bad]).body)]
    with house.begin() as connection:
        receive(connection, told)
    drain(house)

    assert ask(house, "SELECT count(*) FROM core.reservations") == [(1,)]
    ((reasons, row),) = ask(house, "SELECT reasons, row FROM ops.quarantine")
    assert (reasons, set(row)) == (["card_number_present"], {"source", "property_id", "source_ref"})

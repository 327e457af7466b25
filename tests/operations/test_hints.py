"""A webhook that only says "pull me" makes its account due at once, and nothing else."""

import pytest
from sqlalchemy import Engine, text

from connectors.hotel_rest.connector import CONNECTOR
from operations import messages
from sandbox.world import World
from tests.operations.messages import PMS, ask, delivery, drain, outcomes, put, told_by

DUE = "SELECT source, property_id, due_at <= now() FROM ops.pulls"


@pytest.fixture
def hinting(monkeypatch: pytest.MonkeyPatch) -> None:
    able = CONNECTOR.capabilities._replace(hints_by_webhook=True)
    silent = CONNECTOR._replace(capabilities=able, messages=lambda *_: iter(()))
    monkeypatch.setattr(messages, "connector", lambda _: silent)


@pytest.mark.usefixtures("hinting")
def test_its_account_is_due_at_once(house: Engine, world: World) -> None:
    property_id = world.houses[0].place.property_id
    with house.begin() as connection:
        values = {"source": PMS, "property_id": property_id}
        connection.execute(
            text("INSERT INTO ops.pulls VALUES (:source, :property_id, now(), now() + interval '1 hour')"), values
        )
    put(house, [delivery(told_by(world, PMS)[0])._replace(property_id=property_id)])
    drain(house)
    assert outcomes(house) == {("done", "unchanged", None): 1}
    assert ask(house, DUE) == [(PMS, property_id, True)]


@pytest.mark.usefixtures("hinting")
def test_a_test_message_makes_nobody_due(house: Engine, world: World) -> None:
    put(house, [delivery(told_by(world, PMS)[0])._replace(is_test=True)])
    drain(house)
    assert ask(house, DUE) == []


def test_a_message_with_a_booking_makes_nobody_due(house: Engine, world: World) -> None:
    put(house, told_by(world, PMS)[:1])
    drain(house)
    assert ask(house, DUE) == []

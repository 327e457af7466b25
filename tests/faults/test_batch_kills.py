"""A batch load killed again and again, then run to its end, leaves what an undisturbed one leaves; two at once as well."""

from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from deployments.demo_house import set_up_sandbox
from sandbox.world import World
from tests import postgres
from tests.faults.batches import loaded_content, stored_batch
from tests.faults.conftest import NOWHERE
from tests.faults.storm import Orders
from tests.faults.zygote import Zygote


@pytest.fixture
def undisturbed(hotel: Engine, database_url: str, world: World, killer: Zygote) -> dict[str, Any]:
    """What one load in peace leaves; the house is empty again."""
    killer.storm(Orders(database_url, "load batch", 0, kills=0, argument=stored_batch(hotel, world)))
    content = loaded_content(database_url)
    postgres.empty_tables(database_url, except_tables=["ops.switches"])
    set_up_sandbox(hotel, world, NOWHERE)
    return content


def inserted(url: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT sum(rows_inserted_count)::int FROM ops.loads").fetchone()


def test_a_load_killed_at_random_moments_and_run_again_equals_an_undisturbed_one(
    undisturbed: dict[str, Any], hotel: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    batch_id = stored_batch(hotel, world)
    seed = dice.randrange(10**9)
    orders = Orders(database_url, "load batch", seed, kills=30, workers=1, longest_ms=700, argument=batch_id)
    assert killer.storm(orders).killed_count == 30
    assert loaded_content(database_url) == undisturbed
    assert inserted(database_url) == (undisturbed["core.reservations"].total(),)


def test_two_loads_of_one_batch_at_once_equal_one(
    undisturbed: dict[str, Any], hotel: Engine, database_url: str, world: World, killer: Zygote
) -> None:
    batch_id = stored_batch(hotel, world)
    long = 5_000  # both are done by then, and have begun again
    killer.storm(
        Orders(database_url, "load batch", 0, kills=2, workers=2, shortest_ms=long, longest_ms=long, argument=batch_id)
    )
    assert loaded_content(database_url) == undisturbed
    assert inserted(database_url) == (undisturbed["core.reservations"].total(),)

"""The control experiment: the same storm over the wrong orders is seen to lose and to double (law 3)."""

from random import Random

import psycopg
import pytest
from sqlalchemy import Engine

from sandbox.world import World
from tests.faults.conftest import receive_all
from tests.faults.feed import shuffled_messages
from tests.faults.fold import Told
from tests.faults.invariants import broken
from tests.faults.storm import Orders
from tests.faults.work import amount_of
from tests.faults.zygote import Zygote

_LEDGER = "CREATE TABLE public.ledger (inbox_id bigint NOT NULL, minor bigint NOT NULL)"
_BALANCE = "SELECT inbox_id, count(*), sum(minor)::bigint FROM public.ledger GROUP BY inbox_id"


@pytest.fixture
def ledger(hotel: Engine, database_url: str) -> Engine:
    """A house with a ledger that knows no keys: what is posted twice stands there twice."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS public.ledger")
        connection.execute(_LEDGER.encode())
    return hotel


def misposted(url: str, messages: list[Told]) -> tuple[int, int, int]:
    """Count the messages lost, those posted more than once, and by how much the ledger is off."""
    with psycopg.connect(url) as connection:
        posted = {inbox_id: (count, minor) for inbox_id, count, minor in connection.execute(_BALANCE.encode())}
    lost = [each for each in messages if each.inbox_id not in posted]
    doubled = [count for count, _ in posted.values() if count > 1]
    off = sum(minor for _, minor in posted.values()) - sum(amount_of(each.body) for each in messages)
    return len(lost), len(doubled), off


def posted_under_fire(ledger: Engine, url: str, world: World, killer: Zygote, dice: Random, step: str) -> list[Told]:
    told = shuffled_messages(world, dice)
    messages = receive_all(ledger, [*told.deliveries, *told.again(dice, 3_000, "more")])
    orders = Orders(url, step, dice.randrange(10**9), kills=100, longest_ms=60, is_merciless=True)
    assert killer.storm(orders).killed_count == 100
    return messages


def test_claim_post_and_mark_in_one_transaction_ties_to_the_cent(
    ledger: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    messages = posted_under_fire(ledger, database_url, world, killer, dice, "post and mark")
    assert misposted(database_url, messages) == (0, 0, 0)


def test_mark_then_post_is_seen_to_lose(
    ledger: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    messages = posted_under_fire(ledger, database_url, world, killer, dice, "mark, then post")
    lost, doubled, off = misposted(database_url, messages)
    assert lost > 0
    assert doubled == 0
    assert off < 0


def test_post_then_mark_without_a_key_is_seen_to_double(
    ledger: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    messages = posted_under_fire(ledger, database_url, world, killer, dice, "post, then mark")
    lost, doubled, off = misposted(database_url, messages)
    assert lost == 0
    assert doubled > 0
    assert off > 0


def test_the_import_in_the_wrong_order_is_seen_to_lose_bookings(
    hotel: Engine, database_url: str, world: World, killer: Zygote, dice: Random
) -> None:
    messages = receive_all(hotel, shuffled_messages(world, dice).deliveries)
    orders = Orders(database_url, "mark, then import", dice.randrange(10**9), kills=30, warm_up_count=12)
    killer.storm(orders)
    damage = broken(database_url, messages)
    assert {"booking lost", "booking differs"} & damage.keys()
    assert "message not done" not in damage, "the inbox says that all is well"

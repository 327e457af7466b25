"""Messages that kill, that the database refuses, that nobody can read: each alone ends in quarantine, all others go in."""

import msgspec
import psycopg
import pytest
from sqlalchemy import Engine, text

from sandbox.webhooks.messages import Message, world_messages
from sandbox.world import World
from storage.inbox import ALONE_AFTER, DEAD_AFTER, Delivery
from tests.faults.conftest import receive_all
from tests.faults.feed import delivery
from tests.faults.storm import Orders
from tests.faults.work import POISON
from tests.faults.zygote import Zygote

_ENDED = "SELECT status, outcome, error_code, count(*) FROM raw.inbox GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
_HELD = "SELECT source_ref, raw_ref, reasons, details::text, row::text FROM ops.quarantine"


def of_pms(world: World, count: int) -> list[Delivery]:
    return [delivery("sandbox_pms", each) for each in world_messages(world.view(), "pms")[:count]]


def poisoned(each: Delivery) -> Delivery:
    event = msgspec.json.decode(each.body)
    body = msgspec.json.encode({**event, "note": POISON.decode()})
    return delivery("sandbox_pms", Message("evt_poison", body))


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return list(connection.execute(query.encode()))


def test_a_message_that_kills_its_worker_every_time_is_buried_after_five_attempts_and_all_others_go_in(
    hotel: Engine, database_url: str, world: World, killer: Zygote
) -> None:
    told = of_pms(world, 30)
    (poison,) = [each.inbox_id for each in receive_all(hotel, [*told[:10], poisoned(told[5]), *told[10:]])][10:11]
    killer.storm(Orders(database_url, "import poison", 0, kills=0))
    endings = ask(database_url, _ENDED)
    assert endings.pop(0) == ("dead", "quarantined", "crashed", 1)
    assert {status for status, *_ in endings} == {"done"}
    assert sum(int(str(count)) for *_, count in endings) == 30
    assert ask(database_url, _HELD) == [
        ("evt_poison", f"i:{poison}", ["crashed"], '[{"code": "crashed", "shape": "", "column": ""}]', "{}")
    ]
    assert ask(database_url, "SELECT count(*) FROM raw.inbox_attempts") == [(0,)]


def test_a_poison_alone_kills_five_times_and_no_more(
    hotel: Engine, database_url: str, world: World, killer: Zygote
) -> None:
    receive_all(hotel, [poisoned(of_pms(world, 1)[0])])
    orders = Orders(
        database_url, "import poison", 0, kills=DEAD_AFTER, workers=1, longest_ms=60_000, shortest_ms=60_000
    )
    report = killer.storm(msgspec.structs.replace(orders, ends=True))
    assert report.ended_count == DEAD_AFTER
    assert ask(database_url, _ENDED) == [("dead", "quarantined", "crashed", 1)]


def test_two_poisons_do_not_keep_the_others_out(hotel: Engine, database_url: str, world: World, killer: Zygote) -> None:
    told = of_pms(world, 20)
    other = poisoned(told[3])._replace(event_id="evt_other")
    receive_all(hotel, [poisoned(told[2]), *told, other])
    killer.storm(Orders(database_url, "import poison", 0, kills=0))
    dead = ask(database_url, "SELECT event_id FROM raw.inbox WHERE status = 'dead' ORDER BY 1")
    assert dead == [("evt_other",), ("evt_poison",)]
    assert ask(database_url, "SELECT count(*) FROM raw.inbox WHERE status = 'done'") == [(20,)]


def test_a_worker_is_alone_with_a_message_before_it_is_judged() -> None:
    assert 0 < ALONE_AFTER < DEAD_AFTER


@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_row_that_the_database_refuses_is_isolated_and_quarantined_alone(
    hotel: Engine, database_url: str, world: World, killer: Zygote, place: int
) -> None:
    told = of_pms(world, 20)
    ref = str(msgspec.json.decode(told[place].body)["data"]["id"])
    refuse = f"ALTER TABLE core.reservations ADD CONSTRAINT refused CHECK (source_ref <> '{ref}')"
    with hotel.begin() as connection:
        connection.execute(text(refuse))
    try:
        receive_all(hotel, told)
        killer.storm(Orders(database_url, "import", 0, kills=0))
    finally:
        with hotel.begin() as connection:
            connection.execute(text("ALTER TABLE core.reservations DROP CONSTRAINT refused"))
    of_ref = [each for each in told if msgspec.json.decode(each.body)["data"]["id"] == ref]
    assert ask(database_url, "SELECT event_id, error_code FROM raw.inbox WHERE status = 'dead' ORDER BY inbox_id") == [
        (each.event_id, "sql_23514") for each in of_ref
    ]
    held = ask(database_url, _HELD)
    assert {str(row[2]) for row in held} == {"['sql_23514']"}
    # PostgreSQL's DETAIL shows the whole row: nothing of it may be kept.
    assert not any("Failing" in str(row) or "Confirmed" in str(row) for row in held)
    assert ask(database_url, "SELECT count(*) FROM raw.inbox WHERE status = 'done'") == [(20 - len(of_ref),)]

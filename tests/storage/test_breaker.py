"""The shared breaker: it opens after five failures in a row and lets exactly one caller try again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.breaker import SharedBreaker

CALLERS = 12
WHERE = ("pms", "guests")
UNREACHABLE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(autouse=True)
def _empty(clean_database: str) -> None: ...


Switch = Callable[..., SharedBreaker]


@pytest.fixture
def switch(database_url: str) -> Switch:
    return partial(SharedBreaker, database_url)


def open_it(breaker: SharedBreaker, times: int = 5) -> None:
    for _ in range(times):
        breaker.failed(*WHERE)


def state(engine: Engine) -> tuple[str, int]:
    with engine.connect() as connection:
        row = connection.execute(text("SELECT state, failure_count FROM ops.breakers")).one()
    return row.state, row.failure_count


def test_an_endpoint_that_was_never_called_is_open_to_all(switch: Switch) -> None:
    assert switch().admit(*WHERE) == 0.0


def test_five_failures_in_a_row_open_it_for_thirty_seconds(switch: Switch) -> None:
    breaker = switch()
    open_it(breaker, 4)
    assert breaker.admit(*WHERE) == 0.0
    breaker.failed(*WHERE)
    assert 29 < breaker.admit(*WHERE) <= 30


def test_a_success_between_failures_starts_the_count_again(switch: Switch) -> None:
    breaker = switch()
    open_it(breaker, 4)
    breaker.succeeded(*WHERE)
    open_it(breaker, 4)
    assert breaker.admit(*WHERE) == 0.0


def test_threshold_and_pause_are_the_callers_choice(switch: Switch) -> None:
    breaker = switch(threshold=2, probe_after_seconds=7)
    open_it(breaker, 2)
    assert 6 < breaker.admit(*WHERE) <= 7


def test_endpoints_do_not_share_a_switch(switch: Switch) -> None:
    breaker = switch()
    open_it(breaker)
    assert breaker.admit("pms", "rates") == 0.0
    assert breaker.admit("other", "guests") == 0.0


def test_a_straggler_does_not_put_the_probe_off(switch: Switch) -> None:
    breaker = switch(probe_after_seconds=0.05)
    open_it(breaker)
    time.sleep(0.06)
    breaker.failed(*WHERE)
    assert breaker.admit(*WHERE) == 0.0


def test_a_successful_probe_closes_it(switch: Switch, engine: Engine) -> None:
    breaker = switch(probe_after_seconds=0)
    open_it(breaker)
    assert breaker.admit(*WHERE) == 0.0
    assert state(engine)[0] == "half_open"
    breaker.succeeded(*WHERE)
    assert state(engine) == ("closed", 0)
    assert [breaker.admit(*WHERE) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_failed_probe_opens_it_again_at_once(switch: Switch, engine: Engine) -> None:
    open_it(switch(probe_after_seconds=0))
    breaker = switch()
    assert breaker.admit(*WHERE) == 0.0
    breaker.failed(*WHERE)
    assert state(engine) == ("open", 6)
    assert breaker.admit(*WHERE) > 29


def test_a_dead_prober_is_replaced_when_its_lease_ends(switch: Switch) -> None:
    breaker = switch(probe_after_seconds=0, probe_lease_seconds=0.2)
    open_it(breaker)
    assert breaker.admit(*WHERE) == 0.0
    wait = breaker.admit(*WHERE)
    assert 0 < wait <= 0.2
    time.sleep(wait)
    assert breaker.admit(*WHERE) == 0.0


def test_of_callers_that_race_exactly_one_probes_round_after_round(switch: Switch) -> None:
    breaker = switch(probe_after_seconds=0)
    open_it(breaker)
    with ThreadPoolExecutor(CALLERS) as pool:
        for _ in range(50):
            waits = list(pool.map(lambda _: breaker.admit(*WHERE), range(CALLERS)))
            assert waits.count(0.0) == 1
            breaker.failed(*WHERE)


def _admit_in_a_process(url: str) -> float:
    return SharedBreaker(url).admit(*WHERE)


def test_of_eight_processes_exactly_one_probes(switch: Switch, database_url: str) -> None:
    open_it(switch(probe_after_seconds=0))
    with get_context("fork").Pool(8) as pool:
        waits = pool.map(_admit_in_a_process, [database_url] * 24, chunksize=1)
    assert waits.count(0.0) == 1
    assert all(0 < wait <= 5 for wait in waits if wait)


def test_failures_counted_at_once_are_all_counted(switch: Switch, engine: Engine) -> None:
    breaker = switch(threshold=1000)
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: breaker.failed(*WHERE), range(120)))
    assert state(engine) == ("closed", 120)


def test_without_the_database_calls_fail_closed() -> None:
    breaker = SharedBreaker(UNREACHABLE)
    for call in (breaker.admit, breaker.succeeded, breaker.failed):
        with pytest.raises(OperationalError):
            call(*WHERE)

"""The shared rate limit: a burst, then the rate, however many processes ask."""

import time
from multiprocessing import get_context

import pytest
from sqlalchemy.exc import OperationalError

from storage.rate_limit import SharedRateLimit

PER_SECOND, BURST, SECONDS = 100.0, 100, 3.0


@pytest.fixture(autouse=True)
def _empty(clean_database: str) -> None: ...


@pytest.fixture
def limit(database_url: str) -> SharedRateLimit:
    return SharedRateLimit(database_url)


def test_a_full_bucket_gives_its_burst_and_then_the_wait_for_the_next_slot(limit: SharedRateLimit) -> None:
    waits = [limit.take("pms", "all", per_second=0.1, burst=3) for _ in range(4)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert 9 < waits[3] <= 10


def test_asking_in_vain_takes_nothing(limit: SharedRateLimit) -> None:
    limit.take("pms", "all", per_second=10, burst=1)
    waits = [limit.take("pms", "all", per_second=10, burst=1) for _ in range(5)]
    assert all(0 < wait <= 0.1 for wait in waits)
    assert waits == sorted(waits, reverse=True)


def test_after_the_wait_it_gave_a_slot_is_free(limit: SharedRateLimit) -> None:
    limit.take("pms", "all", per_second=20, burst=1)
    time.sleep(limit.take("pms", "all", per_second=20, burst=1))
    assert limit.take("pms", "all", per_second=20, burst=1) == 0.0


def test_a_bucket_left_alone_holds_no_more_than_its_burst(limit: SharedRateLimit) -> None:
    limit.take("pms", "all", per_second=100, burst=2)
    time.sleep(0.1)  # ten slots' worth
    waits = [limit.take("pms", "all", per_second=1, burst=2) for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0


def test_buckets_and_sources_are_apart(limit: SharedRateLimit) -> None:
    for place in (("pms", "all"), ("pms", "writes"), ("other", "all")):
        assert limit.take(*place, per_second=0.1, burst=1) == 0.0


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_limit_that_lets_nothing_through_is_refused(limit: SharedRateLimit, per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="per_second > 0 and burst >= 1"):
        limit.take("pms", "all", per_second=per_second, burst=burst)


def _take(limit: SharedRateLimit) -> float:
    return limit.take("pms", "race", per_second=PER_SECOND, burst=BURST)


def _granted(url: str, seconds: float) -> list[float]:
    limit, granted = SharedRateLimit(url), []
    end = time.time() + seconds
    while time.time() < end:
        if wait := _take(limit):
            time.sleep(wait)
        else:
            granted.append(time.time())
    return granted


def test_eight_processes_together_get_the_ideal_within_one_percent(limit: SharedRateLimit, database_url: str) -> None:
    with get_context("fork").Pool(8) as pool:
        times = pool.starmap(_granted, [(database_url, SECONDS)] * 8, chunksize=1)
    granted = sum(len(each) for each in times)
    assert granted > BURST + PER_SECOND * SECONDS * 0.8
    while not _take(limit):  # what lies in the bucket now that nobody asks any more
        granted += 1
    ideal = BURST + PER_SECOND * (time.time() - min(min(each) for each in times if each))
    assert granted == pytest.approx(ideal, rel=0.01, abs=1)  # one slot may be under way when the clock is read


def test_without_the_database_calls_fail_closed() -> None:
    with pytest.raises(OperationalError):
        SharedRateLimit("postgresql://nobody@127.0.0.1:1/none").take("pms", "all", per_second=1, burst=1)

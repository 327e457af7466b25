"""Shared tokens: one process fetches, the others take what it stored."""

import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from connectors.ports import Token
from storage.sealing import Keys
from storage.tokens import SharedTokens

KEYS = Keys(bytes(range(32)))
PLACE = ("pms", "city")


@pytest.fixture(autouse=True)
def _empty(clean_database: str) -> None: ...


@pytest.fixture
def tokens(database_url: str) -> SharedTokens:
    return SharedTokens(database_url, KEYS)


def seconds_left(tokens: SharedTokens) -> float:
    with tokens._engine.connect() as connection:
        query = text("SELECT extract(epoch FROM expires_at - clock_timestamp()) FROM ops.tokens")
        return float(connection.execute(query).scalar_one())


class Source:
    """Grants tokens and counts them."""

    def __init__(self, lifetime_seconds: float = 3600.0) -> None:
        self.granted = 0
        self.lifetime_seconds = lifetime_seconds

    def refresh(self) -> Token:
        self.granted += 1
        return Token(f"token {self.granted}", self.lifetime_seconds)


def test_a_token_is_fetched_once_and_shared(tokens: SharedTokens, database_url: str) -> None:
    source = Source()
    assert tokens.token(*PLACE, source.refresh) == "token 1"
    assert SharedTokens(database_url, KEYS).token(*PLACE, source.refresh) == "token 1"
    assert source.granted == 1


def test_accounts_do_not_share_a_token(tokens: SharedTokens) -> None:
    source = Source()
    assert [tokens.token("pms", account, source.refresh) for account in ("a", "b", "a")] == [
        "token 1", "token 2", "token 1",
    ]  # fmt: skip


def test_a_rejected_token_is_not_given_again(tokens: SharedTokens) -> None:
    source = Source()
    first = tokens.token(*PLACE, source.refresh)
    assert tokens.token(*PLACE, source.refresh, rejected=first) == "token 2"
    assert tokens.token(*PLACE, source.refresh, rejected=first) == "token 2", "somebody else has replaced it already"


def test_a_token_is_not_handed_out_in_its_last_minute(tokens: SharedTokens) -> None:
    source = Source(lifetime_seconds=3600)
    tokens.token(*PLACE, source.refresh)
    assert 3500 < seconds_left(tokens) <= 3540


def test_a_short_lived_token_is_used_for_nine_tenths_of_its_life(tokens: SharedTokens) -> None:
    source = Source(lifetime_seconds=20)
    assert [tokens.token(*PLACE, source.refresh) for _ in range(3)] == ["token 1"] * 3
    assert 15 < seconds_left(tokens) <= 18


def test_a_token_past_its_time_is_replaced(tokens: SharedTokens, engine: Engine) -> None:
    source = Source()
    tokens.token(*PLACE, source.refresh)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ops.tokens SET expires_at = now()"))
    assert tokens.token(*PLACE, source.refresh) == "token 2"


def test_of_many_threads_one_fetches_and_the_rest_wait(tokens: SharedTokens) -> None:
    source, begun, may_end = Source(), threading.Event(), threading.Event()

    def slow() -> Token:
        begun.set()
        may_end.wait(10)
        return source.refresh()

    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(tokens.token, *PLACE, slow) for _ in range(24)]
        assert begun.wait(10)
        may_end.set()
        assert {each.result() for each in asked} == {"token 1"}
    assert source.granted == 1


def _token_in_a_process(url: str, number: int) -> str:
    return SharedTokens(url, KEYS).token(*PLACE, lambda: Token(f"of process {number}", 3600))


def test_eight_processes_end_up_with_one_token(database_url: str) -> None:
    with get_context("fork").Pool(8) as pool:
        found = pool.starmap(_token_in_a_process, [(database_url, number) for number in range(8)], chunksize=1)
    assert len(set(found)) == 1


def test_a_refresh_that_fails_stores_nothing_and_lets_the_next_try(tokens: SharedTokens, engine: Engine) -> None:
    def refused() -> Token:
        message = "401"
        raise PermissionError(message)

    with pytest.raises(PermissionError):
        tokens.token(*PLACE, refused)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ops.tokens")) == 0
    assert tokens.token(*PLACE, Source().refresh) == "token 1"


def test_tokens_lie_sealed_and_a_new_key_costs_one_fetch(
    tokens: SharedTokens, database_url: str, engine: Engine
) -> None:
    source = Source()
    tokens.token(*PLACE, source.refresh)
    with engine.connect() as connection:
        assert b"token" not in connection.execute(text("SELECT token FROM ops.tokens")).scalar_one()
    assert SharedTokens(database_url, Keys(bytes(32))).token(*PLACE, source.refresh) == "token 2"


def test_without_the_database_there_is_no_token() -> None:
    with pytest.raises(OperationalError):
        SharedTokens("postgresql://nobody@127.0.0.1:1/none", KEYS).token(*PLACE, Source().refresh)

"""Proving who we are: by key, by name and password, or by a token that is renewed once and shared."""

from typing import Any

import pytest

from connectors.auth import Auth, NoAuth, TokenAnswer, client_credentials, fixed_auth
from connectors.calls import Limits
from connectors.errors import FixCredentials, RequestRefused
from connectors.http import HttpClient
from connectors.ports import Account, Token
from tests.contract.fakes import MemoryTokens, loopback_account, memory_ports
from tests.contract.scripted_server import Answer, ScriptedServer

ACCOUNT = Account("pms", "city-hotel")
CLIENT = {"client_id": "c", "client_secret": "s"}
QUICK = Limits(attempts=2, backoff_seconds=0.01)


@pytest.mark.parametrize(
    ("credentials", "headers"),
    [
        ({"api_key": "k"}, {"Authorization": "Bearer k"}),
        ({"api_key": "k", "api_key_header": "X-Api-Key"}, {"X-Api-Key": "k"}),
        ({"username": "hôtel", "password": "p:w"}, {"Authorization": "Basic aMO0dGVsOnA6dw=="}),
        ({"username": "u"}, {"Authorization": "Basic dTo="}),
    ],
)
def test_fixed_credentials_choose_their_header(credentials: dict[str, str], headers: dict[str, str]) -> None:
    auth: Auth | None = fixed_auth(credentials)

    assert auth
    assert auth.headers() == headers
    assert auth.renewed(headers) is None, "a fixed key that was refused is not tried again"


def test_no_credentials_send_nothing() -> None:
    assert NoAuth().headers() == {}
    assert fixed_auth({}) is None


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_half_a_client_says_what_to_state(missing: str) -> None:
    with pytest.raises(FixCredentials, match="client_id and client_secret"):
        client_credentials(ACCOUNT, CLIENT | {missing: ""}, MemoryTokens(), lambda _: TokenAnswer("t"))


def test_a_token_is_asked_for_once_with_its_scope() -> None:
    store, asked = MemoryTokens(), []

    def ask(form: dict[str, str]) -> TokenAnswer:
        asked.append(form)
        return TokenAnswer("t", 3600)

    auth = client_credentials(ACCOUNT, CLIENT | {"scope": "bookings:read"}, store, ask)

    assert [auth.headers() for _ in range(3)] == [{"Authorization": "Bearer t"}] * 3
    assert asked == [
        {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s", "scope": "bookings:read"}
    ]
    assert store.refreshed == [Token("t", 3600)]


def test_a_token_without_a_lifetime_is_trusted_for_minutes_only() -> None:
    store = MemoryTokens()

    client_credentials(ACCOUNT, CLIENT, store, lambda _: TokenAnswer("t")).headers()

    assert store.refreshed == [Token("t", 300.0)]


def test_a_token_a_neighbour_renewed_is_taken_over() -> None:
    store = MemoryTokens()
    auth = client_credentials(ACCOUNT, CLIENT, store, lambda _: TokenAnswer("own"))
    rejected = auth.headers()
    store.kept["pms", "city-hotel"] = "neighbours"

    assert auth.renewed(rejected) == {"Authorization": "Bearer neighbours"}
    assert len(store.refreshed) == 1


def test_a_refused_client_asks_for_credentials() -> None:
    def refuse(_: dict[str, str]) -> TokenAnswer:
        msg = "400"
        raise RequestRefused(msg, 400)

    with pytest.raises(FixCredentials, match="check client_id"):
        client_credentials(ACCOUNT, CLIENT, MemoryTokens(), refuse).headers()


class _Renewing:
    """Gives `one`, then `two`, and counts."""

    def __init__(self) -> None:
        self.renewals = 0

    def headers(self) -> dict[str, str]:
        return {"Authorization": "Bearer one"}

    def renewed(self, _: Any) -> dict[str, str]:
        self.renewals += 1
        return {"Authorization": "Bearer two"}


@pytest.mark.parametrize(("status", "renewals", "asked"), [(401, 1, 2), (403, 0, 1)])
def test_only_a_401_renews_and_only_once(server: ScriptedServer, status: int, renewals: int, asked: int) -> None:
    server.on("/rooms", Answer(b"", status))
    ports, auth = memory_ports(), _Renewing()
    account = loopback_account(server.url)

    with (
        HttpClient(server.url, account=account, ports=ports, auth=auth, limits=QUICK) as client,
        pytest.raises(FixCredentials),
    ):
        client.get("/rooms", "rooms")

    assert (auth.renewals, len(server.asked)) == (renewals, asked)
    assert [record.attempts_count for record in ports.requests.records] == [asked]  # type: ignore[attr-defined]

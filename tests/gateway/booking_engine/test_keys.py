"""Only who has a good key with the right scope is let in, and no more often than agreed."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from gateway import api_keys as command
from gateway.booking_engine import auth
from gateway.booking_engine.service import Terms
from settings import Settings
from storage.api_keys import id_in
from storage.sealing import Keys
from tests.gateway.booking_engine.engine_house import API, Api, asked, calling, new_key
from tests.operations.asking import HOTEL
from tests.operations.messages import ask

PAGE = f"{API}/hotels/{HOTEL}"


@pytest.fixture
def idle(settings: Settings, keys: Keys, hotel: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """An API where nobody imports and keys are looked up anew for every request."""
    monkeypatch.setattr(auth, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(auth, "FRESH_SECONDS", 0.0)
    with calling(settings, keys, hotel, Terms(wait_seconds=0)) as found:
        yield found


def get(api: Api, key: str | None, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.get(f"{api.client.base_url}{PAGE}", headers=given | headers)


def test_a_key_is_good_as_a_bearer_token_and_in_a_header_of_its_own(idle: Api) -> None:
    assert get(idle, idle.key).status_code == 200
    assert get(idle, None, **{"X-API-Key": idle.key}).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [lambda _: None, lambda _: "x", lambda key: key[:-1], lambda key: key[:-1] + "~", lambda key: key.replace("_", "_9", 1),
     lambda key: key.upper()],
    ids=["none", "no key at all", "cut off", "odd", "of another id", "in capitals"],
)  # fmt: skip
def test_who_has_no_good_key_hears_401_and_nothing_is_asked(idle: Api, spoil: Callable[[str], str | None]) -> None:
    answer = get(idle, spoil(idle.key))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_key_and_one_taken_back_end(idle: Api, hotel: Engine, keys: Keys) -> None:
    now = datetime.now(UTC)
    assert get(idle, new_key(hotel, keys, expires_at=now + timedelta(days=1))).status_code == 200
    assert get(idle, new_key(hotel, keys, expires_at=now - timedelta(seconds=1))).status_code == 401
    assert get(idle, idle.key).status_code == 200
    assert command._revoke(hotel, command._parser().parse_args(["revoke", str(id_in(idle.key))])) == 0
    assert get(idle, idle.key).status_code == 401


def test_a_key_that_may_only_read_books_nothing(idle: Api, hotel: Engine, keys: Keys) -> None:
    reader = {"Authorization": f"Bearer {new_key(hotel, keys, 'bookings:read')}", "Idempotency-Key": "k1"}
    writer = {"Authorization": f"Bearer {new_key(hotel, keys, 'bookings:write')}"}
    answer = idle.client.post(f"{API}/bookings", json=asked(), headers=reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert idle.client.get(PAGE, headers=writer).status_code == 403
    assert ask(hotel, "SELECT count(*) FROM raw.inbox") == [(0,)]


def test_a_key_has_its_share_of_requests_and_no_other_key_pays_for_it(
    settings: Settings, keys: Keys, hotel: Engine
) -> None:
    with calling(settings, keys, hotel, Terms(per_second=0.1, burst=3)) as api:
        assert [get(api, api.key).status_code for _ in range(3)] == [200] * 3
        answer = get(api, api.key)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 0 < int(answer.headers["retry-after"]) <= 10
        assert get(api, new_key(hotel, keys)).status_code == 200


def test_the_use_of_a_key_is_noted(idle: Api, hotel: Engine) -> None:
    assert ask(hotel, "SELECT last_used_at FROM ops.api_keys") == [(None,)]
    get(idle, idle.key)
    assert ask(hotel, "SELECT last_used_at IS NOT NULL FROM ops.api_keys") == [(True,)]


def test_validate_token_tells_what_a_key_is_good_for_and_nothing_of_one_that_is_not(
    idle: Api, hotel: Engine, keys: Keys
) -> None:
    path = f"{API}/auth/validate-token"
    until = datetime(2099, 1, 1, tzinfo=UTC)
    other = new_key(hotel, keys, "bookings:read", expires_at=until)
    facts = {"valid": True, "hotel_id": HOTEL, "scopes": ["bookings:read"], "expires_at": "2099-01-01T00:00:00Z"}
    nothing = {"valid": False, "hotel_id": None, "scopes": None, "expires_at": None}
    assert idle.client.post(path, json={"token": other}).json() == facts
    assert idle.client.post(path, headers={"Authorization": f"Bearer {other}"}).json() == facts
    assert idle.client.post(path, json={"token": "x"}).json() == nothing
    assert httpx.post(f"{idle.client.base_url}{path}").json() == nothing


def test_there_are_no_users(idle: Api) -> None:
    answer = idle.client.get(f"{API}/auth/user/7")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_users")


def test_a_key_made_under_a_former_house_key_is_good_and_renewed(settings: Settings, keys: Keys, hotel: Engine) -> None:
    old = new_key(hotel, keys)
    renewed = Keys(bytes(range(32, 64)), former=(keys.current,))
    with calling(settings, renewed, hotel) as api:
        assert get(api, old).status_code == 200
    with calling(settings, Keys(renewed.current), hotel) as api:
        assert get(api, old).status_code == 200, "its hash was made anew"


def test_no_log_shows_who_booked_or_with_which_key(
    settings: Settings, keys: Keys, hotel: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        msg = "stumbled over Ana Reis, ana@example.com"
        raise RuntimeError(msg)

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("gateway.booking_engine.writing.new_booking", stumble)
    with calling(settings, keys, hotel, Terms(wait_seconds=0)) as api:
        answer = api.book("k1")
        secret = api.key.rsplit("_", 1)[1]
    assert (answer.status_code, answer.json()) == (500, {"error": "this failed: our log says why", "code": "failed"})
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert any("RuntimeError at test_keys.py" in told for told in ours)
    assert [told for told in ours if "Reis" in told or "ana@" in told or secret in told] == []


def test_a_key_is_printed_once_and_never_again(
    hotel: Engine, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, keys: Keys
) -> None:
    monkeypatch.setattr(command, "open_house", lambda: hotel)
    monkeypatch.setattr(command, "house_keys", lambda: keys)
    assert command.main(["create", "--property", HOTEL, "--scope", "bookings:read", "--description", "web"]) == 0
    key = capsys.readouterr().out.strip()
    with calling(settings, keys, hotel) as api:
        assert get(api, key).status_code == 200

    assert command.main(["list"]) == 0
    listed = capsys.readouterr().out
    assert f"{id_in(key)}  {HOTEL}  bookings:read  good  until " in listed
    assert listed.count("\n") == 2
    assert key.rsplit("_", 1)[1] not in listed
    dump = ask(hotel, "SELECT row_to_json(k)::text FROM ops.api_keys k") + ask(
        hotel, "SELECT after::text FROM ops.audit_log"
    )
    assert key.rsplit("_", 1)[1] not in str(dump)
    assert ask(hotel, "SELECT count(*) FROM ops.audit_log WHERE action = 'create'") == [(2,)]

    assert command.main(["create", "--property", "elsewhere"]) == 1
    assert command.main(["revoke", str(id_in(key))]) == 0
    assert command.main(["revoke", str(id_in(key))]) == 1
    assert "taken back" in (command.main(["list", "--property", HOTEL]), capsys.readouterr().out)[1]


def test_a_first_key_sets_the_booking_engine_up_and_leaves_one_that_is_there(
    hotel: Engine, monkeypatch: pytest.MonkeyPatch, keys: Keys
) -> None:
    monkeypatch.setattr(command, "open_house", lambda: hotel)
    monkeypatch.setattr(command, "house_keys", lambda: keys)
    query = "SELECT account, settings FROM ops.integrations WHERE source = 'booking_engine'"
    with hotel.begin() as connection:
        connection.execute(text("DELETE FROM ops.integrations WHERE source = 'booking_engine'"))
    assert command.main(["create", "--property", HOTEL, "--days", "0"]) == 0
    assert ask(hotel, query) == [(HOTEL, {"as_is": ["channel"]})]
    with hotel.begin() as connection:
        connection.execute(text("UPDATE ops.integrations SET account = 'own' WHERE source = 'booking_engine'"))
    assert command.main(["create", "--property", HOTEL]) == 0
    assert [row[0] for row in ask(hotel, query)] == ["own"]

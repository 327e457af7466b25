"""Nothing inside the house is reached from outside by a clever address."""

import socket
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from connectors.addresses import is_allowed, parse_origin, resolve, same_origin
from connectors.calls import Limits
from connectors.errors import RequestRefused, TryLater
from connectors.http import HttpClient
from connectors.ports import Account
from tests.contract.fakes import memory_ports
from tests.contract.scripted_server import Answer, ScriptedServer

INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104 it is refused
    "192.0.0.170",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:127.0.0.1", "8.8.8.8"])
def test_where_private_hosts_are_allowed_they_are(address: str) -> None:
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::", "64:ff9b::7f00:1"])  # noqa: S104
def test_cloud_metadata_and_the_like_are_refused_even_then(address: str) -> None:
    assert not is_allowed(address, allow_private=True)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost", "::1"])
def test_a_host_in_disguise_is_looked_up_before_it_is_judged(host: str) -> None:
    with pytest.raises(RequestRefused, match="private or reserved"):
        resolve(host, 443)


def look_up(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to these addresses; give the list of names that were looked up."""
    names: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        names.append(host)
        if not addresses:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    resolver = SimpleNamespace(getaddrinfo=getaddrinfo, SOCK_STREAM=socket.SOCK_STREAM)
    monkeypatch.setattr("connectors.addresses.socket", resolver)
    return names


def client_of(port: int) -> HttpClient:
    account = Account("pms", "city-hotel", allow_private_hosts=True)
    return HttpClient(f"http://pms.example:{port}", account=account, ports=memory_ports(), limits=Limits(attempts=1))


def test_one_forbidden_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up(monkeypatch, "8.8.8.8", "10.0.0.1")

    with pytest.raises(RequestRefused):
        resolve("pms.example", 443)


def test_the_connection_goes_to_the_address_that_was_checked(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/v1/rooms", Answer(b"{}"))
    names = look_up(monkeypatch, "127.0.0.1")

    with client_of(server.port) as client:
        client.get("/v1/rooms", "rooms")

    assert names == ["pms.example"], "looked up once; the connection used that very answer"
    assert server.asked[0].headers["host"] == f"pms.example:{server.port}"


def test_a_second_address_is_tried_where_the_first_does_not_answer(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/v1/rooms", Answer(b"{}"))
    look_up(monkeypatch, "127.0.0.2", "127.0.0.1")

    with client_of(server.port) as client:
        assert client.get("/v1/rooms", "rooms").status == 200


def test_a_name_that_does_not_resolve_is_try_later(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up(monkeypatch)

    with client_of(80) as client, pytest.raises(TryLater, match="no connection"):
        client.get("/v1/rooms", "rooms")


def test_a_private_host_is_refused_at_the_call(server: ScriptedServer) -> None:
    account = Account("pms", "city-hotel")

    with (
        HttpClient(server.url.replace("http:", "https:"), account=account, ports=memory_ports()) as client,
        pytest.raises(RequestRefused, match="private or reserved"),
    ):
        client.get("/v1/rooms", "rooms")

    assert server.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "http://pms.example",
        "ftp://pms.example",
        "https://ok@evil.example",
        "https://u:p@pms.example",
        "https://",
        "pms.example",
        "",
        "https://pms.example/?key=1",
        "https://pms.example/#x",
        "https://[::1",
    ],
)
def test_what_is_no_plain_https_address_is_refused(text: str) -> None:
    with pytest.raises(RequestRefused):
        parse_origin(text)


def test_plain_http_is_for_private_hosts_only() -> None:
    assert parse_origin("http://127.0.0.1:8090/api", allow_private=True).port == 8090


def test_origins_are_compared_with_their_usual_ports() -> None:
    assert same_origin(httpx.URL("https://a.example/x"), httpx.URL("https://A.example:443/y"))
    assert not same_origin(httpx.URL("https://a.example"), httpx.URL("http://a.example"))
    assert not same_origin(httpx.URL("https://a.example"), httpx.URL("https://a.example:8443"))

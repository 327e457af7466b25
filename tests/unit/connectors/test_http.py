"""One logical request: retried where that is safe, bounded in time and size, noted once, judged once."""

import gzip
import time
import zlib
from typing import Any

import pytest

from connectors.auth import bearer_key
from connectors.calls import Call, Limits, Response
from connectors.errors import (
    BreakerOpen,
    ConnectorError,
    FixCredentials,
    RequestRefused,
    TryLater,
    VendorChangedShape,
)
from connectors.http import HttpClient
from tests.contract.fakes import loopback_account, memory_ports
from tests.contract.scripted_server import Answer, ScriptedServer

QUICK = Limits(deadline_seconds=3.0, read_seconds=1.0, attempts=4, backoff_seconds=0.01, body_bytes=100_000)
WHOLE = b'{"rooms": [1, 2, 3]}'


@pytest.fixture
def ports() -> Any:
    return memory_ports()


@pytest.fixture
def client(server: ScriptedServer, ports: Any) -> Any:
    with HttpClient(
        server.url, account=loopback_account(server.url), ports=ports, auth=bearer_key("s3cret"), limits=QUICK
    ) as ready:
        yield ready


def test_an_answer_comes_back_whole_with_its_type(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/rooms", Answer(WHOLE, headers={"Content-Type": "application/json"}))

    answer = client.get("/rooms", "rooms", {"propertyId": "CITY"})

    assert (answer.status, answer.body, answer.media_type) == (200, WHOLE, "application/json")
    assert answer.decode(dict) == {"rooms": [1, 2, 3]}
    assert server.asked[0].query == {"propertyId": "CITY"}
    assert server.asked[0].headers["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_framings_and_codings_give_the_same_body(
    server: ScriptedServer, client: HttpClient, framing: Any, coding: str
) -> None:
    packed = {"": WHOLE, "gzip": gzip.compress(WHOLE), "deflate": zlib.compress(WHOLE)}[coding]
    server.on("/rooms", Answer(packed, headers={"Content-Encoding": coding} if coding else {}, framing=framing))

    assert client.get("/rooms", "rooms").body == WHOLE


FAULTS_THAT_PASS = {
    "500": Answer(b"", 500),
    "503 with a date": Answer(b"", 503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    "429 without a time": Answer(b"", 429),
    "429 with zero": Answer(b"", 429, {"Retry-After": "0"}),
    "429 with garbage": Answer(b"", 429, {"Retry-After": "soon"}),
    "408": Answer(b"", 408),
    "reset": Answer(resets=True),
    "cut at a stated length": Answer(WHOLE, cut_after=5),
    "cut chunk": Answer(WHOLE, framing="chunked", cut_after=9),
    "body that ends with the connection": Answer(WHOLE, framing="close", cut_after=5),
    "cut gzip": Answer(gzip.compress(WHOLE)[:-9], headers={"Content-Encoding": "gzip"}),
    "no head at all": Answer(delay_seconds=1.2),
}


@pytest.mark.parametrize("fault", FAULTS_THAT_PASS)
def test_a_passing_fault_is_outlasted(server: ScriptedServer, client: HttpClient, ports: Any, fault: str) -> None:
    server.on("/rooms", FAULTS_THAT_PASS[fault], Answer(WHOLE))

    assert client.get("/rooms", "rooms").body == WHOLE

    (record,) = ports.requests.records
    assert (record.attempts_count, record.status_code, record.error_code) == (2, 200, None)
    assert ports.breaker.verdicts == ["succeeded"], "the fault was inside one logical request"
    assert ports.rate_limit.granted == 2, "every attempt counts against the vendor's quota"


@pytest.mark.parametrize("fault", [name for name in FAULTS_THAT_PASS if name != "no head at all"])
def test_a_lasting_fault_asks_to_try_later_and_counts_once(
    server: ScriptedServer, client: HttpClient, ports: Any, fault: str
) -> None:
    server.on("/rooms", FAULTS_THAT_PASS[fault])

    with pytest.raises(TryLater):
        client.get("/rooms", "rooms")

    (record,) = ports.requests.records
    assert (record.attempts_count, record.error_code) == (4, "try_later")
    assert ports.breaker.verdicts == ["failed"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"", 401), FixCredentials),
        (Answer(b"", 403), FixCredentials),
        (Answer(b"", 400), RequestRefused),
        (Answer(b"", 404), RequestRefused),
        (Answer(b"", 422), RequestRefused),
        (Answer(b"", 304), RequestRefused),
        (Answer(b"not gzip", headers={"Content-Encoding": "gzip"}), VendorChangedShape),
        (Answer(b"(\xb5/\xfd", headers={"Content-Encoding": "zstd"}), VendorChangedShape),
    ],
)
def test_what_no_repetition_mends_is_asked_once(
    server: ScriptedServer, client: HttpClient, ports: Any, answer: Answer, error: type[ConnectorError]
) -> None:
    server.on("/rooms", answer)

    with pytest.raises(error):
        client.get("/rooms", "rooms")

    assert len(server.asked) == 1
    assert ports.breaker.verdicts == ["succeeded"], "the endpoint is alive"
    assert ports.requests.records[0].error_code == error.code


def test_a_short_retry_after_is_obeyed(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/rooms", Answer(b"", 429, {"Retry-After": "1"}), Answer(WHOLE))
    started = time.monotonic()

    client.get("/rooms", "rooms")

    assert 1.0 <= time.monotonic() - started < 10


@pytest.mark.parametrize("value", ["60", "1000000000", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_long_retry_after_is_handed_to_the_caller_capped(
    server: ScriptedServer, client: HttpClient, value: str
) -> None:
    server.on("/rooms", Answer(b"", 429, {"Retry-After": value}))

    with pytest.raises(TryLater) as caught:
        client.get("/rooms", "rooms")

    assert caught.value.retry_after == min(float(value), 3600) if value.isdigit() else 3600
    assert len(server.asked) == 1


@pytest.mark.parametrize("framing", ["length", "close"])
def test_a_dripping_server_ends_at_the_deadline(server: ScriptedServer, ports: Any, framing: Any) -> None:
    server.on("/rooms", Answer(b"x" * 1000, framing=framing, drip_seconds=0.05))
    limits = QUICK._replace(deadline_seconds=0.6, read_seconds=5.0)

    with HttpClient(server.url, account=loopback_account(server.url), ports=ports, limits=limits) as hurried:
        started = time.monotonic()
        with pytest.raises(TryLater):
            hurried.get("/rooms", "rooms")

    assert time.monotonic() - started < 10  # of the fifty it would take


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_an_endless_body_is_left_at_the_cap(server: ScriptedServer, client: HttpClient, framing: Any) -> None:
    server.on("/rooms", Answer(b"x", framing=framing, is_endless=True))

    with pytest.raises(RequestRefused, match="larger than"):
        client.get("/rooms", "rooms")


def test_a_bomb_is_inflated_to_the_cap_only(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/rooms", Answer(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"}))

    with pytest.raises(RequestRefused, match="larger than"):
        client.get("/rooms", "rooms")


def test_a_body_without_length_is_taken_where_the_caller_can_prove_it(
    server: ScriptedServer, client: HttpClient
) -> None:
    server.on("/rooms", Answer(WHOLE, framing="close"), Answer(WHOLE, framing="close", cut_after=9))
    call = Call("GET", "/rooms", "rooms", requires_length=False)

    assert client.send(call).decode(dict) == {"rooms": [1, 2, 3]}
    with pytest.raises(TryLater):
        client.send(call).decode(dict)


def test_garbage_of_a_known_length_is_a_changed_shape() -> None:
    with pytest.raises(VendorChangedShape):
        Response(200, b"<html>", "text/html", "r").decode(dict)
    with pytest.raises(VendorChangedShape):
        Response(200, b'{"name": "\xff"}', "application/json", "r").decode(dict)


POST = Call("POST", "/bookings", "bookings", content=b"{}")


@pytest.mark.parametrize("fault", [Answer(b"", 500), Answer(resets=True), Answer(WHOLE, cut_after=3)])
def test_a_plain_post_that_may_have_acted_is_not_repeated(
    server: ScriptedServer, client: HttpClient, fault: Answer
) -> None:
    server.on("/bookings", fault)

    with pytest.raises(TryLater) as caught:
        client.send(POST)

    assert len(server.asked) == 1
    assert caught.value.may_have_acted


def test_a_post_that_surely_did_nothing_is_repeated(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/bookings", Answer(b"", 429), Answer(WHOLE))

    assert client.send(POST).body == WHOLE


def test_a_post_with_a_key_is_repeated_with_the_same_key(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/bookings", Answer(b"", 500), Answer(WHOLE))

    client.send(POST._replace(idempotency_key="k-1"))

    assert [asked.headers["idempotency-key"] for asked in server.asked] == ["k-1", "k-1"]
    assert [asked.body for asked in server.asked] == [b"{}", b"{}"]


def test_redirects_stay_at_home(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/old", Answer(b"", 302, {"Location": "/rooms?page=2"}))
    server.on("/rooms", Answer(WHOLE))

    assert client.get("/old", "rooms", {"page": "1"}).body == WHOLE
    assert server.asked[1].query == {"page": "2"}


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost.example/rooms",
        "https://127.0.0.1/rooms",
        "http://user:pw@127.0.0.1/rooms",
        "",
    ],
)
def test_a_redirect_elsewhere_is_refused_and_nothing_travels(
    server: ScriptedServer, client: HttpClient, location: str
) -> None:
    server.on("/old", Answer(b"", 302, {"Location": location}))

    with pytest.raises(RequestRefused, match="redirected elsewhere"):
        client.get("/old", "rooms")

    assert len(server.asked) == 1


def test_a_circle_of_redirects_ends(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/old", Answer(b"", 307, {"Location": "/old"}))

    with pytest.raises(RequestRefused, match="more than 3 times"):
        client.get("/old", "rooms")


def test_a_redirected_post_is_refused(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/bookings", Answer(b"", 307, {"Location": "/elsewhere"}))

    with pytest.raises(RequestRefused):
        client.send(POST)


@pytest.mark.parametrize("link", ["http://evil.example/rooms", "http://127.0.0.1:1/rooms"])
def test_a_next_link_to_another_host_is_refused(server: ScriptedServer, client: HttpClient, link: str) -> None:
    with pytest.raises(RequestRefused, match="credentials do not travel"):
        client.get(link, "rooms")

    assert server.asked == []


def test_a_next_link_at_home_is_followed(server: ScriptedServer, client: HttpClient) -> None:
    server.on("/rooms", Answer(WHOLE))

    assert client.get(f"{server.url}/rooms?cursor=b", "rooms").body == WHOLE
    assert server.asked[0].query == {"cursor": "b"}


def test_an_open_breaker_keeps_the_request_at_home(server: ScriptedServer, client: HttpClient, ports: Any) -> None:
    server.on("/rooms", Answer(b"", 500))
    for _ in range(5):
        with pytest.raises(TryLater):
            client.get("/rooms", "rooms")
    asked = len(server.asked)

    with pytest.raises(BreakerOpen) as caught:
        client.get("/rooms", "rooms")

    assert len(server.asked) == asked
    assert caught.value.retry_after == 30.0
    assert ports.requests.records[-1].error_code == "breaker_open"
    assert ports.requests.records[-1].attempts_count == 0


def test_the_rate_limit_is_waited_for(server: ScriptedServer, client: HttpClient, ports: Any) -> None:
    server.on("/rooms", Answer(WHOLE))
    ports.rate_limit.waits = [0.05, 0.05]
    started = time.monotonic()

    client.get("/rooms", "rooms")

    assert time.monotonic() - started >= 0.1


def test_a_rate_limit_beyond_the_deadline_is_handed_to_the_caller(
    server: ScriptedServer, client: HttpClient, ports: Any
) -> None:
    ports.rate_limit.waits = [9.0]

    with pytest.raises(TryLater) as caught:
        client.get("/rooms", "rooms")

    assert caught.value.retry_after == 9.0
    assert server.asked == []


def test_a_port_that_is_down_stops_the_call(server: ScriptedServer, client: HttpClient, ports: Any) -> None:
    def down(*_: Any) -> float:
        raise ConnectionError

    ports.breaker.admit = down

    with pytest.raises(ConnectionError):
        client.get("/rooms", "rooms")
    assert server.asked == []


def test_nobody_listening_is_try_later(server: ScriptedServer, ports: Any) -> None:
    account = loopback_account("http://127.0.0.1:1")
    lonely = HttpClient("http://127.0.0.1:1", account=account, ports=ports, limits=QUICK)

    with lonely, pytest.raises(TryLater, match="no connection") as caught:
        lonely.send(POST)

    assert not caught.value.may_have_acted
    assert ports.requests.records[0].attempts_count == 4, "nothing was sent, so even a POST may be repeated"


def test_logs_and_records_tell_no_secrets(
    server: ScriptedServer, client: HttpClient, ports: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.on("/guests/jane@example.com", Answer(b'{"name": "Jane Roe"}', 500))

    with pytest.raises(TryLater) as caught:
        client.get("/guests/jane@example.com", "guest", {"phone": "+66812345678"})

    said = caplog.text + str(caught.value) + repr(ports.requests.records)
    assert not [word for word in ("s3cret", "jane@", "66812345678", "Jane") if word in said]

"""Each fault can be seen on the wire, hits the requests it was armed for, and is over after them."""

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.server import Sandbox
from sandbox.server.faults import KINDS, Fault, Faults

ASKED: dict[str, Any] = {"propertyId": "kamo-kyoto", "limit": 20}


def page(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    answered = client.get("/v1/reservations", params={**ASKED, **asked})
    answered.raise_for_status()
    told: dict[str, Any] = answered.json()
    return told


def raw(sandbox: Sandbox, path: str = "/v1/reservations?propertyId=kamo-kyoto&limit=20", most: int = 1 << 20) -> bytes:
    """Ask over a bare socket and read until the other side closes, or so many bytes came."""
    where = urlsplit(sandbox.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=5) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer sandbox-api-key\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while len(answer) < most and (chunk := connection.recv(65_536)):
            answer += chunk
        return answer


def split(answer: bytes) -> tuple[bytes, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize("retry_after", [None, 0, 7])
def test_too_many_requests_with_and_without_a_time_to_wait(
    client: httpx.Client, sandbox: Sandbox, retry_after: int | None
) -> None:
    sandbox.faults.arm("rate_limited", retry_after=retry_after)
    answered = client.get("/v1/reservations", params=ASKED)
    assert answered.status_code == 429
    assert answered.headers.get("retry-after") == (None if retry_after is None else str(retry_after))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_of_every_kind(client: httpx.Client, sandbox: Sandbox, status: int) -> None:
    sandbox.faults.arm("server_error", status=status)
    assert client.get("/v1/guests", params=ASKED).status_code == status


def test_a_timeout_says_nothing_until_its_seconds_are_over(sandbox: Sandbox) -> None:
    sandbox.faults.arm("timeout", seconds=0.15)
    started_at = time.monotonic()
    assert raw(sandbox) == b""
    assert 0.15 <= time.monotonic() - started_at < 10


def test_a_timeout_can_be_seen_by_a_client_that_waits_less(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("timeout", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/v1/reservations", params=ASKED, timeout=0.1)
    assert page(client)["items"]


def test_a_connection_that_just_closes(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("disconnect")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.get("/v1/reservations", params=ASKED)


def test_a_slow_drip_is_whole_but_slow_and_never_silent_for_long(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("slow_drip", seconds=0.5)
    started_at = time.monotonic()
    gaps, last = [], started_at
    with client.stream("GET", "/v1/reservations", params=ASKED) as answered:
        body = b""
        for chunk in answered.iter_raw():
            body += chunk
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
    assert time.monotonic() - started_at >= 0.4
    assert len(gaps) > 10
    assert len(body) == int(answered.headers["content-length"])


def test_a_body_shorter_than_its_length(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("cut_length", times=2)
    head, body = split(raw(sandbox))
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < length
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/v1/reservations", params=ASKED)


def test_chunks_without_the_last_one(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("cut_chunked", times=2)
    head, body = split(raw(sandbox))
    assert b"transfer-encoding: chunked" in head
    assert not body.endswith(b"0\r\n\r\n")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/v1/reservations", params=ASKED)


def test_a_cut_that_looks_like_an_end(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("cut_close", times=2)
    head, body = split(raw(sandbox))
    assert b"content-length" not in head
    assert b"transfer-encoding" not in head
    assert body.startswith(b'{"items"')
    answered = client.get("/v1/reservations", params=ASKED)
    assert answered.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answered.json()


def test_a_page_of_html_that_says_it_is_json(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("garbage")
    answered = client.get("/v1/reservations", params=ASKED)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "application/json"
    assert answered.content.startswith(b"<!doctype html>")


def test_json_that_is_no_utf_8(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("broken_text")
    with pytest.raises(UnicodeDecodeError):
        client.get("/v1/reservations", params=ASKED).content.decode()


def test_a_body_without_end_ends_when_the_reader_leaves_or_its_seconds_are_over(sandbox: Sandbox) -> None:
    sandbox.faults.arm("endless_body", seconds=0.2)
    sandbox.faults.arm("endless_body", seconds=30)
    assert len(raw(sandbox, most=1 << 30)) > 1 << 20
    assert len(raw(sandbox, most=1 << 22)) >= 1 << 22
    assert b"200" in raw(sandbox, "/v1/properties", most=100)


def test_an_expired_token_ends_all_tokens_until_a_new_one_is_asked_for(sandbox: Sandbox) -> None:
    token = sandbox.state.access.grant()
    sandbox.faults.arm("expired_token")
    with httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Bearer {token}"}) as client:
        refused = [client.get("/v1/properties") for _ in range(2)]
    assert [answered.status_code for answered in refused] == [401, 401]
    assert "invalid_token" in refused[0].headers["www-authenticate"]
    fresh = sandbox.state.access.grant()
    assert httpx.get(f"{sandbox.url}/v1/properties", headers={"Authorization": f"Bearer {fresh}"}).is_success


def test_a_failure_under_status_200(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("success_false")
    assert client.get("/v1/reservations", params=ASKED).json()["success"] is False


def test_rows_that_come_twice_in_a_page(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("duplicates")
    ids = [row["id"] for row in page(client)["items"]]
    assert (len(ids), len(set(ids))) == (30, 20)


def test_a_page_that_comes_again_in_place_of_the_next(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("repeated_page", after=1)
    first = page(client)
    again = page(client, cursor=first["nextCursor"])
    assert again["items"] == first["items"]
    assert again["nextCursor"] != first["nextCursor"]


def test_a_cursor_that_leads_back_to_its_own_page(client: httpx.Client, sandbox: Sandbox) -> None:
    first = page(client)
    sandbox.faults.arm("cursor_loop", times=3)
    cursors = {page(client, cursor=first["nextCursor"])["nextCursor"] for _ in range(3)}
    assert cursors == {first["nextCursor"]}


def test_a_total_that_promises_more_and_a_page_that_holds_less(client: httpx.Client, sandbox: Sandbox) -> None:
    right = page(client)
    sandbox.faults.arm("wrong_total")
    sandbox.faults.arm("short_page")
    assert page(client)["total"] == right["total"] + 7
    short = page(client)
    assert short["items"] == right["items"][:-1]
    assert short["nextCursor"] == right["nextCursor"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_over_after_its_times(client: httpx.Client, sandbox: Sandbox, kind: str) -> None:
    right = page(client)
    sandbox.faults.arm(kind, seconds=0.05, times=2)
    for _ in range(2):
        raw(sandbox)
    assert sandbox.faults.armed() == []
    assert page(client) == right


def test_a_fault_meets_only_its_method_and_path_after_so_many_good_ones(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("server_error", path="/v1/guests", after=1)
    statuses = [client.get(path, params=ASKED).status_code for path in ["/v1/reservations", *["/v1/guests"] * 3]]
    assert statuses == [200, 200, 503, 200]
    sandbox.faults.arm("rate_limited", path="/v1/rates", method="POST")
    assert client.get("/v1/rates", params={**ASKED, "from": "2026-09-01", "to": "2026-09-01"}).is_success
    assert client.post("/v1/rates", json={}).status_code == 429


def test_a_fault_of_a_page_leaves_what_is_no_page_as_it_is(client: httpx.Client, sandbox: Sandbox) -> None:
    right = client.get("/v1/properties").json()
    sandbox.faults.arm("duplicates")
    sandbox.faults.arm("success_false")
    assert client.get("/v1/properties").json() == right
    assert client.get("/v1/properties").json()["success"] is False


def test_faults_are_armed_listed_and_cleared_over_http(client: httpx.Client) -> None:
    client.post("/sandbox/faults", json={"kind": "server_error", "status": 500, "times": 5}).raise_for_status()
    assert client.get("/v1/properties").status_code == 500
    assert client.get("/sandbox/faults").json()["armed"][0]["times"] == 4
    client.delete("/sandbox/faults").raise_for_status()
    assert client.get("/v1/properties").is_success


@pytest.mark.parametrize("body", [{"kind": "bad_mood"}, {"kind": "timeout", "hours": 1}, {}])
def test_a_fault_that_is_not_known_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    assert client.post("/sandbox/faults", json=body).status_code == 400


def test_a_token_can_be_refused_where_it_is_asked_for(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.arm("server_error", path="/oauth/token", method="POST", status=500)
    assert client.post("/oauth/token", data={"grant_type": "client_credentials"}).status_code == 500


def test_two_faults_of_one_path_come_one_after_the_other() -> None:
    faults = Faults()
    faults.arm("timeout")
    faults.add(Fault(kind="garbage", times=2))
    kinds = [fault.kind if (fault := faults.take("GET", "/v1/guests")) else None for _ in range(4)]
    assert kinds == ["timeout", "garbage", "garbage", None]

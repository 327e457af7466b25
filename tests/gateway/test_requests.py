"""Requests that are too large, too slow, encoded or broken: refused or closed, never waited for without end."""

import contextlib
import gzip
import select
import socket
import time
from collections.abc import Iterator

import pytest

from gateway.serving import BoundedProtocol
from tests.gateway.receivers import booking, signed
from tests.gateway.running import PATH, Gateway, Inbox, Start

MOST = 256 * 1024


class HastyProtocol(BoundedProtocol):
    whole_request_seconds = 0.5


def head(*lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {PATH} HTTP/1.1", "host: gateway", *lines, "", ""]).encode()


def signed_head(body: bytes, *lines: str) -> bytes:
    return head(*(f"{name}: {value}" for name, value in signed(body).items()), *lines)


class Raw:
    """A connection that says what it is told to, and what it hears until it is closed."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.began = time.monotonic()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def status(self) -> int:
        """Hear one answer's status; 0 where the connection was closed without one."""
        line = self.socket.makefile("rb").readline()
        return int(line.split()[1]) if line else 0

    def drip_until_heard(self, drip: bytes) -> None:
        """Send the same again and again until something is heard."""
        while not select.select([self.socket], [], [], 0.05)[0]:
            self.socket.sendall(drip)

    def closed_after(self, drip: bytes = b"") -> float:
        """Give the seconds until the other side closes, sending something all the while."""
        self.socket.settimeout(0.05)
        while time.monotonic() - self.began < 10:
            with contextlib.suppress(TimeoutError):
                try:
                    if drip:
                        self.socket.sendall(drip)
                    if not self.socket.recv(1 << 16):
                        break
                except ConnectionError:
                    break
        return time.monotonic() - self.began


@pytest.fixture
def raw(gateway: Gateway) -> Iterator[Raw]:
    opened = Raw(gateway.port)
    yield opened
    opened.socket.close()


@pytest.fixture
def hasty(start: Start) -> Iterator[Raw]:
    opened = Raw(start(protocol=HastyProtocol).port)
    yield opened
    opened.socket.close()


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


def test_the_largest_body_is_taken(gateway: Gateway, inbox: Inbox) -> None:
    rest = MOST - len(booking("evt_1", note=""))
    body = booking("evt_1", note="x" * rest)

    assert (len(body), gateway.post(body).status_code) == (MOST, 202)
    assert [len(row.body) for row in inbox()] == [MOST]


def test_a_larger_body_is_413_before_it_is_sent(raw: Raw, inbox: Inbox) -> None:
    raw.say(head(f"content-length: {MOST + 1}"))

    assert raw.status() == 413
    assert inbox() == []


@pytest.mark.parametrize("length", ["9" * 30, "18446744073709551616", "-1", "1e9", "0x10", "٣"])
def test_a_length_that_is_none_is_refused(raw: Raw, length: str) -> None:
    raw.say(head(f"content-length: {length}"))

    assert raw.status() in {400, 413}


def test_a_body_in_chunks_is_counted_while_it_comes(raw: Raw, inbox: Inbox) -> None:
    raw.say(head("transfer-encoding: chunked") + chunked(*[b"x" * 65536] * 4))
    time.sleep(0.1)
    raw.say(chunked(b"x"))  # one byte too many, and no last chunk yet

    assert raw.status() == 413
    assert inbox() == []


def test_a_signed_body_in_chunks_is_taken(raw: Raw, inbox: Inbox) -> None:
    body = booking("evt_1")
    raw.say(signed_head(body, "transfer-encoding: chunked"))
    for byte in range(0, len(body), 7):
        raw.say(chunked(body[byte : byte + 7]))
    raw.say(chunked(b""))

    assert raw.status() == 202
    assert [bytes(row.body) for row in inbox()] == [body]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "gzip, identity", "zstd"])
def test_an_encoded_body_is_415(gateway: Gateway, encoding: str) -> None:
    body = gzip.compress(booking("evt_1"))

    answer = gateway.post(body, {**signed(body), "content-encoding": encoding})

    assert (answer.status_code, "without Content-Encoding" in answer.json()["error"]) == (415, True)


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_as_it_is_may_say_so(gateway: Gateway, encoding: str) -> None:
    body = booking("evt_1")

    assert gateway.post(body, {**signed(body), "content-encoding": encoding}).status_code == 202


@pytest.mark.parametrize("missing", [1, 20, 0])
def test_a_body_that_does_not_come_is_408_and_the_connection_closed(hasty: Raw, inbox: Inbox, missing: int) -> None:
    body = booking("evt_1")
    hasty.say(signed_head(body, f"content-length: {len(body)}") + body[: -missing or -len(body)])

    assert hasty.status() == 408
    assert 0.4 < hasty.closed_after() < 3
    assert inbox() == []


def test_a_body_that_drips_is_408(hasty: Raw, inbox: Inbox) -> None:
    hasty.say(head("transfer-encoding: chunked"))

    hasty.drip_until_heard(chunked(b" "))

    assert hasty.status() == 408
    assert inbox() == []


def test_a_body_cut_off_is_not_stored(gateway: Gateway, raw: Raw, inbox: Inbox) -> None:
    body = booking("evt_1")
    raw.say(signed_head(body, f"content-length: {len(body)}") + body[:-1])
    raw.socket.close()

    assert gateway.post(booking("evt_2")).status_code == 202
    assert [row.event_id for row in inbox()] == ["evt_2"]


def test_a_connection_that_says_nothing_is_closed(hasty: Raw) -> None:
    assert 0.4 < hasty.closed_after() < 3


def test_a_head_that_drips_is_closed(hasty: Raw) -> None:
    hasty.say(f"POST {PATH} HTTP/1.1\r\n".encode())

    assert 0.4 < hasty.closed_after(drip=b"x-slow: 1\r\n") < 3


def test_a_head_that_drips_after_a_good_request_is_closed_too(hasty: Raw, inbox: Inbox) -> None:
    body = booking("evt_1")
    hasty.say(signed_head(body, f"content-length: {len(body)}") + body)
    assert hasty.status() == 202
    hasty.began = time.monotonic()
    hasty.say(b"POST /webhooks")

    assert 0.4 < hasty.closed_after(drip=b"/bookings") < 3
    assert len(inbox()) == 1


def test_the_rest_of_a_refused_body_is_not_read_without_end(hasty: Raw) -> None:
    hasty.say(head(f"content-length: {10**12}"))
    assert hasty.status() == 413

    assert hasty.closed_after(drip=b"x" * 65536) < 3


def test_a_kept_connection_between_two_requests_is_not_hurried(hasty: Raw) -> None:
    bodies = [booking(f"evt_{n}") for n in range(2)]
    for body in bodies:
        hasty.say(signed_head(body, f"content-length: {len(body)}") + body)
        assert hasty.status() == 202
        time.sleep(0.8)


def test_a_head_without_end_is_closed(raw: Raw) -> None:
    raw.say(f"POST {PATH} HTTP/1.1\r\n".encode())

    assert raw.closed_after(drip=b"x-fill: " + b"x" * 8000 + b"\r\n") < 3


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\0" * 100,
        b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    ],
    ids=["tls", "no target", "version", "nul", "connect"],
)
def test_what_is_no_http_is_400_or_closed(raw: Raw, gateway: Gateway, data: bytes) -> None:
    raw.say(data)

    assert raw.status() in {0, 400, 404}
    assert gateway.post(booking("evt_1")).status_code == 202


def test_two_lengths_are_not_guessed_at(raw: Raw, inbox: Inbox) -> None:
    body = booking("evt_1")
    raw.say(signed_head(body, f"content-length: {len(body)}", "transfer-encoding: chunked") + body)

    assert raw.status() in {0, 400}
    assert inbox() == []


def test_a_sender_that_asks_first_is_told_to_go_on(raw: Raw) -> None:
    body = booking("evt_1")
    raw.say(signed_head(body, f"content-length: {len(body)}", "expect: 100-continue"))
    assert raw.status() == 100
    raw.say(body)

    heard = b""
    while b"202" not in heard:
        heard += raw.socket.recv(1 << 16) or pytest.fail("closed without an answer")


def test_requests_one_behind_the_other_are_answered_in_order(raw: Raw, inbox: Inbox) -> None:
    bodies = [booking(f"evt_{n}") for n in range(5)]
    raw.say(b"".join(signed_head(body, f"content-length: {len(body)}") + body for body in bodies))

    heard = b""
    while heard.count(b"accepted") < 5:
        heard += raw.socket.recv(1 << 16) or pytest.fail("closed without an answer")
    assert [row.event_id for row in inbox()] == [f"evt_{n}" for n in range(5)]

"""Senders with a protocol of their own hear it; a test message is stored and makes no booking."""

import json
from typing import Any

import pytest

from connectors.ports import DeliveryFacts
from tests.gateway import receivers
from tests.gateway.receivers import SmallReceiver, booking, hmac_headers, signed
from tests.gateway.running import Gateway, Inbox, Integrate

PATH = "/webhooks/bookings/channel"


class SpokenReceiver(SmallReceiver):
    """Answers in a protocol of its own."""

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:
        return "text/xml; charset=utf-8", f"<Taken id='{facts.event_id}' number='{inbox_id}'/>".encode()


@pytest.fixture
def spoken(gateway: Gateway, integrate: Integrate, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    ours: dict[str, Any] = {"spoken": SpokenReceiver()}
    monkeypatch.setattr(receivers, "_OURS", receivers._OURS | ours)
    integrate("speaker", kind="spoken")
    return gateway


def post(gateway: Gateway, body: bytes, headers: dict[str, str]) -> Any:
    return gateway.post(body, headers, path="/webhooks/bookings/speaker")


def test_a_stored_message_is_answered_in_kind_and_so_is_its_repeat(spoken: Gateway, inbox: Inbox) -> None:
    body = booking("evt_1")

    answers = [post(spoken, body, signed(body)) for _ in range(2)]

    (row,) = inbox()
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert answer.text == f"<Taken id='evt_1' number='{row.inbox_id}'/>"


def test_what_is_not_stored_is_refused_by_status_as_for_everyone(spoken: Gateway, inbox: Inbox) -> None:
    assert post(spoken, booking("evt_1"), {}).status_code == 401
    assert post(spoken, b"{", signed(b"{")).status_code == 400
    assert inbox() == []


def test_a_test_message_is_stored_as_one_each_time(gateway: Gateway, integrate: Integrate, inbox: Inbox) -> None:
    integrate("real", kind="hotel_rest")
    body = json.dumps({"test": True}).encode()

    for _ in range(2):
        answer = gateway.post(body, hmac_headers(body), path="/webhooks/bookings/real")
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")

    assert [row.is_test for row in inbox()] == [True, True]


def test_a_login_inside_a_message_is_not_stored(gateway: Gateway, integrate: Integrate, inbox: Inbox) -> None:
    integrate("real", "a-long-secret", kind="hotel_rest")
    body = json.dumps({"id": "evt_1", "type": "booking.created", "data": {"note": "a-long-secret"}}).encode()

    assert gateway.post(body, hmac_headers(body, "a-long-secret"), path="/webhooks/bookings/real").status_code == 202

    (row,) = inbox()
    assert b"a-long-secret" not in row.body
    assert b"[login]" in row.body

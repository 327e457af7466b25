"""What a sender hears, and what is in the inbox afterwards."""

import hashlib
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import Engine, text

from connectors import cards
from storage.sealing import Keys, Sealed, unseal
from tests.gateway.receivers import booking, signed
from tests.gateway.running import PATH, SOURCE, Gateway, Inbox, Integrate

CARD = "4111111111111111"


def _fails(body: bytes) -> NoReturn:
    msg = f"stumbled over {body!r}"
    raise RecursionError(msg)


def test_a_signed_booking_is_in_the_inbox_when_202_is_said(gateway: Gateway, inbox: Inbox) -> None:
    body = booking("evt_1", note="late arrival")

    answer = gateway.post(body, {**signed(body), "x-trace": "t1", "x-other": "no"})

    (row,) = inbox()
    assert (answer.status_code, answer.json()) == (202, {"inbox_id": row.inbox_id, "status": "accepted"})
    assert (row.source, row.account, row.event_id, row.event_type) == (SOURCE, "", "evt_1", "booking.created")
    assert (row.status, row.signature_kind, row.property_id) == ("received", "hmac_sha256", None)
    assert (bytes(row.body), bytes(row.body_sha256)) == (body, hashlib.sha256(body).digest())
    assert (row.headers, row.is_sealed, row.key_id) == ({"x-trace": "t1"}, False, None)


def test_the_same_again_is_a_duplicate_and_one_row(gateway: Gateway, inbox: Inbox) -> None:
    body = booking("evt_1")

    answers = [gateway.post(body) for _ in range(3)]

    assert [each.status_code for each in answers] == [202, 202, 202]
    assert [each.json()["status"] for each in answers] == ["accepted", "duplicate", "duplicate"]
    assert {each.json()["inbox_id"] for each in answers} == {row.inbox_id for row in inbox()}


def test_the_same_id_with_another_body_is_put_aside_and_the_first_kept(
    gateway: Gateway, inbox: Inbox, engine: Engine
) -> None:
    first, other = booking("evt_1", total="10.00"), booking("evt_1", total="99.00")
    gateway.post(first)

    answer = gateway.post(other)

    (row,) = inbox()
    with engine.connect() as connection:
        (aside,) = connection.execute(text("SELECT inbox_id, body FROM raw.inbox_conflicts"))
    assert (answer.status_code, answer.json()) == (202, {"inbox_id": row.inbox_id, "status": "conflict"})
    assert (bytes(row.body), aside.inbox_id, bytes(aside.body)) == (first, row.inbox_id, other)


def test_the_same_id_of_another_account_is_another_event(gateway: Gateway, integrate: Integrate, inbox: Inbox) -> None:
    integrate(property_id="city-hotel", account="city")
    integrate(property_id="resort-hotel", account="resort")
    body = booking("evt_1")

    answers = [gateway.post(body, path=f"{PATH}/{account}") for account in ("city", "resort")]

    assert [each.json()["status"] for each in answers] == ["accepted", "accepted"]
    assert [(row.account, row.property_id) for row in inbox()] == [("city", "city-hotel"), ("resort", "resort-hotel")]


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-signature": ""}, {"x-signature": "00" * 32}, {"x-signature": "é" * 9}, signed(booking("evt_2"))],
    ids=["none", "empty", "wrong", "not ascii", "of another body"],
)
def test_who_cannot_sign_hears_401_and_nothing_is_written(
    gateway: Gateway, inbox: Inbox, headers: dict[str, str]
) -> None:
    answer = gateway.post(booking("evt_1"), headers)

    assert answer.status_code == 401
    assert inbox() == []


def test_an_empty_secret_is_no_secret(gateway: Gateway, integrate: Integrate, inbox: Inbox) -> None:
    integrate("careless", "")
    body = booking("evt_1")

    assert gateway.post(body, signed(body, ""), path="/webhooks/bookings/careless").status_code == 401
    assert inbox() == []


def test_a_signed_body_that_cannot_be_read_is_400(gateway: Gateway, inbox: Inbox) -> None:
    assert gateway.post(b"{").status_code == 400
    assert inbox() == []


@pytest.mark.parametrize("event_id", ["x" * 256, "a\0b", "\ud800", "two\nlines"])
def test_an_id_that_no_index_holds_is_400_and_the_next_is_taken(gateway: Gateway, inbox: Inbox, event_id: str) -> None:
    answer = gateway.post(booking(event_id))

    assert (answer.status_code, "id must be" in answer.json()["error"]) == (400, True)
    assert gateway.post(booking("evt_1")).status_code == 202
    assert [row.event_id for row in inbox()] == ["evt_1"]


@pytest.mark.parametrize("path", ["/webhooks/bookings/nobody", f"{PATH}/nobody", "/webhooks/ota/nobody"])
def test_an_unknown_source_or_account_is_404(gateway: Gateway, path: str) -> None:
    answer = gateway.post(booking("evt_1"), path=path)

    assert (answer.status_code, "configure it first" in answer.json()["error"]) == (404, True)


def test_a_kind_that_takes_no_webhooks_is_404(gateway: Gateway, integrate: Integrate) -> None:
    integrate("deaf", kind="deaf")

    assert gateway.post(booking("evt_1"), path="/webhooks/bookings/deaf").status_code == 404


def test_a_webhook_is_posted(gateway: Gateway) -> None:
    answer = gateway.client.get(PATH)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_fault_of_ours_says_nothing_of_itself_nor_of_the_guest(
    gateway: Gateway, integrate: Integrate, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    integrate("failing", kind="failing")

    answer = gateway.post(booking("evt_1", guest="Ana Gómez"), path="/webhooks/bookings/failing")

    assert (answer.status_code, answer.json()) == (500, {"error": "not stored: our log says why. Send it again later"})
    assert "ZeroDivisionError at" in caplog.text
    assert "Ana" not in caplog.text
    assert inbox() == []


def test_a_card_number_does_not_reach_the_inbox(gateway: Gateway, inbox: Inbox) -> None:
    body = booking("evt_1", note=f"card {CARD}", card={"number": CARD, "cvv": "737"})

    assert gateway.post(body).status_code == 202

    (row,) = inbox()
    assert CARD.encode() not in row.body
    assert b"737" not in row.body
    assert bytes(row.body_sha256) == hashlib.sha256(body).digest()


def test_where_removing_cards_fails_the_body_is_stored_sealed_and_opens(
    gateway: Gateway, inbox: Inbox, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.stored_bodies.remove_cards", _fails)
    body = booking("evt_1", note=f"card {CARD}")

    assert gateway.post(body).status_code == 202

    (row,) = inbox()
    assert (row.is_sealed, CARD.encode() in row.body) == (True, False)
    opened = unseal(keys, Sealed(row.key_id, bytes(row.body)), "raw.inbox", SOURCE, "", "evt_1")
    assert opened == body
    monkeypatch.setattr("operations.stored_bodies.remove_cards", cards.remove_cards)
    assert gateway.post(body).json() == {"inbox_id": row.inbox_id, "status": "duplicate"}


def test_while_a_secret_is_replaced_both_are_taken_and_the_new_one_at_once(
    gateway: Gateway, integrate: Integrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.receive.FRESH_SECONDS", 0.0)
    first, second, third = (booking(f"evt_{n}") for n in range(3))
    assert gateway.post(first).status_code == 202

    integrate(SOURCE, "the new secret", "a secret between two")

    assert gateway.post(second, signed(second, "the new secret")).status_code == 202
    assert gateway.post(third).status_code == 202


def test_a_secret_that_was_taken_back_is_refused_within_seconds(
    gateway: Gateway, integrate: Integrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gateway.post(booking("evt_1")).status_code == 202
    integrate(SOURCE, "the new secret")
    monkeypatch.setattr("gateway.accounts.KEPT_SECONDS", 0.0)

    assert gateway.post(booking("evt_2")).status_code == 401


def test_an_account_set_up_just_now_is_known_a_second_later(
    gateway: Gateway, integrate: Integrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.accounts.FRESH_SECONDS", 0.0)
    assert gateway.post(booking("evt_1"), path="/webhooks/bookings/late").status_code == 404
    integrate("late")

    assert gateway.post(booking("evt_1"), path="/webhooks/bookings/late").status_code == 202


def test_a_paused_integration_still_receives(gateway: Gateway, integrate: Integrate, inbox: Inbox) -> None:
    integrate(status="paused")

    assert gateway.post(booking("evt_1")).status_code == 202
    assert len(inbox()) == 1


def test_who_listens_hears_of_it(gateway: Gateway, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN inbox")
        gateway.post(booking("evt_1"))
        assert [note.channel for note in listener.notifies(timeout=5, stop_after=1)] == ["inbox"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/webhooks/booking-created", "channel_manager"),
        ("/webhooks/booking-modified", "channel_manager"),
        ("/webhooks/booking-cancelled", "channel_manager"),
        ("/webhooks/booking-update", "channel_manager"),
        ("/webhooks/ota/expedia", "expedia"),
        ("/api/webhooks/booking-engine", "booking_engine"),
    ],
)
def test_the_paths_of_the_founding_documents_lead_to_the_same_inbox(
    gateway: Gateway, integrate: Integrate, inbox: Inbox, path: str, source: str
) -> None:
    integrate(source)

    assert gateway.post(booking("evt_1"), path=path).status_code == 202
    assert [row.source for row in inbox()] == [source]

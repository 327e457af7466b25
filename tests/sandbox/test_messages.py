"""Booking events say what happened, in order, and are signed so that anybody can check it."""

import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from sandbox.webhooks.messages import CANCEL_FIELDS, Message, Side, world_messages
from sandbox.webhooks.signing import SECRET, signer
from sandbox.world import World
from sandbox.world.view import RESERVATIONS
from tests.sandbox.test_export import FIELDS

VECTORS = Path(__file__).parents[3] / "shared/reference/webhook_vectors.json"


def events(world: World, side: Side, **window: Any) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in world_messages(world.view(), side, **window)]


def test_the_house_tells_every_version_of_every_booking_in_the_order_it_happened(world: World) -> None:
    told = events(world, "pms")
    revisions = sum(row["revision"] for row in world.view().shapes(RESERVATIONS))
    assert len(told) == len({event["id"] for event in told}) == revisions
    created = [event["createdAt"] for event in told]
    assert created == sorted(created)
    assert {event["type"] for event in told} == {"booking.created", "booking.modified", "booking.cancelled"}
    assert all(event["type"] == "booking.created" for event in told if event["data"]["revision"] == 1)


def test_the_last_event_of_each_booking_is_what_the_house_would_answer(world: World) -> None:
    last = {event["data"]["id"]: event for event in events(world, "pms")}
    for row in world.view().shapes(RESERVATIONS):
        event = last[row["id"]]
        if event["type"] != "booking.cancelled":
            assert event["data"] == row


def test_a_cancel_carries_no_rooms_and_no_money(world: World) -> None:
    cancels = [event for event in events(world, "pms") if event["type"] == "booking.cancelled"]
    assert cancels
    assert all(tuple(event["data"]) == CANCEL_FIELDS and event["data"]["cancelledAt"] for event in cancels)
    others = [event for event in events(world, "pms") if event["type"] != "booking.cancelled"]
    assert all(event["data"].keys() == FIELDS | {"modifiedAt", "revision"} for event in others)


def test_a_channel_tells_its_own_copies_of_what_it_sold_and_knows_nothing_of_the_house(world: World) -> None:
    told = events(world, "channel")
    sold = {row["id"]: row["channelRef"] for row in world.view().shapes(RESERVATIONS) if row["channelRef"]}
    assert {event["data"]["id"]: event["data"]["channelRef"] for event in told} == {
        f"CH-{ref}": ours for ref, ours in sold.items()
    }
    full = [event["data"] for event in told if event["type"] != "booking.cancelled"]
    assert {data["status"] for data in full} <= {"Confirmed", "Waitlisted", "Optional"}
    assert all(data["guestId"] is None and data["groupId"] is None for data in full)
    assert all(room["assignedRoomType"] is None for data in full for room in data["rooms"])
    assert any(event["type"] == "booking.modified" for event in told)


def test_a_reinstated_booking_is_told_as_modified_after_its_cancel(world: World) -> None:
    by_booking: dict[str, list[str]] = {}
    for event in events(world, "channel"):
        by_booking.setdefault(event["data"]["id"], []).append(event["type"])
    assert any(kinds[-2:] == ["booking.cancelled", "booking.modified"] for kinds in by_booking.values())


def test_a_channel_is_silent_about_flawed_bookings(flawed_world: World) -> None:
    flawed = {f"CH-{record.ref}" for record in flawed_world.reservations if record.flaw}
    assert flawed
    assert not flawed & {event["data"]["id"] for event in events(flawed_world, "channel")}


def test_a_window_of_events_holds_its_beginning_and_not_its_end(world: World) -> None:
    middle = world.now - timedelta(days=30)
    before, after = events(world, "pms", until=middle), events(world, "pms", since=middle)
    assert before + after == events(world, "pms")
    assert before
    assert after


def test_the_same_world_gives_the_same_messages(world: World) -> None:
    assert world_messages(world.view(), "channel") == world_messages(world.view(), "channel")
    assert Counter(message.event_id for message in world_messages(world.view(), "pms")).most_common(1)[0][1] == 1


MESSAGE = Message("evt_1", '{"id":"evt_1","data":{"name":"髙橋"}}'.encode())


def test_a_standard_signature_is_accepted_by_the_standard_library_of_it() -> None:
    headers = signer("standard", SECRET)(MESSAGE, int(time.time()))
    assert Webhook(SECRET).verify(MESSAGE.body, headers) == json.loads(MESSAGE.body)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(MESSAGE.body + b" ", headers)


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors lie beside the project, not in it")
def test_a_standard_signature_is_the_published_one() -> None:
    vector = next(row for row in json.loads(VECTORS.read_text()) if row["provider"] == "standardwebhooks")
    sign = signer("standard", f"whsec_{vector['secret_b64']}")
    headers = sign(Message(vector["id"], vector["body"].encode()), int(vector["timestamp"]))
    assert headers["webhook-signature"] == vector["expected"]
    assert (
        signer("standard", vector["secret_b64"])(
            Message(vector["id"], vector["body"].encode()), int(vector["timestamp"])
        )
        == headers
    )


def test_an_hmac_is_over_the_raw_body_in_hex() -> None:
    headers = signer("hmac", "s3cret")(MESSAGE, 0)
    expected = hmac.new(b"s3cret", MESSAGE.body, hashlib.sha256).hexdigest()
    assert headers == {"X-Webhook-Signature": expected}


def test_a_bearer_is_just_the_token() -> None:
    assert signer("bearer", "t0ken")(MESSAGE, 0) == {"Authorization": "Bearer t0ken"}


def test_a_standard_secret_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ValueError, match=r"base64|padding|[Oo]nly"):
        signer("standard", "whsec_not base64!")
    assert len(base64.b64decode(SECRET.removeprefix("whsec_"))) == 32

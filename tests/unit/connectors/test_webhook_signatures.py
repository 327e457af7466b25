"""A signature holds for these bytes, from this sender, now; or it is a bad signature and nothing else."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadSignature
from connectors.protocols.webhook_signatures import BEARER, HMAC_SHA256, STANDARD, Signed, verify

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "reference" / "webhook_vectors.json"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"id": "evt_1"}'
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four by").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret of its own!").decode()


def standard(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW, message_id: str = "msg_1") -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = str(int(at.timestamp()))
    proof = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, "sha256")
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": "v1," + base64.b64encode(proof).decode(),
    }


def hexed(body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def published(provider: str) -> dict[str, Any]:
    if not VECTORS.is_file():
        pytest.skip("the published vectors lie beside the project, in ../shared/reference")
    return next(vector for vector in json.loads(VECTORS.read_text()) if vector["provider"] == provider)


def test_the_published_vector_of_standard_webhooks_holds() -> None:
    vector = published("standardwebhooks")
    headers = {
        "webhook-id": vector["id"],
        "webhook-timestamp": vector["timestamp"],
        "webhook-signature": vector["expected"],
    }
    then = datetime.fromtimestamp(int(vector["timestamp"]), UTC)

    signed = verify(headers, vector["body"].encode(), [vector["secret_b64"]], then)

    assert signed == Signed(STANDARD, vector["id"])


def test_each_scheme_is_recognised() -> None:
    assert verify(standard(), BODY, [SECRET], NOW) == Signed(STANDARD, "msg_1")
    assert verify({"x-webhook-signature": hexed()}, BODY, [SECRET], NOW) == Signed(HMAC_SHA256)
    assert verify({"X-WEBHOOK-SIGNATURE": "sha256=" + hexed().upper()}, BODY, [SECRET], NOW) == Signed(HMAC_SHA256)
    assert verify({"authorization": f"bearer {SECRET}"}, BODY, [SECRET], NOW) == Signed(BEARER)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_within_five_minutes_either_way_it_holds(seconds: int) -> None:
    assert verify(standard(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 3_600])
def test_older_and_later_ones_are_refused(seconds: int) -> None:
    with pytest.raises(BadSignature, match="more than 300 s"):
        verify(standard(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)


def test_during_rotation_several_secrets_and_several_signatures_hold() -> None:
    both = standard()["Webhook-Signature"] + " " + standard(secret=OTHER)["Webhook-Signature"]

    assert verify(standard(secret=OTHER), BODY, [SECRET, OTHER], NOW)
    assert verify(standard() | {"Webhook-Signature": f"v1a,xyz {both}"}, BODY, [OTHER], NOW)
    assert verify({"X-Webhook-Signature": hexed(secret=OTHER)}, BODY, [SECRET, OTHER], NOW)


SPOILT = {
    "another body": standard(BODY + b" "),
    "another secret": standard(secret=OTHER),
    "another id": standard() | {"Webhook-Id": "msg_2"},
    "another time": standard() | {"Webhook-Timestamp": "1"},
    "no id": {name: value for name, value in standard().items() if name != "Webhook-Id"},
    "empty id": standard(message_id=""),
    "no time": {name: value for name, value in standard().items() if name != "Webhook-Timestamp"},
    "time of letters": standard() | {"Webhook-Timestamp": "now"},
    "endless time": standard() | {"Webhook-Timestamp": "9" * 400},
    "nan time": standard() | {"Webhook-Timestamp": "nan"},
    "no comma": standard() | {"Webhook-Signature": "v1"},
    "no signature": standard() | {"Webhook-Signature": ""},
    "only a version": standard() | {"Webhook-Signature": "v1,"},
    "another version": standard() | {"Webhook-Signature": standard()["Webhook-Signature"].replace("v1,", "v2,")},
    "no ascii": standard() | {"Webhook-Signature": "v1,ü"},
    "weaker scheme beside a bad one": standard() | {"Webhook-Signature": "v1,x", "Authorization": f"Bearer {SECRET}"},
    "hex of another body": {"X-Webhook-Signature": hexed(b"x")},
    "hex cut short": {"X-Webhook-Signature": hexed()[:63]},
    "hex empty": {"X-Webhook-Signature": ""},
    "hex prefix only": {"X-Webhook-Signature": "sha256="},
    "hex not ascii": {"X-Webhook-Signature": "é" * 64},
    "bearer empty": {"Authorization": "Bearer "},
    "bearer wrong": {"Authorization": f"Bearer {OTHER}"},
    "basic": {"Authorization": f"Basic {SECRET}"},
    "nothing": {},
}


@pytest.mark.parametrize("name", SPOILT)
def test_whatever_is_wrong_is_a_bad_signature(name: str) -> None:
    with pytest.raises(BadSignature):
        verify(SPOILT[name], BODY, [SECRET], NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_an_account_without_a_secret_takes_nothing(secrets: list[str]) -> None:
    empty = {"X-Webhook-Signature": hexed(secret=""), "Authorization": "Bearer "}

    for headers in (empty, {"Authorization": "Bearer "}, standard()):
        with pytest.raises(BadSignature):
            verify(headers, BODY, secrets, NOW)


def test_a_secret_of_another_scheme_beside_the_right_one_does_no_harm() -> None:
    assert verify(standard(), BODY, ["not base64!", SECRET], NOW)


@given(
    st.dictionaries(
        st.sampled_from(
            ["webhook-id", "webhook-timestamp", "webhook-signature", "x-webhook-signature", "authorization"]
        ),
        st.text(max_size=60),
        max_size=5,
    ),
    st.binary(max_size=40),
)
def test_no_header_and_no_body_cause_another_error(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(headers, body, [SECRET], NOW)


def test_messages_tell_neither_secret_nor_signature() -> None:
    for headers in SPOILT.values():
        with pytest.raises(BadSignature) as caught:
            verify(headers, BODY, [SECRET], NOW)
        assert SECRET[6:] not in str(caught.value)
        assert standard()["Webhook-Signature"] not in str(caught.value)

"""Who sent a webhook: bearer token, HMAC-SHA256 in hex, or Standard Webhooks; over raw bytes, in constant time.

The header a sender used decides the scheme, the strictest first; a failed signature is never excused by a weaker one.
Any of several secrets may match, so that one can be replaced without losing messages.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from standardwebhooks import Webhook

from connectors.errors import BadSignature

BEARER: Final = "bearer"
HMAC_SHA256: Final = "hmac_sha256"
STANDARD: Final = "standard_webhooks"
SIGNATURE_HEADERS: Final = frozenset({"authorization", "x-webhook-signature", "webhook-signature"})
TOLERANCE_SECONDS: Final = 300


class Signed(NamedTuple):
    """How a message was signed; `message_id` is the id the signature covers, where the scheme has one."""

    kind: str
    message_id: str | None = None


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> Signed:
    """Check a message against an account's secrets; `now` is aware. Raises BadSignature, whatever is wrong."""
    told = {name.lower(): value for name, value in headers.items()}
    usable = [secret for secret in secrets if secret]
    if not usable:
        msg = "no webhook secret is set for this account: set one in its integration"
        raise BadSignature(msg)
    if "webhook-signature" in told:
        return _standard(told, body, usable, now)
    if "x-webhook-signature" in told:
        return _hmac(told["x-webhook-signature"], body, usable)
    return _bearer(told.get("authorization", ""), usable)


def _bearer(header: str, secrets: Sequence[str]) -> Signed:
    scheme, _, token = header.partition(" ")
    matches = [_equal(token.strip(), secret) for secret in secrets]
    if scheme.lower() != "bearer" or not any(matches):
        msg = "the message is not signed, or with another secret"
        raise BadSignature(msg)
    return Signed(BEARER)


def _hmac(header: str, body: bytes, secrets: Sequence[str]) -> Signed:
    given = header.strip().lower().removeprefix("sha256=")
    matches = [_equal(given, hmac.digest(secret.encode(), body, "sha256").hex()) for secret in secrets]
    if not any(matches):
        msg = "X-Webhook-Signature does not fit the body: sign the raw bytes with HMAC-SHA256, in hex"
        raise BadSignature(msg)
    return Signed(HMAC_SHA256)


def _standard(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> Signed:
    try:
        sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        message_id = headers["webhook-id"]
        signatures = [part.removeprefix("v1,") for part in headers["webhook-signature"].split() if part[:3] == "v1,"]
        expected = [_standard_signature(secret, message_id, sent_at, body) for secret in secrets]
    except Exception as error:
        # The library lets a malformed secret, header or body out as whatever error it happened to cause.
        msg = "the Standard Webhooks headers cannot be read"
        raise BadSignature(msg) from error
    matches = [_equal(given, right) for given in signatures for right in expected if right]
    if not message_id or not any(matches):
        msg = "webhook-signature does not fit id, time and body"
        raise BadSignature(msg)
    if abs((now - sent_at).total_seconds()) > TOLERANCE_SECONDS:
        msg = f"webhook-timestamp is more than {TOLERANCE_SECONDS} s from our clock: sign each attempt anew"
        raise BadSignature(msg)
    return Signed(STANDARD, message_id)


def _standard_signature(secret: str, message_id: str, sent_at: datetime, body: bytes) -> str:
    try:
        webhook = Webhook(secret)
    except Exception:  # noqa: BLE001 a secret of another scheme beside the right one
        return ""
    return webhook.sign(message_id, sent_at, body.decode()).removeprefix("v1,")


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())

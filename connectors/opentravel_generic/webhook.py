"""Bookings a partner pushes: signed in however it does, answered in the message and the envelope it expects.

Who may come in is the account's secrets: `name:password` for HTTP Basic, WS-Security and POS, a bare secret for keys,
bearer tokens and signatures. What the sender used decides; a failed proof is never excused by a weaker one.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from connectors.errors import BadSignature, ConnectorError, MalformedBody
from connectors.opentravel_generic.settings import BASE
from connectors.ports import DeliveryFacts
from connectors.protocols import http_basic, soap, webhook_signatures, wsse
from connectors.protocols.opentravel.compose_replies import (
    Confirmed,
    cancellation_taken,
    pong,
    reservations_taken,
)
from connectors.protocols.opentravel.compose_xml import Element, Head
from connectors.protocols.opentravel.heads import heads
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.safe_xml import child, local, text, told

PING: Final = "OTA_PingRQ"
CANCEL: Final = "OTA_CancelRQ"
SEVERAL: Final = "booking.several"
API_KEY: Final = "api_key"
REQUESTOR: Final = "requestor"
_ANSWERS: Final = {
    "OTA_HotelResNotifRQ": "OTA_HotelResNotifRS",
    "OTA_HotelResModifyNotifRQ": "OTA_HotelResModifyNotifRS",
    CANCEL: "OTA_CancelRS",
    PING: "OTA_PingRS",
}
_KEY_HEADERS: Final = ("x-api-key", "api-key", "apikey")
_PLAIN: Final = ""


class _Message(NamedTuple):
    envelope: soap.Envelope
    name: str


class Receiver:
    """Receives OTA_HotelResNotifRQ, OTA_HotelResModifyNotifRQ, OTA_CancelRQ and OTA_PingRQ, in SOAP and without."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", "soapaction"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check who sent the message, then read what it is.

        The id is that of the message where it has one (UniqueID in the context MESSAGE_UNIQUE_ID), else the SHA-256 of the
        booking as told: a repetition with another time stamp is the same event.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        kind = _by_header(lower, body, secrets, now)
        message = _message(body)
        kind = kind or _by_content(message, secrets, now)
        echo = _echo(message, now)
        if message.name == PING:
            return DeliveryFacts(sha256(body).hexdigest(), "ping", None, kind, echo, is_test=True)
        return _facts(body, kind, echo)

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:
        """Write the response to a stored message, with our number of it, in the envelope of the request."""
        echo = facts.echo
        head = Head(echo["token"] or None, datetime.fromisoformat(echo["at"]), echo["version"], echo["target"] or None)
        version = echo["soap"] or None
        return soap.media_type(version), soap.wrap(_answer(head, echo, str(inbox_id)), version)


def _by_header(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str | None:
    """Check what stands in the headers; None where nothing does."""
    if headers.get("authorization", "").lower().startswith("basic"):
        http_basic.verify(headers, secrets)
        return http_basic.BASIC
    if webhook_signatures.SIGNATURE_HEADERS & set(headers):
        return webhook_signatures.verify(headers, body, secrets, now).kind
    key = next((headers[name] for name in _KEY_HEADERS if name in headers), None)
    if key is None:
        return None
    matches = [hmac.compare_digest(key.encode(), secret.encode()) for secret in secrets if secret]
    if not any(matches):
        msg = "the API key is none of this account"
        raise BadSignature(msg)
    return API_KEY


def _message(body: bytes) -> _Message:
    try:
        envelope = soap.unwrap(body)
    except ConnectorError as error:
        msg = "the body is no XML message, in SOAP or without"
        raise MalformedBody(msg) from error
    return _Message(envelope, local(envelope.payload))


def _by_content(message: _Message, secrets: Sequence[str], now: datetime) -> str:
    """Check what stands in the message: a UsernameToken, else the password of the first requestor in POS."""
    if message.envelope.security is not None:
        return wsse.verify(message.envelope.security, secrets, now).kind
    requestor = child(message.envelope.payload, "POS", "Source", "RequestorID")
    given = f"{told(requestor, 'ID') or ''}:{told(requestor, 'MessagePassword') or ''}"
    logins = [secret for secret in secrets if all(secret.partition(":"))]
    matches = [hmac.compare_digest(given.encode(), login.encode()) for login in logins]
    if not any(matches):
        msg = "the message is not signed in, or with another login"
        raise BadSignature(msg)
    return REQUESTOR


def _facts(body: bytes, kind: str, echo: dict[str, str]) -> DeliveryFacts:
    try:
        found, parts = heads(body, BASE), split(body, BASE)
    except ConnectorError as error:
        msg = "the message holds no booking"
        raise MalformedBody(msg) from error
    if not found or echo["name"] not in _ANSWERS:
        msg = f"the message is none of {', '.join(sorted(_ANSWERS))}, or holds no booking"
        raise MalformedBody(msg)
    hotels = {head.hotel_ref for head in found}
    names = "\n".join(each.event_id for each in parts)
    event_id = names if len(parts) == 1 else sha256(names.encode()).hexdigest()
    event_type = found[0].event_type if len(found) == 1 else SEVERAL
    refs = "\n".join(head.source_ref or "" for head in found)
    hotel_ref = hotels.pop() if len(hotels) == 1 else None
    return DeliveryFacts(event_id, event_type, hotel_ref, kind, {**echo, "refs": refs})


def _echo(message: _Message, now: datetime) -> dict[str, str]:
    payload = message.envelope.payload
    return {
        "name": message.name,
        "soap": message.envelope.version or _PLAIN,
        "token": told(payload, "EchoToken") or "",
        "version": told(payload, "Version") or "1.0",
        "target": told(payload, "Target") or "",
        "at": now.isoformat(timespec="seconds"),
        "said": text(child(payload, "EchoData")) or "",
    }


def _answer(head: Head, echo: Mapping[str, str], our_ref: str) -> Element:
    name = _ANSWERS[echo["name"]]
    if echo["name"] == PING:
        return pong(head, echo["said"])
    confirmed = [Confirmed(ref, our_ref) for ref in echo["refs"].split("\n") if ref]
    if echo["name"] == CANCEL:
        return cancellation_taken(head, confirmed)
    return reservations_taken(name, head, confirmed)

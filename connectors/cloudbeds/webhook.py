"""Events that a booking changed. They carry ids, they say: ask. The vendor signs nothing."""

import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from connectors.errors import BadSignature, MalformedBody
from connectors.json_rows import NOT_JSON
from connectors.ports import DeliveryFacts
from connectors.protocols.webhook_signatures import verify
from connectors.texts import Count, ref

BASIC: Final = "basic"


class Event(msgspec.Struct):
    """An event's envelope; the property is written in two ways."""

    event: str
    property_id: Count | None = msgspec.field(default=None, name="propertyID")
    property_id_again: Count | None = msgspec.field(default=None, name="propertyId")


class Receiver:
    """Receives reservation/created, /status_changed, /dates_changed and every other event of a subscription."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Compare the secret that the address or a proxy brings along, then read the envelope.

        The secret is the password of HTTP Basic (`https://events:<secret>@…`) or a bearer token. Events have no id of
        their own: it is the SHA-256 of the body.
        """
        kind = _checked(headers, body, secrets, now)
        try:
            told = msgspec.json.decode(body.decode(), type=Event)
        except NOT_JSON as error:
            msg = "the body is not a JSON object with an event"
            raise MalformedBody(msg) from error
        hotel_ref = ref(told.property_id) or ref(told.property_id_again)
        event_type = told.event.replace("reservation/", "booking.", 1)
        return DeliveryFacts(sha256(body).hexdigest(), event_type, hotel_ref, kind)


def _checked(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, coded = given.partition(" ")
    if scheme.lower() != "basic":
        return verify(headers, body, secrets, now).kind
    try:
        password = b64decode(coded, validate=True).partition(b":")[2]
    except ValueError:
        password = b""
    matches = [hmac.compare_digest(password, secret.encode()) for secret in secrets if secret]
    if not any(matches):
        msg = "the message bears no secret of this account"
        raise BadSignature(msg)
    return BASIC

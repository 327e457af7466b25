"""Booking events: who sent them and what they are called. Every part is read after the signature."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from connectors.errors import MalformedBody
from connectors.json_rows import NOT_JSON
from connectors.ports import DeliveryFacts
from connectors.protocols.webhook_signatures import verify

MODIFIED: Final = "booking.modified"
TEST: Final = "test"


class Head(msgspec.Struct, rename="camel"):
    """What an event, or a flat booking, says of itself. Only an event has a type."""

    id: str | int | None = None
    type: str | None = None
    property_id: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    test: bool = False


class Party(msgspec.Struct, rename="camel"):
    """The property inside an event's data."""

    property_id: str | None = None


class Receiver:
    """Receives booking.created, booking.modified, booking.cancelled, and flat bookings without an envelope."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", "webhook-id", "webhook-timestamp"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the signature, then read the envelope.

        The event's id is the signed one of Standard Webhooks, else the envelope's, else the SHA-256 of the body:
        a flat booking's id names the booking, not the event.
        """
        signed = verify(headers, body, secrets, now)
        try:
            head = msgspec.json.decode(body.decode(), type=Head)
            party = msgspec.json.decode(head.data, type=Party) if head.type else Party(head.property_id)
        except NOT_JSON as error:
            msg = "the body is not a JSON object with id, type and data"
            raise MalformedBody(msg) from error
        if head.test and head.id is None:
            # Whoever tries twice has tried twice: the same body again is another try.
            return DeliveryFacts(f"test {now.isoformat()}", head.type or TEST, None, signed.kind, is_test=True)
        own_id = str(head.id) if head.type and head.id is not None else None
        event_id = signed.message_id or own_id or sha256(body).hexdigest()
        return DeliveryFacts(event_id, head.type or MODIFIED, party.property_id, signed.kind, is_test=head.test)

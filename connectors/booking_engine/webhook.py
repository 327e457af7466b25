"""Booking events of the engine: who sent them and what they are called. Every part is read after the signature."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from connectors.booking_engine.envelope import opened
from connectors.booking_engine.words import MODIFIED, event_word
from connectors.errors import MalformedBody, VendorChangedShape
from connectors.ports import DeliveryFacts
from connectors.protocols.webhook_signatures import verify
from connectors.texts import ref


class Receiver:
    """Receives reservation.created, .updated, .cancelled (and booking.…), whole or flat, and tests of the way in."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", "webhook-id", "webhook-timestamp"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the signature, then read the envelope.

        The event's id is the signed one of Standard Webhooks, else the envelope's, else the SHA-256 of the body: the id
        of an event that is the booking itself names the booking.
        """
        signed = verify(headers, body, secrets, now)
        try:
            message = opened(body)
        except VendorChangedShape as error:
            msg = "the body is no JSON object with an event"
            raise MalformedBody(msg) from error
        own_id = None if message.is_bare else ref(message.event.id)
        hotel_ref = message.booking.get("hotelId") or message.booking.get("propertyId")
        return DeliveryFacts(
            signed.message_id or own_id or sha256(body).hexdigest(),
            event_word(message.name) or message.name or MODIFIED,
            str(hotel_ref) if hotel_ref else None,
            signed.kind,
            is_test=bool(message.event.test),
        )

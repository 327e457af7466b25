"""Events that a booking changed: who sent them and what they are called. They carry no booking, they say: ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from connectors.errors import MalformedBody
from connectors.json_rows import NOT_JSON
from connectors.ports import DeliveryFacts
from connectors.protocols.webhook_signatures import verify


class Payload(msgspec.Struct):
    """What changed, by the vendor's ids."""

    revision_id: str | None = None
    booking_revision_id: str | None = None


class Event(msgspec.Struct):
    """An event's envelope; other events than of bookings have payloads of other kinds."""

    event: str
    property_id: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class Receiver:
    """Receives booking, booking_new, booking_modification, booking_cancellation and all other events of a webhook."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the secret that the webhook's own headers carry, then read the envelope.

        The event's id is its name with the revision it tells of, else the SHA-256 of the body. It never equals the
        revision's own id, under which the booking itself comes.
        """
        signed = verify(headers, body, secrets, now)
        try:
            told = msgspec.json.decode(body.decode(), type=Event)
        except NOT_JSON as error:
            msg = "the body is not a JSON object with an event"
            raise MalformedBody(msg) from error
        revision = _revision(told.payload)
        event_id = f"{told.event}:{revision}" if revision else sha256(body).hexdigest()
        return DeliveryFacts(event_id, _event_type(told.event), told.property_id, signed.kind)


def _revision(payload: msgspec.Raw) -> str | None:
    try:
        told = msgspec.json.decode(payload, type=Payload | None)
    except NOT_JSON:
        return None  # the payload of another event
    return (told.revision_id or told.booking_revision_id) if told else None


def _event_type(event: str) -> str:
    return "booking.changed" if event == "booking" else event.replace("booking_", "booking.", 1)

"""Booking callbacks: who sent them, what names them, and the answers the vendor acts on."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from connectors.errors import BadSignature, MalformedBody, VendorChangedShape, WebhookRefused
from connectors.json_rows import NOT_JSON
from connectors.myallocator.callback import booking_of, password_of
from connectors.myallocator.shapes import Flag
from connectors.ports import DeliveryFacts
from connectors.texts import Count, ref

JSON: Final = "application/json"
PASSWORD_WRONG: Final = 10
UNREADABLE: Final = 22
TRY_AGAIN: Final = 40
_SIGNATURE: Final = "body_password"
_TRUE: Final = frozenset({"true", "1"})


class Head(msgspec.Struct, rename="pascal"):
    """What a callback says of itself."""

    myallocator_id: str
    property_id: Count | None = None
    is_cancellation: Flag = False
    is_modification: Flag = False


class Receiver:
    """Receives new, changed and cancelled bookings, each told whole. The secret is the password in the form."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent"})

    def verify(self, _headers: Mapping[str, str], body: bytes, secrets: Sequence[str], _now: datetime) -> DeliveryFacts:
        """Compare the password, then read the booking's head.

        The vendor gives its callbacks no id: it is the SHA-256 of the booking with its fields in order, so that a
        repetition that writes them in another order is still the same.
        """
        _check(password_of(body), secrets)
        try:
            told = msgspec.json.decode(booking_of(body).decode())
            head = msgspec.convert(told, Head)
        except (*NOT_JSON, VendorChangedShape) as error:
            msg = "the callback holds no booking in JSON"
            raise MalformedBody(msg) from error
        event_id = sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
        return DeliveryFacts(event_id, _event_type(head), ref(head.property_id), _SIGNATURE)

    def reply(self, _facts: DeliveryFacts, _inbox_id: int) -> tuple[str, bytes]:
        """Write what ends the repetitions: a booking that is stored."""
        return JSON, msgspec.json.encode({"success": True})

    def refusal(self, error: Exception) -> tuple[str, bytes]:
        """Write why a callback was not taken, in the vendor's numbers; what is not the sender's fault comes again."""
        code = TRY_AGAIN
        if isinstance(error, WebhookRefused):
            code = PASSWORD_WRONG if isinstance(error, BadSignature) else UNREADABLE
        return JSON, msgspec.json.encode({"success": False, "error": {"code": code, "msg": _SAID[code]}})


_SAID: Final = {
    PASSWORD_WRONG: "the password is wrong or not set",
    UNREADABLE: "the booking cannot be read",
    TRY_AGAIN: "not stored, send it again",
}


def _check(given: str, secrets: Sequence[str]) -> None:
    usable = [secret for secret in secrets if secret]
    matches = [hmac.compare_digest(given.encode(), secret.encode()) for secret in usable]
    if not any(matches):
        msg = "the callback bears no password of this account"
        raise BadSignature(msg)


def _event_type(head: Head) -> str:
    if str(head.is_cancellation).lower() in _TRUE:
        return "booking.cancelled"
    return "booking.modified" if str(head.is_modification).lower() in _TRUE else "booking.created"

"""Reservations pushed to us (pmsXchange and SMX): signed in by WS-Security, answered with the response they wait for.

An error, or no answer, keeps a message in SiteMinder's retry cycle; only success with our number takes it out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from connectors.errors import ConnectorError, MalformedBody
from connectors.ports import DeliveryFacts
from connectors.protocols import wsse
from connectors.protocols.opentravel.compose_replies import Confirmed, reservations_taken
from connectors.protocols.opentravel.compose_xml import Head
from connectors.protocols.opentravel.heads import heads
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.safe_xml import local, told
from connectors.protocols.soap import SOAP_11, Envelope, media_type, unwrap, wrap
from connectors.siteminder.mapping import DIALECT

REQUEST: Final = "OTA_HotelResNotifRQ"
RESPONSE: Final = "OTA_HotelResNotifRS"
SEVERAL: Final = "booking.several"


class Receiver:
    """Receives OTA_HotelResNotifRQ; a secret is `name:password`."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", "soapaction"})

    def verify(self, _headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the UsernameToken, then read whose reservation it is.

        The id is that of the message, which is the same when it is sent again; where it has none (SMX), the SHA-256 of
        what it tells, so that a repetition with another time stamp is the same event.
        """
        try:
            envelope = unwrap(body)
        except ConnectorError as error:
            msg = "the body is no SOAP envelope with a message"
            raise MalformedBody(msg) from error
        kind = wsse.verify(envelope.security, secrets, now).kind
        if local(envelope.payload) != REQUEST:
            msg = f"the message is no {REQUEST}"
            raise MalformedBody(msg)
        try:
            found, parts = heads(body, DIALECT), split(body, DIALECT)
        except ConnectorError as error:
            msg = "the message holds no reservation"
            raise MalformedBody(msg) from error
        if not found or len(found) != len(parts):
            msg = "the message holds no reservation of a hotel"
            raise MalformedBody(msg)
        names, hotels = [part.event_id for part in parts], {each.hotel_ref for each in found}
        event_id = names[0] if len(names) == 1 else sha256("\n".join(names).encode()).hexdigest()
        event_type = found[0].event_type if len(found) == 1 else SEVERAL
        echo = _echo(envelope, now) | {"refs": "\n".join(each.source_ref or "" for each in found)}
        return DeliveryFacts(event_id, event_type, hotels.pop() if len(hotels) == 1 else None, kind, echo)

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:
        """Write the response that confirms a stored message under our number, its SOAP header empty."""
        echo = facts.echo
        head = Head(echo["token"] or None, datetime.fromisoformat(echo["at"]), target=None)
        confirmed = [Confirmed(ref, str(inbox_id)) for ref in echo["refs"].split("\n") if ref]
        version = echo["soap"]
        return media_type(version), wrap(reservations_taken(RESPONSE, head, confirmed), version)


def _echo(envelope: Envelope, now: datetime) -> dict[str, str]:
    return {
        "token": told(envelope.payload, "EchoToken") or "",
        "at": now.isoformat(timespec="seconds"),
        "soap": envelope.version or SOAP_11,
    }

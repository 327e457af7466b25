"""Guest requests pushed to us, and handshakes: signed in by HTTP Basic, answered in AlpineBits' own documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from connectors.alpinebits.handshake import GUEST_REQUESTS, HEAD, PING, VERSIONS, answered
from connectors.alpinebits.mapping import DIALECT, unique_ids
from connectors.alpinebits.multipart import read
from connectors.errors import ConnectorError, MalformedBody
from connectors.ports import DeliveryFacts
from connectors.protocols import http_basic
from connectors.protocols.opentravel.compose_replies import success
from connectors.protocols.opentravel.compose_xml import add, unique_id
from connectors.protocols.opentravel.heads import Head, heads
from connectors.protocols.safe_xml import parse, serialised

HANDSHAKE: Final = "handshake"
SEVERAL: Final = "booking.several"
MEDIA_TYPE: Final = "application/xml; charset=utf-8"
_VERSION_HEADER: Final = "x-alpinebits-clientprotocolversion"


class Receiver:
    """Receives OTA_HotelResNotif:GuestRequests and OTA_Ping:Handshaking; a secret is `name:password`."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", _VERSION_HEADER, "x-alpinebits-clientid"})

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:  # noqa: ARG002
        """Check the login and the version, then read the form; the event's id is the SHA-256 of the document."""
        http_basic.verify(headers, secrets)
        version = {name.lower(): value for name, value in headers.items()}.get(_VERSION_HEADER)
        if version is not None and version not in VERSIONS:
            msg = f"X-AlpineBits-ClientProtocolVersion is one of {', '.join(VERSIONS)}"
            raise MalformedBody(msg)
        form = read(body)
        event_id = sha256(form.request).hexdigest()
        try:
            if form.action == PING:
                echo = {"answer": serialised(answered(parse(form.request))).decode()}
                return DeliveryFacts(event_id, HANDSHAKE, None, http_basic.BASIC, echo, is_test=True)
            told = heads(form.request, DIALECT) if form.action == GUEST_REQUESTS else ()
            refs = unique_ids(parse(form.request)) if told else []
        except ConnectorError as error:
            msg = "the request is not the document its action names"
            raise MalformedBody(msg) from error
        if not told:
            msg = f"the action is none of {GUEST_REQUESTS}, {PING}, or its request holds no reservation"
            raise MalformedBody(msg)
        return _facts(event_id, told, refs)

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:  # noqa: ARG002 the sender has no place for our number
        """Write OTA_HotelResNotifRS that names every reservation taken, or the answer to a handshake."""
        if facts.event_type == HANDSHAKE:
            return MEDIA_TYPE, facts.echo["answer"].encode()
        root = success("OTA_HotelResNotifRS", HEAD)
        held = add(root, "HotelReservations")
        for named in facts.echo["refs"].split("\n"):
            kind, _, ref = named.partition(":")
            unique_id(add(held, "HotelReservation"), ref, kind)
        return MEDIA_TYPE, serialised(root)


def _facts(event_id: str, told: Sequence[Head], refs: Sequence[tuple[str, str]]) -> DeliveryFacts:
    hotels = {head.hotel_ref for head in told}
    event_type = told[0].event_type if len(told) == 1 else SEVERAL
    echo = {"refs": "\n".join(f"{kind}:{ref}" for kind, ref in refs)}
    return DeliveryFacts(event_id, event_type, hotels.pop() if len(hotels) == 1 else None, http_basic.BASIC, echo)

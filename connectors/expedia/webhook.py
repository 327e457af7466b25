"""Booking notifications pushed to us: the login in their SOAP header, their id, and the answer Expedia waits for.

Expedia has no use for our JSON: only an OpenTravel response with our number tells it that a booking arrived.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from lxml import etree

from connectors.errors import BadSignature, ConnectorError, MalformedBody
from connectors.expedia import notifications, shapes
from connectors.ports import DeliveryFacts
from connectors.protocols import wsse
from connectors.protocols.opentravel.compose_replies import success
from connectors.protocols.opentravel.compose_xml import Head, add, add_path, unique_id
from connectors.protocols.safe_xml import Element, child, local, told
from connectors.protocols.soap import SOAP_11, Envelope, media_type, unwrap, wrap

HEADER: Final = "http://www.newtrade.com/expedia/R14/header"
THEM: Final = "Expedia"
US: Final = "NightAudit"
EVENTS: Final = {
    notifications.RESERVE: "booking.created",
    notifications.MODIFY: "booking.modified",
    notifications.CANCEL: "booking.cancelled",
}
_NAMES: Final = {event: name for name, event in EVENTS.items()}
_IN_HEADER: Final = "soap_header"


class _Sent(NamedTuple):
    """What the header of a notification says: the answer repeats it with the parties the other way round."""

    request_id: str | None
    requestor: str | None
    responder: str | None
    sender: str | None
    receiver: str | None
    hotel_ref: str | None


class Receiver:
    """Receives OTA_HotelResNotifRQ, OTA_HotelResModifyNotifRQ and OTA_CancelRQ; a secret is `name:password`."""

    kept_headers: frozenset[str] = frozenset({"content-type", "user-agent", "soapaction"})

    def verify(self, _headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the login in the header, Expedia's own or WS-Security's, then read the envelope.

        The id is the RequestId, which a repetition (RetryIndicator) bears again, else the SHA-256 of the body.
        """
        try:
            envelope = unwrap(body)
            interface = next((each for each in envelope.headers if local(each) == "Interface"), None)
        except ConnectorError as error:
            msg = "the body is no SOAP envelope with a message"
            raise MalformedBody(msg) from error
        kind = _verified(envelope, interface, secrets, now)
        if local(envelope.payload) not in EVENTS:
            msg = "the message is none of the three notifications"
            raise MalformedBody(msg)
        booking, sent = notifications.booking_of(envelope.payload), _sent(interface)
        event_id = sent.request_id or told(envelope.payload, "EchoToken") or sha256(body).hexdigest()
        event = EVENTS[local(envelope.payload)]
        hotel_ref = booking.hotel_ref or sent.hotel_ref
        return DeliveryFacts(event_id, event, hotel_ref, kind, _echo(envelope, sent, booking, now))

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:
        """Write the response that confirms a stored notification under our number."""
        name = _NAMES[facts.event_type].replace("RQ", "RS")
        echo, our_ref = facts.echo, str(inbox_id)
        head = Head(echo.get("echo_token"), datetime.fromisoformat(echo["at"]), "1.000", language="en-us")
        root = success(name, head)
        if facts.event_type == EVENTS[notifications.CANCEL]:
            _confirm_cancel(root, echo["ref"], our_ref)
        else:
            _confirm(root, name, echo["ref"], our_ref, echo["at"])
        return media_type(SOAP_11), wrap(root, SOAP_11, headers=(_interface(name, echo),))


def _verified(envelope: Envelope, interface: Element | None, secrets: Sequence[str], now: datetime) -> str:
    if envelope.security is not None:
        return wsse.verify(envelope.security, secrets, now).kind
    given = child(interface, "PayloadInfo", "CommDescriptor", "Authentication")
    username, password = told(given, "Username") or "", told(given, "Password") or ""
    # Every login is compared, so that the time taken tells nothing of which one was close.
    matches = [
        _equal(username, login.username) & _equal(password, login.password)
        for login in map(wsse.Login.parse, secrets)
        if login
    ]
    if not any(matches):
        msg = "the header bears no login of this account"
        raise BadSignature(msg)
    return _IN_HEADER


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _sent(interface: Element | None) -> _Sent:
    info = child(interface, "PayloadInfo")
    parties, payload = child(info, "CommDescriptor"), child(info, "PayloadDescriptor", "PayloadReference")
    return _Sent(
        request_id=told(info, "RequestId"),
        requestor=told(info, "RequestorId"),
        responder=told(info, "ResponderId"),
        sender=told(parties, "SourceId"),
        receiver=told(parties, "DestinationId"),
        hotel_ref=told(payload, "SupplierHotelCode"),
    )


def _echo(envelope: Envelope, sent: _Sent, booking: shapes.Booking, now: datetime) -> dict[str, str]:
    said = {
        "ref": booking.ref,
        "at": now.isoformat(timespec="seconds"),
        "echo_token": told(envelope.payload, "EchoToken"),
        **sent._asdict(),
    }
    return {name: value or "" for name, value in said.items()}


def _interface(name: str, echo: Mapping[str, str]) -> Element:
    root = etree.Element(f"{{{HEADER}}}Interface", nsmap={None: HEADER}, Name="ExpediaDirectConnect", Version="4.0")
    info = etree.SubElement(
        root, f"{{{HEADER}}}PayloadInfo",
        RequestId=echo["request_id"], RequestorId=echo["requestor"], ResponderId=echo["responder"], Location="Body",
    )  # fmt: skip
    etree.SubElement(
        info, f"{{{HEADER}}}CommDescriptor",
        SourceId=echo["receiver"], DestinationId=echo["sender"], RetryIndicator="false",
    )  # fmt: skip
    payload = etree.SubElement(info, f"{{{HEADER}}}PayloadDescriptor", Name=name, Version="2003A")
    if echo["hotel_ref"]:
        etree.SubElement(payload, f"{{{HEADER}}}PayloadReference", SupplierHotelCode=echo["hotel_ref"])
    return root


def _confirm(root: Element, name: str, ref: str, our_ref: str, at: str) -> None:
    is_change = "Modify" in name
    root.set("ResResponseType", "Modified" if is_change else "Committed")
    names = ("HotelResModifies", "HotelResModify") if is_change else ("HotelReservations", "HotelReservation")
    ids = add_path(root, *names, "ResGlobalInfo", "HotelReservationIDs")
    # 3 is our confirmation, 8 their reservation.
    for kind, value, source in (("3", our_ref, US), ("8", ref, THEM)):
        add(ids, "HotelReservationID", ResID_Type=kind, ResID_Value=value, ResID_Source=source, ResID_Date=at)


def _confirm_cancel(root: Element, ref: str, our_ref: str) -> None:
    add(unique_id(root, ref, "14"), "CompanyName", THEM)
    add(unique_id(add(root, "CancelInfoRS"), our_ref, "10"), "CompanyName", US)

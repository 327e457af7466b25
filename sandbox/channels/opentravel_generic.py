"""A partner that speaks plain OpenTravel: one address for every message, in SOAP or without, signed in one of five ways."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk
from sandbox.channels.opentravel_told import add_booking, document
from sandbox.channels.ota_heard import entries, note, take
from sandbox.channels.sales import MODIFIED, Sale
from sandbox.channels.xml_answers import Element, add, below, first, name_of, parsed, root, space_of, written

SOAPS: Final = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
MOST_BOOKINGS: Final = 100
LONGEST_TOKEN_SECONDS: Final = 300
_REPORTED: Final = ("NotifDetails", "HotelNotifReport", "HotelReservations", "HotelReservation")
# Rate plans and room types that this partner does not know.
UNKNOWN: Final = "UNKNOWN"
# Reads a message and completes its answer.
Answer = Callable[[Element, Element], None]


def routes(desk: Desk) -> list[Route]:
    """Serve one hotel's desk."""
    return [Route("/ota", Server(desk).take, methods=["POST"])]


def webhook(desk: Desk, sale: Sale, auth: str = "basic", version: str | None = "1.1") -> tuple[dict[str, str], bytes]:
    """Give headers and body of a booking as the partner pushes it: `auth` basic, api_key, requestor or wsse_text."""
    name = "OTA_HotelResModifyNotifRQ" if sale.kind == MODIFIED else "OTA_HotelResNotifRQ"
    message = document(name, EchoToken=f"e-{sale.ref}-{sale.revision}", Version="1.0")
    username, secret = "partner", desk.keys.webhook_secret
    if auth == "requestor":
        add(add(add(message, "POS"), "Source"), "RequestorID", Type="13", ID=username, MessagePassword=secret)
    names = (
        ("HotelResModifies", "HotelResModify") if sale.kind == MODIFIED else ("HotelReservations", "HotelReservation")
    )
    add_booking(add(message, names[0]), sale, names[1])
    named = b64encode(f"{username}:{secret}".encode()).decode()
    headers = {"basic": {"Authorization": f"Basic {named}"}, "api_key": {"X-Api-Key": secret}}.get(auth, {})
    token = _token(username, secret) if auth == "wsse_text" else None
    return headers, _wrapped(message, version, token)


class Server:
    """One desk's server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answers: dict[str, Answer] = {
            "OTA_ReadRQ": self._read,
            "OTA_HotelResRQ": self._read,
            "OTA_NotifReportRQ": self._confirm,
            "OTA_HotelResNotifRS": self._confirm,
            "OTA_HotelAvailNotifRQ": self._sell_by,
            "OTA_HotelRateAmountNotifRQ": self._sell_by,
            "OTA_HotelInvCountNotifRQ": self._count,
        }

    async def take(self, request: Request) -> Response:
        """Answer one message, in the envelope it came in."""
        document_told = parsed(await request.body())
        if document_told is None:
            return Response("not XML", 400)
        version = next((name for name, space in SOAPS.items() if space_of(document_told) == space), None)
        message = next(document_told.iterchildren("{*}Body"))[0] if version else document_told
        if message is None or name_of(message) not in self._answers:
            return Response("no message of ours", 400)
        self._check_envelope(request, version)
        reply = document(_answer_name(message), EchoToken=message.get("EchoToken"), Version="1.0")
        if self._may_enter(request, document_told, message):
            self._answers[name_of(message)](message, reply)
        else:
            add(add(reply, "Errors"), "Error", "authentication", Type="4", Code="497")
        media_type = "application/soap+xml" if version == "1.2" else "text/xml"
        return Response(_wrapped(reply, version), media_type=f"{media_type}; charset=utf-8")

    def _check_envelope(self, request: Request, version: str | None) -> None:
        told = request.headers.get("content-type", "")
        wanted = {"1.1": "text/xml", "1.2": "application/soap+xml", None: "xml"}[version]
        if wanted not in told or (version == "1.1") != ("soapaction" in request.headers):
            self._desk.problems.append("content type and SOAPAction do not fit the envelope")

    def _may_enter(self, request: Request, envelope: Element, message: Element) -> bool:
        keys, headers = self._desk.keys, request.headers
        named = f"{keys.username}:{keys.password}"
        token = first(envelope, "Header", "Security", "UsernameToken")
        if token is not None:
            return self._knows_token(token)
        if "authorization" in headers:
            return hmac.compare_digest(headers["authorization"], "Basic " + b64encode(named.encode()).decode())
        if "x-api-key" in headers:
            return hmac.compare_digest(headers["x-api-key"], keys.api_key)
        requestor = next(message.iter("{*}RequestorID"), None)
        given = "" if requestor is None else f"{requestor.get('ID')}:{requestor.get('MessagePassword')}"
        return hmac.compare_digest(given, named)

    def _knows_token(self, token: Element) -> bool:
        told = {name_of(each): each.text or "" for each in token}
        right = self._desk.keys.password
        if "Nonce" in told:
            made_at = datetime.fromisoformat(told["Created"])
            if abs((datetime.now(UTC) - made_at).total_seconds()) > LONGEST_TOKEN_SECONDS:
                return False
            digest = sha1(b64decode(told["Nonce"]) + told["Created"].encode() + right.encode())  # noqa: S324 as WS-Security says
            right = b64encode(digest.digest()).decode()
        return told["Username"] == self._desk.keys.username and hmac.compare_digest(told["Password"], right)

    def _read(self, message: Element, reply: Element) -> None:
        asked = first(message, "ReadRequests", "HotelReadRequest")
        hotel_ref = asked.get("HotelCode") if asked is not None else None
        add(reply, "Success")
        is_list = name_of(message) == "OTA_ReadRQ"
        held = add(reply, "ReservationsList" if is_list else "HotelReservations")
        for each in self._desk.waiting(MOST_BOOKINGS):
            if hotel_ref in (None, each.sale.hotel_ref):
                add_booking(held, each.sale)

    def _confirm(self, message: Element, reply: Element) -> None:
        """Take out what was told of each booking named, by its message number or by its own."""
        items = [*below(message, *_REPORTED), *below(message, "HotelReservations", "HotelReservation")]
        for item in items:
            ids = {each.get("Type"): each.get("ID") for each in below(item, "UniqueID")}
            ids |= {each.get("ResID_Type"): each.get("ResID_Value") for each in item.iter("{*}HotelReservationID")}
            named = [ids["16"]] if ids.get("16") else self._told_of(ids.get("14"))
            if not named or not all(
                self._desk.acknowledge(each, ids.get("10") or ids.get("3") or "") for each in named
            ):
                self._desk.problems.append("a booking is confirmed that was never told")
        add(reply, "Success")

    def _told_of(self, ref: str | None) -> list[str]:
        waiting = [
            each.message_id
            for each in self._desk.unacknowledged()
            if each.sale.ref == ref and self._desk.told_count.get(each.message_id)
        ]
        return waiting or [each for each in self._desk.acknowledged if each.rpartition("-")[0] == ref]

    def _sell_by(self, message: Element, reply: Element) -> None:
        """Take entry by entry; one of a room type or plan nobody knows is warned of under its number."""
        found = list(entries(message))
        good = [each for each in found if UNKNOWN not in (each.room_type, each.rate_plan)]
        if any(len(list(below(each.element, "RestrictionStatus"))) > 1 for each in good):
            self._desk.problems.append("an entry says two things of one kind")
        note(self._desk, (take(self._desk, each) for each in good))
        add(reply, "Success")
        bad = [each for each in found if each not in good]
        held = add(reply, "Warnings") if bad else None
        for each in bad:
            add(held, "Warning", "unknown code", Type="12", Code="402", RecordID=each.element.get("LocatorID"))

    def _count(self, message: Element, reply: Element) -> None:
        cells = 0
        for inventory in below(message, "Inventories", "Inventory"):
            control: Element = first(inventory, "StatusApplicationControl")
            room_type = control.get("InvTypeCode")
            counts = {
                each.get("CountType"): int(each.get("Count")) for each in below(inventory, "InvCounts", "InvCount")
            }
            for day in _days(control):
                self._desk.take_count(room_type, day, counts["2"])
                cells += 1
        self._desk.note("availability", cells)
        add(reply, "Success")


def _days(control: Element) -> list[date]:
    start, end = date.fromisoformat(control.get("Start")), date.fromisoformat(control.get("End"))
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _answer_name(message: Element) -> str:
    return {"OTA_ReadRQ": "OTA_ResRetrieveRS", "OTA_HotelResNotifRS": "OTA_NotifReportRS"}.get(
        name_of(message), name_of(message).removesuffix("RQ") + "RS"
    )


def _wrapped(message: Element, version: str | None, token: Element | None = None) -> bytes:
    if version is None:
        return written(message)
    envelope = root(SOAPS[version], "Envelope")
    if token is not None:
        add(envelope, "Header").append(token)
    add(envelope, "Body").append(message)
    return written(envelope)


def _token(username: str, password: str) -> Element:
    security = root(WSSE, "Security")
    token = add(security, "UsernameToken")
    add(token, "Username", username)
    add(token, "Password", password)
    return security

"""An AlpineBits server: a handshake first, guest requests until they are confirmed, counts and rate plans by form."""

import hmac
from base64 import b64encode
from email import message_from_bytes
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.channels.alpinebits_heard import take_counts, take_rate_plans
from sandbox.channels.alpinebits_told import add_request, document
from sandbox.channels.desk import Desk, Json
from sandbox.channels.sales import Sale
from sandbox.channels.xml_answers import Element, add, answer, below, first, name_of, parsed, written

MOST_REQUESTS: Final = 200
_HEADER: Final = "X-AlpineBits-ClientProtocolVersion"
_GENERAL: Final = {
    "action_OTA_Ping": [],
    "action_OTA_Read": [],
    "action_OTA_HotelResNotif_GuestRequests": [],
    "action_OTA_HotelDescriptiveContentNotif_Inventory": [],
    "action_OTA_HotelRatePlanNotif_RatePlans": [
        "OTA_HotelRatePlanNotif_accept_overlay",
        "OTA_HotelRatePlanNotif_accept_ArrivalDOW",
        "OTA_HotelRatePlanNotif_accept_Supplements",
    ],
}
_OLD_COUNTS: Final = {
    "action_OTA_HotelAvailNotif": ["OTA_HotelAvailNotif_accept_deltas", "OTA_HotelAvailNotif_accept_categories"]
}
_COUNTS: Final = {
    "action_OTA_HotelInvCountNotif": [
        "OTA_HotelInvCountNotif_accept_deltas",
        "OTA_HotelInvCountNotif_accept_categories",
        "OTA_HotelInvCountNotif_accept_closing_seasons",
    ]
}
ABILITIES: Final[dict[str, dict[str, list[str]]]] = {
    "2018-10": _GENERAL | _OLD_COUNTS,
    "2020-10": _GENERAL | _COUNTS,
    "2022-10": _GENERAL | _COUNTS,
    "2024-10": _GENERAL | _COUNTS,
}


def routes(desk: Desk) -> list[Route]:
    """Serve one hotel's desk, in every version."""
    return [Route("/server", Server(desk).take, methods=["POST"])]


def webhook(desk: Desk, sale: Sale) -> tuple[dict[str, str], bytes]:
    """Give headers and form of a guest request that the server pushes."""
    root = document("OTA_HotelResNotifRQ")
    add_request(add(root, "HotelReservations"), sale)
    return form(desk, "OTA_HotelResNotif:GuestRequests", written(root))


def form(desk: Desk, action: str, request: bytes) -> tuple[dict[str, str], bytes]:
    """Give headers and body of any action as this server would send it."""
    lines = [b"--sandbox", b'Content-Disposition: form-data; name="action"', b"", action.encode()]
    lines += [b"--sandbox", b'Content-Disposition: form-data; name="request"', b"", request, b"--sandbox--", b""]
    named = b64encode(f"alpinebits:{desk.keys.webhook_secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {named}",
        _HEADER: "2024-10",
        "Content-Type": "multipart/form-data; boundary=sandbox",
    }
    return headers, b"\r\n".join(lines)


class Server:
    """One desk's server. `abilities` may be taken away, to see what a client does without them."""

    def __init__(self, desk: Desk, abilities: dict[str, dict[str, list[str]]] | None = None) -> None:
        self._desk = desk
        self._abilities = abilities or ABILITIES
        self._agreed: set[str] = set()

    async def take(self, request: Request) -> Response:
        """Answer one action."""
        if not self._may_enter(request):
            return PlainTextResponse("ERROR: wrong user or password", 401)
        version = request.headers.get(_HEADER)
        if version not in self._abilities:
            return PlainTextResponse("ERROR: no or unknown X-AlpineBits-ClientProtocolVersion", 400)
        fields = _fields(request.headers.get("content-type", ""), await request.body())
        action, message = fields.get("action", b"").decode(), parsed(fields.get("request", b""))
        if message is None or not name_of(message).startswith(f"{action.partition(':')[0]}RQ"):
            return PlainTextResponse("ERROR: unknown or missing action, or another document", 400)
        if not message.get("Version"):
            self._desk.problems.append("a document without a version")
        if not request.headers.get("X-AlpineBits-ClientID"):
            self._desk.problems.append("a client that does not name itself")
        if action == "OTA_Ping:Handshaking":
            return self._ping(message)
        if version not in self._agreed:
            self._desk.problems.append(f"{action} in a version nobody shook hands on")
        return self._act(action, message, version)

    def _act(self, action: str, message: Element, version: str) -> Response:
        if action == "OTA_Read:GuestRequests":
            return self._read(message, version)
        if action == "OTA_NotifReport:GuestRequests":
            return self._confirm(message)
        takes = {
            "OTA_HotelInvCountNotif:FreeRooms": take_counts,
            "OTA_HotelAvailNotif:FreeRooms": take_counts,
            "OTA_HotelRatePlanNotif:RatePlans": take_rate_plans,
        }
        if action == "OTA_HotelDescriptiveContentNotif:Inventory":
            self._desk.note("inventory", sum(1 for _ in message.iter("{*}GuestRoom")))
            return _said(message)
        if action not in takes or f"action_{action.partition(':')[0]}" not in {
            name.removesuffix("_RatePlans") for name in self._abilities[version]
        }:
            return PlainTextResponse("ERROR: unknown action in this version", 400)
        return _said(message, takes[action](self._desk, message))

    def _may_enter(self, request: Request) -> bool:
        keys = self._desk.keys
        right = "Basic " + b64encode(f"{keys.username}:{keys.password}".encode()).decode()
        return hmac.compare_digest(request.headers.get("authorization", ""), right)

    def _ping(self, message: Element) -> Response:
        echo = first(message, "EchoData")
        said = echo.text if echo is not None else ""
        theirs: Json = msgspec.json.decode(said or "{}")
        common = [found for each in theirs.get("versions", ()) if (found := self._common(each))]
        self._agreed = {each["version"] for each in common}
        reply = document("OTA_PingRS")
        add(reply, "Success")
        told = msgspec.json.encode({"versions": common}).decode()
        add(add(reply, "Warnings"), "Warning", told, Type="11", Status="ALPINEBITS_HANDSHAKE")
        add(reply, "EchoData", said)
        return answer(reply)

    def _common(self, version: Json) -> Json | None:
        known = self._abilities.get(version["version"])
        if known is None:
            return None
        actions = []
        for each in version.get("actions", ()):
            if each["action"] in known:
                able = [name for name in each.get("supports", ()) if name in known[each["action"]]]
                actions.append({"action": each["action"]} | ({"supports": able} if able else {}))
        return {"version": version["version"], "actions": actions}

    def _read(self, message: Element, version: str) -> Response:
        asked: Any = first(message, "ReadRequests", "HotelReadRequest")
        hotel_ref = asked.get("HotelCode") if asked is not None else None
        reply = document("OTA_ResRetrieveRS")
        if hotel_ref is None:
            return _refused(reply, "a request of no hotel")
        add(reply, "Success")
        held = add(reply, "ReservationsList")
        for each in self._desk.waiting(MOST_REQUESTS):
            if each.sale.hotel_ref == hotel_ref:
                add_request(held, each.sale, version)
        return answer(reply)

    def _confirm(self, message: Element) -> Response:
        """Take out what was told of the bookings named; a version that nobody was told yet stays."""
        path = ("NotifDetails", "HotelNotifReport", "HotelReservations", "HotelReservation", "UniqueID")
        for unique_id in below(message, *path):
            ref = unique_id.get("ID")
            told = [
                each.message_id
                for each in self._desk.unacknowledged()
                if each.sale.ref == ref and self._desk.told_count.get(each.message_id)
            ]
            if not told and not any(known.rpartition("-")[0] == ref for known in self._desk.acknowledged):
                self._desk.problems.append("a request is confirmed that was never told")
            for message_id in told:
                self._desk.acknowledge(message_id)
        return _said(message)


def _said(message: Element, wrong: str | None = None) -> Response:
    reply = document(name_of(message).removesuffix("RQ") + "RS")
    if wrong is not None:
        return _refused(reply, wrong)
    add(reply, "Success")
    return answer(reply)


def _refused(reply: Element, wrong: str) -> Response:
    add(add(reply, "Errors"), "Error", wrong, Type="13", Code="450")
    return answer(reply)


def _fields(media_type: str, body: bytes) -> dict[str, bytes]:
    told = message_from_bytes(b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + body)
    if not told.is_multipart():
        return {}
    parts: list[Any] = told.get_payload()  # type: ignore[assignment]
    return {str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts}

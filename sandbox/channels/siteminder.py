"""SiteMinder pmsXchange: undelivered reservations until they are reported as delivered, and what we say may be sold.

One address for all messages, SOAP 1.1, signed in by UsernameToken. A message is taken whole or not at all. What is asked
for again and again and never reported goes to the hotel by e-mail.
"""

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk, Message
from sandbox.channels.ota_heard import Entry, entries, limits, note, take
from sandbox.channels.siteminder_told import OTA, SOAP, add_reservation, envelope, instant
from sandbox.channels.xml_answers import XML, Element, add, below, first, name_of, parsed, root, space_of

PMS_CODE: Final = "SANDBOX"
LEAST_SECONDS: Final = 120.0
MOST_TELLINGS: Final = 10
_FAULT: Final = "soap:Client"
_RATES: Final = "OTA_HotelRateAmountNotifRQ"
_AVAIL: Final = "OTA_HotelAvailNotifRQ"
_KNOWN: Final = frozenset(
    {"stop_sell", "closed_to_arrival", "closed_to_departure", "SetMinLOS", "SetMaxLOS", "SetForwardMinStay"}
)


def routes(desk: Desk) -> list[Route]:
    """Give the address of a hotel's desk."""
    return [Route(f"/webservices/{PMS_CODE}", Server(desk).hear, methods=["POST"])]


# Types of the list EWT with codes of ERR.
MISSING: Final = ("10", "321")
NOT_ALLOWED: Final = ("4", "497")
INVALID: Final = ("3", "320")
UNKNOWN_NUMBER: Final = ("3", "245")
UNREADABLE: Final = ("3", "404")
NO_HOTEL: Final = ("3", "392")
NO_ROOM_TYPE: Final = ("3", "402")
NO_RATE_PLAN: Final = ("3", "249")


class Refused(Exception):  # noqa: N818 what it is
    """A message that is turned down as a whole, and why."""

    def __init__(self, error: tuple[str, str], problem: str) -> None:
        super().__init__(problem)
        self.kind, self.code = error
        self.problem = problem


class Server:
    """One desk's server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._read_at = float("-inf")
        self._lapsed: set[str] = set()

    async def hear(self, request: Request) -> Response:
        """Answer a message by its name; who is not signed in gets a fault."""
        whole = parsed(await request.body())
        payload = None if whole is None else next(iter(below(whole, "Body")), None)
        if whole is None or space_of(whole) != SOAP or payload is None or len(payload) != 1:
            return self._fault("the request is no SOAP 1.1 envelope with one message", 500)
        token = first(whole, "Header", "Security", "UsernameToken")
        if not self._is_signed_in(token):
            return self._fault("the login is wrong", 401)
        message = payload[0]
        answers = {
            "OTA_ReadRQ": self._read, "OTA_NotifReportRQ": self._report, _AVAIL: self._sell, _RATES: self._sell
        }  # fmt: skip
        name = name_of(message)
        if name not in answers:
            return self._fault(f"{name} is not spoken here", 500)
        reply_name = {"OTA_ReadRQ": "OTA_ResRetrieveRS"}.get(name, name.replace("RQ", "RS"))
        reply = root(
            OTA, reply_name, Version="1.0", TimeStamp=instant(datetime.now(UTC)), EchoToken=message.get("EchoToken")
        )
        try:
            self._check_head(message)
            answers[name](message, reply)
        except Refused as refusal:
            self._desk.problems.append(refusal.problem)
            reply[:] = []
            add(add(reply, "Errors"), "Error", refusal.problem, Type=refusal.kind, Code=refusal.code)
        return Response(envelope(reply), 200, media_type=XML)

    def _is_signed_in(self, token: Element | None) -> bool:
        name, password = first(token, "Username"), first(token, "Password")
        keys = self._desk.keys
        told = (None if name is None else name.text, None if password is None else password.text)
        return told == (keys.username, keys.password)

    def _fault(self, problem: str, status: int) -> Response:
        self._desk.problems.append(problem)
        fault = root(SOAP, "Fault")
        for name, text in (("faultcode", _FAULT), ("faultstring", problem)):
            part = add(fault, name, text)
            part.tag = name
        return Response(envelope(fault), status, media_type=XML)

    def _check_head(self, message: Element) -> None:
        if message.get("Version") != "1.0" or not message.get("EchoToken") or not message.get("TimeStamp"):
            raise Refused(MISSING, "a message needs Version 1.0, EchoToken and TimeStamp")
        requestor = first(message, "POS", "Source", "RequestorID")
        if name_of(message) != "OTA_NotifReportRQ" and (requestor is None or requestor.get("ID") != PMS_CODE):
            raise Refused(NOT_ALLOWED, "the requestor is not the PMS this address belongs to")

    def _read(self, message: Element, reply: Element) -> None:
        if self._desk.now() - self._read_at < LEAST_SECONDS:
            self._desk.problems.append("asked more often than every two minutes")
        self._read_at = self._desk.now()
        asked = first(message, "ReadRequests", "HotelReadRequest")
        criteria = first(asked, "SelectionCriteria")
        if asked is None or criteria is None or criteria.get("SelectionType") != "Undelivered":
            raise Refused(INVALID, "only what is undelivered can be read")
        add(reply, "Success")
        held = add(reply, "ReservationsList")
        for each in self._desk.waiting(10_000):
            if each.sale.hotel_ref == asked.get("HotelCode") and not self._is_given_up(each):
                add_reservation(held, each.message_id, each.sale)

    def _is_given_up(self, message: Message) -> bool:
        times = self._desk.told_count.get(message.message_id, 0)
        if times > MOST_TELLINGS and message.message_id not in self._lapsed:
            self._lapsed.add(message.message_id)
            self._desk.problems.append(f"{message.message_id} was never reported and went out by e-mail")
        return times > MOST_TELLINGS

    def _report(self, message: Element, reply: Element) -> None:
        if first(message, "Success") is None:
            add(reply, "Success")
            return
        place = ("NotifDetails", "HotelNotifReport", "HotelReservations", "HotelReservation")
        for booking in below(message, *place):
            number = next((each for each in below(booking, "UniqueID") if each.get("Type") == "16"), None)
            ours = first(booking, "ResGlobalInfo", "HotelReservationIDs", "HotelReservationID")
            if number is None or number.get("ID_Context") != "MESSAGE_UNIQUE_ID" or ours is None:
                raise Refused(MISSING, "a report names the message and the PMS's number of the reservation")
            if not self._desk.acknowledge(number.get("ID", ""), ours.get("ResID_Value", "")):
                raise Refused(UNKNOWN_NUMBER, f"no message {number.get('ID')}")
        add(reply, "Success")

    def _sell(self, message: Element, reply: Element) -> None:
        try:
            told = list(entries(message))
            kinds = {_kind(each) for each in told}
            wrong = next((found for each in told if (found := _problem(each))), None)
        except (KeyError, ValueError) as error:
            raise Refused(UNREADABLE, f"{name_of(message)} cannot be read: {error}") from error
        holder = next(message.iterchildren("{*}AvailStatusMessages", "{*}RateAmountMessages"), None)
        if holder is None or not holder.get("HotelCode"):
            raise Refused(NO_HOTEL, "the message names no hotel")
        if len(kinds) > 1:
            self._desk.problems.append("availability and restrictions want messages of their own")
        if wrong is not None:
            raise wrong
        note(self._desk, (take(self._desk, each) for each in told))
        add(reply, "Success")


def _kind(entry: Entry) -> str:
    return "availability" if entry.element.get("BookingLimit") is not None else name_of(entry.element)


def _problem(entry: Entry) -> Refused | None:
    if not entry.room_type.isalnum() or entry.room_type == "NOBODYS":
        return Refused(NO_ROOM_TYPE, f"no room type {entry.room_type}")
    if entry.rate_plan == "NOBODYS":
        return Refused(NO_RATE_PLAN, f"no rate plan {entry.rate_plan}")
    told = limits(entry)
    if not entry.dates or not told.keys() <= _KNOWN or any(told[word] < 1 for word in told if word.startswith("Set")):
        return Refused(INVALID, f"restrictions that pmsXchange does not know: {', '.join(told)}")
    return None

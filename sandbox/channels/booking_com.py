"""Booking.com: two queues of bookings until they are acknowledged, and what we say may be sold.

A booking is told as new, with what was last decided of it, until it was acknowledged once; from then on as changed.
What nobody acknowledges within half an hour goes out by e-mail. An acknowledgement needs five seconds to take effect.
"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.booking_com_told import add_booking
from sandbox.channels.desk import Desk, Message
from sandbox.channels.ota_heard import Entry, entries, limits, note, take
from sandbox.channels.xml_answers import Element, add, answer, below, first, name_of, parsed, root

OTA: Final = "http://www.opentravel.org/OTA/2003/05"
DEADLINE_SECONDS: Final = 1800
SETTLE_SECONDS: Final = 5.0
FEWEST, MOST = 10, 200
MOST_ENTRIES: Final = 1000
LONGEST_AHEAD: Final = timedelta(days=5 * 366)
_WORDS: Final = frozenset({"SetMinLOS", "SetMaxLOS", "SetForwardMinStay", "SetForwardMaxStay"})


class Kind(NamedTuple):
    """The words of one queue."""

    path: str
    told: str
    receipt: str
    holder: str
    booking: str


NEW: Final = Kind(
    "/hotels/ota/OTA_HotelResNotif",
    "OTA_HotelResNotifRQ",
    "OTA_HotelResNotifRS",
    "HotelReservations",
    "HotelReservation",
)
CHANGED: Final = Kind(
    "/hotels/ota/OTA_HotelResModifyNotif",
    "OTA_HotelResModifyNotifRQ",
    "OTA_HotelResModifyNotifRS",
    "HotelResModifies",
    "HotelResModify",
)


def routes(desk: Desk) -> list[Route]:
    """Give the addresses of a hotel's desk."""
    queues = [(kind, Queue(desk, kind)) for kind in (NEW, CHANGED)]
    supply = Supply(desk)
    return [
        *(Route(kind.path, queue.tell, methods=["GET"]) for kind, queue in queues),
        *(Route(kind.path, queue.acknowledge, methods=["POST"]) for kind, queue in queues),
        Route("/hotels/ota/OTA_HotelAvailNotif", supply.hear, methods=["POST"]),
        Route("/hotels/ota/OTA_HotelRateAmountNotif", supply.hear, methods=["POST"]),
    ]


class Queue:
    """One queue of a desk."""

    def __init__(self, desk: Desk, kind: Kind) -> None:
        self._desk = desk
        self._kind = kind
        self._told: dict[str, int] = {}
        self._gone: dict[str, Message] = {}
        self._lapsed: set[str] = set()
        self._acknowledged_at = float("-inf")

    async def tell(self, request: Request) -> Response:
        """Tell what waits; with `last_change` also what was acknowledged since."""
        if (refusal := _refusal(self._desk, request)) is not None:
            return refusal
        asked = request.query_params
        limit = int(asked.get("limit", MOST))
        if not FEWEST <= limit <= MOST:
            return Response("limit is 10 to 200", 400)
        if self._desk.now() - self._acknowledged_at < SETTLE_SECONDS:
            self._desk.problems.append(f"{self._kind.told}: asked less than 5 s after an acknowledgement")
        waiting = {each.sale.ref: each for each in self._waiting()}
        again = self._since(asked["last_change"]) if "last_change" in asked else {}
        hotels = asked.get("hotel_ids", "").split(",")
        reply = root(OTA, self._kind.told, TimeStamp=_now(), Target="Production", Version="2.001")
        held = add(reply, self._kind.holder)
        found = [each for each in (again | waiting).values() if each.sale.hotel_ref in hotels or hotels == [""]]
        for each in found[:limit]:
            self._note_told(each)
            add_booking(held, self._kind.booking, each.sale, is_told_first=each.sale.ref in waiting)
        return answer(reply)

    async def acknowledge(self, request: Request) -> Response:
        """Take bookings out by their numbers; an answer with errors leaves them where they are."""
        if (refusal := _refusal(self._desk, request)) is not None:
            return refusal
        asked, reply = parsed(await request.body()), root(OTA, self._kind.receipt, TimeStamp=_now(), Version="2.001")
        if asked is None or name_of(asked) != self._kind.receipt:
            return self._refuse(reply, f"an acknowledgement is an {self._kind.receipt}")
        if first(asked, "Success") is None:
            add(reply, "Success")
            return answer(reply)
        place = (self._kind.holder, self._kind.booking, "ResGlobalInfo", "HotelReservationIDs", "HotelReservationID")
        refs = [each.get("ResID_Value", "") for each in below(asked, *place)]
        unknown = [ref for ref in refs if ref not in self._told]
        if unknown or not refs:
            return self._refuse(reply, f"acknowledged, but never told: {', '.join(unknown)}")
        for ref in refs:
            self._take_out(ref)
        self._acknowledged_at = self._desk.now()
        add(reply, "Success")
        return answer(reply)

    def _waiting(self) -> list[Message]:
        """List the newest version of each booking that belongs into this queue and is not by e-mail already."""
        unacknowledged = self._desk.unacknowledged()
        newest = {each.sale.ref: each for each in sorted(unacknowledged, key=lambda each: each.sale.revision)}
        oldest = {each.sale.ref: each for each in reversed(unacknowledged)}
        known = {message_id.rpartition("-")[0] for message_id in self._desk.acknowledged}
        return [
            newest[ref]
            for ref, first_one in oldest.items()
            if (ref in known) == (self._kind is CHANGED) and self._is_in_time(first_one)
        ]

    def _is_in_time(self, message: Message) -> bool:
        if self._desk.now() - message.sold_at > DEADLINE_SECONDS and message.sale.ref not in self._lapsed:
            self._lapsed.add(message.sale.ref)
            self._desk.problems.append(f"{message.message_id} was not acknowledged in time and went out by e-mail")
        return message.sale.ref not in self._lapsed

    def _since(self, written: str) -> dict[str, Message]:
        since = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        return {ref: each for ref, each in self._gone.items() if each.sale.modified_at >= since}

    def _note_told(self, message: Message) -> None:
        self._told[message.sale.ref] = max(message.sale.revision, self._told.get(message.sale.ref, 0))
        self._desk.told_count[message.message_id] = self._desk.told_count.get(message.message_id, 0) + 1

    def _take_out(self, ref: str) -> None:
        """Acknowledge all that a telling of the booking stood for: what it was before the version that was told."""
        for each in self._desk.unacknowledged():
            if each.sale.ref == ref and each.sale.revision <= self._told[ref]:
                self._gone[ref] = each
                self._desk.acknowledge(each.message_id, ref)

    def _refuse(self, reply: Element, problem: str) -> Response:
        self._desk.problems.append(problem)
        add(add(reply, "Errors"), "Error", Type="3", Code="400", ShortText=problem[:64])
        return answer(reply)


class Supply:
    """Hears OTA_HotelAvailNotifRQ and OTA_HotelRateAmountNotifRQ: each entry for itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self, request: Request) -> Response:
        """Take the entries that can be taken; the others are named by the number they came with."""
        if (refusal := _refusal(self._desk, request)) is not None:
            return refusal
        asked, name = parsed(await request.body()), request.url.path.rpartition("/")[2]
        if asked is None or name_of(asked) != f"{name}RQ":
            self._desk.problems.append(f"{name}: the body is no {name}RQ")
            return Response(status_code=400)
        reply = root(OTA, f"{name}RS", TimeStamp=_now(), Version="1.005")
        try:
            told = list(entries(asked))
            wrong = {number: problem for number, each in enumerate(told) if (problem := _problem(each))}
        except (KeyError, ValueError) as error:
            self._desk.problems.append(f"{name}: cannot be read: {error}")
            return Response(status_code=400)
        if len(told) > MOST_ENTRIES:
            self._desk.problems.append(f"a message has at most {MOST_ENTRIES} entries, not {len(told)}")
            return Response(status_code=400)
        note(self._desk, (take(self._desk, each) for number, each in enumerate(told) if number not in wrong))
        if told and len(wrong) == len(told):
            self._desk.problems += wrong.values()
            return Response(status_code=400)
        if wrong:
            self._name(reply, {told[number]: problem for number, problem in wrong.items()})
        else:
            add(reply, "Success")
        return answer(reply)

    def _name(self, reply: Element, wrong: dict[Entry, str]) -> None:
        self._desk.problems += wrong.values()
        held = add(reply, "Errors")
        for entry, problem in wrong.items():
            add(held, "Error", Type="3", Code="400", RecordID=entry.element.get("LocatorID"), ShortText=problem)


def _problem(entry: Entry) -> str | None:
    """Say what is wrong with an entry, where something is."""
    today, told = datetime.now(UTC).date(), limits(entry)
    if not entry.dates or entry.dates[0] < today - timedelta(days=1) or entry.dates[-1] > today + LONGEST_AHEAD:
        return "NOT_A_VALID_DATE"
    if not (entry.room_type.isalnum() and entry.room_type != "0"):
        return "INVALID_ROOM"
    if not entry.rate_plan and set(told) - {"stop_sell"}:
        return "INVALID_RATE"
    lengths = {word: value for word, value in told.items() if word.startswith("Set")}
    if set(told) - set(lengths) - {"stop_sell", "closed_to_arrival", "closed_to_departure"} - _offsets(told):
        return "UNKNOWN_RESTRICTION"
    if not lengths.keys() <= _WORDS or any(value < 1 for value in lengths.values()):
        return "INVALID_LENGTH_OF_STAY"
    return "INVALID_PRICE" if _has_odd_price(entry) else None


def _offsets(told: dict[str, object]) -> set[str]:
    return {word for word, value in told.items() if word.endswith("Offset") and str(value)[:1].isdigit()}


def _has_odd_price(entry: Entry) -> bool:
    amounts = list(entry.element.iter("{*}BaseByGuestAmt"))
    is_odd = any(float(each.get("AmountAfterTax", "0")) <= 0 or not each.get("CurrencyCode") for each in amounts)
    return is_odd or (bool(amounts) and not entry.rate_plan)


def _refusal(desk: Desk, request: Request) -> Response | None:
    named = b64encode(f"{desk.keys.username}:{desk.keys.password}".encode()).decode()
    if request.headers.get("authorization") == f"Basic {named}":
        return None
    desk.problems.append("401: the login is wrong")
    return Response(status_code=401)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

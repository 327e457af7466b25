"""Expedia QuickConnect: bookings until they are confirmed, one transaction of a booking after the other; our updates.

Serves BR, BC and AR. A booking that nobody confirms in time is sent by e-mail and never told again.
"""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk, Message
from sandbox.channels.expedia_heard import Updates
from sandbox.channels.expedia_told import BOOK, CANCEL, MODIFY, RETRIEVAL, Transaction, add_booking
from sandbox.channels.sales import CANCELLED, NEW, SoldRoom
from sandbox.channels.xml_answers import Element, add, answer, below, first, name_of, parsed, root, space_of

CONFIRMATION: Final = "http://www.expediaconnect.com/EQC/BC/2007/09"
CONFIRMED: Final = "http://www.expediaconnect.com/EQC/BC/2007/08"
UPDATE: Final = "http://www.expediaconnect.com/EQC/AR/2011/06"
UPDATED: Final = "http://www.expediaconnect.com/EQC/AR/2007/02"
MOST_BOOKINGS: Final = 125
MOST_CONFIRMATIONS: Final = 10
LONGEST_NUMBER: Final = 50
MOST_REPEATS: Final = 3
# Seconds until a booking reverts to e-mail: arriving today, tomorrow, later.
DEADLINES: Final = (1800, 3600, 86_400)


def routes(desk: Desk) -> list[Route]:
    """Give the three addresses of a hotel's desk."""
    server = Server(desk)
    return [
        Route("/eqc/br", server.retrieve, methods=["POST"]),
        Route("/eqc/bc", server.confirm, methods=["POST"]),
        Route("/eqc/ar", server.update, methods=["POST"]),
    ]


LOGIN, PARSING, NAMESPACE, SCHEMA, TOO_MANY = "1001", "2002", "2010", "3010", "3301"
SENTENCES: Final = {
    LOGIN: "Authentication error: invalid username or password.",
    PARSING: "Parsing error.",
    NAMESPACE: "The namespace specified is invalid.",
    SCHEMA: "Validation against schema failed.",
    TOO_MANY: "Update refused. No more than 10 confirmation numbers can be sent in a single message.",
}


class Refused(Exception):  # noqa: N818 what it is
    """A request that is turned down as a whole, under Expedia's number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Server:
    """One desk's server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._updates = Updates(desk)
        self._rooms: dict[str, dict[str, SoldRoom]] = {}
        self._numbers: dict[str, str] = {}
        self._done: dict[str, set[str]] = {}
        self._latest: dict[str, tuple[Transaction, int]] = {}
        self._lapsed: set[str] = set()

    async def retrieve(self, request: Request) -> Response:
        """Tell bookings: those in the statuses asked for, one by its number, or what changed in the last days."""
        reply = root(RETRIEVAL, "BookingRetrievalRS")
        try:
            asked = self._read(await request.body(), RETRIEVAL, "BookingRetrievalRQ")
            told = self._asked_for(asked)
        except Refused as refusal:
            return self._refuse(reply, refusal)
        held = add(reply, "Bookings")
        for each, status in sorted(told, key=lambda pair: pair[0].sale.modified_at, reverse=True)[:MOST_BOOKINGS]:
            self._desk.told_count[each.message_id] = self._desk.told_count.get(each.message_id, 0) + 1
            number = self._numbers.get(each.booking_id) if each.kind != BOOK or status == "confirmed" else None
            add_booking(held, each, status, number)
        return answer(reply)

    async def confirm(self, request: Request) -> Response:
        """Take confirmation numbers; one that does not fit is warned of, the others count."""
        reply = root(CONFIRMED, "BookingConfirmRS")
        try:
            asked = self._read(await request.body(), CONFIRMATION, "BookingConfirmRQ")
        except Refused as refusal:
            return self._refuse(reply, refusal)
        numbers = list(below(asked, "BookingConfirmNumbers", "BookingConfirmNumber"))
        if len(numbers) > MOST_CONFIRMATIONS:
            return self._refuse(reply, Refused(TOO_MANY))
        done = add(reply, "Success")
        for each in numbers:
            code = self._taken(each.get("bookingID", ""), each.get("bookingType", ""), each.get("confirmNumber", ""))
            if code:
                add(done, "Warning", "Update refused.", code=code, bookingID=each.get("bookingID"))
        return answer(reply)

    async def update(self, request: Request) -> Response:
        """Take counts, restrictions and prices, all of a message or none."""
        reply = root(UPDATED, "AvailRateUpdateRS")
        try:
            errors = self._updates.take(self._read(await request.body(), UPDATE, "AvailRateUpdateRQ"))
        except Refused as refusal:
            return self._refuse(reply, refusal)
        if not errors:
            add(reply, "Success")
        for code, sentence in errors:
            add(reply, "Error", sentence, code=code)
        return answer(reply)

    def _read(self, body: bytes, namespace: str, name: str) -> Element:
        found = parsed(body)
        if found is None:
            raise Refused(PARSING)
        if space_of(found) != namespace or name_of(found) != name:
            raise Refused(NAMESPACE)
        login, keys = first(found, "Authentication"), self._desk.keys
        if login is None or (login.get("username"), login.get("password")) != (keys.username, keys.password):
            raise Refused(LOGIN)
        hotel = first(found, "Hotel")
        if hotel is None or not (hotel.get("id") or "").isdecimal():
            raise Refused(SCHEMA)
        return found

    def _refuse(self, reply: Element, refusal: Refused) -> Response:
        self._desk.problems.append(f"{refusal.code}: {SENTENCES[refusal.code]}")
        add(reply, "Error", SENTENCES[refusal.code], code=refusal.code)
        return answer(reply)

    def _asked_for(self, asked: Element) -> list[tuple[Transaction, str]]:
        hotels = {each.get("id") for each in below(asked, "Hotel")}
        visible = [(each, self._status(each)) for each in self._visible() if each.sale.hotel_ref in hotels]
        booking, days = first(asked, "ParamSet", "Booking"), first(asked, "ParamSet", "NbDaysInPast")
        if booking is not None or days is not None:
            latest = {each.booking_id: (each, "confirmed") for each, _ in self._latest.values()}
            latest |= {pair[0].booking_id: pair for pair in visible}
            return [pair for ref, pair in latest.items() if booking is None or booking.get("id") == ref]
        statuses = {each.get("value") for each in below(asked, "ParamSet", "Status")} or {"pending"}
        return [pair for pair in visible if pair[1] in statuses]

    def _status(self, told: Transaction) -> str:
        return "retrieved" if self._desk.told_count.get(told.message_id) else "pending"

    def _visible(self) -> list[Transaction]:
        """List what may be told now: of each sale the oldest version, until all its rooms are confirmed."""
        oldest: dict[str, Message] = {}
        for message in self._desk.unacknowledged():
            oldest.setdefault(message.sale.ref, message)
        return [
            each
            for message in oldest.values()
            if self._is_in_time(message)
            for each in self._transactions(message)
            if each.booking_id not in self._done.get(message.message_id, set())
        ]

    def _is_in_time(self, message: Message) -> bool:
        sale = message.sale
        days = (min(room.arrival_on for room in sale.rooms) - sale.modified_at.date()) // timedelta(days=1)
        if (
            message.message_id not in self._lapsed
            and self._desk.now() - message.sold_at > DEADLINES[min(max(days, 0), 2)]
        ):
            self._lapsed.add(message.message_id)
            self._desk.problems.append(f"{message.message_id} was not confirmed in time and went out by e-mail")
        return message.message_id not in self._lapsed

    def _transactions(self, message: Message) -> list[Transaction]:
        """Part a version of a sale into what happened to each room's booking."""
        before = self._rooms.get(message.sale.ref, {})
        now = {room.ref: room for room in message.sale.rooms}
        if message.sale.kind == CANCELLED:
            kinds = dict.fromkeys(before or now, CANCEL)
        else:
            kinds = {ref: MODIFY if ref in before and message.sale.kind != NEW else BOOK for ref in now}
            kinds |= {ref: CANCEL for ref in before if ref not in now}
        return [
            Transaction(message.message_id, kind, message.sale, now.get(ref) or before[ref])
            for ref, kind in kinds.items()
        ]

    def _taken(self, ref: str, kind: str, number: str) -> str | None:
        """Confirm one transaction; gives Expedia's number of why not."""
        if not 0 < len(number) <= LONGEST_NUMBER:
            self._desk.problems.append(f"a confirmation number has 1 to {LONGEST_NUMBER} characters")
        waiting = next((each for each in self._visible() if each.booking_id == ref), None)
        if waiting is None:
            return self._again(ref, kind)
        if waiting.kind != kind:
            self._desk.problems.append(f"booking {ref} is a {waiting.kind}, confirmed as {kind}")
            return "10100"
        self._numbers[ref] = number
        self._latest[ref] = waiting, 1
        done = self._done.setdefault(waiting.message_id, set())
        done.add(ref)
        message = next(each for each in self._desk.unacknowledged() if each.message_id == waiting.message_id)
        if done >= {each.booking_id for each in self._transactions(message)}:
            gone = waiting.sale.kind == CANCELLED
            self._rooms[waiting.sale.ref] = {} if gone else {room.ref: room for room in waiting.sale.rooms}
            self._desk.acknowledge(waiting.message_id, number)
        return None

    def _again(self, ref: str, kind: str) -> str | None:
        known, times = self._latest.get(ref, (None, 0))
        if known is None:
            return "10080"
        self._latest[ref] = known, times + 1
        if known.kind != kind:
            return "10100"
        return "10103" if times >= MOST_REPEATS else None

"""The hotel's own booking engine against every port it offers: its cache, its health, its events."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import pytest

from connectors.booking_engine.connector import CONNECTOR as THIS
from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, Ports
from connectors.pushes import Availability
from connectors.registry import connector
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Reason, Refused
from hotel.reservations import Reservation
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.channel_suites import FIRST, SinkContract
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import BOOK, CITY, PLACE, TOKYO, Row, reasons_of

KEY = {"api_key": "key-1"}
REFRESH = "/api/cache/refresh-availability"


def booking(**more: Any) -> Row:
    return {
        "reservation_id": "BE-1",
        "hotel_id": "CITY",
        "status": "confirmed",
        "created_at": "2026-02-27T09:00:00Z",
        "updated_at": "2026-02-28T10:00:00Z",
        "check_in": "2026-03-01",
        "check_out": "2026-03-03",
        "room_type": "STD",
        "rate_plan": "BAR",
        "adults": 2,
        "total_price": 240.11,
        "currency": "EUR",
        **more,
    }


def event(row: Row, name: str = "reservation.created") -> bytes:
    told = {"id": "evt-1", "event": name, "timestamp": "2026-02-28T10:00:05Z", "reservation": row}
    return msgspec.json.encode(told)


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEY


class TestSink(_Here, SinkContract):
    inventory_path = REFRESH

    def taken(self) -> Answer:
        return Answer.json({"success": True})

    def partly_refused(self) -> Answer:
        return Answer.json({"success": False, "errors": [{"index": 0, "code": "room_type_unknown"}]})

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        rows = [row for each in asked for row in msgspec.json.decode(each.body)["availability"]]
        return [(date.fromisoformat(row["date"]), row["room_type_id"], row["available_rooms"]) for row in rows]

    def test_the_dates_of_the_counts_are_the_range_that_is_read_anew(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        server.on(REFRESH, self.taken())
        rows = [Availability(FIRST + timedelta(days=n), "STD", n, 9) for n in (4, 0, 2)]

        self.opened(server, ports).push_inventory(rows, idempotency_key="k")

        sent = msgspec.json.decode(server.asked[0].body)
        assert (sent["hotel_id"], sent["start_date"], sent["end_date"]) == ("CITY", "2026-03-02", "2026-03-06")
        assert sent["availability"][0]["total_rooms"] == 9
        assert server.asked[0].headers["authorization"] == "Bearer key-1"
        assert server.asked[0].headers["idempotency-key"] == "k"

    def test_a_range_can_be_refreshed_by_hand(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(REFRESH, self.taken())

        self.opened(server, ports).refresh(date(2026, 2, 1), date(2026, 2, 28))

        assert msgspec.json.decode(server.asked[0].body) == {
            "hotel_id": "CITY",
            "start_date": "2026-02-01",
            "end_date": "2026-02-28",
        }

    def test_a_refusal_without_a_reason_is_no_success(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(REFRESH, Answer.json({"success": False}))

        with pytest.raises(RequestRefused, match="not taken"):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

    @pytest.mark.parametrize(("told", "is_well"), [("healthy", True), ("OK", True), ("degraded", False), (None, False)])
    def test_it_says_how_it_is(self, server: ScriptedServer, ports: Ports, told: str | None, is_well: bool) -> None:
        server.on("/api/health", Answer.json({"status": told}))
        server.on("/api/cache/status", Answer.json({"entries": 5}))
        client = self.opened(server, ports)

        assert client.is_healthy() is is_well
        assert client.cache_status() == {"entries": 5}

    def test_an_engine_that_is_down_says_nothing(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/api/health", Answer(b"", 503))

        with pytest.raises(TryLater):
            self.opened(server, ports).is_healthy()


class TestEvents(WebhookReceiverContract):
    connector = THIS
    secret = "secret-1"
    other_secret = "secret-2"
    # It has no list to pull from: its bookings come by events alone.
    test_a_message_says_what_the_pull_says = None  # type: ignore[assignment]

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"X-Webhook-Signature": hmac.digest(secret.encode(), body, "sha256").hex()}

    def row(self) -> Row:
        return booking()

    def event(self, row: Row) -> bytes:
        return event(row)

    def cancellation(self, row: Row) -> bytes:
        return event(row | {"updated_at": "2026-02-28T11:00:00Z", "status": "cancelled"}, "reservation.cancelled")

    def pulled(self, row: Row) -> bytes:
        raise NotImplementedError

    @pytest.mark.parametrize(
        ("name", "event_type"),
        [
            ("reservation.created", "booking.created"),
            ("reservation.updated", "booking.modified"),
            ("booking.canceled", "booking.cancelled"),
            ("payment.succeeded", "payment.succeeded"),
        ],
    )
    def test_events_are_named_by_what_happened(self, name: str, event_type: str) -> None:
        body = event(booking(), name)

        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert (facts.event_id, facts.event_type, facts.is_test) == ("evt-1", event_type, False)

    def test_the_id_of_an_event_that_is_the_booking_itself_names_the_booking(self) -> None:
        body = msgspec.json.encode(booking(id="BE-1", event="reservation.created"))

        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert (len(facts.event_id), facts.event_type, facts.hotel_ref) == (64, "booking.created", "CITY")

    def test_a_test_of_the_way_in_is_known_as_one_and_makes_no_booking(self) -> None:
        assert THIS.messages is not None
        body = b'{"test": true}'

        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert (facts.is_test, facts.hotel_ref) == (True, None)
        assert list(THIS.messages(body, BOOK, PLACE)) == []


def mapped(body: bytes, book: Codebook = BOOK) -> list[Incoming | Refused]:
    assert THIS.messages is not None
    return list(THIS.messages(body, book, PLACE))


def read(book: Codebook = BOOK, **told: Any) -> Reservation:
    first = mapped(event(booking(**told)), book)[0]
    assert isinstance(first, Incoming), first
    assert isinstance(first.row, Reservation)
    return first.row


def test_a_booking_says_the_same_however_its_fields_are_spelt_and_wherever_they_lie() -> None:
    camel = {
        "reservationId": "BE-1", "hotelId": "CITY", "status": "Confirmed", "createdAt": "2026-02-27T09:00:00Z",
        "modifiedAt": "2026-02-28T10:00:00Z", "checkIn": "2026-03-01", "checkOut": "2026-03-03", "roomType": "STD",
        "ratePlan": "BAR", "adults": 2, "totalPrice": "240.11", "currency": "EUR",
    }  # fmt: skip

    ways = [
        event(booking()),
        msgspec.json.encode({"id": "e", "type": "booking.created", "data": camel}),
        msgspec.json.encode({"event": "booking.modified", "booking": camel | {"reservationId": None, "bookingId": "BE-1"}}),
        msgspec.json.encode(camel | {"event": "reservation.created"}),
        msgspec.json.encode(camel | {"id": "BE-1", "reservationId": None}),
    ]  # fmt: skip

    (first,) = mapped(ways[0])
    assert [mapped(body) for body in ways] == [[first]] * len(ways)
    assert isinstance(first, Incoming)
    assert (first.source_version, first.source_updated_at) == (
        1_772_272_800_000_000,
        datetime(2026, 2, 28, 10, tzinfo=UTC),
    )


def test_an_equal_booking_of_several_rooms_becomes_as_many_and_adds_up() -> None:
    found = read(room_count=2, guest_count=4, adults=None)

    assert [night.price_minor for room in found.rooms for night in room.nights] == [6003, 6003, 6003, 6002]
    assert (found.room_count, found.total_minor, found.adult_count) == (2, 24_011, 4)
    assert [room.adult_count for room in found.rooms] == [None, None], "nobody says who sleeps where"
    assert (found.channel_code, found.booked_on) == ("booking_engine", date(2026, 2, 27))
    assert found.is_inventory_held


def test_rooms_told_one_by_one_keep_their_names_nights_and_guests() -> None:
    nights = [{"date": "2026-03-02", "price": 30.5, "tax": "1.50"}, {"date": "2026-03-01", "price": "20"}]
    rooms = [
        {"id": 7, "room_type": "DLX", "nights": nights, "adults": 1, "guest": {"name": "太郎 山田"}},
        {"room_id": "8", "status": "cancelled", "total_price": "9.00", "check_in": "2026-03-02"},
    ]

    first, *others = mapped(event(booking(rooms=rooms, tax_included=True, total_price=None, tax="1.50")))

    assert isinstance(first, Incoming)
    assert isinstance(first.row, Reservation)
    one, two = first.row.rooms
    assert (one.room_ref, one.room_type_code, one.rate_plan_code, one.total_minor) == ("7", "DLX", "BAR", 5050)
    assert [(n.stay_on.day, n.price_minor, n.tax_minor, n.is_tax_included) for n in one.nights] == [
        (1, 2000, None, True),
        (2, 3050, 150, True),
    ]
    assert (two.room_ref, two.status, two.room_type_code, two.total_minor) == ("8", "cancelled", "STD", 900)
    assert (first.row.room_count, first.row.total_minor, first.row.tax_minor) == (1, 5050, 150)
    (guest,) = (row.row for row in others if isinstance(row, Incoming))
    assert isinstance(guest, Guest)
    assert (guest.source_ref, guest.full_name, one.occupant_guest_ref) == ("BE-1:1", "太郎 山田", "BE-1:1")
    assert first.row.primary_guest_ref == "BE-1:1"


def test_the_booker_comes_after_the_booking() -> None:
    guest = {
        "firstName": "Ana",
        "lastName": "O'Neil",
        "email": "a@example.com",
        "phone": "912 345 678",
        "country": "PT",
    }

    first, booker = mapped(event(booking(guest=guest, comments="late", special_requests="cot")))

    assert isinstance(first, Incoming)
    assert isinstance(booker, Incoming)
    assert isinstance(booker.row, Guest)
    assert isinstance(first.row, Reservation)
    assert (first.row.booker_guest_ref, booker.row.source_ref) == ("BE-1:booker", "BE-1:booker")
    assert (booker.row.full_name, booker.row.phone, first.row.comment) == ("Ana O'Neil", "+351912345678", "late\ncot")
    assert (first.raw_ref, booker.raw_ref, booker.source_version) == ("p:7:1:0", "p:7:1:1", first.source_version)


def test_a_cancellation_says_who_when_and_what_it_cost_and_nothing_else() -> None:
    gone = {"cancelled_at": "2026-02-28T09:59:00Z", "cancellation_fee": "50.00", "rooms": None}

    (found,) = mapped(event(booking(**gone), "reservation.cancelled"))

    assert isinstance(found, Incoming)
    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.rooms, found.row.cancellation_fee_minor) == (CANCEL, (), 5000)
    assert found.row.cancelled_at == datetime(2026, 2, 28, 9, 59, tzinfo=UTC)


def test_a_booking_in_no_currency_is_in_the_houses() -> None:
    book = BOOK._replace(hotel_refs={"CITY": "tokyo-hotel"}, properties={"tokyo-hotel": TOKYO})

    found = read(book, currency=None, total_price=24000)

    assert (found.currency, found.total_minor) == ("JPY", 24_000)


def test_what_waits_for_its_payment_blocks_the_room() -> None:
    assert [(read(status=word).status, read(status=word).is_inventory_held) for word in ("pending", "waitlisted")] == [
        ("waitlisted", True),
        ("waitlisted", False),
    ]


def test_without_a_stamp_of_its_own_the_events_counts_and_without_any_the_order_of_arrival() -> None:
    (own,) = mapped(event(booking(updated_at=None)))
    (none,) = mapped(msgspec.json.encode(booking(updated_at=None)))

    assert isinstance(own, Incoming)
    assert isinstance(none, Incoming)
    assert own.source_updated_at == datetime(2026, 2, 28, 10, 0, 5, tzinfo=UTC)
    assert none.source_version is None


def test_day_use_has_no_night_and_the_house_says_how_prices_are() -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=True)})

    found = read(book, check_out="2026-03-01")

    assert (found.rooms[0].is_day_use, found.rooms[0].nights, found.is_tax_included) == (True, (), True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"event": "reservation.created", "reservation_id": "TEST-001"}', Reason("field_missing", "checkIn")),
        (event(booking(), "payment.succeeded"), Reason("event_unknown", "event")),
        (event(booking(reservation_id=None)), Reason("field_missing", "reservationId")),
        (event(booking(hotel_id="MARS")), Reason("property_unknown", "hotelId", "AAAA")),
        (event(booking(status="asleep")), Reason("status_unknown", "status", "aaaaaa")),
        (event(booking(currency="XQX")), Reason("currency_unknown", "currency", "AAA")),
        (event(booking(total_price="1.005")), Reason("decimals_exceed_currency", "totalPrice", "9.999")),
        (event(booking(total_price=None)), Reason("field_missing", "totalPrice")),
        (event(booking(room_count=0)), Reason("room_count_unreadable", "roomCount", "9")),
        (event(booking(check_in="1.3.2026")), Reason("unreadable", "checkIn", "9.9.9999")),
        (event(booking(check_out="2126-03-01")), Reason("stay_too_long", "departure", "9999-99-99")),
        (event(booking(updated_at="2026-02-28T10:00:00")), Reason("time_zone_missing", "updatedAt", "9999-99-99 99:99:99")),
        (event(booking(check_out=None)), Reason("field_missing", "checkOut")),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_with_its_reason(body: bytes, reason: Reason) -> None:
    assert reasons_of(mapped(body)) == [reason]


@pytest.mark.parametrize(
    ("told", "nights", "amount"),
    [
        ({"room_count": 2}, 4, 24_011),
        ({"status": "cancelled"}, 0, 0),
        ({"total_price": None, "rooms": [{"nights": [{"date": "2026-03-01", "price": 10}]}]}, 2, 1000),
    ],
)
def test_a_refused_booking_says_what_it_keeps_out_of_the_reports(told: Row, nights: int, amount: int) -> None:
    (refused,) = mapped(event(booking(hotel_id="MARS", **told)))

    assert isinstance(refused, Refused)
    assert (refused.room_night_count, refused.amount_minor, refused.source_ref) == (nights, amount, "BE-1")


@pytest.mark.parametrize("body", [b'{"event": "reservation.created", "reservation": 7}', b'{"timestamp": "then"}'])
def test_an_odd_envelope_says_so(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        mapped(body)


def test_the_registry_hands_it_out() -> None:
    assert connector(THIS.kind) is THIS


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("booking_engine", "city-hotel", "CITY"), KEY, ports)
    with pytest.raises(FixCredentials, match="api_key"):
        THIS.open(loopback_account("http://127.0.0.1:1"), {}, ports)

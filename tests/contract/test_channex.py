"""Channex against every port it offers, in the vendor's own shapes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import pytest

from connectors.channex.connector import CONNECTOR as THIS
from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, Ports
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.queues import Taken
from connectors.registry import connector
from tests.contract.booking_suites import NOW
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.fakes import loopback_account, memory_ports
from tests.contract.hint_suites import HintReceiverContract
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import Row

KEY = {"api_key": "key-1"}
FEED = "/api/v1/booking_revisions/feed"
AVAILABILITY, RESTRICTIONS = "/api/v1/availability", "/api/v1/restrictions"


def room(prices: Sequence[str] = ("100.00",), **more: Any) -> Row:
    days = {(date(2026, 3, 1) + timedelta(days=n)).isoformat(): price for n, price in enumerate(prices)}
    return {
        "booking_room_id": "9b7c",
        "room_type_id": "STD",
        "rate_plan_id": "BAR",
        "checkin_date": "2026-03-01",
        "checkout_date": (date(2026, 3, 1) + timedelta(days=len(prices))).isoformat(),
        "days": days,
        "occupancy": {"adults": 2, "children": 0, "infants": 0},
        "guests": [{"name": "Jane", "surname": "Roe"}],
        **more,
    }


def revision(number: int, **more: Any) -> Row:
    attributes = {
        "id": f"rev-{number}",
        "property_id": "CITY",
        "booking_id": f"booking-{number}",
        "unique_id": f"BDC-{number}",
        "ota_name": "BookingCom",
        "ota_reservation_code": f"33{number}",
        "status": "new",
        "inserted_at": "2026-02-28T10:00:00.000001",
        "amount": "100.00",
        "currency": "EUR",
        "customer": {"name": "Ann", "surname": "Booker", "mail": "ann@example.com", "country": "PT"},
        "rooms": [room()],
        **more,
    }
    return {"type": "booking_revision", "id": attributes["id"], "attributes": attributes}


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEY


class TestQueue(_Here, QueueContract):
    pull_path = FEED
    acknowledge_path = "/api/v1/booking_revisions/rev-1/ack"

    def message(self, number: int) -> Row:
        return revision(number)

    def answer(self, messages: Sequence[Row]) -> Answer:
        return Answer.json({"data": messages, "meta": {"page": 1, "limit": 100, "total": len(messages)}})

    def acknowledged(self) -> Answer:
        return Answer.json({"meta": {"message": "Success"}})

    def named(self, asked: Sequence[Asked]) -> set[str]:
        return {each.path.split("/")[4] for each in asked if each.method == "POST"}

    def wanted(self, number: int) -> str:
        return f"rev-{number}"

    def test_an_acknowledgement_names_every_message_taken(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/api/v1/booking_revisions/rev-2/ack", self.acknowledged())
        super().test_an_acknowledgement_names_every_message_taken(server, ports)

    def test_the_feed_is_asked_for_one_property_oldest_first(self, server: ScriptedServer, ports: Ports) -> None:
        self.pulled(server, ports, 1)

        assert server.asked[0].headers["user-api-key"] == "key-1"
        assert server.asked[0].query == {
            "filter[property_id]": "CITY",
            "order[inserted_at]": "asc",
            "pagination[page]": "1",
            "pagination[limit]": "100",
        }

    def test_a_revision_goes_under_its_own_id(self, server: ScriptedServer, ports: Ports) -> None:
        (one,) = self.pulled(server, ports, 7)

        assert (one.event_id, one.receipt, one.event_type, one.hotel_ref) == ("rev-7", "rev-7", "booking.new", "CITY")

    def test_one_that_cannot_be_acknowledged_keeps_no_other_from_it(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/api/v1/booking_revisions/rev-2/ack", self.acknowledged())

        with pytest.raises(RequestRefused):
            self.queue(server, ports).acknowledge([Taken("rev-1", "a"), Taken("rev-2", "b")])
        assert self.named(server.asked) == {"rev-1", "rev-2"}

    def test_an_id_is_no_path(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/api/v1/booking_revisions/..%2F..%2Fproperties/ack", self.acknowledged())

        self.queue(server, ports).acknowledge([Taken("../../properties", "a")])

        assert server.paths_asked() == ["/api/v1/booking_revisions/..%2F..%2Fproperties/ack"]

    def test_a_page_may_be_smaller_than_asked_for(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(FEED, Answer.json({"data": [revision(1)], "meta": {"total": 2, "page": 1, "limit": 1}}))

        assert len(self.queue(server, ports).waiting()) == 1

    def test_a_feed_shorter_than_it_says_is_no_success(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(FEED, Answer.json({"data": [revision(1)], "meta": {"total": 2, "page": 1, "limit": 100}}))

        with pytest.raises(VendorChangedShape, match="counts more"):
            self.queue(server, ports).waiting()

    def test_a_revision_of_another_shape_comes_by_itself_and_takes_no_other_along(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        strange = {"type": "booking_revision", "id": "rev-9"}
        server.on(FEED, Answer.json({"data": [strange, revision(1), {"id": 7, "attributes": {}}]}))

        first, good, nameless = self.queue(server, ports).waiting()

        assert (first.event_type, first.receipt, good.event_id) == ("booking.unreadable", "rev-9", "rev-1")
        assert (len(nameless.event_id), nameless.receipt) == (64, "")
        server.asked.clear()
        self.queue(server, ports).acknowledge([Taken(nameless.receipt, "a")])
        assert server.asked == [], "what has no id cannot be named"


class TestSink(_Here, SinkContract):
    inventory_path = AVAILABILITY
    restrictions_path = RESTRICTIONS
    rates_path = RESTRICTIONS

    def taken(self) -> Answer:
        return Answer.json({"data": [{"id": "task-1", "type": "task"}], "meta": {"message": "Success", "warnings": []}})

    def partly_refused(self) -> Answer:
        warned = {"property_id": "CITY", "room_type_id": "STD", "date": SECOND.isoformat(), "availability": 0}
        warning = {"availability": ["must be greater than or equal to 0"]}
        return Answer.json({"data": [], "meta": {"message": "Success", "warnings": [warned | {"warning": warning}]}})

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [(day, value["room_type_id"], value["availability"]) for day, value in _values(asked)]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        # A plan belongs to one room type, which the vendor is not told again.
        ours = {"stop_sell": "is_stop_sell", "min_stay_arrival": "min_stay_arrival_count"}
        return [
            Restriction(
                day, "STD", value["rate_plan_id"], **{ours[name]: value[name] for name in ours if name in value}
            )
            for day, value in _values(asked)
        ]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        return [(day, "STD", value["rate_plan_id"], value["rate"], "EUR") for day, value in _values(asked)]

    def test_dates_that_say_the_same_go_out_as_a_range(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(AVAILABILITY, self.taken())
        rows = [Availability(FIRST + timedelta(days=n), "STD", 2, 9 + n) for n in range(30)]

        told = self.opened(server, ports).push_inventory(rows, idempotency_key="k")

        (value,) = msgspec.json.decode(server.asked[0].body)["values"]
        assert value == {
            "property_id": "CITY",
            "room_type_id": "STD",
            "date_from": "2026-03-02",
            "date_to": "2026-03-31",
            "availability": 2,
        }
        assert told.provider_ref == "task-1"

    def test_a_range_that_is_turned_down_names_all_its_dates(self, server: ScriptedServer, ports: Ports) -> None:
        rows = [Availability(FIRST + timedelta(days=n), code, 2) for code in ("STD", "DLX") for n in range(2)]
        warned = {"room_type_id": "DLX", "date_from": "2026-03-02", "date_to": "2026-03-03", "date": None}
        warning = {"room_type_id": ["is invalid"]}
        server.on(AVAILABILITY, Answer.json({"meta": {"warnings": [warned | {"warning": warning}]}}))

        told = self.opened(server, ports).push_inventory(rows, idempotency_key="k")

        assert told.refused == (RefusedCell(2, "room_type_id is invalid"), RefusedCell(3, "room_type_id is invalid"))

    def test_a_warning_of_something_else_fails_the_push(self, server: ScriptedServer, ports: Ports) -> None:
        warned = {"room_type_id": "XXX", "date": "2026-03-02", "warning": {"room_type_id": ["is invalid"]}}
        server.on(AVAILABILITY, Answer.json({"meta": {"warnings": [warned]}}))

        with pytest.raises(RequestRefused, match="not sent"):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

    def test_what_is_not_told_is_left_out_and_never_null(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(RESTRICTIONS, self.taken())
        rows = [
            Restriction(FIRST, "STD", "BAR", is_closed_to_arrival=False, max_stay_count=0),
            Restriction(SECOND, "STD", "BAR", is_closed_to_departure=True, min_stay_through_count=3),
        ]

        self.opened(server, ports).push_restrictions(rows, idempotency_key="k")

        first, second = msgspec.json.decode(server.asked[0].body)["values"]
        assert {name for name in first if name not in ("property_id", "rate_plan_id", "date")} == {
            "closed_to_arrival",
            "max_stay",
        }
        assert (first["closed_to_arrival"], first["max_stay"], second["min_stay_through"]) == (False, 0, 3)

    def test_what_the_vendor_has_no_word_for_is_named(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(RESTRICTIONS, self.taken())
        rows = [
            Restriction(FIRST, "STD", is_stop_sell=True),
            Restriction(FIRST, "STD", "BAR", is_stop_sell=True, min_advance_day_count=3),
            Restriction(FIRST, "STD", "NRF", max_advance_day_count=3),
        ]

        told = self.opened(server, ports).push_restrictions(rows, idempotency_key="k")

        assert told.refused == (
            RefusedCell(0, "rate_plan_required"),
            RefusedCell(1, "advance_days_unsupported"),
            RefusedCell(2, "advance_days_unsupported"),
        )
        (value,) = msgspec.json.decode(server.asked[0].body)["values"]
        assert (value["rate_plan_id"], value["stop_sell"]) == ("BAR", True)

    def test_nothing_to_say_is_no_message(self, server: ScriptedServer, ports: Ports) -> None:
        self.opened(server, ports).push_restrictions([Restriction(FIRST, "STD")], idempotency_key="k")

        assert server.asked == []

    def test_prices_by_guests_go_out_together(self, server: ScriptedServer, ports: Ports) -> None:
        warned = {"rate_plan_id": "BAR", "date_from": "2026-03-02", "date_to": "2026-03-03"}
        refused = {"meta": {"warnings": [warned | {"warning": {"rates": ["is invalid"]}}]}}
        server.on(RESTRICTIONS, Answer.json(refused))
        rows = [
            Price(FIRST + timedelta(days=n), "STD", "BAR", minor, "JPY", guests)
            for n in range(2)
            for guests, minor in ((2, 13_200), (1, 12_100))
        ]

        told = self.opened(server, ports).push_rates(rows, idempotency_key="k")

        (value,) = msgspec.json.decode(server.asked[0].body)["values"]
        assert value["rates"] == [{"occupancy": 1, "rate": "12100"}, {"occupancy": 2, "rate": "13200"}]
        assert "rate" not in value
        assert [cell.position for cell in told.refused] == [0, 1, 2, 3]

    def test_counts_and_prices_have_a_pace_of_their_own(self, server: ScriptedServer) -> None:
        taken: list[str] = []

        class Counting:
            def take(self, _source: str, bucket: str, *, per_second: float, burst: int) -> float:
                taken.append(bucket)
                assert burst + per_second * 60 <= 10 or bucket == "calls"
                return 0.0

        ports = memory_ports()._replace(rate_limit=Counting())
        server.on(AVAILABILITY, self.taken())
        server.on(RESTRICTIONS, self.taken())
        server.on(FEED, Answer.json({"data": []}))
        client = self.opened(server, ports)

        client.push_inventory(self.COUNTS, idempotency_key="k")
        client.push_rates(self.PRICES, idempotency_key="k")
        client.waiting()

        assert taken == ["/api/v1/availability:CITY", "/api/v1/restrictions:CITY", "calls"]


def _values(asked: Sequence[Asked]) -> list[tuple[date, Row]]:
    found: list[tuple[date, Row]] = []
    for value in (value for each in asked for value in msgspec.json.decode(each.body)["values"]):
        assert value["property_id"] == "CITY"
        first = date.fromisoformat(value.get("date") or value["date_from"])
        last = date.fromisoformat(value.get("date") or value["date_to"])
        found += [(first + timedelta(days=n), value) for n in range((last - first).days + 1)]
    return found


class TestEvents(_Here, HintReceiverContract):
    secret = "token-1"
    other_secret = "token-2"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {secret}"}

    def event(self, row: Row) -> bytes:
        payload = {"booking_id": "b", "property_id": "CITY", "revision_id": "rev-1"}
        return msgspec.json.encode({"event": "booking_new", "payload": payload, "property_id": "CITY"})

    def other_event(self) -> bytes:
        return msgspec.json.encode({"event": "booking_cancellation", "property_id": "CITY", "user_id": None})

    def test_an_event_never_takes_the_name_of_the_revision_itself(self) -> None:
        body = self.event({})

        assert self.verified(body, self.signed(body, self.secret, NOW)).event_id == "booking_new:rev-1"

    def test_an_event_of_something_else_is_taken_too(self) -> None:
        body = msgspec.json.encode({"event": "ari", "property_id": "CITY", "payload": [{"availability": 5}]})

        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert (facts.event_type, len(facts.event_id)) == ("ari", 64)


def test_the_registry_hands_it_out() -> None:
    assert connector(THIS.kind) is THIS
    assert THIS.capabilities.acknowledge_seconds == 1800


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("cm", "city-hotel", "CITY"), KEY, ports)
    with pytest.raises(FixMapping, match="property id"):
        THIS.open(Account("cm", "city-hotel", "", {"base_url": "https://x.example"}), KEY, ports)
    with pytest.raises(FixCredentials, match="api_key"):
        THIS.open(loopback_account("http://127.0.0.1:1"), {}, ports)


def test_a_pace_that_is_exceeded_is_waited_for(server: ScriptedServer, ports: Ports) -> None:
    server.on(AVAILABILITY, Answer.json({"errors": {"code": "http_too_many_requests"}}, 429))

    with pytest.raises(TryLater):
        THIS.open(loopback_account(server.url), KEY, ports).push_inventory(SinkContract.COUNTS, idempotency_key="k")

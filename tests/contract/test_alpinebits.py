"""AlpineBits against the ports it offers: requests kept until confirmed, counts, rate plans, requests pushed to us."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import pytest

from connectors.alpinebits.connector import CONNECTOR as THIS
from connectors.alpinebits.handshake import COUNTS, HEAD, OLD_COUNTS, answered
from connectors.errors import (
    BadSignature,
    FixCredentials,
    FixMapping,
    MalformedBody,
    RequestRefused,
    VendorChangedShape,
)
from connectors.ports import Account, Connector, Credentials, DeliveryFacts, Ports, RepliesInKind
from connectors.protocols.opentravel.compose_requests import ping
from connectors.protocols.safe_xml import serialised
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.queues import Taken
from connectors.registry import connector
from hotel.rooms import RoomType
from tests.contract.alpinebits_messages import actions, form, messages, notified, request, retrieved, said
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import BOOK, PLACE, Row

KEYS = {"username": "hotel", "password": "hotel-key"}
PINNED = {"path": "/server", "protocol_version": "2024-10", "standard_occupancy": 2}
OPEN = {"true": False, "false": True}


def dated(element: Any) -> Iterator[date]:
    start, end = (date.fromisoformat(element.get(name)) for name in ("Start", "End"))
    for n in range((end - start).days + 1):
        yield start + timedelta(days=n)


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS
    options: ClassVar[dict[str, Any]] = PINNED


class TestQueue(_Here, QueueContract):
    pull_path = acknowledge_path = "/server"

    def message(self, number: int) -> str:
        return request(f"R{number}")

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(retrieved(*messages))

    def acknowledged(self) -> Answer:
        return Answer(said("NotifReportRS"))

    def named(self, asked: Sequence[Asked]) -> set[str]:
        assert set(actions(asked)) == {"OTA_NotifReport:GuestRequests"}
        return {each.get("ID") for message in messages(asked) for each in message.iter("{*}UniqueID")}

    def wanted(self, number: int) -> str:
        return f"R{number}"

    def test_a_cancellation_is_confirmed_under_its_own_type(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/server", Answer(retrieved(request("R1", status="Cancelled"))), self.acknowledged())
        queue = self.queue(server, ports)

        (cancelled,) = queue.waiting()
        queue.acknowledge([Taken(cancelled.receipt, "our")])

        (message,) = messages(server.asked[1:])
        assert [(each.get("Type"), each.get("ID")) for each in message.iter("{*}UniqueID")] == [("15", "R1")]

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            (b"ERROR:unknown or missing action", RequestRefused),
            (said("ResRetrieveRS", '<Errors><Error Type="13" Code="450">no</Error></Errors>'), RequestRefused),
            (said("ResRetrieveRS", '<Errors><Error Type="13" Code="497">no</Error></Errors>'), FixCredentials),
        ],
    )
    def test_an_error_inside_a_200_is_no_success(
        self, server: ScriptedServer, ports: Ports, body: bytes, error: type[Exception]
    ) -> None:
        server.on("/server", Answer(body))

        with pytest.raises(error):
            self.queue(server, ports).waiting()


class TestSink(_Here, SinkContract):
    inventory_path = restrictions_path = rates_path = "/server"

    def taken(self) -> Answer:
        return Answer(said("HotelInvCountNotifRS"))

    def partly_refused(self) -> None:
        return None

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [
            (day, control.get("InvTypeCode"), int(entry.find(".//{*}InvCount").get("Count")))
            for message in messages(asked)
            for entry in message.iter("{*}Inventory")
            for control in entry.iter("{*}StatusApplicationControl")
            for day in dated(control)
        ]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        return [
            _restriction(day, plan, rule)
            for message in messages(asked)
            for plan in message.iter("{*}RatePlan")
            for rule in plan.iter("{*}BookingRule")
            for day in dated(rule)
        ]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        return [
            (
                day,
                rate.get("InvTypeCode"),
                plan.get("RatePlanCode"),
                each.get("AmountAfterTax"),
                plan.get("CurrencyCode"),
            )
            for message in messages(asked)
            for plan in message.iter("{*}RatePlan")
            for rate in plan.iter("{*}Rate")
            for each in rate.iter("{*}BaseByGuestAmt")
            for day in dated(rate)
        ]

    def test_a_warning_that_is_no_advice_takes_no_row_for_taken(self, server: ScriptedServer, ports: Ports) -> None:
        warning = '<Success/><Warnings><Warning Type="3" Code="450">some dates are too far</Warning></Warnings>'
        server.on("/server", Answer(said("HotelInvCountNotifRS", warning)))

        told = self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

        assert told.refused == (RefusedCell(0, "warning_3"), RefusedCell(1, "warning_3"))

    def test_an_advice_is_a_success(self, server: ScriptedServer, ports: Ports) -> None:
        advice = '<Success/><Warnings><Warning Type="11">send a full set soon</Warning></Warnings>'
        server.on("/server", Answer(said("HotelInvCountNotifRS", advice)))

        assert self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k").refused == ()

    def test_a_complete_set_goes_out_in_one_message_and_says_so(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/server", self.taken())
        rows = [Availability(FIRST + timedelta(days=n), "STD", n % 2) for n in range(2001)]

        self.opened(server, ports).push_inventory(rows, idempotency_key="k", is_complete=True)

        (message,) = messages(server.asked)
        assert [each.get("Instance") for each in message.iter("{*}UniqueID")] == ["CompleteSet"]
        assert len(self.counts(server.asked)) == 2001

    def test_rows_without_a_place_in_the_profile_are_refused_and_the_others_go_out(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        server.on("/server", Answer(said("HotelRatePlanNotifRS")))
        price = Price(FIRST, "STD", "BAR", 12_345, "EUR")
        rows = [price._replace(is_tax_included=False), price, price._replace(price_minor=0, stay_on=SECOND)]

        told = self.opened(server, ports).push_rates(rows, idempotency_key="k")

        assert told.refused == (RefusedCell(0, "price_before_tax"), RefusedCell(2, "price_not_above_zero"))
        assert self.prices(server.asked) == [(FIRST, "STD", "BAR", "123.45", "EUR")]

    def test_room_types_go_out_whole_and_need_an_occupancy(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/server", Answer(said("HotelDescriptiveContentNotifRS")))
        double = RoomType("city-hotel", "DBL", "Double", 5, 2, 3)
        client = self.opened(server, ports)

        client.push_room_types([double])

        (message,) = messages(server.asked)
        assert [each.get("Code") for each in message.iter("{*}GuestRoom")] == ["DBL"]
        with pytest.raises(FixMapping, match="SGL"):
            client.push_room_types([RoomType("city-hotel", "SGL", "Single")])


def _restriction(day: date, plan: Any, rule: Any) -> Restriction:
    lengths = {each.get("MinMaxMessageType"): int(each.get("Time")) for each in rule.iter("{*}LengthOfStay")}
    doors = {name: rule.find(f".//{{*}}{name}DaysOfWeek") for name in ("Arrival", "Departure")}
    status = rule.find(".//{*}RestrictionStatus")
    return Restriction(
        day,
        rule.get("Code"),
        plan.get("RatePlanCode"),
        None if status is None else status.get("Status") == "Close",
        None if doors["Arrival"] is None else OPEN[doors["Arrival"].get("Mon")],
        None if doors["Departure"] is None else OPEN[doors["Departure"].get("Mon")],
        lengths.get("SetMinLOS"),
        lengths.get("SetForwardMinStay"),
        lengths.get("SetMaxLOS"),
    )


def replied(facts: DeliveryFacts) -> tuple[str, bytes]:
    receiver: Any = THIS.webhooks
    assert isinstance(receiver, RepliesInKind)
    return receiver.reply(facts, 7)


class TestPushedRequests(WebhookReceiverContract):
    connector = THIS
    secret = "portal:one"
    other_secret = "portal:two"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        named = b64encode(secret.encode()).decode()
        return {"authorization": f"Basic {named}", "x-alpinebits-clientprotocolversion": "2024-10"}

    def row(self) -> Row:
        return {"ref": "R1"}

    def event(self, row: Row) -> bytes:
        return form("OTA_HotelResNotif:GuestRequests", notified(request(row["ref"])))

    def cancellation(self, row: Row) -> bytes:
        told = request(row["ref"], status="Cancelled", modified_at="2026-02-28T11:00:00+00:00")
        return form("OTA_HotelResNotif:GuestRequests", notified(told))

    def test_a_message_says_what_the_pull_says(self) -> None:
        assert THIS.messages
        (pulled,) = THIS.messages(retrieved(request("R1")), BOOK, PLACE)

        assert self.mapped(self.event(self.row())) == pulled

    def test_the_answer_names_every_request_as_it_came(self) -> None:
        body = form("OTA_HotelResNotif:GuestRequests", notified(request("R1"), request("R2", status="Cancelled")))
        facts = self.verified(body, self.signed(body, self.secret, NOW))

        media_type, answer = replied(facts)

        assert (facts.event_type, facts.hotel_ref) == ("booking.several", "CITY")
        assert media_type.startswith("application/xml")
        assert b'<UniqueID Type="14" ID="R1"/>' in answer
        assert b'<UniqueID Type="15" ID="R2"/>' in answer

    def test_a_handshake_is_answered_and_makes_no_booking(self) -> None:
        said_json = (
            '{"versions":[{"version":"2022-10","actions":[{"action":"action_OTA_HotelResNotif_GuestRequests"}]}]}'
        )
        body = form("OTA_Ping:Handshaking", serialised(ping(HEAD, said_json)))
        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert facts.is_test
        assert replied(facts)[1] == serialised(answered(ping(HEAD, said_json)))
        assert THIS.messages
        assert list(THIS.messages(body, BOOK, PLACE)) == []

    @pytest.mark.parametrize(
        "body",
        [
            form("OTA_Read:GuestRequests", said("ReadRQ", "")),
            form("OTA_HotelResNotif:GuestRequests", said("HotelResNotifRQ", "<HotelReservations/>")),
            form("OTA_HotelResNotif:GuestRequests", b"<OTA_HotelResNotifRQ>"),
            form("OTA_Ping:Handshaking", said("PingRQ", "<EchoData>{</EchoData>")),
            form("OTA_HotelResNotif:GuestRequests", notified(request("R1"))).replace(b'"action"', b'"act"'),
            form("§", b"<a/>"),
        ],
    )
    def test_another_action_or_document_is_malformed(self, body: bytes) -> None:
        with pytest.raises(MalformedBody):
            self.verified(body, self.signed(body, self.secret, NOW))

    def test_an_unknown_version_is_malformed(self) -> None:
        body = self.event(self.row())
        headers = {**self.signed(body, self.secret, NOW), "x-alpinebits-clientprotocolversion": "2099-10"}

        with pytest.raises(MalformedBody, match="2024-10"):
            self.verified(body, headers)
        with pytest.raises(BadSignature):
            self.verified(body, {**headers, "authorization": "Basic x"})


def shaken(version: str, *found: str) -> Answer:
    """Answer a handshake with one version and its actions."""
    told = {"versions": [{"version": version, "actions": [{"action": name} for name in found]}]}
    inside = f"""<Success/><Warnings><Warning Type="11" Status="ALPINEBITS_HANDSHAKE">{msgspec.json.encode(told).decode()}
        </Warning></Warnings><EchoData>x</EchoData>"""
    return Answer(said("PingRS", inside))


def opened(server: ScriptedServer, ports: Ports, **options: Any) -> Any:
    return THIS.open(loopback_account(server.url, path="/server", **options), KEYS, ports)


def test_the_first_call_shakes_hands_and_the_next_keep_to_it(server: ScriptedServer, ports: Ports) -> None:
    server.on("/server", shaken("2022-10", "action_OTA_Read"), Answer(retrieved()))
    client = opened(server, ports)

    assert (client.waiting(), client.waiting()) == ((), ())

    assert actions(server.asked) == ["OTA_Ping:Handshaking", "OTA_Read:GuestRequests", "OTA_Read:GuestRequests"]
    assert [each.headers["x-alpinebits-clientprotocolversion"] for each in server.asked] == [
        "2024-10",
        "2022-10",
        "2022-10",
    ]
    assert server.asked[0].headers["x-alpinebits-clientid"] == "night-audit"
    assert server.asked[0].headers["authorization"] == "Basic " + b64encode(b"hotel:hotel-key").decode()


def test_a_server_that_turns_down_a_version_is_asked_in_an_older_one(server: ScriptedServer, ports: Ports) -> None:
    server.on("/server", Answer(b"ERROR", 400), Answer(b"ERROR", 400), shaken("2020-10", "action_OTA_Read"))

    assert opened(server, ports).handshake().version == "2020-10"


def test_no_version_in_common_is_told(server: ScriptedServer, ports: Ports) -> None:
    server.on("/server", shaken("1999-10"))
    with pytest.raises(RequestRefused, match="none of the versions"):
        opened(server, ports).waiting()

    server.on("/server", Answer(b"", 400))
    with pytest.raises(RequestRefused, match="none of the versions"):
        opened(server, ports).waiting()


def test_what_the_server_cannot_do_is_not_tried(server: ScriptedServer, ports: Ports) -> None:
    server.on("/server", shaken("2018-10", "action_OTA_HotelAvailNotif"))
    client = opened(server, ports)

    with pytest.raises(RequestRefused, match="OTA_Read:GuestRequests"):
        client.waiting()
    with pytest.raises(FixMapping, match="complete_sets"):
        client.push_inventory(SinkContract.COUNTS, idempotency_key="k")
    assert client.handshake().can(OLD_COUNTS)
    assert not client.handshake().can(COUNTS)


def test_an_answer_without_a_handshake_is_told(server: ScriptedServer, ports: Ports) -> None:
    server.on("/server", Answer(said("PingRS")))

    with pytest.raises(VendorChangedShape):
        opened(server, ports).waiting()


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("ab", "city-hotel", "CITY"), KEYS, ports)
    with pytest.raises(FixCredentials, match="username"):
        THIS.open(loopback_account("http://127.0.0.1:1"), {}, ports)
    with pytest.raises(FixMapping, match="protocol_version"):
        THIS.open(loopback_account("http://127.0.0.1:1", protocol_version="1"), KEYS, ports)


def test_the_registry_hands_it_out() -> None:
    assert connector(THIS.kind) is THIS

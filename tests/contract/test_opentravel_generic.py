"""A partner by configuration, against the ports: SOAP and plain XML, every way to sign in, every way to confirm."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.errors import FixCredentials, FixMapping, RequestRefused
from connectors.opentravel_generic.connector import CONNECTOR as THIS
from connectors.opentravel_generic.partners import names, partner
from connectors.opentravel_generic.settings import settings_of
from connectors.ports import Account, Connector, Credentials, Ports
from connectors.protocols import soap, wsse
from connectors.pushes import Price, RefusedCell, Restriction
from connectors.queues import Taken
from connectors.registry import connector
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.fakes import loopback_account
from tests.contract.opentravel_messages import attributes, booking, in_soap, messages, retrieved, said, shown
from tests.contract.scripted_server import Answer, Asked, ScriptedServer

KEYS = {"username": "hotel", "password": "hotel-key", "api_key": "k-1"}
TABLES: dict[str, Any] = {
    "pull": {"path": "/read"},
    "acknowledge": {"path": "/confirm"},
    "counts": {"path": "/counts", "locates": True},
    "restrictions": {"path": "/limits"},
    "rates": {"path": "/rates"},
}
CLOSED = {"Close": True, "Open": False}


def dated(message: Any, name: str) -> Iterator[tuple[date, Any, Any]]:
    for entry in message.iter("{*}" + name):
        control = entry.find("{*}StatusApplicationControl")
        start, end = (date.fromisoformat(control.get(each)) for each in ("Start", "End"))
        for n in range((end - start).days + 1):
            yield start + timedelta(days=n), control, entry


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS
    options: ClassVar[dict[str, Any]] = TABLES


class TestQueue(_Here, QueueContract):
    pull_path = "/read"
    acknowledge_path = "/confirm"

    def message(self, number: int) -> str:
        return booking(f"R{number}", message_ref=f"M{number}")

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(in_soap(retrieved(*messages)))

    def acknowledged(self) -> Answer:
        return Answer(in_soap(said("NotifReportRS")))

    def named(self, asked: Sequence[Asked]) -> set[str]:
        return {each["ID"] for message in messages(asked) for each in attributes(message, "UniqueID")}

    def wanted(self, number: int) -> str:
        return f"M{number}"


class TestPlainQueueByKey(TestQueue):
    """The same without SOAP and without message numbers, by an API key."""

    options: ClassVar[dict[str, Any]] = TABLES | {"soap": "none", "auth": "api_key"}

    def message(self, number: int) -> str:
        return booking(f"R{number}")

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(retrieved(*messages))

    def acknowledged(self) -> Answer:
        return Answer(said("NotifReportRS"))

    def wanted(self, number: int) -> str:
        return f"R{number}"


class TestSink(_Here, SinkContract):
    inventory_path = "/counts"
    restrictions_path = "/limits"
    rates_path = "/rates"

    def taken(self) -> Answer:
        return Answer(in_soap(said("HotelAvailNotifRS")))

    def partly_refused(self) -> Answer:
        warning = '<Success/><Warnings><Warning Type="12" Code="402" RecordID="1">unknown room</Warning></Warnings>'
        return Answer(in_soap(said("HotelAvailNotifRS", warning)))

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [
            (day, control.get("InvTypeCode"), int(entry.get("BookingLimit")))
            for message in messages(asked)
            for day, control, entry in dated(message, "AvailStatusMessage")
        ]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        found: dict[tuple[date, str, str], dict[str, Any]] = {}
        for message in messages(asked):
            for day, control, entry in dated(message, "AvailStatusMessage"):
                told = found.setdefault((day, control.get("InvTypeCode"), control.get("RatePlanCode")), {})
                for status in entry.iter("{*}RestrictionStatus"):
                    assert status.get("Restriction") == "Master"
                    told["is_stop_sell"] = CLOSED[status.get("Status")]
                for length in entry.iter("{*}LengthOfStay"):
                    assert length.get("MinMaxMessageType") == "SetMinLOS"
                    told["min_stay_arrival_count"] = int(length.get("Time"))
        return [Restriction(*place, **told) for place, told in found.items()]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        return [
            (
                day,
                control.get("InvTypeCode"),
                control.get("RatePlanCode"),
                entry.find(".//{*}BaseByGuestAmt").get("AmountAfterTax"),
                entry.find(".//{*}Rate").get("CurrencyCode"),
            )
            for message in messages(asked)
            for day, control, entry in dated(message, "RateAmountMessage")
        ]

    @pytest.mark.parametrize(
        ("warning", "refused"),
        [
            ('<Warning Type="11">thank you</Warning>', ()),
            ('<Warning Type="3">not all</Warning>', (RefusedCell(0, "warning_3"), RefusedCell(1, "warning_3"))),
            ('<Warning Type="3" Code="402" RecordID="2"/>', (RefusedCell(1, "warning_402"),)),
            ('<Warning Type="3" RecordID="77"/>', (RefusedCell(0, "warning_3"), RefusedCell(1, "warning_3"))),
        ],
    )
    def test_a_warning_refuses_what_it_names_or_everything(
        self, server: ScriptedServer, ports: Ports, warning: str, refused: tuple[RefusedCell, ...]
    ) -> None:
        inside = f"<Success/><Warnings>{warning}</Warnings>"
        server.on("/counts", Answer(in_soap(said("HotelAvailNotifRS", inside))))

        assert self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k").refused == refused

    def test_a_partner_whose_warnings_mean_nothing_may_be_believed(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/counts", self.partly_refused())
        client = opened(server, ports, warnings="ignore", **TABLES)

        assert client.push_inventory(self.COUNTS, idempotency_key="k").refused == ()

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (in_soap(said("HotelAvailNotifRS", '<Errors><Error Type="12" Code="402"/></Errors>')), RequestRefused),
            (in_soap(said("HotelAvailNotifRS", '<Errors><Error Type="4" Code="497"/></Errors>')), FixCredentials),
            (soap.fault("1.1", "no"), RequestRefused),
            (in_soap(said("HotelAvailNotifRS", "")), RequestRefused),
        ],
    )
    def test_an_answer_without_success_is_none(
        self, server: ScriptedServer, ports: Ports, answer: bytes, error: type[Exception]
    ) -> None:
        server.on("/counts", Answer(answer))

        with pytest.raises(error):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")


def opened(server: ScriptedServer, ports: Ports, **options: Any) -> Any:
    return THIS.open(loopback_account(server.url, **options), KEYS, ports)


def read_by(server: ScriptedServer, ports: Ports, **options: Any) -> Asked:
    server.on("/read", Answer(in_soap(retrieved())))
    assert opened(server, ports, **({"pull": {"path": "/read"}} | options)).waiting() == ()
    return server.asked[-1]


def test_each_version_of_soap_has_its_own_headers(server: ScriptedServer, ports: Ports) -> None:
    pull = {"path": "/read", "action": "urn:read"}

    old, new, plain = (read_by(server, ports, soap=version, pull=pull) for version in ("1.1", "1.2", "none"))

    assert (old.headers["content-type"], old.headers["soapaction"]) == ("text/xml; charset=utf-8", '"urn:read"')
    assert new.headers["content-type"] == 'application/soap+xml; charset=utf-8; action="urn:read"'
    assert "soapaction" not in new.headers
    assert (plain.headers["content-type"], plain.headers.get("soapaction")) == ("text/xml; charset=utf-8", None)
    assert [soap.unwrap(each.body).version for each in (old, new, plain)] == ["1.1", "1.2", None]


def test_every_way_to_sign_in(server: ScriptedServer, ports: Ports) -> None:
    basic = read_by(server, ports, auth="basic")
    assert basic.headers["authorization"] == "Basic " + b64encode(b"hotel:hotel-key").decode()
    assert b"hotel-key" not in basic.body

    key = read_by(server, ports, auth="api_key", api_key_header="X-Partner-Key")
    assert key.headers["x-partner-key"] == "k-1"

    for kind, word in ((wsse.TEXT, "wsse_text"), (wsse.DIGEST, "wsse_digest")):
        security = soap.unwrap(read_by(server, ports, auth=word).body).security
        assert wsse.verify(security, ["hotel:hotel-key"], datetime.now(UTC)).kind == kind

    proof = read_by(server, ports, auth=["requestor", "api_key"], party={"type": "1", "partner_id": "soft"})
    assert attributes(messages([proof])[0], "RequestorID") == [
        {"Type": "1", "ID": "hotel", "MessagePassword": "hotel-key"},
        {"Type": "2", "ID": "soft"},
    ]
    assert proof.headers["x-api-key"] == "k-1"

    assert "authorization" not in read_by(server, ports, auth="none").headers


def test_an_endpoint_may_differ_from_the_others(server: ScriptedServer, ports: Ports) -> None:
    server.on("/counts/CITY", Answer(said("HotelAvailNotifRS")))
    counts = {"path": "/counts/{hotel}", "soap": "none", "auth": "basic"}
    client = opened(server, ports, auth="wsse_text", counts=counts, pull={"path": "/read"})

    client.push_inventory(TestSink.COUNTS, idempotency_key="k")

    (asked,) = server.asked
    assert soap.unwrap(asked.body).version is None
    assert "authorization" in asked.headers


def test_a_message_says_when_from_whom_and_under_which_token(server: ScriptedServer, ports: Ports) -> None:
    server.on("/counts", Answer(in_soap(said("HotelAvailNotifRS"))))
    options = {"version": "1.005", "target": "Test", "party": {"id": "PMS", "company": "Night Audit"}}
    hotel = {"chain_code": "CH", "context": "X"}

    opened(server, ports, counts={"path": "/counts"}, hotel=hotel, **options).push_inventory(
        TestSink.COUNTS, idempotency_key="key-1"
    )

    (message,) = messages(server.asked)
    assert (message.get("EchoToken"), message.get("Version"), message.get("Target")) == ("key-1", "1.005", "Test")
    assert datetime.now(UTC) - datetime.fromisoformat(message.get("TimeStamp")) < timedelta(minutes=1)
    assert attributes(message, "RequestorID") == [{"Type": "13", "ID": "PMS"}]
    assert attributes(message, "AvailStatusMessages") == [
        {"ChainCode": "CH", "HotelCode": "CITY", "HotelCodeContext": "X"}
    ]


def test_bookings_may_be_asked_for_in_three_ways(server: ScriptedServer, ports: Ports) -> None:
    (undelivered,) = messages([read_by(server, ports)])
    assert attributes(undelivered, "SelectionCriteria") == [{"SelectionType": "Undelivered"}]

    changed = read_by(server, ports, pull={"path": "/read", "selection": "modified", "hours": 2, "names_hotel": False})
    (message,) = messages([changed])
    (told,) = attributes(message, "SelectionCriteria")
    span = datetime.fromisoformat(told["End"]) - datetime.fromisoformat(told["Start"])
    assert (told["DateType"], span) == ("LastUpdateDate", timedelta(hours=2))
    assert attributes(message, "HotelReadRequest") == [{}]

    (message,) = messages([read_by(server, ports, pull={"path": "/read", "message": "OTA_HotelResRQ"})])
    assert shown(message).startswith("<OTA_HotelResRQ")

    asked = read_by(server, ports, pull={"path": "/read", "message": "GET"}, auth="basic")
    assert (asked.method, asked.body) == ("GET", b"")


ACKNOWLEDGED = [
    ({}, '<UniqueID Type="14" ID="R1"/><UniqueID Type="16" ID="M1" ID_Context="MESSAGE_UNIQUE_ID"/>'),
    ({"types": ["16"]}, 'ResStatus="Book"><UniqueID Type="16" ID="M1" ID_Context="MESSAGE_UNIQUE_ID"/><ResGlobalInfo>'),
    ({"tells_our_ref": False}, 'ID_Context="MESSAGE_UNIQUE_ID"/></HotelReservation>'),
    (
        {"names": "reservation_ids", "our_ref_type": "3"},
        '<HotelReservationID ResID_Type="3" ResID_Value="our"/><HotelReservationID ResID_Type="14" ResID_Value="R1"/>',
    ),
    ({"message": "OTA_HotelResNotifRS"}, '<UniqueID Type="14" ID="R1"/><ResGlobalInfo><HotelReservationIDs>'),
    ({"pos_inside": True}, '<HotelReservation ResStatus="Book"><POS><Source><RequestorID'),
    (
        {"auth": "requestor"},
        'Version="1.0"><POS><Source><RequestorID Type="13" ID="hotel" MessagePassword="hotel-key"/>',
    ),
]


@pytest.mark.parametrize(("style", "expected"), ACKNOWLEDGED)
def test_every_way_to_confirm(server: ScriptedServer, ports: Ports, style: dict[str, Any], expected: str) -> None:
    server.on("/read", Answer(in_soap(retrieved(booking("R1", message_ref="M1")))))
    server.on("/confirm", Answer(in_soap(said("NotifReportRS"))))
    auth = "requestor" if style.get("pos_inside") else "basic"
    client = opened(server, ports, auth=auth, pull={"path": "/read"}, acknowledge={"path": "/confirm"} | style)

    (message,) = client.waiting()
    client.acknowledge([Taken(message.receipt, "our")])

    (told,) = messages(server.asked[1:])
    assert expected in shown(told).replace(' xmlns="http://www.opentravel.org/OTA/2003/05"', "")


def test_confirmations_go_out_as_many_at_once_as_the_partner_takes(server: ScriptedServer, ports: Ports) -> None:
    told = [booking(f"R{n}") for n in range(5)]
    server.on("/read", Answer(in_soap(retrieved(*told))))
    server.on("/confirm", Answer(in_soap(said("NotifReportRS"))))
    client = opened(server, ports, pull={"path": "/read"}, acknowledge={"path": "/confirm", "at_once": 2})

    client.acknowledge([Taken(each.receipt, "our") for each in client.waiting()])

    assert [len(attributes(each, "UniqueID")) for each in messages(server.asked[1:])] == [2, 2, 1]


def test_a_partner_may_need_no_confirmation_or_only_push(server: ScriptedServer, ports: Ports) -> None:
    for options in ({}, {"acknowledge": {"message": "none"}}, {"partner": "erevmax"}):
        client = opened(server, ports, **options)
        assert client.waiting() == ()
        client.acknowledge([Taken("x", "our")])

    assert server.asked == []


def test_what_a_partner_does_not_take_is_told(server: ScriptedServer, ports: Ports) -> None:
    client = opened(server, ports, partner="erevmax", rates=False)

    with pytest.raises(FixMapping, match=r"\[rates\]"):
        client.push_rates([Price(FIRST, "STD", "BAR", 1, "EUR")], idempotency_key="k")


def test_counts_may_go_out_as_inventory_and_prices_before_tax(server: ScriptedServer, ports: Ports) -> None:
    for path, name in (("/counts", "HotelInvCountNotifRS"), ("/rates", "HotelRateAmountNotifRS")):
        server.on(path, Answer(in_soap(said(name))))
    tables = {
        "counts": {"path": "/counts", "message": "OTA_HotelInvCountNotifRQ"},
        "rates": {"path": "/rates", "always": "AmountBeforeTax", "room_attribute": "InvCode"},
    }
    client = opened(server, ports, **tables)

    client.push_inventory(TestSink.COUNTS, idempotency_key="k")
    client.push_rates([Price(SECOND, "STD", "BAR", 9_800, "JPY", 2)], idempotency_key="k")

    counts, rates = messages(server.asked)
    assert attributes(counts, "InvCount") == [{"CountType": "2", "Count": "0"}, {"CountType": "2", "Count": "3"}]
    assert attributes(rates, "BaseByGuestAmt") == [
        {"AmountBeforeTax": "9800", "NumberOfGuests": "2", "AgeQualifyingCode": "10"}
    ]
    assert attributes(rates, "StatusApplicationControl")[0]["InvCode"] == "STD"


@pytest.mark.parametrize("name", names())
def test_every_partner_has_settings_that_hold_and_say_they_are_not_verified(name: str) -> None:
    found = settings_of({"partner": name, "base_url": "https://partner.example"})

    assert found.base_url == "https://partner.example"
    assert partner(name)["is_verified"] is False
    assert any((found.pull, found.counts, found.restrictions, found.rates))


def test_an_integration_may_differ_from_its_partner() -> None:
    found = settings_of(
        {"partner": "rategain", "pull": {"path": "/mine"}, "rates": False, "dialect": {"currency": "EUR"}}
    )

    assert found.pull is not None
    assert (found.pull.endpoint.path, found.rates, found.party.type) == ("/mine", None, "22")
    assert (found.dialect.currency, found.dialect.receipt) == ("EUR", "reservation")


@pytest.mark.parametrize(
    "options",
    [
        {"partner": "nobody"}, {"colour": "red"}, {"soap": "2.0"}, {"auth": "handshake"}, {"warnings": "shrug"},
        {"pull": {"message": "OTA_PingRQ"}}, {"pull": {"colour": "red"}}, {"pull": "yes"}, {"pull": {"selection": "all"}},
        {"acknowledge": {"names": "x"}}, {"acknowledge": {"message": "x"}}, {"counts": {"message": "OTA_ReadRQ"}},
        {"counts": {"soap": "9"}}, {"hotel": {"code": "X"}}, {"dialect": {"colour": "red"}}, {"party": {"colour": "red"}},
        {"rates": {"auth": "x"}}, {"rates": {"auth": []}}, {"auth": 7}, {"version": 1.0}, {"pull": {"hours": "two"}},
        {"acknowledge": {"at_once": 0}}, {"acknowledge": {"types": "16"}}, {"counts": {"locates": "yes"}}, {"counts": "x"},
        {"pull": {"path": 7}}, {"soap": ["1.1"]}, {"rates": {"style": {}, "cells": True}},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(FixMapping):
        settings_of({"base_url": "https://partner.example", **options})


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("ota", "city-hotel", "CITY"), KEYS, ports)
    account = loopback_account("http://127.0.0.1:1", pull={"path": "/"})
    with pytest.raises(FixCredentials, match="username"):
        THIS.open(account, {}, ports)
    with pytest.raises(FixCredentials, match="api_key"):
        THIS.open(account._replace(options={**account.options, "auth": "api_key"}), {}, ports)


def test_the_registry_hands_it_out() -> None:
    assert connector(THIS.kind) is THIS


def test_settings_that_are_the_house_s_own_affair_are_let_be() -> None:
    own = {"as_is": ["channel"], "allow_private_hosts": True, "pulls_bookings": False, "allotment": {}}

    assert settings_of({"base_url": "https://partner.example", **own}) == settings_of(
        {"base_url": "https://partner.example"}
    )

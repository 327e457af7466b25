"""The REST contract against every port it offers, in the vendor's own shapes."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

import msgspec
import pytest
from standardwebhooks import Webhook

from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater
from connectors.hotel_rest.connector import CONNECTOR as THIS
from connectors.ports import (
    Account,
    Connector,
    Credentials,
    GuestSource,
    Ports,
    RateSource,
    ReservationSource,
    RoomStatusSource,
)
from connectors.pushes import Restriction
from connectors.registry import connector
from tests.contract.booking_suites import (
    GuestSourceContract,
    ReservationSourceContract,
    WebhookReceiverContract,
)
from tests.contract.channel_suites import SinkContract
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import SINCE, UNTIL, Row, SourceContract

KEY = {"api_key": "k-123"}
SECRET = "whsec_c2VjcmV0LW9mLXRlc3RzLW9ubHktMDE="
OTHER_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGVzdHM="


def guest(number: int) -> Row:
    return {
        "id": f"G-{number}",
        "propertyId": "CITY",
        "kind": "person",
        "firstName": "Jane",
        "lastName": "Roe",
        "email": "jane@example.com",
        "phone": "+351912345678",
        "createdAt": "2020-01-02T03:04:05Z",
        "modifiedAt": "2026-02-28T10:00:00Z",
        "revision": 3,
    }


def stay(number: int, currency: str | None, prices: list[str]) -> Row:
    nights = [
        {"date": (date(2026, 3, 1) + timedelta(days=n)).isoformat(), "price": price} for n, price in enumerate(prices)
    ]
    total = str(sum(map(Decimal, prices)))
    room = {
        "id": "1",
        "status": "Confirmed",
        "roomType": "STD",
        "ratePlan": "BAR",
        "checkIn": "2026-03-01",
        "checkOut": (date(2026, 3, 1) + timedelta(days=len(prices))).isoformat(),
        "totalPrice": total,
        "nights": nights,
    }
    return {
        "id": f"R-{number}",
        "propertyId": "CITY",
        "status": "Confirmed",
        "channel": "booking_com",
        "currency": currency,
        "totalPrice": total,
        "adults": 2,
        "rooms": [room],
        "modifiedAt": "2026-02-28T10:00:00Z",
        "revision": 3,
    }


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEY

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        return Answer.json({"items": rows, "nextCursor": next_cursor, "total": total})

    def spoilt(self, row: Row) -> Row:
        return row | {"modifiedAt": "yesterday"}

    def changed(self, row: Row, *, revision: int | None, modified_at: str | None) -> Row:
        return row | {"revision": revision, "modifiedAt": modified_at}


class TestGuests(_Here, GuestSourceContract):
    path = "/v1/guests"

    def told(self, number: int) -> Row:
        return guest(number)

    def named(self, row: Row, first_name: str, last_name: str) -> Row:
        return row | {"firstName": first_name, "lastName": last_name}


class TestReservations(_Here, ReservationSourceContract):
    path = "/v1/reservations"

    def told(self, number: int) -> Row:
        return stay(number, "EUR", ["100.00"])

    def stay(self, number: int, currency: str | None, prices: list[str]) -> Row:
        return stay(number, currency, prices)

    def with_status(self, row: Row, word: str) -> Row:
        return row | {"status": word}


class TestRoomStatus(_Here, SourceContract):
    dataset = "room_status"
    path = "/v1/rooms/status"

    def told(self, number: int) -> Row:
        return {"number": f"10{number}", "type": "STD", "status": "OCC", "observedAt": "2026-02-28T10:00:00Z"}

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        return Answer.json({"rooms": rows})

    def spoilt(self, row: Row) -> Row:
        return row | {"observedAt": "yesterday"}


class TestRates(_Here, SourceContract):
    dataset = "rates"
    path = "/v1/rates"

    def told(self, number: int) -> Row:
        price = {"date": f"2026-03-0{number}", "price": "120.50", "currency": "EUR"}
        return price | {"roomType": "STD", "ratePlan": "BAR"}

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        return Answer.json({"rates": rows})

    def spoilt(self, row: Row) -> Row:
        return row | {"price": "cheap"}


class TestInventory(SinkContract):
    connector = THIS
    credentials = KEY
    inventory_path = "/v1/inventory/bulk"
    restrictions_path = "/v1/inventory/bulk"
    rates_path = "/v1/rates"

    def taken(self) -> Answer:
        return Answer.json({"success": True})

    def partly_refused(self) -> Answer:
        return Answer.json({"success": False, "updated": 1, "errors": [{"index": 0, "code": "room_type_unknown"}]})

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [(date.fromisoformat(row["date"]), row["roomType"], row["availableRooms"]) for row in _bulk(asked)]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        return [
            Restriction(
                date.fromisoformat(row["date"]),
                row["roomType"],
                row["ratePlan"],
                is_stop_sell=row["restrictions"].pop("stopSell", None),
                min_stay_arrival_count=row["restrictions"].pop("minimumStay", None),
                **row["restrictions"],
            )
            for row in _bulk(asked)
        ]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        sent = [msgspec.json.decode(each.body) for each in asked]
        return [
            (date.fromisoformat(row["date"]), each["roomType"], each["ratePlan"], row["price"], row["currency"])
            for each in sent
            for row in each["rates"]
        ]

    def test_a_repetition_bears_the_same_key(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.inventory_path, Answer(b"", 502), self.taken())

        self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

        assert {asked.headers["idempotency-key"] for asked in server.asked} == {"k"}

    def test_two_pushes_with_other_content_bear_other_keys(self, server: ScriptedServer, ports: Ports) -> None:
        server.on("/v1/rates", self.taken())
        prices = (*self.PRICES, self.PRICES[0]._replace(rate_plan_ref="NRF"))

        self.opened(server, ports).push_rates(prices, idempotency_key="k")

        assert len({asked.headers["idempotency-key"] for asked in server.asked}) == len(server.asked) == 2

    def test_a_refusal_of_all_rows_without_a_reason_is_no_success(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.inventory_path, Answer.json({"success": False}))

        with pytest.raises(RequestRefused, match="not taken"):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")


def _bulk(asked: Sequence[Asked]) -> list[Row]:
    return [row for each in asked for row in msgspec.json.decode(each.body)["inventory"]]


class _Events(WebhookReceiverContract):
    connector = THIS
    secret = SECRET
    other_secret = OTHER_SECRET

    def row(self) -> Row:
        return stay(1, "EUR", ["100.00", "90.50"])

    def event(self, row: Row) -> bytes:
        return msgspec.json.encode({"id": "evt_1", "type": "booking.modified", "createdAt": "x", "data": row})

    def cancellation(self, row: Row) -> bytes:
        who = {name: row[name] for name in ("id", "propertyId", "channel", "modifiedAt")}
        data = who | {"cancelledAt": "2026-02-28T11:00:00Z", "revision": 4}
        return msgspec.json.encode({"id": "evt_2", "type": "booking.cancelled", "data": data})

    def pulled(self, row: Row) -> bytes:
        return msgspec.json.encode({"items": [row]})


class TestBearerEvents(_Events):
    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {secret}"}


class TestHmacEvents(_Events):
    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"X-Webhook-Signature": "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()}


class TestStandardEvents(_Events):
    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        text = body.decode("utf-8", "replace")
        stamp = str(int(at.timestamp()))
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": stamp,
            "webhook-signature": Webhook(secret).sign("msg_1", at, text),
        }


def test_the_registry_hands_it_out() -> None:
    assert connector(THIS.kind) is THIS


def test_it_is_what_its_datasets_promise(server: ScriptedServer, ports: Ports) -> None:
    client = THIS.open(loopback_account(server.url), KEY, ports)

    for port in (GuestSource, ReservationSource, RoomStatusSource, RateSource):
        assert isinstance(client, port)


def test_the_property_goes_out_in_their_words_and_the_key_in_the_header(server: ScriptedServer, ports: Ports) -> None:
    server.on("/v1/rooms/status", Answer.json({"rooms": []}))

    list(THIS.open(loopback_account(server.url), KEY, ports).room_status())

    assert server.asked[0].query == {"propertyId": "CITY"}
    assert server.asked[0].headers["authorization"] == "Bearer k-123"


def test_a_token_is_fetched_once_and_again_when_it_is_refused(server: ScriptedServer, ports: Ports) -> None:
    server.on(
        "/oauth/token",
        Answer.json({"access_token": "one", "expires_in": 60}),
        Answer.json({"access_token": "two", "expires_in": 60}),
    )
    server.on(
        "/v1/guests", lambda asked: Answer.json({"items": []}, 200 if "two" in asked.headers["authorization"] else 401)
    )
    client = THIS.open(loopback_account(server.url), {"client_id": "c", "client_secret": "s"}, ports)

    list(client.guests(since=SINCE, until=UNTIL))
    list(client.guests(since=SINCE, until=UNTIL))

    assert server.paths_asked() == ["/oauth/token", "/v1/guests", "/oauth/token", "/v1/guests", "/v1/guests"]
    assert server.asked[0].body == b"grant_type=client_credentials&client_id=c&client_secret=s"


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_token_asks_for_credentials(server: ScriptedServer, ports: Ports, status: int) -> None:
    server.on("/oauth/token", Answer.json({"error": "invalid_client"}, status))
    client = THIS.open(loopback_account(server.url), {"client_id": "c", "client_secret": "s"}, ports)

    with pytest.raises(FixCredentials):
        list(client.guests(since=SINCE, until=UNTIL))
    assert server.paths_asked() == ["/oauth/token"]


def test_a_token_endpoint_that_is_down_is_try_later(server: ScriptedServer, ports: Ports) -> None:
    server.on("/oauth/token", Answer(b"", 500))
    client = THIS.open(loopback_account(server.url), {"client_id": "c", "client_secret": "s"}, ports)

    with pytest.raises(TryLater):
        list(client.guests(since=SINCE, until=UNTIL))


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("pms", "city-hotel"), KEY, ports)
    with pytest.raises(FixCredentials, match="api_key"):
        THIS.open(loopback_account("http://127.0.0.1:1"), {}, ports)

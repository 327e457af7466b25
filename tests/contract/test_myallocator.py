"""myallocator against every port it offers, in the vendor's own shapes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
import pytest

from connectors.errors import (
    BadSignature,
    FixCredentials,
    FixMapping,
    MalformedBody,
    RequestRefused,
    TryLater,
    VendorChangedShape,
)
from connectors.myallocator.connector import CONNECTOR as THIS
from connectors.myallocator.webhook import Receiver
from connectors.ports import Account, Connector, Credentials, DeliveryFacts, Ports, ReservationSource
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.registry import connector
from hotel.incoming import Incoming
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.channel_suites import FIRST, SECOND, SinkContract
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import BOOK, PLACE, SINCE, UNTIL, Row
from tests.contract.window_suites import WindowedReservationsContract

KEYS = {"vendor_id": "v", "vendor_password": "vp", "user_token": "ut"}
LIST, UPDATE, STATUS = (f"/pms/v201408/json/{name}" for name in ("BookingList", "ARIUpdate", "ARIUpdateStatus"))


def room(prices: Sequence[str], currency: str | None = "EUR", **more: Any) -> Row:
    first = date(2026, 3, 1)
    days = [{"Date": (first + timedelta(days=n)).isoformat(), "Rate": price} for n, price in enumerate(prices)]
    return {
        "StartDate": first.isoformat(),
        "EndDate": (first + timedelta(days=len(prices) - 1)).isoformat(),
        "Price": str(sum(map(Decimal, prices))),
        "Currency": currency,
        "RoomTypeIds": ["STD"],
        "MyallocatorRateplanIds": ["BAR"],
        "Units": "1",
        "DayRates": days,
        **more,
    }


def booking(number: int, **more: Any) -> Row:
    return {
        "MyallocatorId": f"ma-{number}",
        "PropertyId": "CITY",
        "Channel": "boo",
        "OrderId": f"33{number}",
        "IsCancellation": False,
        "MyallocatorCreationDate": "2026-02-27",
        "MyallocatorCreationTime": "09:00:00",
        "MyallocatorModificationDate": "2026-02-28",
        "MyallocatorModificationTime": "10:00:00",
        "TotalPrice": "100.00",
        "TotalCurrency": "EUR",
        "Rooms": [room(["100.00"])],
        **more,
    }


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS


class TestReservations(_Here, WindowedReservationsContract):
    path = LIST

    def told(self, number: int) -> Row:
        return booking(number)

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        return Answer.json({"Success": True, "Bookings": rows, "Count": total})

    def spoilt(self, row: Row) -> Row:
        return row | {"StartDate": "01.03.2026"}

    def stay(self, number: int, currency: str | None, prices: list[str]) -> Row:
        total = str(sum(map(Decimal, prices)))
        return booking(number, TotalCurrency=currency, TotalPrice=total, Rooms=[room(prices, currency)])

    def with_status(self, row: Row, word: str) -> Row:
        return row | {"IsCancellation": word}

    def changed(self, row: Row, *, revision: int | None, modified_at: str | None) -> Row:
        return row | {"MyallocatorModificationDate": None, "MyallocatorModificationTime": None}

    def test_the_window_is_asked_for_in_utc_with_the_credentials_of_both(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        server.on(self.path, self.answer([]))

        list(self.pull(server, ports))

        assert msgspec.json.decode(server.asked[0].body) == {
            "Auth/VendorId": "v",
            "Auth/VendorPassword": "vp",
            "Auth/UserToken": "ut",
            "Auth/PropertyId": "CITY",
            "ModificationStartDateTime": "2026-02-28 00:00:00",
            "ModificationEndDateTime": "2026-03-01 00:00:00",
            "Options": {"SortBy": "ModificationDate", "IncludeCount": True},
        }

    def test_a_second_that_has_begun_is_asked_for_too(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, self.answer([]))
        source = THIS.open(loopback_account(server.url), KEYS, ports)
        half = timedelta(milliseconds=500)

        list(source.reservations(since=SINCE + half, until=UNTIL + half))

        asked = msgspec.json.decode(server.asked[0].body)
        assert asked["ModificationStartDateTime"] == "2026-02-28 00:00:00"
        assert asked["ModificationEndDateTime"] == "2026-03-01 00:00:01"

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ({"Success": False, "Errors": [{"id": 3, "msg": "no"}]}, FixCredentials),
            ({"Error": {"Id": 9, "Message": "Invalid vendor password"}}, FixCredentials),
            ({"Success": "false", "Errors": [{"err": 100, "msg": "Unhandled Exception"}]}, TryLater),
            ({"Success": "false", "Errors": ["something"]}, RequestRefused),
            ({"Success": False}, RequestRefused),
            ({"Bookings": []}, VendorChangedShape),
            ({"Success": True}, VendorChangedShape),
        ],
    )
    def test_a_200_that_is_no_success_says_what_to_do(
        self, server: ScriptedServer, ports: Ports, content: Row, error: type[Exception]
    ) -> None:
        server.on(self.path, Answer.json(content))

        with pytest.raises(error):
            list(self.pull(server, ports))


class TestSink(_Here, SinkContract):
    inventory_path = UPDATE
    restrictions_path = UPDATE
    rates_path = UPDATE

    def taken(self) -> Answer:
        info = {"type": "info", "id": 99, "msg": "will not wait"}
        return Answer.json({"Success": True, "Errors": [], "Messages": [info], "UpdateId": 832522158, "Channels": {}})

    def partly_refused(self) -> Answer:
        warning = {"type": "warning", "id": 206, "RoomId": "STD", "StartDate": "2026-03-03", "EndDate": "2026-03-03"}
        return Answer.json({"Success": True, "Messages": [warning], "UpdateId": 1})

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [(day, told["RoomId"], int(told["Units"])) for day, told in _allocations(asked)]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        return [
            Restriction(
                day,
                told["RoomId"],
                told["RatePlanId"],
                is_stop_sell=told.get("Closed"),
                min_stay_arrival_count=int(told["MinStay"]) if "MinStay" in told else None,
            )
            for day, told in _allocations(asked)
        ]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        # The currency is the property's own and is not told again.
        return [(day, told["RoomId"], told["RatePlanId"], told["Price"], "EUR") for day, told in _allocations(asked)]

    def test_an_update_goes_to_all_channels_and_is_known_by_its_number(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        server.on(UPDATE, self.taken())
        rows = [Availability(FIRST + timedelta(days=n), "STD", 2, 9 + n) for n in range(30)]

        told = self.opened(server, ports).push_inventory(rows, idempotency_key="k")

        sent = msgspec.json.decode(server.asked[0].body)
        assert (sent["Channels"], sent["Options"]) == (["all"], {"QueryForStatus": True, "IgnoreInvalidRooms": True})
        (allocation,) = sent["Allocations"]
        assert allocation == {"RoomId": "STD", "StartDate": "2026-03-02", "EndDate": "2026-03-31", "Units": "2"}
        assert told.provider_ref == "832522158"

    def test_channels_that_failed_are_named_for_every_row(self, server: ScriptedServer, ports: Ports) -> None:
        wrong = {"id": 15, "msg": "Missing or wrong channel credentials", "channel": "adv"}
        server.on(UPDATE, Answer.json({"Success": "partial", "Errors": [wrong], "UpdateId": 1}))

        told = self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

        assert told.refused == (RefusedCell(0, "adv 15"), RefusedCell(1, "adv 15"))

    def test_all_channels_failing_is_no_matter_of_our_login(self, server: ScriptedServer, ports: Ports) -> None:
        wrong = {"id": 15, "msg": "Missing or wrong channel password", "channel": "adv"}
        server.on(UPDATE, Answer.json({"Success": "false", "Errors": [wrong]}))

        with pytest.raises(RequestRefused, match="15"):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

    def test_a_room_a_channel_does_not_sell_is_no_failure(self, server: ScriptedServer, ports: Ports) -> None:
        skipped = {"type": "warning", "id": 207, "msg": "Skipped room type"}
        server.on(UPDATE, Answer.json({"Success": True, "Messages": [skipped]}))

        assert self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k").refused == ()

    def test_a_warning_without_a_room_is_about_all_and_one_of_another_room_fails_the_push(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        about_all = Answer.json({"Success": True, "Messages": [{"type": "error", "id": 17}]})
        other = Answer.json({"Success": True, "Messages": [{"type": "error", "id": 17, "RoomId": "XXX"}]})
        server.on(UPDATE, about_all, other)
        client = self.opened(server, ports)

        assert [cell.position for cell in client.push_inventory(self.COUNTS, idempotency_key="k").refused] == [0, 1]
        with pytest.raises(RequestRefused, match="not sent"):
            client.push_inventory(self.COUNTS, idempotency_key="k")

    def test_what_the_vendor_has_no_word_for_is_named(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(UPDATE, self.taken())
        client = self.opened(server, ports)
        rows = [
            Restriction(FIRST, "STD", is_closed_to_arrival=True, max_stay_count=0, max_advance_day_count=9),
            Restriction(SECOND, "STD", "BAR", is_closed_to_departure=False, min_stay_through_count=3),
        ]

        limited = client.push_restrictions(rows, idempotency_key="k")
        priced = client.push_rates([Price(FIRST, "STD", "BAR", 100, "EUR", 2)], idempotency_key="k")

        assert limited.refused == (
            RefusedCell(0, "advance_days_unsupported"),
            RefusedCell(1, "min_stay_through_unsupported"),
        )
        assert [told for _, told in _allocations(server.asked)] == [
            {"RoomId": "STD", "StartDate": "2026-03-02", "EndDate": "2026-03-02", "ClosedForArrival": True, "MaxStay": "0"},
            {"RoomId": "STD", "RatePlanId": "BAR", "StartDate": "2026-03-03", "EndDate": "2026-03-03", "ClosedForDeparture": False},
        ]  # fmt: skip
        assert priced.refused == (RefusedCell(0, "guest_prices_unsupported"),)
        assert len(server.asked) == 1, "nothing to say is no message"

    def test_the_status_of_an_update_tells_channel_by_channel(self, server: ScriptedServer, ports: Ports) -> None:
        channels: Row = {
            "boo": {"Success": "true", "Parts": 0},
            "exp": {"Success": "false", "Parts": "3"},
            "iwb": {"Success": False, "Parts": 0, "Errors": [{"ErrorId": 15, "ErrorMsg": "wrong"}]},
            "gom": {"Success": "false"},
        }
        server.on(STATUS, Answer.json({"Success": True, "Channels": channels}))

        told = self.opened(server, ports).update_status("832522158")

        assert told == {"boo": "done", "exp": "waiting", "iwb": "15", "gom": "failed"}
        assert msgspec.json.decode(server.asked[0].body)["UpdateId"] == "832522158"


def _allocations(asked: Sequence[Asked]) -> list[tuple[date, Row]]:
    found: list[tuple[date, Row]] = []
    for told in (told for each in asked for told in msgspec.json.decode(each.body)["Allocations"]):
        first, last = date.fromisoformat(told["StartDate"]), date.fromisoformat(told["EndDate"])
        found += [(first + timedelta(days=n), told) for n in range((last - first).days + 1)]
    return found


class TestCallbacks(_Here, WebhookReceiverContract):
    """The password lies in the body, so a signed message is a form around the booking."""

    secret = "agreed-1"
    other_secret = "agreed-2"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"password": secret}

    def verified(self, body: bytes, headers: Mapping[str, str], *secrets: str) -> DeliveryFacts:
        return Receiver().verify({}, urlencode({"booking": body, **headers}).encode(), secrets or [self.secret], NOW)

    def mapped(self, body: bytes) -> Incoming:
        assert THIS.messages is not None
        form = urlencode({"booking": body, "password": self.secret}).encode()
        (incoming,) = THIS.messages(form, BOOK, PLACE)
        assert isinstance(incoming, Incoming)
        return incoming

    def row(self) -> Row:
        return booking(1)

    def event(self, row: Row) -> bytes:
        return msgspec.json.encode(row)

    def cancellation(self, row: Row) -> bytes:
        gone = {"IsCancellation": True, "MyallocatorModificationTime": "11:00:00", "Rooms": [], "TotalPrice": None}
        return msgspec.json.encode(row | gone)

    def pulled(self, row: Row) -> bytes:
        return msgspec.json.encode({"Bookings": [row]})

    def test_without_a_secret_nobody_gets_in(self) -> None:  # type: ignore[override]
        for secrets in ([], [""]):
            with pytest.raises(BadSignature):
                Receiver().verify({}, urlencode({"booking": "{}", "password": ""}).encode(), secrets, NOW)

    def test_a_repetition_in_another_order_is_the_same(self) -> None:
        row = self.row()
        again = dict(reversed(list(row.items())))

        first, second = (self.verified(self.event(each), {"password": self.secret}) for each in (row, again))
        later = self.verified(self.event(row | {"Version": 1}), {"password": self.secret})

        assert first.event_id == second.event_id != later.event_id

    @pytest.mark.parametrize(
        ("more", "event_type"),
        [
            ({}, "booking.created"),
            ({"IsModification": True}, "booking.modified"),
            ({"IsModification": "1", "IsCancellation": "true"}, "booking.cancelled"),
        ],
    )
    def test_events_are_named_by_what_happened(self, more: Row, event_type: str) -> None:
        body = self.event(self.row() | more)

        assert self.verified(body, {"password": self.secret}).event_type == event_type

    @pytest.mark.parametrize(
        ("error", "code"),
        [(BadSignature("x"), 10), (MalformedBody("x"), 22), (TryLater("x"), 40), (RuntimeError("x"), 40)],
    )
    def test_what_is_not_taken_is_answered_in_the_vendors_numbers(self, error: Exception, code: int) -> None:
        media_type, body = Receiver().refusal(error)

        told = msgspec.json.decode(body)
        assert (media_type, told["success"], told["error"]["code"]) == ("application/json", False, code)
        assert told["error"]["msg"]

    def test_a_stored_booking_ends_the_repetitions(self) -> None:
        facts = self.verified(self.event(self.row()), {"password": self.secret})

        assert Receiver().reply(facts, 7) == ("application/json", b'{"success":true}')


def test_the_registry_hands_it_out(server: ScriptedServer, ports: Ports) -> None:
    assert connector(THIS.kind) is THIS
    assert isinstance(THIS.open(loopback_account(server.url), KEYS, ports), ReservationSource)
    assert THIS.capabilities.cadence_seconds == 1800


def test_a_name_and_a_password_do_as_well_as_a_token(server: ScriptedServer, ports: Ports) -> None:
    server.on(LIST, Answer.json({"Success": True, "Bookings": []}))
    keys = KEYS | {"user_token": "", "user_id": "u", "user_password": "up"}

    list(THIS.open(loopback_account(server.url), keys, ports).reservations(since=SINCE, until=datetime.now(UTC)))

    sent = msgspec.json.decode(server.asked[0].body)
    assert (sent["Auth/UserId"], sent["Auth/UserPassword"], "Auth/UserToken" in sent) == ("u", "up", False)


def test_what_is_not_set_up_says_what_to_state(ports: Ports) -> None:
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("cm", "city-hotel", "CITY"), KEYS, ports)
    for missing in KEYS:
        with pytest.raises(FixCredentials, match="vendor_id"):
            THIS.open(loopback_account("http://127.0.0.1:1"), KEYS | {missing: ""}, ports)

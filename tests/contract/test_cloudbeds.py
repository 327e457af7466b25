"""Cloudbeds against every port it offers, in the vendor's own shapes."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest

from connectors.cloudbeds.connector import CONNECTOR as THIS
from connectors.errors import BadSignature, FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, GuestSource, Page, Ports, ReservationSource
from connectors.registry import connector
from hotel.guests import Guest
from tests.contract.booking_suites import NOW
from tests.contract.fakes import loopback_account
from tests.contract.hint_suites import HintReceiverContract
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import SINCE, UNTIL, Row, SourceContract
from tests.contract.window_suites import WindowedReservationsContract

KEY = {"api_key": "cbat-1"}
PATH = "/getReservationsWithRateDetails"


def room(prices: list[str], **more: Any) -> Row:
    first = date(2026, 3, 1)
    days = {(first + timedelta(days=n)).isoformat(): msgspec.Raw(price.encode()) for n, price in enumerate(prices)}
    return {
        "roomTypeID": "STD",
        "rateID": "BAR",
        "subReservationID": "R-1",
        "guestID": "G-1",
        "adults": "2",
        "children": "0",
        "roomCheckIn": first.isoformat(),
        "roomCheckOut": (first + timedelta(days=len(prices))).isoformat(),
        "roomStatus": "not_checked_in",
        "detailedRoomRates": days,
        **more,
    }


def booking(number: int, currency: str | None = "EUR", prices: list[str] | None = None, **more: Any) -> Row:
    told = prices or ["100.00"]
    total = msgspec.Raw(str(sum(map(Decimal, told))).encode())
    return {
        "propertyID": "CITY",
        "reservationID": f"R-{number}",
        "dateCreated": "2026-02-27 09:00:00",
        "dateModified": "2026-02-28 10:00:00",
        "status": "confirmed",
        "guestID": "G-1",
        "source": {"name": "Booking.com", "paymentCollect": "hotel", "sourceID": "ss-1"},
        "sourceReservationID": "331",
        "propertyCurrency": currency,
        "balanceDetailed": {"subTotal": total, "additionalItems": 0, "taxesFees": 0, "grandTotal": total},
        "total": total,
        "rooms": [room(told)],
        "guestList": {"G-1": guest(1)},
        **more,
    }


def guest(number: int, **more: Any) -> Row:
    names = {"guestFirstName": "Jane", "guestLastName": "Roe", "guestEmail": "jane@example.com", "guestCountry": "PT"}
    return {"guestID": f"G-{number}", **names, **more}


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEY
    path = PATH

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        count = len(rows) if total is None else total
        return Answer.json({"success": True, "data": rows, "count": len(rows), "total": count})


class TestReservations(_Here, WindowedReservationsContract):
    def told(self, number: int) -> Row:
        return booking(number)

    def spoilt(self, row: Row) -> Row:
        return row | {"dateModified": "yesterday"}

    def stay(self, number: int, currency: str | None, prices: list[str]) -> Row:
        return booking(number, currency, prices)

    def with_status(self, row: Row, word: str) -> Row:
        return row | {"status": word}

    def changed(self, row: Row, *, revision: int | None, modified_at: str | None) -> Row:
        return row | {"dateModified": modified_at}

    def test_pages_follow_the_vendors_count(self, server: ScriptedServer, ports: Ports) -> None:
        rows = [self.told(number) for number in range(1, 6)]
        server.on(PATH, self.answer(rows[:2], total=5), self.answer(rows[2:4], total=5), self.answer(rows[4:], total=5))

        pages = pulled(server, ports, page_rows=2)

        assert [(page.number, page.first_row, page.row_count, page.is_last) for page in pages] == [
            (1, 0, 2, False),
            (2, 2, 2, False),
            (3, 4, 1, True),
        ]
        assert [page.expected_count for page in pages] == [5, 5, 5]
        assert [(asked.query["pageNumber"], asked.query["pageSize"]) for asked in server.asked] == [
            ("1", "2"),
            ("2", "2"),
            ("3", "2"),
        ]

    def test_without_a_count_the_last_page_is_the_one_that_is_not_full(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        def uncounted(*numbers: int) -> Answer:
            return Answer.json({"success": True, "data": [booking(number) for number in numbers]})

        server.on(PATH, uncounted(1, 2), uncounted(3, 4), uncounted())

        assert [page.row_count for page in pulled(server, ports, page_rows=2)] == [2, 2, 0]

    def test_a_page_shorter_than_the_vendors_count_is_no_success(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(PATH, self.answer([self.told(1)], total=5))

        with pytest.raises(VendorChangedShape, match="shorter"):
            pulled(server, ports, page_rows=2)

    def test_a_list_that_changes_while_it_is_read_is_read_again_later(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        rows = [self.told(number) for number in range(1, 5)]
        server.on(PATH, self.answer(rows[:2], total=4), self.answer(rows[2:], total=3))

        with pytest.raises(TryLater, match="changed while"):
            pulled(server, ports, page_rows=2)

    def test_no_more_rows_are_asked_for_than_the_vendor_gives(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(PATH, self.answer([]))

        pulled(server, ports, page_rows=5000)

        assert server.asked[0].query["pageSize"] == "100"

    def test_where_no_zone_is_stated_the_window_is_wide_enough_for_any(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        server.on(PATH, self.answer([]))

        pulled(server, ports)

        assert server.asked[0].query == {
            "propertyID": "CITY",
            "modifiedFrom": "2026-02-27 12:00:00",
            "modifiedTo": "2026-03-01 14:00:00",
            "includeDeleted": "true",
            "pageSize": "100",
            "pageNumber": "1",
        }

    def test_in_a_stated_zone_the_window_is_as_asked(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(PATH, self.answer([]))

        pulled(server, ports, time_zone="Asia/Tokyo")

        asked = server.asked[0].query
        assert (asked["modifiedFrom"], asked["modifiedTo"]) == ("2026-02-28 09:00:00", "2026-03-01 09:00:00")

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ({"success": False, "message": "Access token is invalid"}, FixCredentials),
            ({"success": False, "message": "pageSize is invalid"}, RequestRefused),
            ({"success": False}, RequestRefused),
            ({"success": True}, VendorChangedShape),
            ({"data": []}, VendorChangedShape),
        ],
    )
    def test_a_200_that_is_no_success_says_what_to_do(
        self, server: ScriptedServer, ports: Ports, content: Row, error: type[Exception]
    ) -> None:
        server.on(PATH, Answer.json(content))

        with pytest.raises(error):
            pulled(server, ports)

    def test_a_page_without_success_is_not_mapped(self) -> None:
        with pytest.raises(VendorChangedShape):
            self.mapped(msgspec.json.encode({"success": False, "data": []}))


def pulled(server: ScriptedServer, ports: Ports, **options: Any) -> list[Page]:
    client = THIS.open(loopback_account(server.url, **options), KEY, ports)
    return list(client.reservations(since=SINCE, until=UNTIL))


class TestGuests(_Here, SourceContract):
    dataset = "guests"

    def told(self, number: int) -> Row:
        return booking(number, guestList={f"G-{number}": guest(number)})

    def spoilt(self, row: Row) -> Row:
        (name,) = row["guestList"]
        return row | {"guestList": {name: guest(1, guestFirstName=["Jane"])}}

    def test_every_guest_of_a_booking_is_one_row(self, server: ScriptedServer, ports: Ports) -> None:
        many = booking(1, guestList={"G-1": guest(1), "G-2": guest(2)})
        none: list[Row] = [booking(2, guestList=[]), booking(3, guestList=None)]
        server.on(PATH, self.answer([many, *none, booking(4, guestList=[guest(4)])]))

        (page,) = self.pull(server, ports)
        rows = self.understood(page.body)

        assert (page.row_count, page.expected_count) == (3, None)
        assert server.asked[0].query["includeGuestsDetails"] == "true"
        guests = [row.row for row in rows if isinstance(row.row, Guest)]
        assert [each.source_ref for each in guests] == ["G-1", "G-2", "G-4"]

    def test_names_of_any_script_stay(self) -> None:
        row = booking(1, guestList={"1": guest(1, guestFirstName="สมชาย", guestLastName="ใจดี")})

        (found,) = self.understood(self.answer([row]).body)

        assert isinstance(found.row, Guest)
        assert (found.row.full_name, found.row.source_ref) == ("สมชาย ใจดี", "G-1")

    def test_a_booking_that_cannot_be_read_counts_as_one(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(PATH, self.answer([{"reservationID": None}, self.told(1)]))

        (page,) = self.pull(server, ports)

        assert page.row_count == len(self.mapped(page.body)) == 2


class TestEvents(HintReceiverContract):
    connector = THIS
    secret = "secret-1"
    other_secret = "secret-2"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"Authorization": "Basic " + b64encode(f"events:{secret}".encode()).decode()}

    def event(self, row: Row) -> bytes:
        return msgspec.json.encode({"event": "reservation/created", "propertyID": "CITY", "reservationID": "R-1"})

    def other_event(self) -> bytes:
        told = {"event": "reservation/status_changed", "propertyId": "CITY", "status": "canceled", "timestamp": 1.5}
        return msgspec.json.encode(told)

    def test_a_proxy_may_bring_a_bearer_token_instead(self) -> None:
        facts = self.verified(self.other_event(), {"authorization": f"Bearer {self.secret}"})

        assert (facts.event_type, facts.hotel_ref, facts.signature_kind) == ("booking.status_changed", "CITY", "bearer")

    def test_what_is_no_basic_password_is_turned_away(self) -> None:
        with pytest.raises(BadSignature):
            self.verified(self.other_event(), {"Authorization": "Basic *"})


def test_the_registry_hands_it_out(server: ScriptedServer, ports: Ports) -> None:
    client = THIS.open(loopback_account(server.url), KEY, ports)

    assert connector(THIS.kind) is THIS
    assert isinstance(client, ReservationSource)
    assert isinstance(client, GuestSource)


def test_a_token_is_fetched_by_the_refresh_token_and_again_when_it_is_refused(
    server: ScriptedServer, ports: Ports
) -> None:
    def told(asked: Asked) -> Answer:
        return Answer.json({"success": True, "data": []}, 200 if "two" in asked.headers["authorization"] else 401)

    server.on("/access_token", *(Answer.json({"access_token": name, "expires_in": 60}) for name in ("one", "two")))
    server.on(PATH, told)
    keys = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}

    list(THIS.open(loopback_account(server.url), keys, ports).reservations(since=SINCE, until=UNTIL))

    assert server.paths_asked() == ["/access_token", PATH, "/access_token", PATH]
    assert server.asked[0].body == b"grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r"


def test_keys_go_where_they_belong(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, Answer.json({"success": True, "data": []}))

    for keys in (KEY, {"access_token": "at"}):
        list(THIS.open(loopback_account(server.url), keys, ports).reservations(since=NOW, until=NOW))

    assert server.asked[0].headers["x-api-key"] == "cbat-1"
    assert server.asked[1].headers["authorization"] == "Bearer at"


def test_what_is_not_set_up_says_what_to_state(server: ScriptedServer, ports: Ports) -> None:
    server.on("/access_token", Answer.json({"error": "invalid_grant"}, 400))
    with pytest.raises(FixMapping, match="base_url"):
        THIS.open(Account("pms", "city-hotel"), KEY, ports)
    with pytest.raises(FixMapping, match="IANA"):
        THIS.open(loopback_account(server.url, time_zone="Mars/Base"), KEY, ports)
    with pytest.raises(FixCredentials, match="api_key"):
        THIS.open(loopback_account(server.url), {"client_id": "c"}, ports)
    keys = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    with pytest.raises(FixCredentials, match="connect"):
        list(THIS.open(loopback_account(server.url), keys, ports).reservations(since=SINCE, until=UNTIL))

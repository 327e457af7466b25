"""pmsXchange against the ports it offers: what is undelivered until it is reported, counts, restrictions and prices."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from lxml import etree

from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, Ports
from connectors.pushes import Availability, RefusedCell, Restriction
from connectors.queues import Taken
from connectors.registry import connector
from connectors.siteminder.client import Client
from connectors.siteminder.connector import CONNECTOR as THIS
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.fakes import loopback_account, memory_ports
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.siteminder_messages import answered, error, fault, message_in, reservation, retrieved

KEYS = {"username": "pms", "password": "pms-key"}
SETTINGS = {"pms_code": "PMS1"}
PATH = "/webservices/PMS1"


def entries(asked: Sequence[Asked]) -> Iterator[tuple[date, str, str, Any]]:
    """Read the entries of messages date by date: date, room type, rate plan, element."""
    for each in asked:
        for control in message_in(each.body).iter("{*}StatusApplicationControl"):
            start, end = (date.fromisoformat(control.get(name)) for name in ("Start", "End"))
            for n in range((end - start).days + 1):
                place = control.get("InvTypeCode"), control.get("RatePlanCode", "")
                yield start + timedelta(days=n), *place, control.getparent()


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS
    options: ClassVar[dict[str, Any]] = SETTINGS


class TestQueue(_Here, QueueContract):
    pull_path = PATH
    acknowledge_path = PATH

    def message(self, number: int) -> str:
        return reservation(number)

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(retrieved(*messages))

    def acknowledged(self) -> Answer:
        return Answer(answered("OTA_NotifReportRS"))

    def named(self, asked: Sequence[Asked]) -> set[str]:
        return {each.get("ID") for one in asked for each in message_in(one.body).iter("{*}UniqueID")}

    def wanted(self, number: int) -> str:
        return f"m{number}"


class TestSinks(_Here, SinkContract):
    inventory_path = PATH
    restrictions_path = PATH
    rates_path = PATH

    def taken(self) -> Answer:
        return Answer(answered("OTA_HotelAvailNotifRS"))

    def partly_refused(self) -> None:
        return None

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [(on, room, int(entry.get("BookingLimit"))) for on, room, _, entry in entries(asked)]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        found: dict[tuple[date, str, str], Restriction] = {}
        for on, room, plan, entry in entries(asked):
            found[on, room, plan] = _with(found.get((on, room, plan), Restriction(on, room, plan)), entry)
        return list(found.values())

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        return [
            (on, room, plan, amount.get("AmountAfterTax"), amount.get("CurrencyCode"))
            for on, room, plan, entry in entries(asked)
            for amount in entry.iter("{*}BaseByGuestAmt")
        ]


def _with(row: Restriction, entry: Any) -> Restriction:
    doors = {None: "is_stop_sell", "Arrival": "is_closed_to_arrival", "Departure": "is_closed_to_departure"}
    words = {
        "SetMinLOS": "min_stay_arrival_count",
        "SetForwardMinStay": "min_stay_through_count",
        "SetMaxLOS": "max_stay_count",
    }
    said: dict[str, Any] = {
        doors[each.get("Restriction")]: each.get("Status") == "Close" for each in entry.iter("{*}RestrictionStatus")
    }
    said |= {words[each.get("MinMaxMessageType")]: int(each.get("Time")) for each in entry.iter("{*}LengthOfStay")}
    return row._replace(**said)


def opened(server: ScriptedServer, ports: Ports, **options: Any) -> Any:
    return THIS.open(loopback_account(server.url, **SETTINGS, **options), KEYS, ports)


def test_the_registry_knows_it() -> None:
    assert connector("siteminder") is THIS


def test_its_cadence_is_stated() -> None:
    assert THIS.capabilities.cadence_seconds == 120
    assert set(THIS.capabilities.versions.values()) == {"modified_at"}


@pytest.mark.parametrize(
    ("keys", "settings", "hotel", "failure"),
    [
        ({}, {"base_url": "https://x", **SETTINGS}, "CITY", FixCredentials),
        (KEYS, SETTINGS, "CITY", FixMapping),
        (KEYS, {"base_url": "https://x"}, "CITY", FixMapping),
        (KEYS, {"base_url": "https://x", **SETTINGS}, "", FixMapping),
    ],
)
def test_what_is_missing_is_said_at_once(
    ports: Ports, keys: Credentials, settings: dict[str, str], hotel: str, failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        THIS.open(Account("siteminder", "city-hotel", hotel, settings), keys, ports)


def test_a_question_is_signed_in_and_asks_for_what_is_undelivered(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, Answer(retrieved()))

    opened(server, ports).waiting()

    (asked,) = server.asked
    envelope, message = etree.fromstring(asked.body), message_in(asked.body)
    assert asked.headers["content-type"] == "text/xml; charset=utf-8"
    assert envelope.findtext(".//{*}Username") == "pms"
    assert envelope.find(".//{*}Password").get("Type", "").endswith("#PasswordText")
    assert (message.get("Version"), bool(message.get("EchoToken"))) == ("1.0", True)
    requestor = message.find(".//{*}RequestorID")
    assert dict(requestor.attrib) == {"Type": "22", "ID": "PMS1"}
    assert message.find(".//{*}HotelReadRequest").get("HotelCode") == "CITY"
    assert message.find(".//{*}SelectionCriteria").get("SelectionType") == "Undelivered"


def test_what_happened_to_a_booking_is_told_by_its_event(server: ScriptedServer, ports: Ports) -> None:
    told = [reservation(1), reservation(2, status="Modify"), reservation(3, status="Cancel")]
    server.on(PATH, Answer(retrieved(*told)))

    assert [(each.event_id, each.event_type) for each in opened(server, ports).waiting()] == [
        ("m1", "booking.created"),
        ("m2", "booking.modified"),
        ("m3", "booking.cancelled"),
    ]


def test_within_two_minutes_nobody_asks_again_and_what_is_not_acknowledged_waits(server: ScriptedServer) -> None:
    now = [0.0]
    client = Client(loopback_account(server.url, **SETTINGS), KEYS, memory_ports(), clock=lambda: now[0])
    server.on(PATH, Answer(retrieved(reservation(1), reservation(2))))
    first = client.waiting()
    server.on(PATH, Answer(answered("OTA_NotifReportRS")))
    client.acknowledge([Taken(first[0].receipt, "7")])
    now[0] = 119.0
    between = client.waiting()
    server.on(PATH, Answer(retrieved(reservation(3))))
    now[0] = 120.0

    assert [each.event_id for each in first] == ["m1", "m2"]
    assert [each.event_id for each in between] == ["m2"]
    assert [each.event_id for each in client.waiting()] == ["m3"]
    assert len(server.asked) == 3


def test_other_processes_keep_the_two_minutes_as_well(server: ScriptedServer) -> None:
    taken: list[tuple[str, float, int]] = []

    class Limit:
        def take(self, _source: str, bucket: str, *, per_second: float, burst: int) -> float:
            taken.append((bucket, per_second, burst))
            return 0.0

    server.on(PATH, Answer(retrieved()))
    opened(server, memory_ports()._replace(rate_limit=Limit())).waiting()

    assert taken == [("read:CITY", 1 / 120, 1)]


def test_a_report_names_each_message_with_our_number_fifty_at_a_time(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, Answer(answered("OTA_NotifReportRS")))

    opened(server, ports).acknowledge([Taken(f"16/m{number}", str(number)) for number in range(60)])

    told = [
        [
            (
                each.find("{*}UniqueID").get("ID"),
                each.find("{*}UniqueID").get("ID_Context"),
                each.find(".//{*}HotelReservationID").get("ResID_Value"),
            )
            for each in message_in(asked.body).iter("{*}HotelReservation")
        ]
        for asked in server.asked
    ]
    assert [len(some) for some in told] == [50, 10]
    assert [each for some in told for each in some] == [
        (f"m{number}", "MESSAGE_UNIQUE_ID", str(number)) for number in range(60)
    ]
    assert all(message_in(asked.body).find("{*}Success") is not None for asked in server.asked)


def test_a_refused_report_is_told_after_the_others_were_sent(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, Answer(answered("OTA_NotifReportRS", error("245"))), Answer(answered("OTA_NotifReportRS")))

    with pytest.raises(RequestRefused, match="245"):
        opened(server, ports).acknowledge([Taken(f"16/m{number}", "x") for number in range(51)])
    assert len(server.asked) == 2


def test_a_message_without_a_number_of_its_own_is_reported_by_its_booking_or_not_at_all(
    server: ScriptedServer, ports: Ports
) -> None:
    booking_only, nameless = reservation(1, ids='<UniqueID Type="14" ID="B1"/>'), reservation(2, ids="")
    nameless = nameless.replace('ResID_Type="14"', 'ResID_Type="99"')
    server.on(PATH, Answer(retrieved(booking_only, nameless)))

    told = opened(server, ports).waiting()

    assert [each.receipt for each in told] == ["14/B1", ""]
    assert len({each.event_id for each in told}) == 2


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (fault(), RequestRefused),
        (fault("soap:Server"), TryLater),
        (fault("wsse:FailedAuthentication"), FixCredentials),
        (answered("OTA_ResRetrieveRS", error("497", "4")), FixCredentials),
        (answered("OTA_ResRetrieveRS", error("450")), RequestRefused),
        (answered("OTA_ResRetrieveRS", error("448")), TryLater),
        (answered("OTA_ResRetrieveRS", ""), VendorChangedShape),
        (answered("OTA_PingRS"), VendorChangedShape),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_do(
    server: ScriptedServer, ports: Ports, answer: bytes, failure: type[Exception]
) -> None:
    server.on(PATH, Answer(answer))

    with pytest.raises(failure):
        opened(server, ports).waiting()


def test_counts_and_restrictions_go_out_in_messages_of_their_own_that_name_the_hotel(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on(PATH, Answer(answered("OTA_HotelAvailNotifRS")))
    client = opened(server, ports)

    client.push_inventory([Availability(FIRST, "STD", 3)], idempotency_key="a")
    client.push_restrictions([Restriction(FIRST, "STD", "BAR", is_stop_sell=True)], idempotency_key="b")

    counts, limits = [message_in(each.body) for each in server.asked]
    assert counts.find(".//{*}RestrictionStatus") is None
    assert [each.get("BookingLimit") for each in limits.iter("{*}AvailStatusMessage")] == [None]
    assert {each.find("{*}AvailStatusMessages").get("HotelCode") for each in (counts, limits)} == {"CITY"}


def test_what_pmsxchange_has_no_word_for_is_refused_by_row_and_the_rest_goes_out(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on(PATH, Answer(answered("OTA_HotelAvailNotifRS")))
    rows = [
        Restriction(FIRST, "STD", "BAR", max_stay_count=0, is_closed_to_arrival=True),
        Restriction(SECOND, "STD", "BAR", min_stay_through_count=3),
        Restriction(FIRST, "DLX", "BAR", min_advance_day_count=2),
        Restriction(FIRST, "DLX", "", min_stay_arrival_count=0),
    ]

    told = opened(server, ports).push_restrictions(rows, idempotency_key="k")

    assert told.refused == (
        RefusedCell(0, "max_stay_not_removable"),
        RefusedCell(1, "min_stay_kind_not_sold"),
        RefusedCell(2, "advance_not_sold"),
    )
    sent = list(entries(server.asked))
    assert [(on, room, plan) for on, room, plan, _ in sent] == [(FIRST, "STD", "BAR"), (FIRST, "DLX", "")]
    assert sent[1][3].find(".//{*}LengthOfStay").get("Time") == "1"


def test_stays_counted_by_night_go_out_where_the_hotel_sells_by_them(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, Answer(answered("OTA_HotelAvailNotifRS")))
    row = Restriction(SECOND, "STD", "BAR", min_stay_through_count=3)

    assert opened(server, ports, sells_stay_through=True).push_restrictions([row], idempotency_key="k").refused == ()
    ((*_, entry),) = entries(server.asked)
    assert entry.find(".//{*}LengthOfStay").get("MinMaxMessageType") == "SetForwardMinStay"


def _picky(asked: Asked) -> Answer:
    """Refuse a message in which one of two rows stands, as a whole."""
    wrong = any(room == "NOBODYS" for _, room, *_ in entries([asked]))
    return Answer(answered("OTA_HotelAvailNotifRS", error("402") if wrong else "<Success/>"))


def test_one_row_that_spoils_a_message_is_found_and_all_others_are_taken(server: ScriptedServer, ports: Ports) -> None:
    server.on(PATH, _picky)
    rows = [Availability(FIRST + timedelta(days=2 * n), "NOBODYS" if n in {3, 60} else "STD", n) for n in range(100)]

    told = opened(server, ports).push_inventory(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(3, "402"), RefusedCell(60, "402"))
    taken = {
        (on, room)
        for asked in server.asked
        if b"NOBODYS" not in asked.body
        for on, room, *_ in entries([asked])
    }  # fmt: skip
    assert taken == {(row.stay_on, row.room_type_ref) for row in rows if row.room_type_ref == "STD"}


@pytest.mark.parametrize("code", ["392", "9999"])
def test_an_error_that_is_about_no_row_is_told_at_once(server: ScriptedServer, ports: Ports, code: str) -> None:
    server.on(PATH, Answer(answered("OTA_HotelAvailNotifRS", error(code))))

    with pytest.raises(RequestRefused, match=code):
        opened(server, ports).push_inventory([Availability(FIRST, "STD", n) for n in range(9)], idempotency_key="k")
    assert len(server.asked) == 1


def test_a_message_of_which_no_row_can_be_taken_does_not_cost_hundreds_of_messages(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on(PATH, Answer(answered("OTA_HotelAvailNotifRS", error("402"))))
    rows = [Availability(FIRST + timedelta(days=n), "STD", n) for n in range(400)]

    with pytest.raises(RequestRefused):
        opened(server, ports).push_inventory(rows, idempotency_key="k")
    assert len(server.asked) < 70

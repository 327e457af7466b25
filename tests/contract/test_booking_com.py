"""Booking.com against the ports it offers: two queues kept until acknowledged, counts, restrictions and prices."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from lxml import etree

from connectors.booking_com.connector import CONNECTOR as THIS
from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, Ports
from connectors.pushes import Availability, RefusedCell, Restriction
from connectors.queues import ChangedBookings, Taken
from connectors.registry import connector
from tests.contract.booking_com_messages import OWN_CARD, THEIR_CARD, answered, booking, receipt
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.fakes import loopback_account, memory_ports
from tests.contract.scripted_server import Answer, Asked, ScriptedServer

KEYS = {"username": "machine", "password": "machine-key"}
NEW, CHANGED = "/hotels/ota/OTA_HotelResNotif", "/hotels/ota/OTA_HotelResModifyNotif"
AVAIL, RATES = "/hotels/ota/OTA_HotelAvailNotif", "/hotels/ota/OTA_HotelRateAmountNotif"
SINCE = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)


def refs_in(body: bytes) -> list[str]:
    return [each.get("ResID_Value") for each in etree.fromstring(body).iter("{*}HotelReservationID")]


def entries(asked: Sequence[Asked]) -> Iterator[tuple[date, str, str, Any]]:
    """Read the entries of messages date by date: date, room type, rate plan, element."""
    for each in asked:
        for control in etree.fromstring(each.body).iter("{*}StatusApplicationControl"):
            start, end = (date.fromisoformat(control.get(name)) for name in ("Start", "End"))
            for n in range((end - start).days + 1):
                place = control.get("InvTypeCode"), control.get("RatePlanCode", "")
                yield start + timedelta(days=n), *place, control.getparent()


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS


@pytest.fixture(autouse=True)
def _nothing_changed(server: ScriptedServer) -> None:
    server.on(CHANGED, Answer(answered(is_changed=True)))


class TestQueue(_Here, QueueContract):
    pull_path = NEW
    acknowledge_path = NEW

    def message(self, number: int) -> str:
        return booking(number)

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(answered(*messages))

    def acknowledged(self) -> Answer:
        return Answer(receipt())

    def named(self, asked: Sequence[Asked]) -> set[str]:
        return {ref for each in asked for ref in refs_in(each.body)}

    def wanted(self, number: int) -> str:
        return str(number)


class TestSinks(_Here, SinkContract):
    inventory_path = AVAIL
    restrictions_path = AVAIL
    rates_path = RATES

    def taken(self) -> Answer:
        return Answer(receipt("OTA_HotelAvailNotifRS"))

    def partly_refused(self) -> Answer:
        told = '<Errors><Error Type="3" Code="402" RecordID="0" ShortText="No."/></Errors>'
        return Answer(receipt("OTA_HotelAvailNotifRS", told))

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
        "SetForwardMinStay": "min_stay_arrival_count",
        "SetMinLOS": "min_stay_through_count",
        "SetMaxLOS": "max_stay_count",
    }
    said: dict[str, Any] = {
        doors[each.get("Restriction")]: each.get("Status") == "Close" for each in entry.iter("{*}RestrictionStatus")
    }
    said |= {words[each.get("MinMaxMessageType")]: int(each.get("Time")) for each in entry.iter("{*}LengthOfStay")}
    return row._replace(**said)


def opened(server: ScriptedServer, ports: Ports, **options: Any) -> Any:
    return THIS.open(loopback_account(server.url, **options), KEYS, ports)


def test_the_registry_knows_it() -> None:
    assert connector("booking_com") is THIS


def test_its_deadlines_and_cadence_are_stated() -> None:
    told = THIS.capabilities

    assert (told.cadence_seconds, told.acknowledge_seconds, told.naive_zone) == (20, 1800, "utc")
    assert set(told.versions.values()) == {"received"}


@pytest.mark.parametrize(
    ("keys", "hotel", "error"),
    [({}, "CITY", FixCredentials), ({"username": "x"}, "CITY", FixCredentials), (KEYS, "", FixMapping)],
)
def test_what_is_missing_is_said_at_once(ports: Ports, keys: Credentials, hotel: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        THIS.open(Account("booking_com", "city-hotel", hotel), keys, ports)


def test_both_queues_are_asked_for_the_hotel_new_bookings_first(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(answered(booking(1))))
    server.on(
        CHANGED,
        Answer(answered(booking(2, is_changed=True), booking(3, status="Cancelled", is_changed=True), is_changed=True)),
    )

    told = opened(server, ports).waiting()

    assert [(each.event_type, each.receipt) for each in told] == [
        ("booking.created", "new/1"),
        ("booking.modified", "changed/2"),
        ("booking.cancelled", "changed/3"),
    ]
    assert [(each.path, dict(each.query)) for each in server.asked] == [
        (NEW, {"hotel_ids": "CITY"}),
        (CHANGED, {"hotel_ids": "CITY"}),
    ]
    assert server.asked[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(("failing", "other"), [(NEW, CHANGED), (CHANGED, NEW)])
def test_a_queue_that_fails_does_not_keep_back_the_other(
    server: ScriptedServer, ports: Ports, failing: str, other: str
) -> None:
    server.on(failing, Answer(b"", 503))
    is_changed = other == CHANGED
    server.on(other, Answer(answered(booking(1, is_changed=is_changed), is_changed=is_changed)), Answer(answered()))
    queue = opened(server, ports)

    assert len(queue.waiting()) == 1
    with pytest.raises(TryLater):
        queue.waiting()


def test_each_queue_is_acknowledged_in_its_own_message(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(receipt()))
    server.on(CHANGED, Answer(receipt("OTA_HotelResModifyNotifRS")))

    opened(server, ports).acknowledge([Taken("changed/3", "x"), Taken("new/1", "x"), Taken("new/2", "x")])

    assert [(each.method, each.path, refs_in(each.body)) for each in server.asked] == [
        ("POST", NEW, ["1", "2"]),
        ("POST", CHANGED, ["3"]),
    ]
    roots = [etree.fromstring(each.body) for each in server.asked]
    assert [etree.QName(root).localname for root in roots] == ["OTA_HotelResNotifRS", "OTA_HotelResModifyNotifRS"]
    assert all(root.find("{*}Success") is not None for root in roots)


def test_a_hundred_are_acknowledged_at_a_time_and_one_refusal_keeps_no_other(
    server: ScriptedServer, ports: Ports
) -> None:
    refused = Answer(receipt(inside='<Errors><Error Type="3" Code="400" ShortText="No."/></Errors>'))
    server.on(NEW, refused, Answer(receipt()))

    with pytest.raises(RequestRefused):
        opened(server, ports).acknowledge([Taken(f"new/{number}", "x") for number in range(150)])
    assert [len(refs_in(each.body)) for each in server.asked] == [100, 50]


def test_a_message_without_a_number_is_stored_and_not_acknowledged(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(answered(booking(1).replace('ResID_Value="1"', ""))))
    queue = opened(server, ports)

    (told,) = queue.waiting()
    queue.acknowledge([Taken(told.receipt, "x")])

    assert [each.method for each in server.asked] == ["GET", "GET"]


def test_a_message_keeps_its_name_when_the_guests_card_is_no_longer_told(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(answered(booking(1, card=OWN_CARD))), Answer(answered(booking(1), at="2026-02-28T10:20:00")))
    queue = opened(server, ports)

    (first,), (second,) = queue.waiting(), queue.waiting()

    assert first.event_id == second.event_id


def test_a_message_of_another_content_has_another_name(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(answered(booking(1))), Answer(answered(booking(1, total="20200"))))
    server.on(CHANGED, Answer(answered(booking(1, is_changed=True), is_changed=True)))
    queue = opened(server, ports)

    names = {each.event_id for _ in range(2) for each in queue.waiting()}

    assert len(names) == 3


def test_an_acknowledgement_that_says_nothing_is_none(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(receipt(inside="")))

    with pytest.raises(RequestRefused):
        opened(server, ports).acknowledge([Taken("new/1", "x")])


def test_what_was_changed_can_be_told_again_the_last_thing_of_each_booking(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on(NEW, Answer(answered(booking(1, card=THEIR_CARD), booking(2))))
    server.on(CHANGED, Answer(answered(booking(2, is_changed=True), is_changed=True)))
    queue = opened(server, ports)

    assert isinstance(queue, ChangedBookings)
    told = queue.changed(SINCE, SINCE + timedelta(days=1))

    assert [each.receipt for each in told] == ["new/1", "changed/2"]
    assert {tuple(sorted(each.query.items())) for each in server.asked} == {
        (("hotel_ids", "CITY"), ("last_change", "2026-02-01 08:30:00"), ("limit", "200"))
    }


def test_a_full_answer_about_a_past_window_is_refused(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(answered(*(booking(number) for number in range(200)))))

    with pytest.raises(RequestRefused, match="there may be more"):
        opened(server, ports).changed(SINCE, SINCE)


def test_a_pace_of_its_own_keeps_five_seconds_between_the_calls_of_a_queue(server: ScriptedServer) -> None:
    taken: list[tuple[str, float, int]] = []

    class Limit:
        def take(self, _source: str, bucket: str, *, per_second: float, burst: int) -> float:
            taken.append((bucket, per_second, burst))
            return 0.0

    server.on(NEW, Answer(answered(booking(1))), Answer(receipt()))
    queue = opened(server, memory_ports()._replace(rate_limit=Limit()))
    queue.acknowledge([Taken(each.receipt, "x") for each in queue.waiting()])

    assert [bucket for bucket, _, _ in taken] == ["bookings_new:CITY", "bookings_changed:CITY", "bookings_new:CITY"]
    assert {(1 / per_second >= 5, burst) for _, per_second, burst in taken} == {(True, 1)}


def test_a_restriction_without_a_rate_plan_is_a_closure_of_the_room_type_or_refused(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on(AVAIL, Answer(receipt("OTA_HotelAvailNotifRS")))
    rows = [
        Restriction(FIRST, "STD", is_stop_sell=True),
        Restriction(FIRST, "STD", is_closed_to_arrival=True),
        Restriction(SECOND, "STD", "BAR", max_stay_count=0, is_stop_sell=False),
        Restriction(SECOND, "DLX", "BAR", min_stay_through_count=0),
    ]

    told = opened(server, ports).push_restrictions(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(1, "needs_rate_plan"), RefusedCell(2, "max_stay_not_removable"))
    sent = [
        (on, room, plan, [dict(each.attrib) for each in entry[1:][0].iter() if each.get("Status") or each.get("Time")])
        for on, room, plan, entry in entries(server.asked)
    ]
    assert sent == [
        (FIRST, "STD", "", [{"Status": "Close"}]),
        (SECOND, "STD", "BAR", [{"Status": "Open"}]),
        (SECOND, "DLX", "BAR", [{"Time": "1", "TimeUnit": "Day", "MinMaxMessageType": "SetMinLOS"}]),
    ]


@pytest.mark.parametrize(
    ("record", "positions"), [("1002", (1, 2, 3)), ("1001", (0,)), ("0", (0,)), ("1", (0, 1, 2, 3)), ("2", (1, 2, 3))]
)
def test_a_complaint_is_about_every_row_of_every_entry_it_may_mean(
    server: ScriptedServer, ports: Ports, record: str, positions: tuple[int, ...]
) -> None:
    told = f'<Success/><Warnings><Warning Type="3" Code="402" RecordID="{record}"/><Warning Type="1"/></Warnings>'
    server.on(AVAIL, Answer(receipt("OTA_HotelAvailNotifRS", told)))
    rows = [Availability(FIRST + timedelta(days=n), "STD", 5 if n else 2) for n in range(4)]

    refused = opened(server, ports).push_inventory(rows, idempotency_key="k").refused

    assert refused == tuple(RefusedCell(position, "402") for position in positions)
    entries_sent = etree.fromstring(server.asked[0].body).iter("{*}AvailStatusMessage")
    assert [each.get("LocatorID") for each in entries_sent] == ["1001", "1002"]


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        ('<Errors><Error Type="3" Code="400">No.</Error></Errors>', RequestRefused),
        ('<Errors><Error Type="3" Code="400" RecordID="99">No.</Error></Errors>', RequestRefused),
        ('<Errors><Error Type="4" Code="497">No.</Error></Errors>', FixCredentials),
        ("", RequestRefused),
    ],
)
def test_an_answer_without_success_that_names_no_entry_is_no_success(
    server: ScriptedServer, ports: Ports, inside: str, error: type[Exception]
) -> None:
    server.on(AVAIL, Answer(receipt("OTA_HotelAvailNotifRS", inside)))

    with pytest.raises(error):
        opened(server, ports).push_inventory([Availability(FIRST, "STD", 1)], idempotency_key="k")


def test_days_of_advance_go_out_as_they_are_written_there(server: ScriptedServer, ports: Ports) -> None:
    server.on(AVAIL, Answer(receipt("OTA_HotelAvailNotifRS")))
    row = Restriction(FIRST, "STD", "BAR", min_advance_day_count=2, max_advance_day_count=90)

    opened(server, ports).push_restrictions([row], idempotency_key="k")

    (status,) = etree.fromstring(server.asked[0].body).iter("{*}RestrictionStatus")
    assert dict(status.attrib) == {"MinAdvancedBookingOffset": "2D", "MaxAdvancedBookingOffset": "90D"}


def test_a_message_of_another_kind_is_told(server: ScriptedServer, ports: Ports) -> None:
    server.on(NEW, Answer(receipt("OTA_PingRS")))

    with pytest.raises(VendorChangedShape):
        opened(server, ports).waiting()

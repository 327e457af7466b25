"""QuickConnect against the ports it offers: bookings kept until confirmed, counts, restrictions and prices."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from lxml import etree

from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.expedia.connector import CONNECTOR as THIS
from connectors.ports import Account, Connector, Credentials, Ports, ReservationSource
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from connectors.queues import Taken
from connectors.registry import connector
from tests.contract.channel_suites import FIRST, SECOND, QueueContract, SinkContract
from tests.contract.expedia_messages import RETRIEVAL, booking, cancelled, elements, error, retrieved
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer

KEYS = {"username": "hotel", "password": "hotel-key"}
UPDATED = "http://www.expediaconnect.com/EQC/AR/2007/02"
CONFIRMED = "http://www.expediaconnect.com/EQC/BC/2007/08"
FLAGS = {"true": True, "false": False}


def updated(inside: str = "") -> Answer:
    return Answer(f'<AvailRateUpdateRS xmlns="{UPDATED}"><Success>{inside}</Success></AvailRateUpdateRS>'.encode())


def confirmed(inside: str = "") -> Answer:
    return Answer(f'<BookingConfirmRS xmlns="{CONFIRMED}"><Success>{inside}</Success></BookingConfirmRS>'.encode())


def cells(asked: Sequence[Asked]) -> Iterator[tuple[date, Any]]:
    """Read the updates of messages date by date: the date and the room type's element."""
    for each in asked:
        for update in etree.fromstring(each.body).iter("{*}AvailRateUpdate"):
            span, room = update.find("{*}DateRange"), update.find("{*}RoomType")
            start, end = (date.fromisoformat(span.get(name)) for name in ("from", "to"))
            for n in range((end - start).days + 1):
                yield start + timedelta(days=n), room


class _Here:
    connector: ClassVar[Connector] = THIS
    credentials: ClassVar[Credentials] = KEYS


class TestQueue(_Here, QueueContract):
    pull_path = "/eqc/br"
    acknowledge_path = "/eqc/bc"

    def message(self, number: int) -> str:
        return booking(number, made_at=f"2026-02-28T10:00:{number:02d}Z")

    def answer(self, messages: Sequence[str]) -> Answer:
        return Answer(retrieved(*reversed(messages)))

    def acknowledged(self) -> Answer:
        return confirmed()

    def named(self, asked: Sequence[Asked]) -> set[str]:
        return {told["bookingID"] for each in asked for told in elements(each.body, "BookingConfirmNumber")}

    def wanted(self, number: int) -> str:
        return str(number)


class TestSink(_Here, SinkContract):
    inventory_path = restrictions_path = rates_path = "/eqc/ar"

    def taken(self) -> Answer:
        return updated()

    def partly_refused(self) -> Answer:
        return updated(
            f'<Warning code="7013">Inventory date {SECOND}; Room Type ID STD; Below the allocation.</Warning>'
        )

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        return [
            (on, room.get("id"), int(room.find("{*}Inventory").get("totalInventoryAvailable")))
            for on, room in cells(asked)
        ]

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        return [_restriction(on, room) for on, room in cells(asked)]

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        found = []
        for on, room in cells(asked):
            plan, rate = room.find("{*}RatePlan"), room.find("{*}RatePlan/{*}Rate")
            found.append((on, room.get("id"), plan.get("id"), rate[0].get("rate"), rate.get("currency")))
        return found


def _restriction(on: date, room: Any) -> Restriction:
    plan = room.find("{*}RatePlan")
    held = plan if plan is not None else room
    limits = {} if plan is None or len(plan) == 0 else dict(plan[0].attrib)
    return Restriction(
        on,
        room.get("id"),
        "" if plan is None else plan.get("id"),
        is_stop_sell=FLAGS.get(held.get("closed")),
        is_closed_to_arrival=FLAGS.get(limits.get("closedToArrival", "")),
        is_closed_to_departure=FLAGS.get(limits.get("closedToDeparture", "")),
        min_stay_arrival_count=int(limits["minLOS"]) if "minLOS" in limits else None,
        max_stay_count=int(limits["maxLOS"]) if "maxLOS" in limits else None,
    )


def opened(server: ScriptedServer, ports: Ports, **options: Any) -> Any:
    return THIS.open(loopback_account(server.url, **options), KEYS, ports)


def test_the_registry_knows_it() -> None:
    assert connector("expedia") is THIS


def test_its_deadlines_and_caps_are_stated() -> None:
    told = THIS.capabilities

    assert (told.page_cap, told.cadence_seconds, told.acknowledge_seconds) == (125, 60, 1800)
    assert told.longest_window == timedelta(days=30)


def test_bookings_that_were_fetched_and_never_confirmed_are_asked_for_as_well(
    server: ScriptedServer, ports: Ports
) -> None:
    server.on("/eqc/br", Answer(retrieved()))

    opened(server, ports).waiting()

    (asked,) = server.asked
    assert [each["value"] for each in elements(asked.body, "Status")] == ["pending", "retrieved"]
    assert elements(asked.body, "Hotel") == [{"id": "CITY"}]


def test_the_oldest_comes_first_and_how_often_it_was_fetched_changes_nothing(
    server: ScriptedServer, ports: Ports
) -> None:
    newer, older = booking(1, made_at="2026-02-28T12:00:00Z"), booking(2, made_at="2026-02-28T09:00:00Z")
    again = [each.replace('status="pending"', 'status="retrieved"') for each in (newer, older)]
    server.on("/eqc/br", Answer(retrieved(newer, older)), Answer(retrieved(*again)))
    queue = opened(server, ports)

    first, second = queue.waiting(), queue.waiting()

    assert [each.event_id for each in first] == ["2-Book-2026-02-28T09:00:00Z", "1-Book-2026-02-28T12:00:00Z"]
    assert first == second


def test_what_happened_to_a_booking_is_told_by_its_event(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/br", Answer(retrieved(cancelled(3), booking(2, kind="Modify"), booking(1))))

    assert {each.event_type for each in opened(server, ports).waiting()} == {
        "booking.created",
        "booking.modified",
        "booking.cancelled",
    }


def test_ten_confirmations_go_out_at_a_time_each_with_kind_and_number(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/bc", confirmed())
    taken = [Taken(f"CITY/Modify/{number}", f"our-{number}") for number in range(12)]

    opened(server, ports).acknowledge(taken)

    told = [elements(each.body, "BookingConfirmNumber") for each in server.asked]
    assert [len(each) for each in told] == [10, 2]
    assert {each["bookingType"] for some in told for each in some} == {"Modify"}
    assert {(each["bookingID"], each["confirmNumber"]) for some in told for each in some} == {
        (str(number), f"our-{number}") for number in range(12)
    }


def test_each_hotels_bookings_are_confirmed_in_its_name(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/bc", confirmed())

    opened(server, ports).acknowledge([Taken("2/Book/1", "a"), Taken("1/Book/2", "b"), Taken("2/Cancel/3", "c")])

    assert [elements(each.body, "Hotel")[0]["id"] for each in server.asked] == ["1", "2"]


def test_a_refused_confirmation_is_told_after_all_others_were_sent(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/bc", confirmed('<Warning code="10081" bookingID="1">No.</Warning>'), confirmed())

    with pytest.raises(RequestRefused, match="10081"):
        opened(server, ports).acknowledge([Taken(f"CITY/Book/{number}", "x") for number in range(11)])
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", ["10102", "10103"])
def test_a_confirmation_that_is_out_of_date_or_was_given_before_does_no_harm(
    server: ScriptedServer, ports: Ports, code: str
) -> None:
    server.on("/eqc/bc", confirmed(f'<Warning code="{code}" bookingID="1">No.</Warning>'))

    opened(server, ports).acknowledge([Taken("CITY/Book/1", "x")])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1001", FixCredentials),
        ("3202", FixMapping),
        ("3210", TryLater),
        ("4206", TryLater),
        ("2002", RequestRefused),
        ("9999", RequestRefused),
    ],
)
def test_an_error_in_a_200_says_what_to_do(
    server: ScriptedServer, ports: Ports, code: str, expected: type[Exception]
) -> None:
    server.on("/eqc/br", Answer(error("BookingRetrievalRS", RETRIEVAL, code)))
    server.on("/eqc/bc", Answer(error("BookingConfirmRS", CONFIRMED, code)))
    server.on("/eqc/ar", Answer(error("AvailRateUpdateRS", UPDATED, code)))
    client = opened(server, ports)

    with pytest.raises(expected, match=code):
        client.waiting()
    with pytest.raises(expected):
        client.acknowledge([Taken("CITY/Book/1", "x")])
    with pytest.raises(expected):
        client.push_inventory([Availability(FIRST, "STD", 1)], idempotency_key="k")


def test_an_answer_that_says_neither_success_nor_error_is_none(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/ar", Answer(f'<AvailRateUpdateRS xmlns="{UPDATED}"/>'.encode()))

    with pytest.raises(VendorChangedShape):
        opened(server, ports).push_inventory([Availability(FIRST, "STD", 1)], idempotency_key="k")


def test_without_a_login_or_a_hotel_nothing_is_opened(server: ScriptedServer, ports: Ports) -> None:
    with pytest.raises(FixCredentials):
        THIS.open(loopback_account(server.url), {"username": "hotel"}, ports)
    with pytest.raises(FixMapping):
        THIS.open(Account("expedia", "city-hotel", "", {"base_url": server.url}), KEYS, ports)


def test_dates_of_one_count_go_out_as_a_range(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/ar", updated())
    rows = [Availability(FIRST + timedelta(days=n), "STD", 4) for n in range(30)]

    opened(server, ports).push_inventory(rows, idempotency_key="k")

    assert elements(server.asked[0].body, "DateRange") == [{"from": "2026-03-02", "to": "2026-03-31"}]


def test_one_room_type_nobody_knows_does_not_keep_the_others_out(server: ScriptedServer, ports: Ports) -> None:
    sentence = "The following RoomTypeIDs do not belong to the given hotel: OLD, OLDER."
    server.on("/eqc/ar", Answer(error("AvailRateUpdateRS", UPDATED, "3203", sentence)), updated())
    rows = [Availability(FIRST, ref, 1) for ref in ("STD", "OLD", "DLX", "OLDER")]

    told = opened(server, ports).push_inventory(rows, idempotency_key="k")

    assert told.refused == (RefusedCell(1, "3203"), RefusedCell(3, "3203"))
    assert [room.get("id") for _, room in cells(server.asked[1:])] == ["STD", "DLX"]


def test_one_rate_plan_nobody_knows_does_not_keep_the_others_out(server: ScriptedServer, ports: Ports) -> None:
    sentence = "The following RatePlanIDs do not belong to the given hotel: OLD."
    server.on("/eqc/ar", Answer(error("AvailRateUpdateRS", UPDATED, "3204", sentence)), updated())
    rows = [Price(FIRST, "STD", plan, 10_000, "EUR") for plan in ("OLD", "BAR")]

    assert opened(server, ports).push_rates(rows, idempotency_key="k").refused == (RefusedCell(0, "3204"),)


def test_where_every_code_is_unknown_the_mapping_is_to_be_fixed(server: ScriptedServer, ports: Ports) -> None:
    answer = error("AvailRateUpdateRS", UPDATED, "3203", "The following RoomTypeIDs do not belong to the hotel: NONE.")
    server.on("/eqc/ar", Answer(answer))

    with pytest.raises(FixMapping):
        opened(server, ports).push_inventory([Availability(FIRST, "STD", 1)], idempotency_key="k")


def warning(text: str) -> Answer:
    return updated(f'<Warning code="7013">{text}</Warning>')


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("[Room Type ID STD; Rate Plan ID BAR; Stay Date 2026-03-02] Out of threshold.", [0]),
        ("[Room Type ID STD; Rate Plan ID NRF; Stay Date 2026-03-03] Out of threshold.", [3]),
        ("Something about a rate.", [0, 1, 2, 3]),
        ("Warning 20 out of 120 for this cause. Stay Date 2026-03-02; Rate Plan ID NRF; more.", [2, 3]),
    ],
)
def test_a_warning_names_the_rows_that_were_not_taken_and_an_unclear_one_all_it_may_mean(
    server: ScriptedServer, ports: Ports, text: str, refused: list[int]
) -> None:
    server.on("/eqc/ar", warning(text))
    rows = [Price(on, "STD", plan, 10_000, "EUR") for plan in ("BAR", "NRF") for on in (FIRST, SECOND)]

    told = opened(server, ports).push_rates(rows, idempotency_key="k")

    assert [cell.position for cell in told.refused] == refused


def test_the_price_of_an_occupancy_is_told_as_such(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/ar", updated())

    opened(server, ports).push_rates([Price(FIRST, "STD", "BAR", 9_000, "JPY", 2)], idempotency_key="k")

    assert elements(server.asked[0].body, "PerOccupancy") == [{"rate": "9000", "occupancy": "2"}]


@pytest.mark.parametrize(
    ("row", "code", "sent"),
    [
        (Restriction(FIRST, "STD", is_stop_sell=True), None, {"closed": "true"}),
        (Restriction(FIRST, "STD", is_stop_sell=True, max_stay_count=3), "needs_rate_plan", {"closed": "true"}),
        (Restriction(FIRST, "STD", "BAR", is_stop_sell=True, max_advance_day_count=9), "advance_not_sold", {}),
        (Restriction(FIRST, "STD", "BAR", is_stop_sell=True, min_stay_through_count=2), "min_stay_kind_not_sold", {}),
        (Restriction(FIRST, "STD", "BAR", is_stop_sell=True, max_stay_count=29), "stay_length_not_sold", {}),
    ],
)
def test_what_expedia_has_no_word_for_is_named_and_the_closure_goes_out_all_the_same(
    server: ScriptedServer, ports: Ports, row: Restriction, code: str | None, sent: dict[str, str]
) -> None:
    server.on("/eqc/ar", updated())

    told = opened(server, ports).push_restrictions([row], idempotency_key="k")

    assert [cell.code for cell in told.refused] == ([code] if code else [])
    (room,) = elements(server.asked[0].body, "RoomType")
    plans = elements(server.asked[0].body, "RatePlan")
    assert room == {"id": "STD", **sent}
    assert [plan.get("closed") for plan in plans] == ([] if sent else ["true"])


def test_a_hotel_that_counts_stays_on_every_night_says_so(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/ar", updated())
    row = Restriction(FIRST, "STD", "BAR", min_stay_through_count=3)

    told = opened(server, ports, stay_length="stay_through").push_restrictions([row], idempotency_key="k")

    assert told.refused == ()
    assert elements(server.asked[0].body, "Restrictions") == [{"minLOS": "3"}]


def test_a_row_without_a_word_of_theirs_is_not_sent_at_all(server: ScriptedServer, ports: Ports) -> None:
    row = Restriction(FIRST, "STD", "BAR", min_advance_day_count=2)

    told = opened(server, ports).push_restrictions([row], idempotency_key="k")

    assert (told.refused, server.asked) == ((RefusedCell(0, "advance_not_sold"),), [])


def test_the_last_days_are_read_again_by_one_page(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/br", Answer(retrieved(booking(1), booking(2))))
    source = opened(server, ports)
    now = datetime.now(UTC)

    (page,) = source.reservations(since=now - timedelta(days=2, hours=1), until=now)

    assert isinstance(source, ReservationSource)
    assert (page.row_count, page.is_last) == (2, True)
    assert etree.fromstring(server.asked[0].body).findtext(".//{*}NbDaysInPast") == "3"


def test_a_page_that_is_full_or_a_beginning_too_far_back_is_refused(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/br", Answer(retrieved(*(booking(number) for number in range(125)))))
    source, now = opened(server, ports), datetime.now(UTC)

    with pytest.raises(RequestRefused, match="there may be more"):
        list(source.reservations(since=now - timedelta(hours=1), until=now))
    with pytest.raises(RequestRefused, match="30 days"):
        list(source.reservations(since=now - timedelta(days=31), until=now))


def test_one_booking_is_asked_for_by_its_number(server: ScriptedServer, ports: Ports) -> None:
    server.on("/eqc/br", Answer(retrieved(booking(77))))

    page = opened(server, ports).booking("77")

    assert page.row_count == 1
    assert elements(server.asked[0].body, "Booking") == [{"id": "77"}]

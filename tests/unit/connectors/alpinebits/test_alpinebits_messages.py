"""Every document we send or answer with is one that the schema of its version takes."""

from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree

from connectors.alpinebits.free_rooms import free_rooms
from connectors.alpinebits.handshake import HEAD, VERSIONS, Agreed, agreed, answered, asked, intersection, ours
from connectors.alpinebits.inventory import room_categories
from connectors.alpinebits.rate_plans import prices, restrictions, sendable_prices, sendable_restrictions
from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.compose_replies import success
from connectors.protocols.opentravel.compose_requests import Selection, Stored, notif_report, ping, read_request
from connectors.protocols.opentravel.compose_xml import Hotel
from connectors.protocols.safe_xml import child, descendants, parse, serialised, text
from connectors.pushes import Availability, Price, RefusedCell, Restriction
from hotel.rooms import RoomType
from tests.unit.connectors.opentravel.composed_schemas import XML, schema

HOTEL = Hotel("CITY", "Zum Bär & Söhne")
FIRST = date(2026, 3, 2)
EVERY_VERSION = pytest.mark.parametrize("version", VERSIONS)


def assert_valid(written: Any, version: str) -> None:
    found = schema(XML / "alpinebits_hgv" / f"v_{version.replace('-', '_')}" / "alpinebits.xsd")
    found.validate(etree.fromstring(etree.tostring(written)))
    errors = "; ".join(error.message for error in found.error_log)
    assert not errors, errors


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@EVERY_VERSION
@pytest.mark.parametrize("is_complete", [False, True])
def test_counts_are_valid_as_a_complete_set_and_as_a_delta(version: str, is_complete: bool) -> None:
    rows = [Availability(day(n), "DBL", n // 2, 5) for n in range(4)]

    composed = free_rooms(version, HOTEL, rows, is_complete=is_complete)

    assert_valid(composed.element, version)
    assert [each.get("Instance") for each in descendants(composed.element, "UniqueID")] == (
        ["CompleteSet"] if is_complete else []
    )
    assert composed.positions == ((0, 1), (2, 3))


def test_the_oldest_version_counts_by_booking_limit_and_the_others_by_inventory() -> None:
    rows = [Availability(FIRST, "DBL", 3, 5)]

    old, new = (free_rooms(version, HOTEL, rows, is_complete=False).element for version in ("2018-10", "2020-10"))

    assert [each.get("BookingLimit") for each in descendants(old, "AvailStatusMessage")] == ["3"]
    assert [dict(each.attrib) for each in descendants(new, "InvCount")] == [{"CountType": "2", "Count": "3"}]


@EVERY_VERSION
def test_prices_are_valid_overlays_of_their_plans(version: str) -> None:
    rows = [
        Price(day(n), room, plan, 10_000 + 500 * guests, "EUR", guests)
        for room in ("DBL", "SGL")
        for plan in ("BAR", "NRF")
        for guests in (2, 1)
        for n in range(3)
    ]

    written = prices(HOTEL, rows, 0).element

    assert_valid(written, version)
    plans = list(descendants(written, "RatePlan"))
    assert [(each.get("RatePlanCode"), each.get("RatePlanNotifType")) for each in plans] == [
        ("BAR", "Overlay"),
        ("NRF", "Overlay"),
    ]
    assert [
        (each.get("InvTypeCode"), each.get("Start"), each.get("End")) for each in descendants(plans[0], "Rate")
    ] == [
        ("DBL", "2026-03-02", "2026-03-04"),
        ("SGL", "2026-03-02", "2026-03-04"),
    ]
    first = next(descendants(plans[0], "Rate"))
    assert [
        (each.get("NumberOfGuests"), each.get("AmountAfterTax")) for each in descendants(first, "BaseByGuestAmt")
    ] == [
        ("1", "105.00"),
        ("2", "110.00"),
    ]


@EVERY_VERSION
def test_restrictions_are_valid_rules_of_their_plans(version: str) -> None:
    rows = [
        Restriction(day(0), "DBL", "BAR", is_stop_sell=True),
        Restriction(day(1), "DBL", "BAR", False, True, False, 2, 3, 14),  # noqa: FBT003
        Restriction(day(2), "", "NRF", max_stay_count=7),
    ]

    written = restrictions(HOTEL, rows).element

    assert_valid(written, version)
    closed, full, general = descendants(written, "BookingRule")
    assert [each.get("Status") for each in descendants(closed, "RestrictionStatus")] == ["Close"]
    assert [(each.get("MinMaxMessageType"), each.get("Time")) for each in descendants(full, "LengthOfStay")] == [
        ("SetMinLOS", "2"),
        ("SetForwardMinStay", "3"),
        ("SetMaxLOS", "14"),
    ]
    assert {each.get("Mon") for each in descendants(full, "ArrivalDaysOfWeek")} == {"false"}
    assert {each.get("Sun") for each in descendants(full, "DepartureDaysOfWeek")} == {"true"}
    assert (general.get("Code"), closed.get("Code")) == (None, "DBL")


def test_what_alpinebits_has_no_place_for_is_named_not_sent() -> None:
    told = Price(FIRST, "DBL", "BAR", 10_000, "EUR", 2)
    rows = [told, told._replace(is_tax_included=False), told._replace(price_minor=0), told._replace(occupancy_count=0)]

    assert sendable_prices(rows, 0) == (
        (0,),
        (
            RefusedCell(1, "price_before_tax"),
            RefusedCell(2, "price_not_above_zero"),
            RefusedCell(3, "occupancy_missing"),
        ),
    )
    assert sendable_prices(rows, 2).places == (0, 3)
    limits = [
        Restriction(FIRST, "DBL", "BAR", is_stop_sell=True),
        Restriction(FIRST, "DBL", is_stop_sell=True),
        Restriction(FIRST, "DBL", "BAR", min_advance_day_count=1),
    ]
    assert sendable_restrictions(limits) == (
        (0,),
        (RefusedCell(1, "rate_plan_missing"), RefusedCell(2, "advance_days_not_known")),
    )


@EVERY_VERSION
def test_asking_and_confirming_are_valid(version: str) -> None:
    assert_valid(read_request(HEAD, HOTEL, Selection(None)), version)
    assert_valid(notif_report(HEAD, [Stored((("14", "R1", None),)), Stored((("15", "R2", None),))]), version)
    assert_valid(room_categories(HOTEL, [RoomType("city-hotel", "DBL", "Double <&>", 5, 2, 3)], "en"), version)


@EVERY_VERSION
def test_a_handshake_is_valid_both_ways_and_keeps_to_what_both_can(version: str) -> None:
    request = asked(ours())
    answer = answered(parse(serialised(request)))

    assert_valid(request, version)
    assert_valid(answer, version)
    assert text(child(answer, "EchoData")) == text(child(request, "EchoData"))
    found = agreed(answer)
    assert isinstance(found, Agreed)
    assert found.version == "2024-10"
    assert found.can("OTA_Read:GuestRequests")
    assert not found.can("OTA_HotelAvailNotif:FreeRooms")
    assert found.takes_deltas("OTA_HotelInvCountNotif:FreeRooms")


def test_only_common_versions_actions_and_capabilities_are_left() -> None:
    theirs = """{"versions":[{"version":"2019-10","actions":[{"action":"action_OTA_Ping"}]},{"version":"2020-10","actions":
        [{"action":"action_OTA_HotelInvCountNotif","supports":["OTA_HotelInvCountNotif_accept_rooms"]},
        {"action":"action_OTA_Bake"}]}]}"""

    found = agreed(answered(ping(HEAD, theirs)))

    assert found == Agreed("2020-10", {"action_OTA_HotelInvCountNotif": frozenset()})
    assert not found.takes_deltas("OTA_HotelInvCountNotif:FreeRooms")
    assert not found.can("OTA_Read:GuestRequests")
    assert intersection(ours(), ours()) == ours()


def test_no_version_in_common_is_no_agreement() -> None:
    assert agreed(answered(ping(HEAD, '{"versions":[{"version":"1999-10"}]}'))) is None


@pytest.mark.parametrize("said", ["", "[]", "{", '{"versions": 1}'])
def test_a_handshake_that_cannot_be_read_is_told(said: str) -> None:
    with pytest.raises(VendorChangedShape):
        answered(ping(HEAD, said))


def test_an_answer_without_a_handshake_is_told() -> None:
    with pytest.raises(VendorChangedShape):
        agreed(success("OTA_PingRS", HEAD))

"""What we ask and what we answer: valid, with the ids the other side knows, and with text that is safe whatever it holds."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree

from connectors.protocols.opentravel.compose_replies import (
    Confirmed,
    Remark,
    cancellation_taken,
    failure,
    pong,
    reservations_taken,
    success,
)
from connectors.protocols.opentravel.compose_requests import (
    UPDATED,
    Selection,
    Stored,
    notif_report,
    notif_report_failed,
    ping,
    read_booking,
    read_request,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel, Requestor
from connectors.protocols.safe_xml import child, children, descendants, local, parse, serialised, text
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

HEAD = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
WITH_POS = HEAD._replace(
    requestor=Requestor("PMS", "10", "CTX", "secret", "Night Audit", "NA", channel_type="7", channel_name="Web")
)
HOTEL = Hotel("CITY", chain_code="CH", brand_code="BR")
RESPONSES = (
    "OTA_HotelAvailNotifRS",
    "OTA_HotelRateAmountNotifRS",
    "OTA_HotelInvCountNotifRS",
    "OTA_HotelResNotifRS",
    "OTA_HotelResModifyNotifRS",
    "OTA_NotifReportRS",
    "OTA_ResRetrieveRS",
    "OTA_HotelAvailRS",
    "OTA_CancelRS",
)


def attributes(root: Any, name: str) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in descendants(root, name)]


def test_what_is_not_delivered_yet_is_asked_for_by_hotel() -> None:
    root = read_request(WITH_POS, HOTEL)

    assert_opentravel(root)
    assert attributes(root, "HotelReadRequest") == [{"ChainCode": "CH", "BrandCode": "BR", "HotelCode": "CITY"}]
    assert attributes(root, "SelectionCriteria") == [{"SelectionType": "Undelivered"}]


def test_a_central_system_may_ask_for_all_its_hotels() -> None:
    root = read_request(HEAD, selection=Selection(status="Cancel"))

    assert attributes(root, "HotelReadRequest") == [{}]
    assert attributes(root, "SelectionCriteria") == [{"SelectionType": "Undelivered", "ResStatus": "Cancel"}]


def test_what_changed_in_a_window_may_be_asked_for() -> None:
    chosen = Selection(None, UPDATED, datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC))

    root = read_request(HEAD, HOTEL, chosen)

    assert_opentravel(root)
    assert attributes(root, "SelectionCriteria") == [
        {"Start": "2026-03-01T08:00:00Z", "End": "2026-03-01T09:00:00Z", "DateType": "LastUpdateDate"}
    ]
    by_date = read_request(HEAD, HOTEL, Selection("All", "ArrivalDate", date(2026, 3, 1), date(2026, 3, 2)))
    assert_opentravel(by_date)


def test_one_booking_is_asked_for_by_its_number() -> None:
    root = read_booking(HEAD, "4711")

    assert_opentravel(root)
    assert attributes(root, "UniqueID") == [{"Type": "14", "ID": "4711"}]


def test_who_asks_is_named_with_the_password_where_a_partner_wants_it_there() -> None:
    root = read_request(WITH_POS, HOTEL)

    assert attributes(root, "RequestorID") == [
        {"Type": "10", "ID": "PMS", "ID_Context": "CTX", "MessagePassword": "secret"}
    ]
    assert attributes(root, "BookingChannel") == [{"Type": "7", "Primary": "true"}]
    assert [(text(each), dict(each.attrib)) for each in descendants(root, "CompanyName")] == [
        ("Night Audit", {"Code": "NA"}),
        ("Web", {}),
    ]


def test_every_message_stored_is_confirmed_with_its_ids_and_our_number() -> None:
    stored = [
        Stored((("14", "R1", None), ("16", "M1", "MESSAGE_UNIQUE_ID")), "our-1", "Book"),
        Stored((("14", "R2", None),)),
    ]

    root = notif_report(HEAD, stored, hotel=HOTEL, our_ref_type="10")

    assert_opentravel(root)
    first, second = descendants(root, "HotelReservation")
    assert attributes(first, "UniqueID") == [
        {"Type": "14", "ID": "R1"},
        {"Type": "16", "ID": "M1", "ID_Context": "MESSAGE_UNIQUE_ID"},
    ]
    assert attributes(first, "HotelReservationID") == [{"ResID_Type": "10", "ResID_Value": "our-1"}]
    assert first.get("ResStatus") == "Book"
    assert attributes(second, "HotelReservationID") == []


def test_nothing_stored_is_a_bare_success() -> None:
    root = notif_report(HEAD)

    assert_opentravel(root)
    assert [local(each) for each in children(root)] == ["Success"]


def test_a_message_that_could_not_be_stored_is_reported() -> None:
    root = notif_report_failed(HEAD, [{"Type": "12", "Code": "450", "RecordID": "M1", "ShortText": "not stored"}])

    assert_opentravel(root)
    assert attributes(root, "Error") == [{"Type": "12", "Code": "450", "RecordID": "M1", "ShortText": "not stored"}]


@pytest.mark.parametrize("name", RESPONSES)
def test_every_response_can_say_yes_yes_but_and_no(name: str) -> None:
    remark = Remark("room type <XYZ> & others unknown", "12", "402", "R1", "NotProcessed", "RoomStay/@x")

    for root in (success(name, HEAD), success(name, HEAD, [remark, Remark("x")]), failure(name, HEAD, [remark])):
        assert_opentravel(root)
        assert root.get("EchoToken") == "t-1"
    warning, _ = descendants(success(name, HEAD, [remark, Remark("x")]), "Warning")
    assert text(warning) == "room type <XYZ> & others unknown"
    assert dict(warning.attrib) == {
        "Type": "12",
        "ShortText": "room type <XYZ> & others unknown",
        "Code": "402",
        "RecordID": "R1",
        "Status": "NotProcessed",
        "Tag": "RoomStay/@x",
    }


def test_a_cancellation_that_was_not_taken_says_so_on_its_root() -> None:
    assert success("OTA_CancelRS", HEAD).get("Status") == "Cancelled"
    assert failure("OTA_CancelRS", HEAD, [Remark("no")]).get("Status") == "Unsuccessful"


@pytest.mark.parametrize(
    ("name", "holder"),
    [("OTA_HotelResNotifRS", "HotelReservation"), ("OTA_HotelResModifyNotifRS", "HotelResModify")],
)
def test_a_booking_taken_is_named_by_both_numbers(name: str, holder: str) -> None:
    root = reservations_taken(
        name, HEAD, [Confirmed("R1", "our-1", our_context="NA"), Confirmed("R2")], hotel=HOTEL, status="Committed"
    )

    assert_opentravel(root)
    assert root.get("ResResponseType") == "Committed"
    first, second = descendants(root, holder)
    assert attributes(first, "UniqueID") == [{"Type": "14", "ID": "R1"}]
    assert attributes(first, "HotelReservationID") == [
        {"ResID_Type": "10", "ResID_Value": "our-1", "ResID_SourceContext": "NA"}
    ]
    assert attributes(second, "UniqueID") == [{"Type": "14", "ID": "R2"}]
    assert list(descendants(second, "HotelReservationID")) == []
    assert [local(each) for each in children(reservations_taken(name, HEAD))] == ["Success"]


def test_a_cancellation_taken_names_the_booking_and_our_cancellation() -> None:
    root = cancellation_taken(HEAD, [Confirmed("R1", "our-c-1")])

    assert_opentravel(root)
    assert attributes(root, "UniqueID") == [{"Type": "14", "ID": "R1"}, {"Type": "15", "ID": "our-c-1"}]


def test_a_ping_comes_back_as_it_was() -> None:
    echo = '{"a": ["<b>", "&"]}'
    asked, answered = ping(HEAD, echo), pong(HEAD, echo, [Remark(echo, "11", status="ALPINEBITS_HANDSHAKE")])

    for root in (asked, answered):
        assert_opentravel(root)
        assert text(child(parse(serialised(root)), "EchoData")) == echo


def test_text_that_xml_cannot_hold_loses_what_it_cannot_and_nothing_else() -> None:
    remark = Remark("a\x00b\x1fc\td\ud83de 😀 ]]> \r\n<x>")

    root = parse(serialised(failure("OTA_HotelResNotifRS", HEAD, [remark])))

    (told,) = descendants(root, "Error")
    assert "".join(told.itertext()) == "abc\td\ufffde 😀 ]]> \r\n<x>"
    assert etree.QName(told).namespace == "http://www.opentravel.org/OTA/2003/05"


def test_a_long_text_is_cut_in_its_short_form_only() -> None:
    (told,) = descendants(failure("OTA_HotelAvailNotifRS", HEAD, [Remark("x" * 100)]), "Error")

    assert (len(told.get("ShortText")), len(told.text)) == (64, 100)

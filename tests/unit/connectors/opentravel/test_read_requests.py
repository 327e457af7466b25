"""What partners ask and confirm, in the standard's shape and in that of people who never saw it."""

from datetime import UTC, date, datetime

import pytest

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.compose_messages import Offer, known_offers
from connectors.protocols.opentravel.compose_requests import Selection, Stored, notif_report, read_booking, read_request
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from connectors.protocols.opentravel.requests import Asked, Reported, Search, asked, offered, reported, search
from connectors.protocols.opentravel.stays import Stay
from connectors.protocols.safe_xml import serialised
from connectors.reading import RefuseError
from tests.unit.connectors.opentravel.told_bookings import NAMESPACE, TWO_NIGHTS

HEAD, HOTEL = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC)), Hotel("CITY")
STAY = Stay(date(2024, 1, 1), date(2024, 1, 7))


def test_a_question_names_its_hotel_and_what_is_wanted() -> None:
    chosen = Selection("Undelivered", "LastUpdateDate", datetime(2026, 3, 1, tzinfo=UTC), status="Cancel")

    (found,) = asked(serialised(read_request(HEAD, HOTEL, chosen)))

    assert (found.hotel_ref, found.delivery, found.dates, found.status) == (
        "CITY",
        "Undelivered",
        "LastUpdateDate",
        "Cancel",
    )
    assert (found.start or "").startswith("2026-03-01T00:00:00")


def test_a_question_may_be_for_one_booking() -> None:
    assert asked(serialised(read_booking(HEAD, "R1"))) == (Asked(ref="R1"),)
    assert asked(f'<OTA_ReadRQ xmlns="{NAMESPACE}"><UniqueID Type="14" ID="R1"/></OTA_ReadRQ>'.encode()) == (
        Asked(ref="R1"),
    )


def test_who_asks_for_flights_asks_nothing_of_us() -> None:
    with pytest.raises(VendorChangedShape):
        asked(b"<OTA_ReadRQ><ReadRequests><AirReadRequest/></ReadRequests></OTA_ReadRQ>")


def test_a_report_names_what_is_stored_and_by_which_number() -> None:
    ids = (("14", "R1", None), ("16", "MSG-1", "MESSAGE_UNIQUE_ID"))

    found = reported(serialised(notif_report(HEAD, [Stored(ids, "PMS-5")], our_ref_type="10")))

    assert (found.is_success, found.stored) == (True, (Reported("R1", "MSG-1", "PMS-5"),))


def test_a_report_of_errors_is_no_success() -> None:
    found = reported(
        b'<OTA_NotifReportRQ><Errors><Error Type="3" RecordID="R1">full</Error></Errors></OTA_NotifReportRQ>'
    )

    assert (found.is_success, found.stored) == (False, ())
    assert [(error.type, error.record) for error in found.errors] == [("3", "R1")]


SEARCHED = (
    "<AvailRequestSegments><AvailRequestSegment><HotelSearchCriteria><Criterion>{}</Criterion></HotelSearchCriteria>"
    "</AvailRequestSegment></AvailRequestSegments>"
)
WANTED = (
    '<HotelRef HotelCode="CITY"/><{0} Start="2024-01-01" End="2024-01-07"/><RoomStayCandidates>'
    '<RoomStayCandidate Quantity="2" RoomTypeCode="STD"/></RoomStayCandidates>'
    '<RatePlanCandidates><RatePlanCandidate RatePlanCode="BAR"/></RatePlanCandidates>'
)


@pytest.mark.parametrize("content", [SEARCHED.format(WANTED.format("StayDateRange")), WANTED.format("DateRange")])
def test_a_search_is_read_with_or_without_its_segments(content: str) -> None:
    assert search(f"<OTA_HotelAvailRQ>{content}</OTA_HotelAvailRQ>".encode()) == Search("CITY", STAY, 2, "STD", "BAR")


def test_the_shape_of_people_who_never_saw_the_standard_is_read() -> None:
    question = (
        b'<OTA_HotelAvailRQ><HotelRef HotelCode="CITY"/><DateRange Start="2024-01-01" End="2024-01-07"/>'
        b'<RoomStayCandidates><RoomStayCandidate Quantity="1"/></RoomStayCandidates></OTA_HotelAvailRQ>'
    )
    answer = (
        b'<OTA_HotelAvailRS><RoomStays><RoomStay><RoomTypes><RoomType RoomTypeCode="DBL" NumberOfUnits="5"/></RoomTypes>'
        b'<RatePlans><RatePlan RatePlanCode="BAR" Amount="150.00"/></RatePlans></RoomStay></RoomStays></OTA_HotelAvailRS>'
    )

    assert search(question) == Search("CITY", STAY)
    (offer,) = offered(answer, currency="EUR")
    assert (offer.room_type_ref, offer.rate_plan_ref, offer.available_count) == ("DBL", "BAR", 5)
    assert offer.price is not None
    assert (offer.price.minor, offer.price.currency, offer.price.is_tax_included) == (15_000, "EUR", None)
    with pytest.raises(RefuseError):
        offered(answer)


def test_offers_pair_room_types_and_plans_by_their_rates() -> None:
    rates = "".join(
        f'<RoomRate RoomTypeCode="{room}" RatePlanCode="{plan}" NumberOfUnits="{n}"><Rates><Rate>'
        f'<Base AmountBeforeTax="{n}0.00" CurrencyCode="EUR"/></Rate></Rates></RoomRate>'
        for n, (room, plan) in enumerate((("STD", "BAR"), ("DLX", "BAR")), 1)
    )
    answer = f"<OTA_HotelAvailRS><Success/><RoomStays><RoomStay><RoomRates>{rates}</RoomRates>{TWO_NIGHTS}</RoomStay></RoomStays></OTA_HotelAvailRS>"

    found = offered(answer.encode())

    assert [(each.room_type_ref, each.available_count, each.price and each.price.minor) for each in found] == [
        ("STD", 1, 1_000),
        ("DLX", 2, 2_000),
    ]
    assert {each.stay for each in found} == {Stay(date(2026, 5, 1), date(2026, 5, 3))}


def test_what_a_channel_knows_of_a_hotel_is_listed_with_its_names() -> None:
    told = [Offer("STD", "Standard", "BAR", "Best rate"), Offer("DLX", "Deluxe", "NRF", "No refund")]

    found = offered(serialised(known_offers(HEAD, HOTEL, told)))

    assert [
        (each.hotel_ref, each.room_type_ref, each.room_name, each.rate_plan_ref, each.rate_name) for each in found
    ] == [
        ("CITY", "STD", "Standard", "BAR", "Best rate"),
        ("CITY", "DLX", "Deluxe", "NRF", "No refund"),
    ]
    assert offered(serialised(known_offers(HEAD, HOTEL, []))) == ()

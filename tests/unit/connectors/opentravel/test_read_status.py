"""What has become of a booking, who it is, and in which version: in any partner's words and places."""

from datetime import UTC, datetime

import pytest

from connectors.errors import FixMapping
from connectors.protocols.opentravel.dialect import STANDARD, dialect_from
from connectors.protocols.opentravel.heads import heads
from hotel.incoming import CANCEL, WRITE, Incoming
from hotel.reservations import Reservation
from tests.unit.connectors.opentravel.told_bookings import (
    NAMESPACE,
    NUMBER,
    booking,
    guests,
    incoming,
    mapped,
    message,
    read,
    reason,
    refusal,
    stay,
)


@pytest.mark.parametrize(
    ("word", "status", "is_held"),
    [
        ("Book", "confirmed", True),
        ("Commit", "confirmed", True),
        ("Modify", "confirmed", True),
        ("Reserved", "confirmed", True),
        ("Confirmed", "confirmed", True),
        ("In-house", "in_house", True),
        ("Checked out", "checked_out", False),
        ("Checked-Out", "checked_out", False),
        ("No-show", "no_show", False),
        ("Waitlisted", "waitlisted", False),
        ("Requested", "waitlisted", True),
        ("Hold", "waitlisted", True),
        ("ON_HOLD", "waitlisted", True),
    ],
)
def test_every_word_of_the_standard_has_its_place_in_our_six(word: str, status: str, is_held: bool) -> None:
    found = read(booking(attributes=f'ResStatus="{word}"'))

    assert (found.status, found.is_inventory_held) == (status, is_held)
    assert {each.status for each in found.rooms} == {status}


@pytest.mark.parametrize("word", ["Cancel", "Cancelled", "Canceled", "CANCELLED", "Request denied"])
def test_a_cancel_says_who_and_when_and_nothing_else(word: str) -> None:
    attributes = f'ResStatus="{word}" LastModifyDateTime="2026-04-01T10:00:00+02:00"'
    more = "<ResGuests><ResGuest><Profiles><ProfileInfo><Profile><Customer><Email>a@example.com</Email></Customer></Profile></ProfileInfo></Profiles></ResGuest></ResGuests>"

    found = incoming(booking(attributes=attributes, more=more))

    assert found.action == CANCEL
    assert found.row == Reservation(
        "ota", "city-hotel", "R1", "cancelled", None, None, None, None, (), is_inventory_held=False,
        cancelled_at=datetime(2026, 4, 1, 8, tzinfo=UTC), cancelled_on=datetime(2026, 4, 1, tzinfo=UTC).date(), channel_ref="R1",
    )  # fmt: skip
    assert guests(booking(attributes=attributes, more=more)) == []


@pytest.mark.parametrize("word", ["Initiate", "Ignore", "Quote", "VerifyPrice", "PendingCancellation"])
def test_half_a_booking_or_a_question_is_no_booking(word: str) -> None:
    assert reason(booking(attributes=f'ResStatus="{word}"')) == "status_not_final"


def test_a_word_nobody_knows_is_refused_unless_the_partner_or_the_house_explains_it() -> None:
    told = booking(attributes='ResStatus="Pre-arrived"')

    refused = refusal(told)

    assert [(each.code, each.column, each.shape) for each in refused.reasons] == [
        ("status_unknown", "ResStatus", "Aaa-aaaaaaa")
    ]
    assert (refused.source_ref, refused.room_night_count, refused.amount_minor) == ("R1", 2, 20_000)
    assert read(told, {"statuses": {"pre-ARRIVED": "in_house"}}).status == "in_house"
    assert read(told, codes={("*", "status", "Pre-arrived"): "no_show"}).status == "no_show"


def test_a_message_without_a_word_means_what_it_is_called() -> None:
    plain, changed = booking(attributes=""), booking(attributes="", name="HotelResModify")

    (new,) = heads(message(plain), STANDARD)
    (modified,) = heads(message(changed, root="OTA_HotelResModifyNotifRQ"), STANDARD)
    (option,) = heads(message(plain), dialect_from({"absent_status": "option"}))

    assert (new.meaning, modified.meaning, option.meaning) == ("new", "modified", "option")
    assert (new.event_type, modified.event_type) == ("booking.created", "booking.modified")


def test_the_message_or_the_response_speaks_for_reservations_that_do_not() -> None:
    plain = booking(attributes="")

    assert incoming(message(plain, attributes='ResStatus="Cancel"')).action == CANCEL
    assert incoming(message(plain, root="OTA_HotelResRS", attributes='ResResponseType="Cancelled"')).action == CANCEL
    assert incoming(message(booking(), attributes='ResStatus="Cancel"')).action == WRITE
    assert incoming(message(booking(), attributes='ResStatus="Cancel"'), {"status_from": ["message"]}).action == CANCEL


def test_a_modification_is_one_whatever_is_to_be_done_with_it() -> None:
    told = message(
        booking(attributes="", name="HotelResModify"), root="OTA_HotelResModifyNotifRQ", attributes='ResStatus="Commit"'
    )

    (found,) = heads(told, STANDARD)

    assert (found.meaning, found.status_word, read(told).status) == ("modified", "Commit", "confirmed")


def cancel(content: str = NUMBER, attributes: str = 'CancelType="Cancel"') -> bytes:
    return f'<OTA_CancelRQ xmlns="{NAMESPACE}" {attributes}>{content}</OTA_CancelRQ>'.encode()


def test_a_cancel_request_names_its_booking_its_hotel_and_its_time() -> None:
    where = "<Verification><TPA_Extensions><BasicPropertyInfo HotelCode='CITY'/></TPA_Extensions></Verification>"

    found = incoming(cancel(NUMBER + where, 'CancelType="Commit" TimeStamp="2026-04-01T23:30:00Z"'))

    assert isinstance(found.row, Reservation)
    assert (found.action, found.row.source_ref, found.row.status) == (CANCEL, "R1", "cancelled")
    assert str(found.row.cancelled_on) == "2026-04-02"
    assert found.source_version is None


def test_a_cancel_request_that_only_begins_one_cancels_nothing_unless_the_partner_means_it() -> None:
    assert reason(cancel(attributes='CancelType="Initiate"')) == "status_not_final"
    assert (
        incoming(cancel(attributes='CancelType="Initiate"'), {"statuses": {"Initiate": "cancelled"}}).action == CANCEL
    )


def test_a_cancel_without_a_clear_time_cancels_all_the_same() -> None:
    found = incoming(cancel(attributes='CancelType="Cancel" TimeStamp="2026-04-01T23:30:00"'))

    assert (found.action, found.warnings) == (CANCEL, ("cancelled_at_unclear",))
    assert incoming(cancel(attributes='TimeStamp="2026-04-01T23:30:00"'), {"naive_zone": "utc"}).warnings == ()


def test_a_cancel_of_a_part_is_not_one_of_the_whole() -> None:
    assert reason(cancel(NUMBER + '<Segment ItinSegNbr="2"/>')) == "cancels_a_part"


@pytest.mark.parametrize(
    ("content", "attributes", "is_ours"),
    [
        (NUMBER, 'TravelSector="3"', True),
        (NUMBER, 'TravelSector="1"', False),
        ('<UniqueID Type="14" ID="R1"><CompanyName TravelSector="1"/></UniqueID>', "", False),
        ('<UniqueID Type="14" ID="R1"><CompanyName TravelSector="1"/></UniqueID>', 'TravelSector="3"', True),
    ],
)
def test_the_cancel_of_a_flight_is_none_of_ours(content: str, attributes: str, is_ours: bool) -> None:
    (found,) = mapped(cancel(content, attributes + ' CancelType="Cancel"'))

    assert isinstance(found, Incoming) == is_ours


def test_what_a_cancel_costs_is_its_total_where_the_partner_says_so() -> None:
    told = booking(attributes='ResStatus="Cancel"', info='<Total AmountAfterTax="75.00" CurrencyCode="EUR"/>')

    assert read(told).cancellation_fee_minor is None
    assert read(told, {"cancel_fee": "total"}).cancellation_fee_minor == 7_500


IDS = (
    '<UniqueID Type="16" ID="MSG-1" ID_Context="MESSAGE_UNIQUE_ID"/><UniqueID Type="16" ID="OTHER"/>'
    '<UniqueID Type="14" ID="R1"/><UniqueID Type="10" ID="PMS-5"/><UniqueID Type="15" ID="X-1"/>'
)
HRI = (
    '<HotelReservationIDs><HotelReservationID ResID_Type="13" ResID_Value="OTA-9" ResID_Source="Trips"/>'
    '<HotelReservationID ResID_Type="40" ResID_Value="C-2" ResID_SourceContext="Client"/></HotelReservationIDs>'
)


def test_each_number_is_what_its_type_says() -> None:
    (found,) = heads(message(booking(number=IDS, info=HRI)), STANDARD)

    assert (found.source_ref, found.message_id, found.pms_ref) == ("R1", "MSG-1", "PMS-5")
    assert (found.channel_ref, found.channel, found.hotel_ref) == ("OTA-9", "Trips", "CITY")


def test_numbers_stand_elsewhere_by_configuration() -> None:
    told = message(booking(number=IDS, info=HRI))
    settings = {
        "reservation_refs": "HotelReservationID[ResID_SourceContext=Client]",
        "message_ids": ["UniqueID[Type=16][ID_Context=]"],
        "channel_refs": ["UniqueID[Type=10]"],
    }

    (found,) = heads(told, dialect_from(settings))

    assert (found.source_ref, found.message_id, found.channel_ref) == ("C-2", "OTHER", "PMS-5")


def test_a_cancel_may_name_its_booking_by_another_type() -> None:
    told = booking(number='<UniqueID Type="15" ID="R1"/>', attributes='ResStatus="Cancelled"')

    assert reason(told) == "reference_missing"
    assert read(told, {"cancel_refs": ["UniqueID[Type=15]"]}).source_ref == "R1"


@pytest.mark.parametrize(
    "number",
    ['<UniqueID ID="R1"/>', '<UniqueID Type="14" ID=" R1 "/>', '<UniqueID Type="10" ID="9"/><UniqueID ID="R1"/>'],
)
def test_a_number_without_a_type_is_the_bookings(number: str) -> None:
    assert read(booking(number=number)).source_ref == "R1"


@pytest.mark.parametrize("number", ["", '<UniqueID Type="16" ID="M"/>', '<UniqueID Type="14" ID=" "/>'])
def test_a_booking_nobody_can_know_again_is_refused(number: str) -> None:
    assert reason(booking(number=number)) == "reference_missing"


def test_the_number_of_the_message_is_the_bookings_only_where_it_comes_alone() -> None:
    bare = booking(number="")

    assert read(message(bare, before=NUMBER)).source_ref == "R1"
    assert {each.source_ref for each in heads(message(bare, bare, before=NUMBER), STANDARD)} == {None}


def test_who_sold_it_is_told_by_the_message_or_the_booking_and_mapped() -> None:
    source = '<POS><Source><BookingChannel Type="7"><CompanyName Code="TRIPS">Trips Ltd</CompanyName></BookingChannel></Source></POS>'

    assert read(message(booking(), before=source)).channel_code == "TRIPS"
    assert read(booking(number=source + NUMBER)).channel_code == "TRIPS"
    assert read(message(booking(), before=source.replace(' Code="TRIPS"', ""))).channel_code == "Trips Ltd"
    assert read(message(booking(), before=source), codes={("*", "channel", "TRIPS"): "trips"}).channel_code == "trips"
    assert (
        read(message(booking(), before=source), {"channels": ["HotelReservationID@ResID_Source"]}).channel_code is None
    )


def test_a_partner_that_is_the_seller_itself_says_so() -> None:
    source = "<POS><Source><BookingChannel><CompanyName Code='TRIPS'/></BookingChannel></Source></POS>"

    assert read(booking(), {"seller": "trips"}).channel_code == "trips"
    assert read(message(booking(), before=source), {"seller": "trips"}).channel_code == "TRIPS"


def test_the_group_of_a_booking_is_named_where_the_partner_names_it() -> None:
    told = booking(number='<UniqueID Type="9" ID="G7"/><UniqueID Type="14" ID="R1"/><UniqueID Type="34" ID="M1"/>')

    assert read(told).group_ref == "G7"
    assert read(told, {"group_refs": "UniqueID[Type=34]"}).group_ref == "M1"
    assert read(booking()).group_ref is None


def test_the_hotel_is_named_by_the_message_or_is_that_of_the_account() -> None:
    other = stay().replace('HotelCode="CITY"', 'HotelCode="ELSEWHERE"')
    nameless = stay().replace('<BasicPropertyInfo HotelCode="CITY"/>', "<BasicPropertyInfo/>")

    refused = refusal(booking(other))

    assert (refused.reasons[0].code, refused.property_id) == ("property_unknown", "*")
    assert read(booking(nameless)).property_id == "city-hotel"


MODIFIED = "2026-04-01T10:00:00.123456Z"


def test_the_version_is_the_time_of_the_change_in_microseconds() -> None:
    found = incoming(booking(attributes=f'LastModifyDateTime="{MODIFIED}"'))

    assert found.source_version == 1_775_037_600_123_456
    assert found.source_updated_at == datetime(2026, 4, 1, 10, 0, 0, 123456, tzinfo=UTC)


def test_without_a_time_of_change_the_order_of_arrival_decides() -> None:
    created = incoming(booking(attributes='CreateDateTime="2026-04-01T10:00:00Z"'))

    assert (created.source_version, created.source_updated_at) == (None, None)
    assert isinstance(created.row, Reservation)
    assert created.row.booked_at == datetime(2026, 4, 1, 10, tzinfo=UTC)


def test_a_partner_with_revisions_says_where_they_stand() -> None:
    told = booking(number='<UniqueID Type="14" ID="R1" Instance="12"/>', attributes=f'LastModifyDateTime="{MODIFIED}"')

    found = incoming(told, {"versions": ["UniqueID[Type=14]@Instance"]})

    assert (found.source_version, found.source_updated_at) == (12, datetime(2026, 4, 1, 10, 0, 0, 123456, tzinfo=UTC))


def test_stamps_without_an_offset_need_a_stated_zone() -> None:
    told = booking(attributes='LastModifyDateTime="2026-07-01T00:30:00"')

    assert reason(told) == "time_zone_missing"
    assert incoming(told, {"naive_zone": "property"}).source_updated_at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert incoming(told, {"naive_zone": "Asia/Tokyo"}).source_updated_at == datetime(2026, 6, 30, 15, 30, tzinfo=UTC)
    assert (
        incoming(told, {"naive_zone": "utc"}, settings={"naive_zone": "property"}).source_version
        == 1_782_862_200_000_000
    )


@pytest.mark.parametrize("stamp", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_stamp_that_is_none_refuses_the_booking(stamp: str) -> None:
    assert reason(booking(attributes=f'LastModifyDateTime="{stamp}"')) == "unreadable"


def test_what_is_sent_for_information_only_changes_nothing() -> None:
    assert reason(booking(attributes='ResStatus="Book" PassiveIndicator="true"')) == "for_information_only"


def test_a_partner_that_tells_rooms_singly_says_so() -> None:
    assert (incoming(booking()).covers, incoming(booking(), {"covers": "room"}).covers) == ("reservation", "room")


@pytest.mark.parametrize(
    "settings",
    [
        {"no_such_setting": 1},
        {"expire_date": "maybe"},
        {"statuses": {"Book": "sold"}},
        {"statuses": ["Book"]},
        {"reservation_refs": 14},
        {"reservation_refs": ["UniqueID[Type"]},
        {"reservation_refs": ["UniqueID@"]},
        {"reservation_refs": [""]},
        {"channels": ["//CompanyName[1]"]},
        {"room_types": ["Room Type"]},
        {"unit_counts": ["NumberOfUnits"]},
        {"unit_counts": ["Hotel@Rooms"]},
        {"status_from": ["header"]},
        {"card_signs": ["@GuaranteeTypeCode"]},
        {"collects": {"Merchant": "nobody"}},
        {"age_codes": {"10": "elder"}},
        {"currency": "EURO"},
        {"adult_age": True},
        {"is_tax_included": "yes"},
        {"naive_zone": 2},
        {"absent_status": "whatever"},
    ],
)
def test_a_setting_that_cannot_be_meant_asks_to_be_stated(settings: dict[str, object]) -> None:
    with pytest.raises(FixMapping):
        dialect_from(settings)


def test_a_dialect_changes_what_it_names_and_adds_to_words() -> None:
    base = dialect_from({"expire_date": "inclusive", "statuses": {"Booked": "new"}})

    found = dialect_from({"statuses": {"Gone": "cancelled"}, "absent_status": None, "receipt": "reservation"}, base)

    assert (found.expire_date, found.receipt) == ("inclusive", "reservation")
    assert {found.statuses[word] for word in ("booked", "book")} == {"new"}
    assert found.statuses["gone"] == "cancelled"
    assert found.reservation_refs == STANDARD.reservation_refs

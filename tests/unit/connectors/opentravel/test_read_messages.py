"""Any envelope, any namespace, any year, wrapped or bare: the same booking. What is no message says so."""

import time
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, FixCredentials, RequestRefused, TryLater, VendorChangedShape
from connectors.protocols.opentravel.dialect import STANDARD, dialect_from
from connectors.protocols.opentravel.outcomes import Complaint, check, outcome
from connectors.protocols.opentravel.splitting import split
from hotel.incoming import Incoming, Refused
from tests.unit.connectors.opentravel.told_bookings import NAMESPACE, NUMBER, booking, mapped, message, read, stay

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
HOSTILE = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "hostile" / "defusedxml"


def in_soap(body: bytes, namespace: str = SOAP_11) -> bytes:
    return (
        f'<?xml version="1.0"?><s:Envelope xmlns:s="{namespace}"><s:Header/><s:Body>'.encode()
        + body
        + b"</s:Body></s:Envelope>"
    )


PLAIN = message(booking())


@pytest.mark.parametrize(
    "body",
    [
        in_soap(PLAIN),
        in_soap(PLAIN, SOAP_12),
        PLAIN.replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
        PLAIN.replace(NAMESPACE.encode(), b"http://www.opentravel.org/OTA/2099/01"),
        PLAIN.replace(b"<", b"<o:").replace(b"<o:/", b"</o:").replace(b"xmlns=", b"xmlns:o="),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        message(booking(), root="OTA_ResRetrieveRS", before="<Success/>"),
        message(booking(), root="OTA_HotelResRQ"),
        message(booking(name="HotelResModify"), root="OTA_HotelResModifyNotifRQ"),
        f"<GetResult><Result Version='0'>{PLAIN.decode()}</Result></GetResult>".encode(),
        booking().encode(),
    ],
    ids=[
        "soap11",
        "soap12",
        "bare",
        "later",
        "prefixed",
        "bom",
        "utf16",
        "retrieved",
        "asked",
        "modified",
        "wrapped",
        "alone",
    ],
)
def test_the_same_booking_is_read_whatever_is_around_it(body: bytes) -> None:
    assert read(body) == read(PLAIN)


def test_a_bad_booking_takes_no_other_along() -> None:
    bad = booking(stay(span=""), number='<UniqueID Type="14" ID="R2"/>')

    first, refused, last = mapped(message(booking(), bad, booking(number='<UniqueID Type="14" ID="R3"/>')))

    assert isinstance(first, Incoming)
    assert isinstance(last, Incoming)
    assert isinstance(refused, Refused)
    assert (refused.source_ref, refused.raw_ref, refused.dataset) == ("R2", "i:7:1", "reservations")
    assert refused.row == {"message": "HotelResNotifRQ", "status": "Book"}


def test_the_state_before_a_modification_is_no_booking_of_its_own() -> None:
    before = f"<Verification><CurrentStateReservation>{booking()}</CurrentStateReservation></Verification>"
    told = message(booking(name="HotelResModify", more=before), root="OTA_HotelResModifyNotifRQ")

    assert len(mapped(told)) == 1


def test_reservations_of_other_trades_are_named_as_such() -> None:
    told = message(booking(), "<CruiseReservation/>", "<GlobalReservation/>", root="OTA_ResRetrieveRS")

    _, cruise, other = mapped(told)

    assert isinstance(cruise, Refused)
    assert isinstance(other, Refused)
    assert [(each.code, each.column) for each in (*cruise.reasons, *other.reasons)] == [
        ("not_a_hotel_reservation", "CruiseReservation"),
        ("not_a_hotel_reservation", "GlobalReservation"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"\x00", b"\xff\xfe", b'{"a": 1', b"<h1>Bad Gateway</h1>", b"<a><b></a>", PLAIN[:-20],
        b"<OTA_ResRetrieveRS><Errors><Error Type='3'/></Errors></OTA_ResRetrieveRS>", b"<OTA_PingRQ/>", b"<OTA_HotelAvailRQ/>", in_soap(b""), in_soap(PLAIN + PLAIN), in_soap(PLAIN, "urn:no-soap"),
        in_soap(f'<s:Fault xmlns:s="{SOAP_11}"><faultcode>s:Server</faultcode></s:Fault>'.encode()),
        b"<!DOCTYPE a [<!ENTITY x 'y'>]>" + PLAIN,
    ],
)  # fmt: skip
def test_a_message_nobody_can_read_says_so(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        mapped(body)


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile corpus lies beside the project, in ../shared/corpus")
def test_attacks_are_turned_away_at_once() -> None:
    attacks = [path.read_bytes() for path in sorted(HOSTILE.rglob("*.xml"))]

    for attack in attacks:
        with pytest.raises(VendorChangedShape):
            mapped(attack)
        with pytest.raises(ConnectorError):
            split(attack, STANDARD)
    assert attacks


def page(
    *bookings: str, attributes: str = 'TimeStamp="2026-05-01T00:00:00Z" EchoToken="e-1"', before: str = "<Success/>"
) -> bytes:
    return message(*bookings, root="OTA_ResRetrieveRS", attributes=attributes, before=before)


def numbered(number: int, more: str = "") -> str:
    return booking(number=f'<UniqueID Type="14" ID="R{number}"/>{more}')


def test_a_page_is_parted_into_documents_of_one_booking_each() -> None:
    parts = split(in_soap(page(numbered(1), numbered(2))), STANDARD)

    assert [read(part.body) for part in parts] == [read(message(numbered(1))), read(message(numbered(2)))]
    assert [part.hotel_ref for part in parts] == ["CITY", "CITY"]
    assert {part.event_type for part in parts} == {"booking.created"}
    assert all(b"OTA_ResRetrieveRS" in part.body and b"e-1" not in part.body for part in parts)


def test_a_message_keeps_its_name_and_its_bytes_whoever_waits_beside_it_and_whenever_it_is_asked_for() -> None:
    (alone,) = split(page(numbered(2), attributes='TimeStamp="2026-06-01T00:00:00Z" SequenceNmbr="9"'), STANDARD)
    together = split(in_soap(page(numbered(1), numbered(2)), SOAP_12), STANDARD)

    assert alone in together
    assert len(alone.event_id) == 64


def test_a_message_bears_the_name_the_partner_gave_it() -> None:
    named = numbered(1, '<UniqueID Type="16" ID="MSG-1"/>')

    (by_message,) = split(page(named), STANDARD)
    (by_booking,) = split(page(named), dialect_from({"receipt": "reservation"}))
    (by_content,) = split(page(numbered(1)), dialect_from({"receipt": "message"}))

    assert (by_message.event_id, by_message.receipt) == ("MSG-1", "MSG-1")
    assert (by_booking.event_id, by_booking.receipt) == ("MSG-1", "R1")
    assert by_content.receipt == by_content.event_id


def test_what_the_page_says_for_all_goes_with_each() -> None:
    source = "<POS><Source><BookingChannel><CompanyName Code='TRIPS'/></BookingChannel></Source></POS>"
    told = message(booking(attributes=""), booking(attributes=""), attributes='ResStatus="Modify"', before=source)

    parts = split(told, STANDARD)

    assert [part.event_type for part in parts] == ["booking.modified"] * 2
    assert {read(part.body).channel_code for part in parts} == {"TRIPS"}


def test_a_number_above_a_lone_booking_goes_with_it() -> None:
    (part,) = split(message(booking(number=""), before=NUMBER), STANDARD)

    assert read(part.body).source_ref == "R1"


def test_a_cancel_request_is_one_message() -> None:
    told = f'<OTA_CancelRQ xmlns="{NAMESPACE}" CancelType="Cancel" TimeStamp="2026-05-01T00:00:00Z">{NUMBER}</OTA_CancelRQ>'

    (part,) = split(in_soap(told.encode()), STANDARD)

    assert (part.event_type, read(part.body)) == ("booking.cancelled", read(told.encode()))


def test_bookings_of_other_trades_are_told_too() -> None:
    parts = split(page(numbered(1), "<CruiseReservation/>"), STANDARD)

    assert [type(mapped(part.body)[0]) for part in parts] == [Incoming, Refused]


def test_nothing_waiting_is_no_fault_but_an_answer_must_say_so() -> None:
    assert split(page(), STANDARD) == ()
    assert split(b"<OTA_ResRetrieveRS><Success/></OTA_ResRetrieveRS>", STANDARD) == ()
    assert split(b"<OTA_HotelResNotifRQ><HotelReservations/></OTA_HotelResNotifRQ>", STANDARD) == ()
    with pytest.raises(VendorChangedShape):
        split(b"<OTA_ResRetrieveRS><ReservationsList/></OTA_ResRetrieveRS>", STANDARD)
    with pytest.raises(VendorChangedShape):
        split(b"<OTA_PingRS><Success/></OTA_PingRS>", STANDARD)


def errors(*told: str) -> bytes:
    return f'<OTA_ResRetrieveRS xmlns="{NAMESPACE}"><Errors>{"".join(told)}</Errors></OTA_ResRetrieveRS>'.encode()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ('<Error Type="4" Code="100">no</Error>', FixCredentials),
        ('<Error Type="3" Code="497"/>', FixCredentials),
        ('<Error Type="12" Code="448"/>', TryLater),
        ('<Error Type="12" Code="448"/><Error Type="3" Code="392"/>', RequestRefused),
        ('<Error Type="3" Code="392">Hotel CITY is unknown</Error>', RequestRefused),
        ("", RequestRefused),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_do_and_shows_no_text(told: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        check(outcome(errors(told)))

    assert "unknown" not in str(caught.value)


def test_a_page_of_errors_is_no_empty_queue() -> None:
    with pytest.raises(RequestRefused):
        split(errors('<Error Type="3" Code="392"/>'), STANDARD)


def test_success_needs_to_be_said() -> None:
    def told(content: str) -> bool:
        return outcome(f"<OTA_HotelResNotifRS>{content}</OTA_HotelResNotifRS>".encode()).is_success

    assert told("<Success/>")
    assert told('<Success/><Warnings><Warning Type="3">late</Warning></Warnings>')
    assert not told("")
    assert not told("<Warnings><Warning/></Warnings>")
    assert not told("<Success/><Errors><Error/></Errors>")


def test_the_verdict_may_stand_inside_a_wrapper_and_a_later_success_counts() -> None:
    wrapped = f"<NotifResponse><NotifResult>{'<Success/>'}</NotifResult></NotifResponse>".encode()
    after = f"<OTA_HotelResRS><HotelReservations>{booking()}</HotelReservations><Success/></OTA_HotelResRS>".encode()

    assert outcome(wrapped).is_success
    assert outcome(in_soap(after)).is_success


def test_a_verdict_buried_too_deep_is_none() -> None:
    buried = (
        b"<AResponse><BResult><CResult><DResult><EResult><Success/></EResult></DResult></CResult></BResult></AResponse>"
    )

    assert not outcome(buried).is_success


def test_complaints_are_told_by_code_shape_and_record() -> None:
    told = (
        '<OTA_HotelResNotifRS EchoToken="e"><Success/><Warnings><Warning Type="12" Code="321" RecordID="R9" Tag="/a/b" '
        'ShortText="Room 12 gone"/></Warnings></OTA_HotelResNotifRS>'
    )

    found = outcome(told.encode())

    assert (found.kind, found.echo) == ("HotelResNotifRS", "e")
    assert found.warnings == (Complaint("321", "12", "Aaaa 99 aaaa", "R9", "/a/b"),)


def test_a_message_is_read_in_milliseconds() -> None:
    body = message(booking(*[stay()] * 3))
    mapped(body)

    started = time.process_time()
    for _ in range(20):
        mapped(body)

    assert (time.process_time() - started) / 20 < 0.005


def test_a_large_page_is_parted_in_time_that_grows_with_it() -> None:
    def seconds(count: int) -> float:
        body = page(*(numbered(n) for n in range(count)))
        started = time.process_time()
        assert len(split(body, STANDARD)) == count
        return time.process_time() - started

    seconds(50)
    small, large = seconds(500), seconds(4000)

    assert large < small * 8 * 4

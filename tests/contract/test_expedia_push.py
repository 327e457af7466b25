"""Booking notifications: who sent them, what they tell, and the answer that confirms them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from lxml import etree

from connectors.errors import BadSignature, MalformedBody
from connectors.expedia.connector import CONNECTOR as THIS
from connectors.expedia.webhook import Receiver
from connectors.ports import Connector, DeliveryFacts
from connectors.protocols import wsse
from connectors.protocols.safe_xml import serialised
from hotel.incoming import Incoming
from hotel.reservations import Reservation
from sandbox.channels import expedia_told
from sandbox.channels.expedia_told import BOOK, CANCEL, MODIFY, Transaction
from sandbox.channels.sales import Sale, SoldNight, SoldRoom
from sandbox.channels.xml_answers import add, root, written
from tests.contract.body_signed import SignedInBodyContract
from tests.contract.booking_suites import NOW
from tests.contract.suites import BOOK as CODES
from tests.contract.suites import PLACE, Row

SECRET = "expedia:secret:with:colons"
OTHER_SECRET = "expedia:another"
AT = datetime(2026, 2, 28, 10, tzinfo=UTC)
ROOM = SoldRoom(
    "1", "STD", "BAR", (SoldNight(date(2026, 3, 1), 11000, 1000), SoldNight(date(2026, 3, 2), 13000, 1333)), 2, (4,)
)
SALE = Sale(
    "7000001", 1, "new", "CITY", "EUR", (ROOM,), AT, AT, comment="Late & hungry", card_number="4111111111111111",
    card_code="737", collect="channel",
)  # fmt: skip


def notified(kind: str = BOOK, sale: Sale = SALE, *, login: str = ":", is_retry: bool = False) -> bytes:
    name, _, password = login.partition(":")
    told = Transaction("m", kind, sale, sale.rooms[0])
    return expedia_told.notification(told, f"9{sale.revision}", (name, password), is_retry=is_retry)


def pulled(sale: Sale = SALE) -> bytes:
    answer = root(expedia_told.RETRIEVAL, "BookingRetrievalRS")
    expedia_told.add_booking(add(answer, "Bookings"), Transaction("m", BOOK, sale, sale.rooms[0]), "pending", None)
    return written(answer)


class TestNotifications(SignedInBodyContract):
    connector: ClassVar[Connector] = THIS
    secret = SECRET
    other_secret = OTHER_SECRET

    def with_login(self, body: bytes, secret: str) -> bytes:
        try:
            envelope = etree.fromstring(body)
        except etree.XMLSyntaxError:
            return body
        for login in envelope.iter("{*}Authentication"):
            login.set("Username", secret.partition(":")[0])
            login.set("Password", secret.partition(":")[2])
        return bytes(etree.tostring(envelope))

    def row(self) -> Row:
        return {"sale": SALE}

    def event(self, row: Row) -> bytes:
        return notified(sale=row["sale"])

    def cancellation(self, row: Row) -> bytes:
        return notified(CANCEL, row["sale"].cancelled())

    def pulled(self, row: Row) -> bytes:
        return pulled(row["sale"])


def verified(body: bytes, *secrets: str) -> DeliveryFacts:
    return Receiver().verify({}, body, secrets or [SECRET], NOW)


def booked(body: bytes) -> Incoming:
    assert THIS.messages is not None
    found = list(THIS.messages(body, CODES, PLACE))
    assert isinstance(found[0], Incoming)
    return found[0]


@pytest.mark.parametrize(
    ("kind", "event"), [(BOOK, "booking.created"), (MODIFY, "booking.modified"), (CANCEL, "booking.cancelled")]
)
def test_the_three_messages_are_told_apart_and_name_the_hotel(kind: str, event: str) -> None:
    facts = verified(notified(kind, login=SECRET))

    assert (facts.event_id, facts.event_type, facts.hotel_ref, facts.signature_kind) == (
        "91",
        event,
        "CITY",
        "soap_header",
    )


def test_a_repetition_is_the_same_message() -> None:
    assert verified(notified(login=SECRET)).event_id == verified(notified(login=SECRET, is_retry=True)).event_id


def test_a_login_by_ws_security_counts_as_well() -> None:
    envelope = etree.fromstring(notified())
    envelope[0].append(wsse.text_token(wsse.Login("expedia", "secret:with:colons")))

    assert verified(serialised(envelope)).signature_kind == "PasswordText"
    with pytest.raises(BadSignature):
        verified(serialised(envelope), OTHER_SECRET)


def test_a_message_of_another_kind_is_malformed_once_its_sender_is_known() -> None:
    body = notified(login=SECRET).replace(b"OTA_HotelResNotifRQ", b"OTA_PingRQ")

    with pytest.raises(MalformedBody):
        verified(body)
    with pytest.raises(BadSignature):
        verified(body, OTHER_SECRET)


def test_a_modification_is_a_later_version_of_the_same_booking() -> None:
    first, later = booked(notified()), booked(notified(MODIFY, SALE.modified(rooms=(ROOM._replace(adults=1),))))

    assert isinstance(later.row, Reservation)
    assert first.row[:3] == later.row[:3]
    assert (later.source_version or 0) - (first.source_version or 0) == 60_000_000
    assert later.row.rooms[0].adult_count == 1


def test_a_retrieval_and_a_notification_tell_the_same_guest() -> None:
    assert THIS.messages is not None

    retrieved, told = (list(THIS.messages(body, CODES, PLACE))[1] for body in (pulled(), notified()))

    assert retrieved == told


def test_fees_for_further_people_commission_and_programmes_are_read() -> None:
    body = notified(sale=SALE._replace(collect="property"))
    envelope = etree.fromstring(body)
    for day in list(envelope.iter("{*}Rate")):
        extra = add(day, "AdditionalGuestAmounts")
        for amount in ("10.00", "5.00"):
            add(add(extra, "AdditionalGuestAmount", AgeQualifyingCode="8"), "Amount", AmountBeforeTax=amount)
        add(add(day, "Fees"), "Fee", Amount="2.50")
    add(next(envelope.iter("{*}RatePlan")), "Commission", Percent="0.2000")
    add(add(next(envelope.iter("{*}ResGlobalInfo")), "Memberships"), "Membership", ProgramCode="AJ", AccountID="4711")

    found: Any = booked(serialised(envelope)).row

    assert [night.price_minor for night in found.rooms[0].nights] == [11500, 13167]
    assert [night.taxes[1].amount_minor for night in found.rooms[0].nights] == [250, 250]
    assert (found.commission_model, found.commission_rate) == ("hotel_collect", Decimal("0.2"))
    assert (found.comment or "").endswith("AJ 4711")


def replied(kind: str, inbox_id: int = 4711) -> Any:
    media_type, body = Receiver().reply(verified(notified(kind, login=SECRET)), inbox_id)
    assert media_type == "text/xml; charset=utf-8"
    return etree.fromstring(body)


@pytest.mark.parametrize(
    ("kind", "name", "outcome"),
    [(BOOK, "OTA_HotelResNotifRS", "Committed"), (MODIFY, "OTA_HotelResModifyNotifRS", "Modified")],
)
def test_the_answer_confirms_under_our_number_and_repeats_theirs(kind: str, name: str, outcome: str) -> None:
    answer = replied(kind)
    (message,) = answer.find("{*}Body")

    assert etree.QName(message).localname == name
    assert message.find("{*}Success") is not None
    assert (message.get("EchoToken"), message.get("ResResponseType")) == ("91", outcome)
    assert [(each.get("ResID_Type"), each.get("ResID_Value")) for each in message.iter("{*}HotelReservationID")] == [
        ("3", "4711"),
        ("8", "70000011"),
    ]


def test_the_answers_header_names_the_parties_the_other_way_round_and_no_login() -> None:
    answer = replied(BOOK)
    info, parties = (next(answer.iter("{*}" + name)) for name in ("PayloadInfo", "CommDescriptor"))

    assert (info.get("RequestId"), info.get("RequestorId"), info.get("ResponderId")) == (
        "91",
        "Expedia.com",
        "NightAudit",
    )
    assert dict(parties.attrib) == {"SourceId": "NightAudit", "DestinationId": "ExpediaDC", "RetryIndicator": "false"}
    assert list(answer.iter("{*}Authentication")) == []


def test_a_cancellation_is_confirmed_as_such() -> None:
    (message,) = replied(CANCEL).find("{*}Body")

    assert (etree.QName(message).localname, message.get("Status")) == ("OTA_CancelRS", "Cancelled")
    assert [each.get("ID") for each in message.iter("{*}UniqueID")] == ["70000011", "4711"]

"""Reservations that SiteMinder pushes: who sent them, what names them, and the answer that takes them out of its cycle."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import pytest
from lxml import etree

from connectors.cards import remove_cards
from connectors.errors import BadSignature, MalformedBody
from connectors.ports import Connector, DeliveryFacts, RepliesInKind
from connectors.protocols import wsse
from connectors.siteminder.connector import CONNECTOR as THIS
from connectors.siteminder.webhook import Receiver
from sandbox.channels import siteminder_told
from sandbox.channels.sales import Sale, SoldNight, SoldRoom
from sandbox.channels.xml_answers import add, root
from tests.contract.body_signed import SignedInBodyContract
from tests.contract.booking_suites import NOW
from tests.contract.corpus import CORPUS, complaints
from tests.contract.siteminder_messages import OTA, message_in
from tests.contract.suites import Row

SECRET = "pmsx:secret:with:colons"
OTHER_SECRET = "pmsx:another"
AT = datetime(2026, 2, 28, 10, tzinfo=UTC)
ROOM = SoldRoom("1", "STD", "BAR", (SoldNight(date(2026, 3, 1), 11000, 1000), SoldNight(date(2026, 3, 2), 13000, 1333)))
SALE = Sale(
    "EXP-7001", 1, "new", "CITY", "EUR", (ROOM,), AT, AT, comment="Late & hungry", channel_ref="7001",
    card_number="4111111111111111", card_code="737",
)  # fmt: skip


def pushed(sale: Sale = SALE, login: str = SECRET, *, sent_at: datetime = AT) -> bytes:
    name, _, password = login.partition(":")
    return siteminder_told.pushed(f"{sale.ref}-{sale.revision}", sale, (name, password), sent_at)


def exchanged(sale: Sale = SALE, attempt: int = 1) -> bytes:
    name, _, password = SECRET.partition(":")
    return siteminder_told.exchanged(sale, (name, password), f"attempt-{attempt}")


def retrieved(sale: Sale) -> bytes:
    answer = root(OTA, "OTA_ResRetrieveRS", Version="1.0")
    add(answer, "Success")
    siteminder_told.add_reservation(add(answer, "ReservationsList"), f"{sale.ref}-{sale.revision}", sale)
    return siteminder_told.envelope(answer)


class TestPush(SignedInBodyContract):
    connector: ClassVar[Connector] = THIS
    secret = SECRET
    other_secret = OTHER_SECRET

    def with_login(self, body: bytes, secret: str) -> bytes:
        try:
            envelope = etree.fromstring(body)
        except etree.XMLSyntaxError:
            return body
        for token in envelope.iter("{*}UsernameToken"):
            token[0].text, _, token[1].text = secret.partition(":")
        return bytes(etree.tostring(envelope))

    def row(self) -> Row:
        return {"sale": SALE}

    def event(self, row: Row) -> bytes:
        return pushed(row["sale"], ":")

    def cancellation(self, row: Row) -> bytes:
        return pushed(row["sale"].cancelled(), ":")

    def pulled(self, row: Row) -> bytes:
        return retrieved(row["sale"])

    def test_a_message_says_what_the_pull_says(self) -> None:
        assert self.mapped(self.event(self.row())) == self.mapped(self.pulled(self.row()))


def verified(body: bytes, *secrets: str) -> DeliveryFacts:
    return Receiver().verify({}, body, secrets or [SECRET], NOW)


def test_the_id_is_that_of_the_message_and_the_hotel_is_named() -> None:
    facts = verified(pushed())

    assert (facts.event_id, facts.event_type, facts.hotel_ref, facts.signature_kind) == (
        "EXP-7001-1",
        "booking.created",
        "CITY",
        "PasswordText",
    )
    assert verified(pushed(SALE.cancelled())).event_type == "booking.cancelled"
    assert verified(pushed(SALE.modified())).event_type == "booking.modified"


def test_a_message_sent_again_is_the_same_although_its_time_is_another() -> None:
    assert verified(pushed()).event_id == verified(pushed(sent_at=AT + timedelta(minutes=5))).event_id


def test_without_a_number_a_message_is_what_it_tells() -> None:
    first, again, other = exchanged(), exchanged(attempt=2), exchanged(SALE.modified())

    assert verified(first).event_id == verified(again).event_id != verified(other).event_id
    assert verified(exchanged(SALE.cancelled())).event_type == "booking.cancelled"


def test_a_digest_counts_as_well_and_an_old_one_does_not() -> None:
    envelope = etree.fromstring(pushed())
    head = envelope[0]
    login = wsse.Login("pmsx", "secret:with:colons")
    head[:] = [wsse.digest_token(login, nonce=b"0123456789abcdef", created_at=NOW)]

    assert verified(bytes(etree.tostring(envelope))).signature_kind == "PasswordDigest"
    head[:] = [wsse.digest_token(login, nonce=b"0123456789abcdef", created_at=NOW - timedelta(hours=1))]
    with pytest.raises(BadSignature):
        verified(bytes(etree.tostring(envelope)))


def test_a_message_of_another_kind_is_malformed_once_its_sender_is_known() -> None:
    body = pushed().replace(b"OTA_HotelResNotifRQ", b"OTA_HotelAvailNotifRQ")

    with pytest.raises(MalformedBody):
        verified(body)
    with pytest.raises(BadSignature):
        verified(body, OTHER_SECRET)


@pytest.mark.parametrize(
    "inside", ["", "<HotelReservations/>", "<HotelReservations><AirReservation/></HotelReservations>"]
)
def test_a_message_without_a_reservation_of_a_hotel_is_malformed(inside: str) -> None:
    empty = etree.fromstring(f'<OTA_HotelResNotifRQ xmlns="{OTA}" Version="1.0">{inside}</OTA_HotelResNotifRQ>')

    with pytest.raises(MalformedBody):
        verified(siteminder_told.envelope(empty, ("pmsx", "secret:with:colons")))


def test_several_reservations_in_one_message_are_one_delivery() -> None:
    envelope = etree.fromstring(pushed())
    (held,) = envelope.iter("{*}HotelReservations")
    siteminder_told.add_reservation(held, "EXP-7002-1", SALE._replace(ref="EXP-7002", hotel_ref="TOKYO"))

    facts = verified(bytes(etree.tostring(envelope)))

    assert (facts.event_type, facts.hotel_ref) == ("booking.several", None)
    assert facts.event_id not in {"EXP-7001-1", "EXP-7002-1"}
    assert facts.echo["refs"] == "EXP-7001\nEXP-7002"


def test_the_answer_is_a_success_with_our_number_and_an_empty_header() -> None:
    receiver = Receiver()
    assert isinstance(receiver, RepliesInKind)

    media_type, body = receiver.reply(verified(pushed()), 4711)

    envelope, message = etree.fromstring(body), message_in(body)
    assert media_type == "text/xml; charset=utf-8"
    header = envelope.find("{*}Header")
    assert header is None or len(header) == 0
    assert etree.QName(message).localname == "OTA_HotelResNotifRS"
    assert message.get("EchoToken") == "EXP-7001-1"
    assert message.find("{*}Success") is not None
    assert message.find(".//{*}UniqueID").get("ID") == "EXP-7001"
    assert message.find(".//{*}HotelReservationID").get("ResID_Value") == "4711"


def test_the_answer_fits_the_schema_but_for_the_hotel_it_leaves_out() -> None:
    if not CORPUS.is_dir():
        pytest.skip("schemas lie beside the project, in ../shared/corpus")
    _, body = Receiver().reply(verified(pushed()), 4711)

    found = complaints("ota_xml/xsd_opentravel_2015A/OTA_HotelResNotifRS.xsd", message_in(body))

    assert len(found) <= 1
    assert all("BasicPropertyInfo" in each for each in found)


def test_no_card_is_left_in_what_is_stored() -> None:
    body = remove_cards(pushed()).body

    assert b"4111111111111111" not in body
    assert b"737" not in body

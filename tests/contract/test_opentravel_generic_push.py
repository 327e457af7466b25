"""Bookings a partner pushes: every way to sign in, one event however often it is sent, an answer in its own words."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import pytest
from lxml import etree

from connectors.errors import BadSignature, MalformedBody
from connectors.opentravel_generic.connector import CONNECTOR as THIS
from connectors.ports import DeliveryFacts, RepliesInKind
from connectors.protocols import soap, wsse
from connectors.protocols.safe_xml import local
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.opentravel_messages import OTA, attributes, booking, in_soap, notified, retrieved
from tests.contract.suites import BOOK, PLACE, Row
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

RECEIVER: Any = THIS.webhooks
LOGIN = "partner:one"


class TestBasic(WebhookReceiverContract):
    connector = THIS
    secret = LOGIN
    other_secret = "partner:two"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"authorization": "Basic " + b64encode(secret.encode()).decode()}

    def row(self) -> Row:
        return {"ref": "R1"}

    def event(self, row: Row) -> bytes:
        return in_soap(notified(booking(row["ref"])))

    def cancellation(self, row: Row) -> bytes:
        return in_soap(notified(booking(row["ref"], status="Cancel", modified_at="2026-02-28T11:00:00+00:00")))

    def test_a_message_says_what_the_pull_says(self) -> None:
        assert THIS.messages
        (pulled,) = THIS.messages(retrieved(booking("R1")), BOOK, PLACE)

        assert self.mapped(self.event(self.row())) == pulled


class TestKey(TestBasic):
    secret = "k-one"
    other_secret = "k-two"

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"x-api-key": secret}

    def event(self, row: Row) -> bytes:
        return notified(booking(row["ref"]))


class TestBearer(TestKey):
    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {"authorization": f"Bearer {secret}"}


class _Inside(TestBasic):
    """A proof that stands in the message: another secret makes another message."""

    kind: ClassVar[str]

    def event(self, row: Row) -> bytes:
        return self.proved(notified(booking(row["ref"])), self.secret)

    def proved(self, message: bytes, secret: str) -> bytes:
        raise NotImplementedError

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {}

    def test_during_rotation_either_secret_is_good(self) -> None:
        for secret in (self.secret, self.other_secret):
            body = self.proved(notified(booking("R1")), secret)
            assert self.verified(body, {}, self.secret, self.other_secret).signature_kind == self.kind

    def test_another_secret_and_no_signature_are_turned_away(self) -> None:
        for body in (self.proved(notified(booking("R1")), self.other_secret), in_soap(notified(booking("R1")))):
            with pytest.raises(BadSignature):
                self.verified(body, {}, self.secret)


class TestTextToken(_Inside):
    kind = wsse.TEXT

    def token(self, secret: str) -> Any:
        login = wsse.Login.parse(secret)
        assert login
        return wsse.text_token(login)

    def proved(self, message: bytes, secret: str) -> bytes:
        return in_soap(message, etree.tostring(self.token(secret)).decode(), "1.2")


class TestDigestToken(TestTextToken):
    kind = wsse.DIGEST

    def token(self, secret: str) -> Any:
        login = wsse.Login.parse(secret)
        assert login
        return wsse.digest_token(login, nonce=b"0123456789abcdef", created_at=NOW)


class TestRequestor(_Inside):
    kind = "requestor"

    def proved(self, message: bytes, secret: str) -> bytes:
        named, _, password = secret.partition(":")
        pos = f'<POS><Source><RequestorID Type="13" ID="{named}" MessagePassword="{password}"/></Source></POS>'
        return message.replace(b"<HotelReservations>", pos.encode() + b"<HotelReservations>")


def taken(body: bytes, secret: str = LOGIN) -> DeliveryFacts:
    headers = {"authorization": "Basic " + b64encode(secret.encode()).decode()}
    facts: DeliveryFacts = RECEIVER.verify(headers, body, [LOGIN], NOW)
    return facts


def answer(body: bytes) -> tuple[str, Any]:
    facts = taken(body)
    assert isinstance(RECEIVER, RepliesInKind)
    media_type, written = RECEIVER.reply(facts, 77)
    return media_type, soap.unwrap(written)


def test_a_failed_proof_is_not_excused_by_a_weaker_one() -> None:
    body = in_soap(notified(booking("R1")), etree.tostring(wsse.text_token(wsse.Login("partner", "one"))).decode())

    with pytest.raises(BadSignature):
        taken(body, "partner:wrong")
    assert RECEIVER.verify({}, body, [LOGIN], NOW).signature_kind == wsse.TEXT


def test_a_repetition_with_another_time_stamp_is_the_same_event_and_a_change_is_another() -> None:
    first, again = (
        in_soap(notified(booking("R1"), stamp=stamp)) for stamp in ("2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z")
    )
    changed = in_soap(notified(booking("R1", modified_at="2026-02-28T10:30:00+00:00")))

    assert taken(first).event_id == taken(again).event_id
    assert taken(first).event_id != taken(changed).event_id


def test_a_number_of_type_16_is_an_id_only_where_it_says_that_it_names_the_message() -> None:
    bare = booking("R1").replace('ID="R1"/>', 'ID="R1"/><UniqueID Type="16" ID="same"/>')
    later = bare.replace("10:00:00", "10:30:00")

    assert taken(notified(booking("R1", message_ref="M1"))).event_id == "M1"
    assert taken(notified(bare)).event_id != taken(notified(later)).event_id


@pytest.mark.parametrize("version", ["1.1", "1.2", None])
def test_the_answer_comes_in_the_envelope_of_the_question_with_both_numbers(version: str | None) -> None:
    message = notified(booking("R1"), booking("R2", status="Cancel"))
    media_type, envelope = answer(in_soap(message, version=version) if version else message)

    assert envelope.version == version
    assert media_type.startswith("application/soap+xml" if version == "1.2" else "text/xml")
    root = envelope.payload
    assert (local(root), root.get("EchoToken"), root.get("Target")) == ("OTA_HotelResNotifRS", "e-1", "Test")
    assert attributes(root, "UniqueID") == [{"Type": "14", "ID": "R1"}, {"Type": "14", "ID": "R2"}]
    assert {each["ResID_Value"] for each in attributes(root, "HotelReservationID")} == {"77"}


def test_changes_and_cancels_are_answered_in_their_own_message() -> None:
    changed = f"""<OTA_HotelResModifyNotifRQ {OTA}><HotelResModifies>{booking("R1")}</HotelResModifies>
        </OTA_HotelResModifyNotifRQ>""".replace("HotelReservation ", "HotelResModify ").replace(
        "</HotelReservation>", "</HotelResModify>"
    )
    cancelled = f"""<OTA_CancelRQ {OTA} CancelType="Cancel"><UniqueID Type="14" ID="R1"/><Verification><TPA_Extensions>
        <BasicPropertyInfo HotelCode="CITY"/></TPA_Extensions></Verification></OTA_CancelRQ>"""

    for body, name, event in (
        (changed, "OTA_HotelResModifyNotifRS", "booking.modified"),
        (cancelled, "OTA_CancelRS", "booking.cancelled"),
    ):
        assert taken(body.encode()).event_type == event
        root = answer(body.encode())[1].payload
        assert local(root) == name
        assert attributes(root, "UniqueID")[0] == {"Type": "14", "ID": "R1"}
    assert_opentravel(answer(cancelled.encode())[1].payload)
    assert THIS.messages
    (told,) = THIS.messages(cancelled.encode(), BOOK._replace(settings={"naive_zone": "utc"}), PLACE)
    assert isinstance(told, Incoming)
    assert told.action == CANCEL


def test_a_ping_is_answered_and_makes_no_booking() -> None:
    body = f"<OTA_PingRQ {OTA}><EchoData>still &lt;there&gt;?</EchoData></OTA_PingRQ>".encode()

    assert taken(body).is_test
    assert etree.tostring(answer(body)[1].payload, encoding="unicode").count("still &lt;there&gt;?") == 1


@pytest.mark.parametrize(
    "body",
    [
        f"<OTA_HotelAvailRQ {OTA}/>".encode(),
        retrieved(booking("R1")),
        notified(),
        soap.fault("1.1", "no"),
        b"<OTA_HotelResNotifRQ>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><OTA_HotelResNotifRQ/>',
    ],
)
def test_what_is_no_booking_message_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        taken(body)


def test_the_dialect_of_the_integration_reads_the_message() -> None:
    body = notified(booking("R1").replace('AmountAfterTax="90.50"', 'AmountAfterTax="9050" DecimalPlaces="2"'))
    book = BOOK._replace(settings={"dialect": {"decimal_places": "scales"}})
    assert THIS.messages

    (row,) = THIS.messages(body, book, PLACE)

    assert isinstance(row, Incoming)
    assert isinstance(row.row, Reservation)
    assert row.row.rooms[0].nights[1].price_minor == 9050


def test_a_partner_by_name_brings_its_dialect() -> None:
    body = notified(
        booking("R1").replace(' CurrencyCode="EUR"', "").replace("100.00", "12000").replace("90.50", "9000")
    )
    book = BOOK._replace(settings={"partner": "tl_lincoln"})
    assert THIS.messages

    (row,) = THIS.messages(body, book, PLACE)

    assert not isinstance(row, Refused)
    assert isinstance(row.row, Reservation)
    nights = row.row.rooms[0].nights
    assert [(night.currency, night.price_minor, night.is_tax_included) for night in nights] == [
        ("JPY", 12_000, True),
        ("JPY", 9_000, True),
    ]

"""What connectors owe that tell of guests and bookings, and that receive events."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import ClassVar

import pytest

from connectors.errors import BadSignature, MalformedBody, VendorChangedShape
from connectors.ports import Connector, DeliveryFacts
from hotel.guests import Guest
from hotel.incoming import CANCEL, WRITE, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.suites import BOOK, PLACE, CursorContract, Row, VersionContract, reasons_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class GuestSourceContract(CursorContract, VersionContract):
    """Guest profiles."""

    dataset = "guests"

    def named(self, row: Row, first_name: str, last_name: str) -> Row:
        """Give the profile another name."""
        raise NotImplementedError

    def test_names_of_any_script_stay_and_are_folded_for_comparison(self) -> None:
        names = [("Zoë", "Müller-Lüdenscheidt"), ("สมชาย", "ใจดี"), ("太郎", "山田"), ("Ana Lucía", "O'Neil")]
        rows = [self.named(self.told(number), *name) for number, name in enumerate(names)]

        guests = [row.row for row in self.understood(self.answer(rows).body) if isinstance(row.row, Guest)]

        assert [(guest.first_name, guest.last_name) for guest in guests] == names
        assert [guest.folded_name for guest in guests][:1] == ["zoe muller ludenscheidt"]
        assert all(guest.full_name == " ".join(name) for guest, name in zip(guests, names, strict=True))

    def test_what_a_text_column_cannot_hold_is_taken_out(self) -> None:
        body = self.answer([self.named(self.told(1), "Ja\u0000ne", "Roe")]).body.replace(b"Roe", b"R\\ud83doe")

        (incoming,) = self.understood(body)

        assert isinstance(incoming.row, Guest)
        assert (incoming.row.first_name, incoming.row.last_name) == ("Jane", "R\ufffdoe")


class ReservationSourceContract(CursorContract, VersionContract):
    """Reservations with rooms and nights."""

    dataset = "reservations"

    def stay(self, number: int, currency: str | None, prices: list[str]) -> Row:
        """Give a confirmed booking of one room, one night per price, from 2026-03-01 on, its total stated."""
        raise NotImplementedError

    def with_status(self, row: Row, word: str) -> Row:
        """Give the booking another status in the vendor's words."""
        raise NotImplementedError

    def booking(self, row: Row) -> Reservation:
        (incoming,) = self.understood(self.answer([row]).body)
        assert isinstance(incoming.row, Reservation)
        return incoming.row

    @pytest.mark.parametrize(
        ("currency", "prices", "minor"),
        [
            ("EUR", ["0.10", "0.20"], [10, 20]),
            ("EUR", ["99999999.99", "-63.80"], [9_999_999_999, -6380]),
            ("JPY", ["12000", "9800"], [12_000, 9_800]),
            ("BHD", ["10.125", "0.001"], [10_125, 1]),
            ("THB", ["2500.0000", "1"], [250_000, 100]),
        ],
    )
    def test_money_is_exact_in_its_currency(self, currency: str, prices: list[str], minor: list[int]) -> None:
        booking = self.booking(self.stay(1, currency, prices))

        assert [night.price_minor for night in booking.rooms[0].nights] == minor
        assert booking.total_minor == booking.rooms[0].total_minor == sum(minor)
        assert {night.currency for night in booking.rooms[0].nights} == {currency} == {booking.currency}

    @pytest.mark.parametrize(("currency", "price"), [("EUR", "10.005"), ("JPY", "100.5"), ("BHD", "1.0001")])
    def test_decimals_beyond_the_currency_are_refused_not_rounded(self, currency: str, price: str) -> None:
        (refused,) = self.mapped(self.answer([self.stay(1, currency, [price])]).body)

        assert [reason.code for reason in reasons_of([refused])] == ["decimals_exceed_currency"]
        assert isinstance(refused, Refused)
        assert refused.room_night_count == 1
        assert refused.amount_minor > 0
        assert refused.currency == currency

    @pytest.mark.parametrize("currency", ["XQX", "eur", "", None])
    def test_a_currency_that_is_none_is_refused(self, currency: str | None) -> None:
        rows = self.mapped(self.answer([self.stay(1, currency, ["10.00"])]).body)

        assert [reason.code for reason in reasons_of(rows)] == ["currency_unknown"]

    def test_an_unknown_status_is_refused(self) -> None:
        rows = self.mapped(self.answer([self.with_status(self.stay(1, "EUR", ["10.00"]), "Sleepover")]).body)

        assert [(reason.code, reason.shape) for reason in reasons_of(rows)] == [("status_unknown", "Aaaaaaaaa")]

    def test_nights_are_the_dates_of_the_stay(self) -> None:
        booking = self.booking(self.stay(1, "EUR", ["10.00", "20.00", "30.00"]))

        assert (booking.arrival_on, booking.departure_on) == (date(2026, 3, 1), date(2026, 3, 4))
        assert [night.stay_on.day for night in booking.rooms[0].nights] == [1, 2, 3]

    def test_codes_nobody_mapped_are_noted_once_and_shown_as_unmapped(self) -> None:
        body = self.answer([self.stay(1, "EUR", ["10.00", "10.00"])]).body

        (incoming,) = self.mapped(body, book=BOOK._replace(as_is=frozenset()))

        assert isinstance(incoming, Incoming)
        assert isinstance(incoming.row, Reservation)
        assert {night.room_type_code for night in incoming.row.rooms[0].nights} == {"unmapped"}
        assert "room_type" in {code.field for code in incoming.unmapped}
        assert len(incoming.unmapped) == len(set(incoming.unmapped))


class WebhookReceiverContract:
    """Booking events. A message says the same as the pull of the same row, in the same version."""

    connector: ClassVar[Connector]

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        """Give the headers a sender would send."""
        raise NotImplementedError

    def event(self, row: Row) -> bytes:
        """Give the message of a changed booking."""
        raise NotImplementedError

    def cancellation(self, row: Row) -> bytes:
        """Give the message of the same booking cancelled, in a later version."""
        raise NotImplementedError

    def pulled(self, row: Row) -> bytes:
        """Give the body of a page that holds the booking."""
        raise NotImplementedError

    def row(self) -> Row:
        """Give a booking."""
        raise NotImplementedError

    secret: ClassVar[str]
    other_secret: ClassVar[str]

    def verified(self, body: bytes, headers: Mapping[str, str], *secrets: str) -> DeliveryFacts:
        assert self.connector.webhooks
        return self.connector.webhooks.verify(headers, body, secrets or [self.secret], NOW)

    def mapped(self, body: bytes) -> Incoming:
        assert self.connector.webhooks
        assert self.connector.messages is not None
        (incoming,) = self.connector.messages(body, BOOK, PLACE)
        assert isinstance(incoming, Incoming)
        return incoming

    def test_a_signed_message_is_taken(self) -> None:
        body = self.event(self.row())

        facts = self.verified(body, self.signed(body, self.secret, NOW))

        assert facts.event_id
        assert facts.event_type.startswith("booking.")
        assert facts.hotel_ref == "CITY"

    def test_during_rotation_either_secret_is_good(self) -> None:
        body = self.event(self.row())

        for secret in (self.secret, self.other_secret):
            assert self.verified(body, self.signed(body, secret, NOW), self.secret, self.other_secret)

    @pytest.mark.parametrize("secrets", [[], [""]])
    def test_without_a_secret_nobody_gets_in(self, secrets: list[str]) -> None:
        body = self.event(self.row())
        assert self.connector.webhooks

        with pytest.raises(BadSignature):
            self.connector.webhooks.verify(self.signed(body, self.secret, NOW), body, secrets, NOW)

    def test_another_secret_and_no_signature_are_turned_away(self) -> None:
        body = self.event(self.row())

        with pytest.raises(BadSignature):
            self.verified(body, self.signed(body, self.other_secret, NOW))
        with pytest.raises(BadSignature):
            self.verified(body, {})

    @pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"{", b"<x/>", b'{"a": "\xff"}'])
    def test_a_signed_body_that_cannot_be_read_is_malformed(self, body: bytes) -> None:
        headers = self.signed(body, self.secret, NOW)

        with pytest.raises((MalformedBody, BadSignature)):
            self.verified(body, headers)

    def test_the_same_message_again_has_the_same_id(self) -> None:
        body = self.event(self.row())

        first, again = (self.verified(body, self.signed(body, self.secret, NOW)).event_id for _ in range(2))

        assert first == again

    def test_no_signature_is_kept(self) -> None:
        assert self.connector.webhooks
        kept = {header.lower() for header in self.connector.webhooks.kept_headers}

        assert not kept & {"authorization", "x-webhook-signature", "webhook-signature", "cookie"}

    def test_a_message_says_what_the_pull_says(self) -> None:
        told = self.mapped(self.event(self.row()))
        (pulled,) = self.connector.mappers["reservations"](self.pulled(self.row()), BOOK, PLACE)

        assert told == pulled
        assert told.action == WRITE

    def test_a_cancellation_says_who_and_when_and_nothing_else(self) -> None:
        written, cancelled = self.mapped(self.event(self.row())), self.mapped(self.cancellation(self.row()))

        assert cancelled.action == CANCEL
        assert isinstance(cancelled.row, Reservation)
        assert isinstance(written.row, Reservation)
        assert cancelled.row[:3] == written.row[:3]
        assert (cancelled.row.status, cancelled.row.rooms, cancelled.row.total_minor) == ("cancelled", (), None)
        assert cancelled.row.cancelled_at is not None
        assert (cancelled.source_version or 0) > (written.source_version or 0)

    @pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"<x/>"])
    def test_a_stored_message_nobody_can_read_says_so(self, body: bytes) -> None:
        assert self.connector.webhooks

        assert self.connector.messages is not None
        with pytest.raises(VendorChangedShape):
            list(self.connector.messages(body, BOOK, PLACE))

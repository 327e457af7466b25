"""Receivers whose sender signs in inside the body (SOAP), held to what every receiver owes."""

from collections.abc import Mapping
from datetime import datetime

from connectors.ports import DeliveryFacts
from hotel.incoming import Incoming
from hotel.reservations import Reservation
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.suites import BOOK, PLACE

_LOGIN = "login-of-the-test"


class SignedInBodyContract(WebhookReceiverContract):
    """A receiver that finds the login in the body. What `signed` gives is put there by `verified`."""

    def with_login(self, body: bytes, secret: str) -> bytes:
        """Give the message with this login in it; what is no message stays as it is."""
        raise NotImplementedError

    def signed(self, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
        return {_LOGIN: secret}

    def verified(self, body: bytes, headers: Mapping[str, str], *secrets: str) -> DeliveryFacts:
        assert self.connector.webhooks
        sent = self.with_login(body, headers[_LOGIN]) if _LOGIN in headers else body
        return self.connector.webhooks.verify({}, sent, secrets or [self.secret], NOW)

    def mapped(self, body: bytes) -> Incoming:
        """Give the booking a message tells; the people beside it are looked at elsewhere."""
        assert self.connector.messages is not None
        rows = [row for row in self.connector.messages(body, BOOK, PLACE) if isinstance(row, Incoming)]
        (booking,) = (row for row in rows if isinstance(row.row, Reservation))
        return booking

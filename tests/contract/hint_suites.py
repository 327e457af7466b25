"""What connectors owe whose webhooks carry no booking: they only say that it is time to ask."""

from connectors.ports import MappingPlace
from tests.contract.booking_suites import NOW, WebhookReceiverContract
from tests.contract.suites import BOOK, PLACE, Row


class HintReceiverContract(WebhookReceiverContract):
    """Events with ids in them. What they hint at comes by the pull, so a stored one yields nothing."""

    def row(self) -> Row:
        return {}

    def pulled(self, row: Row) -> bytes:
        raise NotImplementedError

    def other_event(self) -> bytes:
        """Give the message of another event of the same booking."""
        raise NotImplementedError

    def cancellation(self, row: Row) -> bytes:
        return self.other_event()

    def test_it_says_that_its_events_only_hint(self) -> None:
        assert self.connector.capabilities.hints_by_webhook

    # Its events say nothing of a booking that could be compared.
    test_a_message_says_what_the_pull_says = None  # type: ignore[assignment]
    test_a_cancellation_says_who_and_when_and_nothing_else = None  # type: ignore[assignment]

    def test_a_stored_event_yields_nothing(self) -> None:
        assert self.connector.messages is not None
        for body in (self.event({}), self.other_event()):
            assert list(self.connector.messages(body, BOOK, PLACE)) == []
            assert list(self.connector.messages(body, BOOK, MappingPlace("i:1"))) == []

    def test_another_event_of_the_same_booking_has_another_id(self) -> None:
        first, other = (
            self.verified(body, self.signed(body, self.secret, NOW)) for body in (self.event({}), self.other_event())
        )  # fmt: skip

        assert first.event_id != other.event_id

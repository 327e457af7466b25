"""What connectors owe that keep bookings in a queue, and that sell at our counts, restrictions and prices."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

import pytest

from connectors.errors import FixCredentials, RequestRefused, TryLater, VendorChangedShape
from connectors.ports import Account, Connector, Credentials, MappingPlace, Ports
from connectors.pushes import Availability, InventorySink, Price, RateSink, Restriction, RestrictionSink
from connectors.queues import BookingQueue, Pulled, Taken
from hotel.incoming import Incoming
from hotel.reservations import Reservation
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, Asked, ScriptedServer
from tests.contract.suites import BOOK, PLACE

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)


class _Opened:
    """A connector with one account on the scripted server. `options` are the settings of the account."""

    connector: ClassVar[Connector]
    credentials: ClassVar[Credentials] = {}
    options: ClassVar[dict[str, Any]] = {}

    def account(self, server: ScriptedServer) -> Account:
        return loopback_account(server.url, **self.options)

    def opened(self, server: ScriptedServer, ports: Ports) -> Any:
        return self.connector.open(self.account(server), self.credentials, ports)


class QueueContract(_Opened):
    """A queue of bookings: every message by itself, the same each time, gone only once it is acknowledged."""

    pull_path: ClassVar[str]
    acknowledge_path: ClassVar[str]

    def message(self, number: int) -> Any:
        """Give the n-th booking as the vendor tells it, of hotel CITY, one room, in EUR."""
        raise NotImplementedError

    def answer(self, messages: Sequence[Any]) -> Answer:
        """Give the answer to a pull that holds these messages; none: nothing waits."""
        raise NotImplementedError

    def acknowledged(self) -> Answer:
        """Give the answer to an acknowledgement that was taken."""
        raise NotImplementedError

    def named(self, asked: Sequence[Asked]) -> set[str]:
        """Read which messages these acknowledgements name, by what `wanted` gives for each."""
        raise NotImplementedError

    def wanted(self, number: int) -> str:
        """Give what an acknowledgement must name of the n-th message."""
        raise NotImplementedError

    def queue(self, server: ScriptedServer, ports: Ports) -> BookingQueue:
        found = self.opened(server, ports)
        assert isinstance(found, BookingQueue)
        return found

    def pulled(self, server: ScriptedServer, ports: Ports, *numbers: int) -> Sequence[Pulled]:
        server.on(self.pull_path, self.answer([self.message(number) for number in numbers]))
        return self.queue(server, ports).waiting()

    def test_it_says_that_it_acknowledges_and_by_when(self) -> None:
        assert self.connector.capabilities.acknowledges
        assert self.connector.messages is not None

    def test_an_empty_queue_is_no_fault(self, server: ScriptedServer, ports: Ports) -> None:
        assert self.pulled(server, ports) == ()

    def test_every_message_has_a_name_of_its_own_and_the_same_one_each_time(
        self, server: ScriptedServer, ports: Ports
    ) -> None:
        first = self.pulled(server, ports, 1, 2, 3)
        again = self.pulled(server, ports, 1, 2, 3)

        assert len({each.event_id for each in first}) == 3
        assert [(each.event_id, each.body) for each in first] == [(each.event_id, each.body) for each in again]
        assert {each.hotel_ref for each in first} <= {"CITY", None}

    def test_a_message_keeps_its_name_whoever_waits_beside_it(self, server: ScriptedServer, ports: Ports) -> None:
        (alone,) = self.pulled(server, ports, 2)
        together = self.pulled(server, ports, 1, 2)

        assert alone in together

    def test_every_message_is_read_by_itself(self, server: ScriptedServer, ports: Ports) -> None:
        assert self.connector.messages is not None
        refs = []
        for each in self.pulled(server, ports, 1, 2):
            found = list(self.connector.messages(each.body, BOOK, PLACE))
            rows = [row.row for row in found if isinstance(row, Incoming)]
            assert len(rows) == len(found)
            refs += [row.source_ref for row in rows if isinstance(row, Reservation)]
        assert len(set(refs)) == 2

    def test_every_row_of_a_message_has_its_place(self, server: ScriptedServer, ports: Ports) -> None:
        assert self.connector.messages is not None
        (one,) = self.pulled(server, ports, 1)

        found = list(self.connector.messages(one.body, BOOK, MappingPlace("i:9", property_id="city-hotel")))

        assert len({row.raw_ref for row in found}) == len(found)
        assert {row.raw_ref.rpartition(":")[0] for row in found} == {"i:9"}

    def test_an_acknowledgement_names_every_message_taken(self, server: ScriptedServer, ports: Ports) -> None:
        taken = [Taken(each.receipt, f"our-{each.event_id}") for each in self.pulled(server, ports, 1, 2)]
        server.on(self.acknowledge_path, self.acknowledged())
        before = len(server.asked)

        self.queue(server, ports).acknowledge(taken)

        assert self.named(server.asked[before:]) >= {self.wanted(1), self.wanted(2)}

    def test_nothing_taken_is_nothing_said(self, server: ScriptedServer, ports: Ports) -> None:
        self.queue(server, ports).acknowledge([])

        assert server.asked == []

    @pytest.mark.parametrize(("status", "error"), [(503, TryLater), (401, FixCredentials), (422, RequestRefused)])
    def test_a_pull_that_fails_says_what_to_do(
        self, server: ScriptedServer, ports: Ports, status: int, error: type[Exception]
    ) -> None:
        server.on(self.pull_path, Answer(b"", status))

        with pytest.raises(error):
            self.queue(server, ports).waiting()

    def test_an_acknowledgement_that_fails_is_told(self, server: ScriptedServer, ports: Ports) -> None:
        taken = [Taken(each.receipt, "our") for each in self.pulled(server, ports, 1)]
        server.on(self.acknowledge_path, Answer(b"", 503))

        with pytest.raises(TryLater):
            self.queue(server, ports).acknowledge(taken)

    @pytest.mark.parametrize("body", [b"<h1>Bad Gateway</h1>", b"", b"[]", b"\xff\xfe"])
    def test_an_answer_of_another_shape_is_told(self, server: ScriptedServer, ports: Ports, body: bytes) -> None:
        server.on(self.pull_path, Answer(body))

        with pytest.raises(VendorChangedShape):
            self.queue(server, ports).waiting()

    @pytest.mark.parametrize("body", [b"<h1>Bad Gateway</h1>", b"", b"[]", b"\xff\xfe", b"\x00", b'{"a": 1'])
    def test_a_message_nobody_can_read_is_told(self, body: bytes) -> None:
        assert self.connector.messages is not None
        with pytest.raises(VendorChangedShape):
            list(self.connector.messages(body, BOOK, PLACE))


class SinkContract(_Opened):
    """What sells at our word: the state, in the order given, and a 200 is not success.

    A vendor without one of the three kinds leaves its path None.
    """

    inventory_path: ClassVar[str]
    restrictions_path: ClassVar[str | None] = None
    rates_path: ClassVar[str | None] = None

    COUNTS = (Availability(SECOND, "STD", 0), Availability(FIRST, "STD", 3))
    RESTRICTED = (Restriction(FIRST, "STD", "BAR", is_stop_sell=True, min_stay_arrival_count=2),)
    PRICES = (Price(FIRST, "STD", "BAR", 12_345, "EUR"), Price(SECOND, "STD", "BAR", 9_800, "EUR"))

    def taken(self) -> Answer:
        """Give the answer to a push that was taken whole."""
        raise NotImplementedError

    def partly_refused(self) -> Answer | None:
        """Give the 2xx answer to COUNTS of which the row of SECOND was not taken; None where the vendor has none."""
        raise NotImplementedError

    def counts(self, asked: Sequence[Asked]) -> list[tuple[date, str, int]]:
        """Read what was sent back: date, room type, count, in the order sent; ranges date by date."""
        raise NotImplementedError

    def restrictions(self, asked: Sequence[Asked]) -> list[Restriction]:
        """Read what was sent back, one restriction a date, with all that was said of it."""
        raise NotImplementedError

    def prices(self, asked: Sequence[Asked]) -> list[tuple[date, str, str, str, str]]:
        """Read what was sent back: date, room type, rate plan, amount as written, currency."""
        raise NotImplementedError

    def test_what_it_takes_is_what_it_promises(self, server: ScriptedServer, ports: Ports) -> None:
        found = self.opened(server, ports)
        promised = self.connector.capabilities.pushes

        assert isinstance(found, InventorySink)
        assert (
            ("restrictions" in promised) == (self.restrictions_path is not None) == isinstance(found, RestrictionSink)
        )
        assert ("rates" in promised) == (self.rates_path is not None) == isinstance(found, RateSink)

    def test_counts_are_absolute_and_go_out_as_given(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.inventory_path, self.taken())

        told = self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

        assert told.refused == ()
        assert self.counts(server.asked) == [(SECOND, "STD", 0), (FIRST, "STD", 3)]

    def test_a_restriction_says_what_is_told_and_nothing_else(self, server: ScriptedServer, ports: Ports) -> None:
        if self.restrictions_path is None:
            pytest.skip("this vendor takes no restrictions")
        server.on(self.restrictions_path, self.taken())

        self.opened(server, ports).push_restrictions(self.RESTRICTED, idempotency_key="k")

        assert self.restrictions(server.asked) == list(self.RESTRICTED)

    def test_prices_go_out_in_major_units_of_their_currency(self, server: ScriptedServer, ports: Ports) -> None:
        if self.rates_path is None:
            pytest.skip("this vendor takes no prices")
        server.on(self.rates_path, self.taken())

        self.opened(server, ports).push_rates(self.PRICES, idempotency_key="k")

        assert sorted(self.prices(server.asked)) == [
            (FIRST, "STD", "BAR", "123.45", "EUR"),
            (SECOND, "STD", "BAR", "98.00", "EUR"),
        ]

    def test_a_row_that_was_not_taken_is_named(self, server: ScriptedServer, ports: Ports) -> None:
        answer = self.partly_refused()
        if answer is None:
            pytest.skip("this vendor takes a message whole or not at all")
        server.on(self.inventory_path, answer)

        told = self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

        assert [cell.position for cell in told.refused] == [0]
        assert all(cell.code for cell in told.refused)

    def test_a_push_that_fails_on_its_way_is_repeated(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.inventory_path, Answer(b"", 502), self.taken())

        self.opened(server, ports).push_inventory(self.COUNTS[:1], idempotency_key="k")

        first, second = server.asked
        assert self.counts([first]) == self.counts([second])

    @pytest.mark.parametrize(("status", "error"), [(500, TryLater), (401, FixCredentials), (422, RequestRefused)])
    def test_refusals_say_what_to_do(
        self, server: ScriptedServer, ports: Ports, status: int, error: type[Exception]
    ) -> None:
        server.on(self.inventory_path, Answer(b"", status))

        with pytest.raises(error):
            self.opened(server, ports).push_inventory(self.COUNTS, idempotency_key="k")

    def test_more_rows_than_a_message_holds_go_out_in_several(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.inventory_path, self.taken())
        cap = self.connector.capabilities.push_cap
        rows = [Availability(date.fromordinal(FIRST.toordinal() + n), "STD", n % 2) for n in range(cap + 1)]

        self.opened(server, ports).push_inventory(rows, idempotency_key="k")

        assert self.counts(server.asked) == [(row.stay_on, "STD", row.available_count) for row in rows]
        assert len(server.asked) >= 2

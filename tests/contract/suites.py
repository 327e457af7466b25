"""What every connector owes its port. A connector's tests inherit a suite and say how its vendor tells things."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

import pytest

from connectors.errors import FixCredentials, TryLater, VendorChangedShape
from connectors.ports import Connector, Credentials, MappingPlace, Page, Ports
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Reason, Refused
from hotel.properties import Property
from tests.contract.fakes import loopback_account
from tests.contract.scripted_server import Answer, ScriptedServer

CITY = Property("city-hotel", "City Hotel", "Europe/Lisbon", "EUR", country_code="PT")
TOKYO = Property("tokyo-hotel", "Tokyo Hotel", "Asia/Tokyo", "JPY", country_code="JP")
EVERY_FIELD = (
    "room_type",
    "rate_plan",
    "market_segment",
    "channel",
    "origin",
    "customer_type",
    "meal_plan",
    "guarantee",
)
BOOK = Codebook(
    "sandbox_pms",
    {house.property_id: house for house in (CITY, TOKYO)},
    {"CITY": "city-hotel", "TOKYO": "tokyo-hotel"},
    {},
    frozenset(EVERY_FIELD),
)
PLACE = MappingPlace("p:7:1", 0, "city-hotel", datetime(2026, 3, 1, tzinfo=UTC))
UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=1)

Row = dict[str, Any]


class SourceContract:
    """A dataset that is pulled page by page."""

    connector: ClassVar[Connector]
    credentials: ClassVar[Credentials] = {}
    dataset: ClassVar[str]
    path: ClassVar[str]

    def told(self, number: int) -> Row:
        """Give the n-th row of the dataset as the vendor tells it: another reference for another number."""
        raise NotImplementedError

    def answer(self, rows: list[Row], next_cursor: str | None = None, total: int | None = None) -> Answer:
        """Give the vendor's answer that holds these rows."""
        raise NotImplementedError

    def spoilt(self, row: Row) -> Row:
        """Spoil one field of a row so that it cannot be read."""
        raise NotImplementedError

    def pull(self, server: ScriptedServer, ports: Ports) -> Iterator[Page]:
        source = self.connector.open(loopback_account(server.url), self.credentials, ports)
        if self.dataset == "room_status":
            return source.room_status()  # type: ignore[no-any-return]
        if self.dataset == "rates":
            return source.rates(first=date(2026, 3, 1), last=date(2026, 3, 31))  # type: ignore[no-any-return]
        return getattr(source, self.dataset)(since=SINCE, until=UNTIL)  # type: ignore[no-any-return]

    def mapped(self, body: bytes, place: MappingPlace = PLACE, book: Codebook = BOOK) -> list[Incoming | Refused]:
        return list(self.connector.mappers[self.dataset](body, book, place))

    def understood(self, body: bytes) -> list[Incoming]:
        rows = self.mapped(body)
        assert [row for row in rows if isinstance(row, Refused)] == []
        return [row for row in rows if isinstance(row, Incoming)]

    def test_the_dataset_is_promised_with_its_versions_and_its_mapper(self) -> None:
        promised = self.connector.capabilities

        assert self.dataset in promised.datasets
        assert self.dataset in promised.versions
        assert self.dataset in self.connector.mappers

    def test_one_answer_is_the_last_page(self, server: ScriptedServer, ports: Ports) -> None:
        told = self.answer([self.told(1), self.told(2)])
        server.on(self.path, told)

        (page,) = self.pull(server, ports)

        assert (page.number, page.first_row, page.row_count, page.is_last) == (1, 0, 2, True)
        assert page.body == told.body
        assert page.received_sha256 == sha256(told.body).digest()

    def test_nothing_changed_is_one_empty_page(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, self.answer([]))

        (page,) = self.pull(server, ports)

        assert (page.row_count, page.is_last, self.mapped(page.body)) == (0, True, [])

    def test_reading_twice_gives_the_same(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, self.answer([self.told(1), self.told(2)]))

        first, second = list(self.pull(server, ports)), list(self.pull(server, ports))

        assert [page._replace(request_id=None) for page in first] == [page._replace(request_id=None) for page in second]
        assert self.mapped(first[0].body) == self.mapped(second[0].body)

    def test_every_row_has_its_own_place(self) -> None:
        rows = self.understood(self.answer([self.told(1), self.told(2), self.told(3)]).body)

        assert [row.raw_ref for row in rows] == ["p:7:1:0", "p:7:1:1", "p:7:1:2"]

    def test_a_server_error_asks_to_try_later(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, Answer(b"", 503))

        with pytest.raises(TryLater):
            list(self.pull(server, ports))

    def test_a_passing_fault_goes_unnoticed(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, Answer(b"", 429), Answer(resets=True), self.answer([self.told(1)]))

        assert [page.row_count for page in self.pull(server, ports)] == [1]

    def test_refused_credentials_ask_for_credentials(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, Answer(b"", 401))

        with pytest.raises(FixCredentials):
            list(self.pull(server, ports))

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_a_page_that_is_cut_off_is_no_success(self, server: ScriptedServer, ports: Ports, framing: Any) -> None:
        whole = self.answer([self.told(1), self.told(2)])
        server.on(self.path, Answer(whole.body, framing=framing, cut_after=len(whole.body) // 2))

        with pytest.raises(TryLater):
            list(self.pull(server, ports))

    @pytest.mark.parametrize("body", [b"<h1>Bad Gateway</h1>", b"", b"[]", b"{}", b'{"\xff": 1}'])
    def test_an_answer_of_another_shape_is_told(self, server: ScriptedServer, ports: Ports, body: bytes) -> None:
        server.on(self.path, Answer(body))

        with pytest.raises(VendorChangedShape):
            list(self.pull(server, ports))
        with pytest.raises(VendorChangedShape):
            self.mapped(body)

    def test_a_bad_row_takes_no_other_along(self) -> None:
        rows = [self.told(1), self.spoilt(self.told(2)), self.told(3)]

        first, bad, last = self.mapped(self.answer(rows).body)

        assert isinstance(first, Incoming)
        assert isinstance(last, Incoming)
        assert isinstance(bad, Refused)
        assert bad.raw_ref == "p:7:1:1"
        assert bad.dataset == self.dataset
        assert all(reason.code for reason in bad.reasons)

    def test_a_reason_shows_no_value(self) -> None:
        (bad,) = self.mapped(self.answer([self.spoilt(self.told(1))]).body)

        assert isinstance(bad, Refused)
        for reason in bad.reasons:
            assert set(reason.shape) <= set("9Aa-.:,+ _/") | set(self.punctuation_of_the_spoilt())

    def punctuation_of_the_spoilt(self) -> str:
        return ""


class CursorContract(SourceContract):
    """A dataset of more than one page."""

    def test_pages_follow_the_cursor_and_add_up(self, server: ScriptedServer, ports: Ports) -> None:
        rows = [self.told(number) for number in range(1, 6)]
        answers = (self.answer(rows[:2], "b", 5), self.answer(rows[2:4], "c", 5), self.answer(rows[4:], None, 5))
        server.on(self.path, *answers)

        pages = list(self.pull(server, ports))

        assert [(page.number, page.first_row, page.row_count, page.is_last) for page in pages] == [
            (1, 0, 2, False),
            (2, 2, 2, False),
            (3, 4, 1, True),
        ]
        assert [page.expected_count for page in pages] == [5, 5, 5]
        assert [asked.query.get("cursor") for asked in server.asked] == [None, "b", "c"]

    def test_references_are_unique_over_all_pages(self, server: ScriptedServer, ports: Ports) -> None:
        rows = [self.told(number) for number in range(1, 5)]
        server.on(self.path, self.answer(rows[:2], "b"), self.answer(rows[2:]))

        mapped = [
            row
            for page in self.pull(server, ports)
            for row in self.mapped(page.body, PLACE._replace(raw_ref=f"p:7:{page.number}", first_row=page.first_row))
        ]

        assert len({getattr(row.row, "source_ref", None) for row in mapped if isinstance(row, Incoming)}) == 4
        assert [row.raw_ref for row in mapped] == ["p:7:1:0", "p:7:1:1", "p:7:2:2", "p:7:2:3"]

    def test_a_cursor_that_leads_in_a_circle_is_noticed(self, server: ScriptedServer, ports: Ports) -> None:
        circle = itertools.cycle(["b", "c"])
        server.on(self.path, lambda _: self.answer([self.told(1)], next(circle), 9))

        with pytest.raises(VendorChangedShape, match="leads back"):
            list(self.pull(server, ports))

    def test_a_later_page_that_is_cut_off_ends_the_pull(self, server: ScriptedServer, ports: Ports) -> None:
        whole = self.answer([self.told(1)], "b", 2)
        server.on(self.path, whole, Answer(whole.body, cut_after=10))
        pages = self.pull(server, ports)

        assert next(pages).is_last is False
        with pytest.raises(TryLater):
            next(pages)

    def test_the_window_goes_out_with_its_zone(self, server: ScriptedServer, ports: Ports) -> None:
        server.on(self.path, self.answer([]))

        list(self.pull(server, ports))

        sent = " ".join(server.asked[0].query.values())
        assert "2026-02-28T00:00:00Z" in sent
        assert "2026-03-01T00:00:00Z" in sent


class VersionContract(SourceContract):
    """A dataset whose rows tell their own version."""

    def changed(self, row: Row, *, revision: int | None, modified_at: str | None) -> Row:
        """Give the row in another version."""
        raise NotImplementedError

    def test_a_revision_is_the_version(self) -> None:
        row = self.changed(self.told(1), revision=7, modified_at="2026-02-28T10:00:00Z")

        (incoming,) = self.understood(self.answer([row]).body)

        assert incoming.source_version == 7
        assert incoming.source_updated_at == datetime(2026, 2, 28, 10, tzinfo=UTC)

    def test_without_a_revision_the_modification_counts_in_microseconds(self) -> None:
        row = self.changed(self.told(1), revision=None, modified_at="1970-01-02T00:00:00.000001+00:00")

        (incoming,) = self.understood(self.answer([row]).body)

        assert incoming.source_version == 86_400_000_001

    def test_without_either_the_order_of_arrival_decides(self) -> None:
        row = self.changed(self.told(1), revision=None, modified_at=None)

        (incoming,) = self.understood(self.answer([row]).body)

        assert (incoming.source_version, incoming.source_updated_at) == (None, None)

    def test_a_stamp_without_a_zone_is_refused_unless_one_is_stated(self) -> None:
        body = self.answer([self.changed(self.told(1), revision=None, modified_at="2026-07-01T00:30:00")]).body

        (refused,) = self.mapped(body)
        (incoming,) = self.mapped(body, book=BOOK._replace(settings={"naive_zone": "property"}))

        assert isinstance(refused, Refused)
        assert refused.reasons[0].code == "time_zone_missing"
        assert isinstance(incoming, Incoming)
        assert incoming.source_updated_at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


def reasons_of(rows: list[Incoming | Refused]) -> list[Reason]:
    """List the reasons of rows that must all have been refused."""
    assert all(isinstance(row, Refused) for row in rows)
    return [reason for row in rows if isinstance(row, Refused) for reason in row.reasons]

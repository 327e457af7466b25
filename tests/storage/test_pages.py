"""Raw pages: a pull is kept page by page, as it came, in one order with everything else received."""

import hashlib
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from connectors.ports import Page
from hotel.loads import Window
from storage import inbox, pages
from storage.inbox import Delivery

WINDOW = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))


def page(number: int, body: bytes = b"[]", *, row_count: int = 0, is_last: bool = False) -> Page:
    return Page(
        number=number, body=body, media_type="application/json", received_sha256=hashlib.sha256(body).digest(),
        row_count=row_count, first_row=(number - 1) * 100, cursor=f"c{number}", expected_count=250, is_last=is_last,
        request_id=f"r{number}",
    )  # fmt: skip


def opened(connection: Connection, property_id: str = "city-hotel") -> int:
    return pages.open_batch(
        connection, source="pms", property_id=property_id, dataset="guests", kind="hotel_rest", window=WINDOW
    )


def test_pages_come_back_as_they_went_in_and_in_order(connection: Connection) -> None:
    batch_id = opened(connection)
    body = bytes(range(256)) * 500
    for saved in (page(2, b"second", row_count=3, is_last=True), page(1, body, row_count=100)):
        pages.save_page(connection, batch_id, saved)
    first, second = pages.read_pages(connection, batch_id)
    assert (first.body, second.body) == (body, b"second")
    assert first.received_sha256 == hashlib.sha256(body).digest()
    assert second[:10] == page(2, b"second", row_count=3, is_last=True)
    assert first.key_id is None


def test_a_body_is_stored_compressed(connection: Connection) -> None:
    batch_id = opened(connection)
    pages.save_page(connection, batch_id, page(1, b"x" * 100_000))
    assert connection.scalar(text("SELECT octet_length(body) FROM raw.pages")) < 1000


def test_a_page_saved_again_replaces_itself(connection: Connection) -> None:
    batch_id = opened(connection)
    pages.save_page(connection, batch_id, page(1, b"cut off", row_count=1))
    pages.save_page(connection, batch_id, page(1, b"whole", row_count=2))
    assert [stored.body for stored in pages.read_pages(connection, batch_id)] == [b"whole"]
    assert pages.batch(connection, batch_id).row_count == 2


def test_a_batch_knows_its_window_its_pages_and_whether_it_is_complete(connection: Connection) -> None:
    batch_id = opened(connection, property_id="*")
    pages.save_page(connection, batch_id, page(1, row_count=100))
    pages.save_page(connection, batch_id, page(2, row_count=50))
    before = pages.batch(connection, batch_id)
    assert (before.window, before.is_complete, before.page_count, before.row_count) == (WINDOW, False, 2, 150)
    assert (before.source, before.property_id, before.dataset, before.kind) == ("pms", "*", "guests", "hotel_rest")
    pages.complete_batch(connection, batch_id, expected_count=150)
    pages.complete_batch(connection, batch_id)
    after = pages.batch(connection, batch_id)
    assert (after.is_complete, after.expected_count) == (True, 150)


def test_a_batch_without_window_has_none_and_keeps_its_business_date(connection: Connection) -> None:
    batch_id = pages.open_batch(
        connection, source="drop", property_id="*", dataset="reservations", kind="file_drop", expected_count=7,
        business_on=date(2026, 3, 1),
    )  # fmt: skip
    found = pages.batch(connection, batch_id)
    assert (found.window, found.expected_count, found.business_on) == (None, 7, date(2026, 3, 1))


def test_a_complete_batch_takes_no_more_pages(connection: Connection) -> None:
    batch_id = opened(connection)
    pages.complete_batch(connection, batch_id)
    with pytest.raises(pages.BatchCompleteError):
        pages.save_page(connection, batch_id, page(1))


def test_an_unknown_batch_is_said_to_be_unknown(connection: Connection) -> None:
    with pytest.raises(LookupError, match="no batch 4711"):
        pages.batch(connection, 4711)
    assert list(pages.read_pages(connection, 4711)) == []


def test_a_sealed_body_names_its_key(connection: Connection) -> None:
    batch_id = opened(connection)
    pages.save_page(connection, batch_id, page(1, b"\x00sealed"), key_id="k1")
    (stored,) = pages.read_pages(connection, batch_id)
    assert (stored.body, stored.key_id) == (b"\x00sealed", "k1")
    assert connection.scalar(text("SELECT is_sealed FROM raw.pages")) is True


def test_batches_and_messages_share_one_counter(connection: Connection) -> None:
    message = Delivery("pms", "", "e1", "booking.created", b"{}", b"\x00" * 32, {}, "bearer")
    first = opened(connection)
    (receipt,) = inbox.receive(connection, [message])
    assert first < receipt.inbox_id < opened(connection)


def test_a_pull_cut_between_two_pages_keeps_the_first(engine: Engine, clean_database: str) -> None:
    with engine.begin() as connection:
        batch_id = opened(connection)
    with engine.begin() as connection:
        pages.save_page(connection, batch_id, page(1, b"kept"))
    with engine.connect() as connection:
        pages.save_page(connection, batch_id, page(2, b"lost"))
        connection.rollback()
    with engine.connect() as connection:
        assert [stored.body for stored in pages.read_pages(connection, batch_id)] == [b"kept"]
        assert not pages.batch(connection, batch_id).is_complete


def test_pages_are_read_one_at_a_time(connection: Connection) -> None:
    batch_id = opened(connection)
    for number in range(1, 6):
        pages.save_page(connection, batch_id, page(number, b"x" * 1000))
    stream = pages.read_pages(connection, batch_id)
    assert next(stream).number == 1
    assert connection.scalar(text("SELECT 1")) == 1, "other work goes on while pages are read"
    assert [stored.number for stored in stream] == [2, 3, 4, 5]

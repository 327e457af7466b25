"""Small readers: JSON rows, clocks, contacts, Retry-After, cursors."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import json_rows
from connectors.answers import LONGEST_WAIT_SECONDS, retry_after
from connectors.calls import Response
from connectors.clocks import micros, placed, zone_of
from connectors.contacts import e164, is_relay
from connectors.errors import FixMapping, VendorChangedShape
from connectors.json_rows import Unreadable
from connectors.pages import Told, follow
from connectors.registry import KINDS, connector
from hotel.incoming import Reason
from hotel.properties import Property

LISBON = Property("city-hotel", "City", "Europe/Lisbon", "EUR")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Price(msgspec.Struct):
    price: Decimal
    tags: list[str] = []


class Line(msgspec.Struct):
    id: str
    prices: list[Price] = []
    at: datetime | None = None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": 7}, Reason("unreadable", "id", "9")),
        ({}, Reason("field_missing", "id")),
        (
            {"id": "a", "prices": [{"price": "1"}, {"price": "12,50 EUR"}]},
            Reason("unreadable", "prices.price", "99,99 AAA"),
        ),
        ({"id": "a", "prices": [{}]}, Reason("field_missing", "prices.price")),
        ({"id": "a", "prices": [{"price": "1", "tags": [1]}]}, Reason("unreadable", "prices.tags", "9")),
        ({"id": "a", "prices": {"price": "1"}}, Reason("unreadable", "prices", "")),
        ({"id": "a", "at": "32.01.2026"}, Reason("unreadable", "at", "99.99.9999")),
        (["id"], Reason("unreadable", "", "")),
    ],
)
def test_a_bad_row_says_which_field_and_of_what_shape(row: Any, reason: Reason) -> None:
    body = msgspec.json.encode({"items": [{"id": "good"}, row]})

    good, bad = json_rows.rows(body, "items", Line)

    assert good == Line("good")
    assert isinstance(bad, Unreadable)
    assert bad.reason == reason


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"items": {}}', b'{"items": [1', b'{"items": ["\xff"]}']
)
def test_a_body_without_the_list_is_another_shape(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        json_rows.rows(body, "items", Line)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"a\u0000b"', "ab"),
        (rb'"a\\u0000b"', "a\\u0000b"),
        (rb'"a\\\u0000b"', "a\\b"),
        (rb'"a\ud83db"', "a\ufffdb"),
        (rb'"a\ude00b"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"a\u00e9b"', "aéb"),
    ],
)
def test_what_no_text_column_can_hold_is_taken_out(body: bytes, text: str) -> None:
    assert msgspec.json.decode(json_rows.storable(body)) == text


@given(st.text())
def test_storable_text_is_left_alone(text: str) -> None:
    for body in (msgspec.json.encode(text), ascii(text).encode()):
        assert json_rows.storable(body) == body or b"\\u0000" in body or "\x00" in text or b"\\ud" in body


def test_a_row_that_is_no_text_makes_the_whole_body_unreadable() -> None:
    for broken in (b'{"id": "a\xff"}', b'{"id": 7, "at": "\xff"}'):
        with pytest.raises(VendorChangedShape):
            json_rows.rows(b'{"items": [' + broken + b"]}", "items", Line)
        with pytest.raises(VendorChangedShape):
            json_rows.row(broken, Line)


def test_a_row_is_shown_flat_without_what_is_not_there() -> None:
    assert json_rows.flat({"a": "x", "b": 1, "c": None, "d": [1, {"e": 2}]}) == {"a": "x", "b": "1", "d": '[1,{"e":2}]'}


@pytest.mark.parametrize(
    ("naive", "utc", "warning"),
    [
        ("2026-07-01T00:30", "2026-06-30T23:30Z", None),
        ("2026-01-01T00:00", "2026-01-01T00:00Z", None),
        ("2026-10-25T01:30", "2026-10-25T00:30Z", "time_ambiguous"),
        ("2026-03-29T01:30", "2026-03-29T01:30Z", "time_skipped"),
    ],
)
def test_naive_stamps_are_placed_in_their_zone(naive: str, utc: str, warning: str | None) -> None:
    clock = placed(datetime.fromisoformat(naive), ZoneInfo("Europe/Lisbon"))

    assert (clock.at, clock.warning) == (datetime.fromisoformat(utc), warning)


def test_a_zone_is_stated_or_there_is_none() -> None:
    assert zone_of(None, LISBON) is None
    assert zone_of("utc", LISBON) == ZoneInfo("UTC")
    assert zone_of("property", LISBON) == ZoneInfo("Europe/Lisbon")
    assert zone_of("Asia/Tokyo", LISBON) == ZoneInfo("Asia/Tokyo")
    for stated in ("Mars/Base", "../../etc/passwd"):
        with pytest.raises(FixMapping):
            zone_of(stated, LISBON)


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 the strategy adds the zone
def test_microseconds_keep_the_order_and_lose_nothing(instant: datetime) -> None:
    assert datetime.fromtimestamp(0, UTC) + (instant - datetime.fromtimestamp(0, UTC)) == instant
    assert micros(instant) % 1_000_000 == instant.microsecond


@pytest.mark.parametrize(
    ("raw", "region", "phone"),
    [
        ("+351912345678", None, "+351912345678"),
        ("+351 912 345 678", None, "+351912345678"),
        ("912 345 678", "PT", "+351912345678"),
        ("(020) 7946-0958", "GB", "+442079460958"),
        ("0081 3-1234-5678", "PT", "+81312345678"),
        ("912 345 678", None, None),
        ("call me", "PT", None),
        ("", "PT", None),
        ("123", "PT", None),
        (None, "PT", None),
    ],
)
def test_phones_become_e164_or_nothing(raw: str | None, region: str | None, phone: str | None) -> None:
    assert e164(raw, region) == phone


@pytest.mark.parametrize(
    ("email", "relays"),
    [
        ("jane.roe.123@guest.booking.com", True),
        ("x@M.ExpediaPartnerCentral.com", True),
        ("jane@example.com", False),
        ("jane@notguest.booking.com.example", False),
        ("guest.booking.com", True),
        (None, False),
    ],
)
def test_relay_addresses_are_known(email: str | None, relays: bool) -> None:
    assert is_relay(email) is relays


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1000000000", LONGEST_WAIT_SECONDS),
        ("9" * 5000, LONGEST_WAIT_SECONDS),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:00 -0000", 60.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT_SECONDS),
        ("1e9", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:02:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_whatever_it_says(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_causes_an_error(value: str) -> None:
    wait = retry_after(value, NOW)

    assert wait is None or 0 <= wait <= LONGEST_WAIT_SECONDS


def test_a_pull_without_end_ends() -> None:
    answer = Response(200, b"{}", "application/json", "r")
    numbers = iter(range(100))

    with pytest.raises(VendorChangedShape, match="no end after 5 pages"):
        list(follow(lambda _: Told(answer, 1, f"c{next(numbers)}"), most_pages=5))


def test_an_empty_cursor_is_the_end() -> None:
    answer = Response(200, b"{}", "application/json", "r")

    (page,) = follow(lambda _: Told(answer, 3, "", 3))

    assert (page.is_last, page.cursor, page.request_id) == (True, None, "r")


def test_every_kind_is_found_and_named_after_its_folder() -> None:
    assert [connector(kind).kind for kind in KINDS] == list(KINDS)
    with pytest.raises(FixMapping, match=r"there are .*file_drop, hotel_rest"):
        connector("fax")

"""Nights are dates; what a night is used for is decided in one place."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.codebook import Codebook, code_or_unmapped
from hotel.guests import fold_name
from hotel.incoming import Reason, UnmappedCode, shape_of
from hotel.loads import LoadSummary, PropertyLoad, ShiftSummary
from hotel.passed import Held, PassedBatch, Verdict
from hotel.properties import Property, business_date, hotel_date
from hotel.reservations import Night, Reservation, Room, price_nights, stay_dates, withheld
from hotel.status import use_of_night
from hotel.versions import CHANGED, NEW, STALE, UNCHANGED, VERSION_ONLY, Stored, Version, fate

LISBON = Property("harbour-lisbon", "Harbour House", "Europe/Lisbon", "EUR")
DATES = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@given(DATES, st.integers(0, 400))
def test_a_stay_has_a_night_for_each_date_up_to_its_departure(arrival: date, length: int) -> None:
    nights = stay_dates(arrival, arrival + timedelta(days=length))

    assert len(nights) == length
    assert nights == sorted(set(nights))
    assert all(arrival <= night < arrival + timedelta(days=length) for night in nights)


def test_the_night_the_clocks_change_is_one_night() -> None:
    assert stay_dates(date(2026, 3, 28), date(2026, 3, 30)) == [date(2026, 3, 28), date(2026, 3, 29)]


@given(DATES, st.integers(0, 60), st.integers(0, 10**9))
def test_prices_of_nights_add_up_to_the_total(arrival: date, length: int, total: int) -> None:
    priced = price_nights(arrival, arrival + timedelta(days=length), total)

    assert sum(price for _, price in priced) == (total if length else 0)


@pytest.mark.parametrize(
    ("given_use", "use"),
    [
        ({"price_minor": 100}, "sold"),
        ({"price_minor": 0}, "sold"),
        ({"price_minor": 0, "zero_price_use": "complimentary"}, "complimentary"),
        ({"price_minor": 100, "zero_price_use": "complimentary"}, "sold"),
        ({"price_minor": 100, "is_complimentary": True}, "complimentary"),
        ({"price_minor": 0, "is_complimentary": True, "is_house_use": True}, "house_use"),
        ({"price_minor": 0, "is_house_use": True, "is_share": True}, "share"),
        ({"price_minor": 0, "is_share": True, "is_pseudo": True}, "pseudo"),
    ],
)
def test_the_use_of_a_night_has_one_order_of_reasons(given_use: dict[str, Any], use: str) -> None:
    assert use_of_night(**given_use) == use


def stay(status: str = "checked_out", room_status: str = "checked_out") -> Reservation:
    nights = tuple(Night(date(2016, 8, 15) + timedelta(days=n), "sold", "A", None, "EUR", 10000 + n) for n in range(2))
    room = Room("1", room_status, "A", date(2016, 8, 15), date(2016, 8, 17), "EUR", 20001, nights)
    return Reservation(
        "file_drop", "city-hotel", "1", status, date(2016, 8, 15), date(2016, 8, 17), "EUR", 20001, (room,),
        is_inventory_held=False,
    )  # fmt: skip


def test_a_refused_stay_withholds_its_nights_and_money_and_a_cancelled_one_nothing() -> None:
    assert withheld(stay()) == (2, 20001, "EUR")
    assert withheld(stay(status="cancelled")) == (0, 0, "EUR")
    assert withheld(stay(room_status="no_show")) == (0, 0, "EUR")


@pytest.mark.parametrize(("hour", "minute", "day"), [(2, 59, 14), (3, 0, 15), (23, 59, 15)])
def test_a_house_without_a_pms_date_rolls_its_day_at_its_own_hour(hour: int, minute: int, day: int) -> None:
    summer = datetime(2016, 8, 15, hour, minute, tzinfo=UTC) - timedelta(hours=1)  # Lisbon is UTC+1 in August

    assert business_date(LISBON, summer) == date(2016, 8, day)
    assert hotel_date(LISBON, summer) == date(2016, 8, 15)


def test_a_pms_date_is_never_derived_from_the_clock() -> None:
    told = LISBON._replace(business_on_kind="pms", business_on=date(2016, 8, 14), day_rolls_at=time(0))

    assert business_date(told, datetime(2026, 1, 1, tzinfo=UTC)) == date(2016, 8, 14)
    assert business_date(told._replace(business_on=None), datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_a_code_is_looked_up_for_the_property_then_for_all_then_taken_as_is_or_reported() -> None:
    book = Codebook(
        "pms",
        {},
        {},
        {("a", "channel", "BDC"): "booking_com", ("*", "channel", "BDC"): "ota"},
        as_is=frozenset({"room_type"}),
    )
    unmapped: list[UnmappedCode] = []

    assert book.code("a", "channel", "BDC") == "booking_com"
    assert book.code("b", "channel", "BDC") == "ota"
    assert book.code("b", "room_type", "DLX") == "DLX"
    assert code_or_unmapped(book.code("b", "channel", "XYZ"), unmapped) == "unmapped"
    assert code_or_unmapped(book.code("b", "channel", "BDC"), unmapped) == "ota"
    assert unmapped == [UnmappedCode("channel", "XYZ")]


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Müller-Ó  Brien", "muller o brien"),
        ("STRASSE straße", "strasse strasse"),
        ("鈴木 一郎", "鈴木 一郎"),
        ("Łukasz", "łukasz"),
        ("", ""),
    ],
)
def test_names_fold_for_comparison_in_any_script(name: str, folded: str) -> None:
    assert fold_name(name) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@given(st.text(min_size=1, max_size=80))
def test_a_shape_tells_no_digit_and_no_letter_of_the_value(value: str) -> None:
    shape = shape_of(value)

    assert len(shape) <= 40
    assert all(char in "9Aa" for char in shape if char.isalnum())


V1, V2 = Version(1, 5), Version(2, 4)


@pytest.mark.parametrize(
    ("stored", "version", "row_hash", "versioned", "expected"),
    [
        (None, V1, b"a", True, NEW),
        (Stored(V1, b"a"), V2, b"b", True, CHANGED),
        (Stored(V1, b"a"), V2, b"a", True, VERSION_ONLY),
        (Stored(V1, b"a"), V2, b"a", False, UNCHANGED),
        (Stored(V2, b"a"), V1, b"b", True, STALE),
        (Stored(V2, b"a"), V2, b"a", True, UNCHANGED),
        (Stored(V1, b"a"), Version(1, 9), b"a", True, UNCHANGED),
        (Stored(V1, b"a"), Version(1, 9), b"b", True, CHANGED),
    ],
)
def test_what_a_version_does_to_what_is_stored(
    stored: Stored | None, version: Version, row_hash: bytes, versioned: bool, expected: str
) -> None:
    assert fate(stored, version, row_hash, source_has_versions=versioned) == expected


def test_a_verdict_and_a_load_have_one_word() -> None:
    passed = PassedBatch("guests", 1, "guests", "v", {}, 0)
    verdict = Verdict("guests", "v", 3, passed, (), {})
    part = PropertyLoad(1, "a", "passed", 1, 1, 0, 1, 0, 0, 0, {}, {})

    assert verdict.word == "passed"
    assert verdict._replace(held=(Held(0, ()),)).word == "quarantined"
    assert verdict._replace(held=(Held(0, ()),), blocked_by=(Reason("x", "", ""),)).word == "blocked"
    assert not LoadSummary(1, "guests", "pms", (part,)).is_blocked
    assert LoadSummary(1, "guests", "pms", (part, part._replace(verdict="blocked"))).is_blocked
    assert ShiftSummary(datetime.now(UTC), datetime.now(UTC), (), 0, None).message_count == 0

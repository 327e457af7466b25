"""Every rule is broken by a row that breaks nothing else, and passes over rows that are right."""

from datetime import date, timedelta

import pytest

from expectations.rules import BLOCK, INFO, QUARANTINE
from expectations.suites import BATCH, DATASETS, rules_of
from hotel.incoming import Row
from hotel.passed import Verdict
from tests.expectations.builders import (
    ARRIVAL,
    HOUSE,
    cancel,
    cancellation,
    codes_held,
    guest,
    incoming,
    judged,
    night,
    rate,
    room,
    room_status,
    stay,
    tables,
    verdict,
)
from tests.expectations.cases import CASES, Case

DAY = timedelta(days=1)


def judge_case(case: Case) -> Verdict:
    frames = tables(case.dataset, *case.rows)
    if case.put:
        frame, column, values = case.put
        at = frames[frame].column_names.index(column)
        frames[frame] = frames[frame].set_column(at, column, values)
    return judged(case.dataset, frames)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_row_that_breaks_a_rule_breaks_only_this_one(case: Case) -> None:
    found = judge_case(case)
    assert not found.blocked_by
    if case.severity == QUARANTINE:
        assert set(codes_held(found)) == {case.code}
        assert found.held[0].position == 0
        assert found.warnings == {}
    else:
        assert found.held == ()
        assert found.warnings == {case.code: 1}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_held_does_not_pass_and_what_is_warned_of_passes_with_its_code(case: Case) -> None:
    passed = judge_case(case).passed
    assert passed is not None
    first = next(iter(passed.frames.values()))
    kept = dict(zip(first["row_number"].to_pylist(), first["warnings"].to_pylist(), strict=True))
    if case.severity == QUARANTINE:
        assert 0 not in kept
    else:
        assert kept[0] == ([] if case.severity == INFO else [case.code])


@pytest.mark.parametrize("frame", sorted({frame for frames in DATASETS.values() for frame in frames}))
def test_every_rule_has_a_row_that_breaks_it(frame: str) -> None:
    assert {case.code for case in CASES if case.frame == frame} == {rule.code for rule in rules_of(frame)}


def test_only_rules_of_the_whole_batch_block() -> None:
    for frame in {frame for frames in DATASETS.values() for frame in frames}:
        assert BLOCK not in {rule.severity for rule in rules_of(frame)}
    assert QUARANTINE not in {rule.severity for rule in rules_of(BATCH)}


RIGHT = {
    "a plain booking": stay(),
    "two rooms, one cancelled, total of the other": stay(
        room(), room(room_ref="2", status="cancelled"), total_minor=20_000
    ),
    "two rooms, one cancelled, total of both": stay(room(), room(room_ref="2", status="cancelled")),
    "a cancelled room without nights": stay(room(), room(room_ref="2", status="cancelled", nights=(), total_minor=0)),
    "a total with the tax on top": stay(
        room(tax_minor=1_200, is_tax_included=False), total_minor=21_200, is_tax_included=True
    ),
    "nights with the tax on top of their price": stay(
        room(2, total_minor=21_200, nights=tuple(night(n, tax_minor=600, is_tax_included=False) for n in range(2)))
    ),
    "a cent lost in each night": stay(room(total_minor=19_998), total_minor=19_997),
    "no total stated": stay(room(total_minor=None), total_minor=None),
    "a room in another currency than the booking": stay(
        room(currency="USD", nights=(night(currency="USD"), night(1, currency="USD"))), currency="EUR", total_minor=1
    ),
    "365 nights are not too many": stay(room(30)),
    "booked after midnight of the first night": stay(booked_on=ARRIVAL + DAY),
    "nobody counts the guests": stay(adult_count=None, infant_count=None),
    "eight adults to each of two rooms": stay(room(), room(room_ref="2"), adult_count=16),
    "given away for nothing, as a house use": stay(
        room(1, is_house_use=True, total_minor=0, nights=(night(use="house_use", price_minor=0),))
    ),
    "no price asked, never came": stay(
        room(1, status="no_show", total_minor=0, nights=(night(price_minor=0),)), status="no_show"
    ),
    "checked out on the business date": stay(
        room(18, status="checked_out"), status="checked_out", checked_out_on=date(2026, 3, 20)
    ),
    "left early although the plan goes on": stay(
        room(5, status="checked_out", total_minor=50_000), status="checked_out", checked_out_on=ARRIVAL + 5 * DAY
    ),
    "a currency without decimals": stay(
        room(1, currency="JPY", total_minor=12_000, nights=(night(currency="JPY", price_minor=12_000),)),
        property_id="tokyo-inn",
    ),
    "a reference that is a long number": stay(channel_ref="4111111111111111"),
    "a guest": guest(),
    "a company without a first name": guest(kind="company", first_name=None, last_name=None, full_name="Lima Lda"),
    "a guest of whom only a name is known": guest(email=None, phone=None, country_code=None, birth_on=None),
    "a name in Thai": guest(first_name="สมชาย", last_name="ใจดี", full_name="สมชาย ใจดี"),
    "a relay address that is marked": guest(email="x@guest.booking.com", is_email_relay=True),
    "a German mobile number as typed": guest(phone="+4915112345678", phone_raw="+49 1511 2345678"),
    "an address with plus and subdomains": guest(email="ana+work@post.mail.example.co.uk"),
    "a room": room_status(),
    "a rate": rate(),
    "a rate per room": rate(occupancy_count=0, rate_plan_code=""),
}


@pytest.mark.parametrize("row", RIGHT.values(), ids=RIGHT.keys())
def test_a_row_that_is_right_passes_without_a_word(row: Row) -> None:
    dataset = {"Reservation": "reservations", "Guest": "guests", "RoomStatus": "room_status", "Rate": "rates"}
    found = verdict(dataset[type(row).__name__], row)
    assert (found.word, found.held, found.warnings) == ("passed", (), {})


def test_a_cancel_message_needs_neither_dates_nor_money_nor_rooms() -> None:
    found = verdict("reservations", cancel(cancellation()), cancel(cancellation(source_ref="R2", status="no_show")))
    assert (found.word, found.warnings, found.rows_judged_count) == ("passed", {}, 2)


def test_a_message_about_one_room_is_not_held_to_the_total_of_the_booking() -> None:
    found = verdict("reservations", incoming(stay(total_minor=99_999), covers="room"))
    assert found.word == "passed"


def test_without_a_business_date_nobody_is_ahead_of_it() -> None:
    house = HOUSE._replace(properties={"city-hotel": HOUSE.properties["city-hotel"]._replace(business_on=None)})
    future = stay(room(30, status="checked_out"), status="checked_out")
    assert verdict("reservations", future, house=house).word == "passed"
    assert codes_held(verdict("reservations", future)) == ["checked_out_in_future"]


def test_a_price_is_an_outlier_by_what_the_house_knows_when_the_batch_is_small() -> None:
    dear = stay(room(1, total_minor=250_100, nights=(night(price_minor=250_100),)))
    house = HOUSE._replace(properties={"city-hotel": HOUSE.properties["city-hotel"]._replace(high_price_minor=50_000)})
    assert verdict("reservations", dear).warnings == {}
    assert verdict("reservations", dear, house=house).warnings == {"price_outlier": 1}


def test_the_shape_of_a_bad_value_is_told_and_never_the_value() -> None:
    (held,) = verdict("reservations", stay(status="Perhaps 42")).held
    (reason,) = held.reasons
    assert reason == ("status_unknown", "status", "Aaaaaaa 99")

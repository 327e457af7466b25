"""What is sold beside the rooms lies in a booking's total or comes on top, as the source says."""

import pytest

from hotel.reservations import Extra
from tests.expectations.builders import codes_held, stay, verdict

BREAKFAST = Extra("1", "breakfast", "EUR", 3_000)


def held(total_minor: int, *extras: Extra) -> list[str]:
    return codes_held(verdict("reservations", stay(total_minor=total_minor, extras=extras)))


@pytest.mark.parametrize("is_in_price", [True, None])
def test_extras_in_the_total_explain_what_the_rooms_do_not(is_in_price: bool | None) -> None:
    assert held(23_000, BREAKFAST._replace(is_in_price=is_in_price)) == []
    assert held(23_000) == ["totals_far_apart"]


def test_extras_on_top_of_the_total_explain_nothing() -> None:
    assert held(23_000, BREAKFAST._replace(is_in_price=False)) == ["totals_far_apart"]
    assert held(20_000, BREAKFAST._replace(is_in_price=False)) == []


def test_a_total_without_them_holds_as_well() -> None:
    assert held(20_000, BREAKFAST) == []


def test_extras_of_another_currency_are_not_added() -> None:
    assert held(23_000, BREAKFAST._replace(currency="USD")) == ["totals_far_apart"]


def test_each_booking_has_its_own_extras() -> None:
    rows = [stay(total_minor=23_000, extras=(BREAKFAST,)), stay(source_ref="R2", total_minor=23_000)]
    found = verdict("reservations", *rows)
    assert [one.position for one in found.held] == [1]
    assert found.passed is not None
    assert found.passed.frames["reservation_extras"]["extra_ref"].to_pylist() == ["1"]

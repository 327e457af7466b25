"""A tax that is told for the whole booking, on top of its rooms' prices, lies in its total."""

import pytest

from tests.expectations.builders import codes_held, room, stay, verdict


def held(total_minor: int, **told: object) -> list[str]:
    return codes_held(verdict("reservations", stay(room(is_tax_included=False), total_minor=total_minor, **told)))


@pytest.mark.parametrize("is_included", [False, None])
def test_a_booking_s_own_tax_explains_what_its_rooms_without_tax_do_not(is_included: bool | None) -> None:
    assert held(21_000, tax_minor=1_000, is_tax_included=is_included) == []
    assert held(20_000, tax_minor=1_000, is_tax_included=is_included) == []


def test_a_tax_that_lies_in_the_prices_explains_nothing() -> None:
    assert held(21_000, tax_minor=1_000, is_tax_included=True) == ["totals_far_apart"]


def test_a_tax_explains_no_more_than_itself() -> None:
    assert held(22_000, tax_minor=1_000, is_tax_included=False) == ["totals_far_apart"]
    assert held(21_000) == ["totals_far_apart"]


def test_the_tax_of_one_booking_explains_no_other() -> None:
    rows = [stay(total_minor=21_000, tax_minor=1_000), stay(source_ref="R2", total_minor=21_000)]
    assert [one.position for one in verdict("reservations", *rows).held] == [1]

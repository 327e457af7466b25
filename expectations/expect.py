"""What a suite can say a suite says, each as one expectation of Great Expectations. Only suites import this: it loads GX."""

from collections.abc import Iterable

from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
    ExpectColumnPairValuesAToBeGreaterThanB,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_in_set import ExpectColumnValuesToNotBeInSet
from great_expectations.expectations.expectation import BatchExpectation


def holds(column: str) -> BatchExpectation:
    """Expect a yes in every row."""
    return ExpectColumnValuesToBeInSet(column=column, value_set=[True])


def never(column: str) -> BatchExpectation:
    """Expect a no in every row."""
    return ExpectColumnValuesToBeInSet(column=column, value_set=[False])


def one_of(column: str, words: Iterable[str]) -> BatchExpectation:
    """Expect one of these words; a word that is not known is the empty one."""
    return ExpectColumnValuesToBeInSet(column=column, value_set=sorted(words))


def at_least(column: str, least: int) -> BatchExpectation:
    """Expect no number below this one."""
    return ExpectColumnValuesToBeBetween(column=column, min_value=least)


def at_most(column: str, most: int) -> BatchExpectation:
    """Expect no number above this one."""
    return ExpectColumnValuesToBeBetween(column=column, max_value=most)


def differs_from(column: str, number: int) -> BatchExpectation:
    """Expect any number but this one."""
    return ExpectColumnValuesToNotBeInSet(column=column, value_set=[number])


def within(column: str, limit: str) -> BatchExpectation:
    """Expect no number above the one beside it in another column."""
    return ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=limit, column_B=column, or_equal=True, ignore_row_if="neither"
    )

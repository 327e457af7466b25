"""One Arrow table's columns as numpy arrays, with what is unknown told apart from what is zero."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.errors import CannotJudgeError

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Days = npt.NDArray[np.float64]

NOT_FOUND: Final = -1


class Columns:
    """A table read column by column. Without a column that is asked for the batch cannot be judged."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table.combine_chunks()
        self.row_count: int = table.num_rows
        self._arrays: dict[str, pa.Array] = {}

    def array(self, name: str) -> pa.Array:
        """Give a column as one Arrow array, dictionaries unfolded."""
        if name not in self._arrays:
            self._arrays[name] = self._whole_column(name)
        return self._arrays[name]

    def _whole_column(self, name: str) -> pa.Array:
        if name not in self.table.column_names:
            raise CannotJudgeError(code="column_not_given", column=name)
        chunks = self.table.column(name)
        array = chunks.chunk(0) if chunks.num_chunks == 1 else pa.array([], chunks.type)
        return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array

    def known(self, name: str) -> Flags:
        """Tell which rows have a value."""
        array = self.array(name)
        return _flags(array.is_valid()) if array.null_count else np.ones(self.row_count, np.bool_)

    def whole(self, name: str) -> Whole:
        """Give whole numbers, 0 where unknown; a fraction is an error: money is never cut off here."""
        array = self.array(name).cast(pa.int64())
        return np.asarray(array.fill_null(0) if array.null_count else array)

    def flag(self, name: str) -> Flags:
        """Give yes or no, no where unknown."""
        array = self.array(name).cast(pa.bool_())
        return _flags(array.fill_null(fill_value=False))

    def days(self, name: str) -> Days:
        """Give dates as days since 1970-01-01, NaN where unknown, so that a difference of dates stays unknown too."""
        array = self.array(name).cast(pa.date32()).cast(pa.int32()).cast(pa.float64())
        return np.asarray(array.to_numpy(zero_copy_only=False))

    def is_in(self, name: str, words: Iterable[str]) -> Flags:
        """Tell which rows have one of the words; unknown is none of them."""
        array = self.array(name)
        return _flags(pc.is_in(array, value_set=pa.array(sorted(words), array.type)))

    def codes(self, name: str) -> tuple[Whole, list[str]]:
        """Give each row's place in the list of distinct values beside it, NOT_FOUND where unknown."""
        encoded = self.array(name).dictionary_encode()
        return _places(encoded), encoded.dictionary.to_pylist()

    def places(self, name: str) -> Whole:
        """Give equal values equal numbers, NOT_FOUND where unknown."""
        return _places(self.array(name).dictionary_encode())

    def category(self, name: str) -> "pd.Categorical[str]":
        """Give a text column of few distinct values as pandas compares it fastest; unknown is the empty word."""
        encoded = self.array(name).fill_null("").dictionary_encode()
        return pd.Categorical.from_codes(
            np.asarray(encoded.indices), categories=pd.Index(encoded.dictionary.to_pylist(), dtype=object)
        )

    def is_blank(self, name: str) -> Flags:
        """Tell which texts are unknown, empty or only blanks."""
        array = self.array(name)
        return _flags(pc.equal(pc.utf8_trim_whitespace(array.fill_null("")), ""))

    def is_complete(self, *, texts: Iterable[str] = (), values: Iterable[str] = ()) -> Flags:
        """Tell which rows have all they cannot be stored without: texts that are not blank, other values known."""
        is_complete = np.ones(self.row_count, np.bool_)
        for name in texts:
            is_complete &= ~self.is_blank(name)
        for name in values:
            is_complete &= self.known(name)
        return is_complete

    def per_word(self, name: str, values: Mapping[str, Any], otherwise: Any, dtype: type) -> npt.NDArray[Any]:
        """Give each row the value that belongs to its word, `otherwise` where the word is unknown or has none."""
        places, words = self.codes(name)
        of_word: npt.NDArray[Any] = np.array([*(values.get(word, otherwise) for word in words), otherwise], dtype)
        return of_word[places]


def _flags(array: Any) -> Flags:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)


def _places(encoded: pa.DictionaryArray) -> Whole:
    return np.asarray(encoded.indices.fill_null(NOT_FOUND)).astype(np.int64)


def look_up(keys: Whole, wanted: Whole) -> Whole:
    """Find the position of each wanted key among distinct keys, NOT_FOUND where there is none."""
    if not keys.size:
        return np.full(wanted.size, NOT_FOUND, np.int64)
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)
    found = order[at]
    return np.where(keys[found] == wanted, found, NOT_FOUND)


def same_words(one: pa.Array, other: pa.Array) -> Flags:
    """Tell which rows of two text columns have the same word; unknown equals nothing."""
    return _flags(pc.equal(one, other.cast(one.type)).fill_null(fill_value=False))


def add_up(groups: Whole, amounts: Whole, group_count: int) -> Whole:
    """Sum whole amounts by group, exactly; rows of group NOT_FOUND are left out."""
    sums = np.zeros(group_count, np.int64)
    kept = groups != NOT_FOUND
    np.add.at(sums, groups[kept], amounts[kept])
    return sums


def times_seen(*keys: Whole) -> Whole:
    """Count for each row how many rows have the same combination of keys."""
    combined = keys[0]
    for key in keys[1:]:
        combined = combined * (key.max(initial=0) + 2) + key
    if bool((np.diff(combined) > 0).all()):
        return np.ones(combined.size, np.int64)
    _, places, counts = np.unique(combined, return_inverse=True, return_counts=True)
    return np.asarray(counts[places], np.int64)

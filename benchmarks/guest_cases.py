"""The three loads that every contender makes, one after the other: first, 1 % changed, all changed."""

from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import csv

from benchmarks.guest_pages import mapped, pages
from hotel.guests import Guest
from hotel.incoming import Incoming
from storage.frames import frames
from storage.pages import StoredPage


class Case(NamedTuple):
    """One load: `pages` for the pipeline; for the peers the same rows mapped already, as Arrow and as CSV."""

    name: str
    pages: list[StoredPage]
    rows: pa.Table
    csv: memoryview

    def records(self, count: int) -> list[dict[str, Any]]:
        """Give the first rows as Python dicts."""
        told: list[dict[str, Any]] = self.rows.slice(0, count).to_pylist()
        return told


def cases(size: int) -> list[Case]:
    """Make the loads of `size` guests."""
    return [
        _case("first load", pages(size)),
        _case("1 % changed", pages(size, revision=2, every=100)),
        _case("all changed", pages(size, revision=3)),
    ]


def _case(name: str, told: list[StoredPage]) -> Case:
    rows = frames("guests", [Incoming(guest, "") for guest in mapped(told)], 1).parent.select(list(Guest._fields))
    sink = pa.BufferOutputStream()
    csv.write_csv(rows, sink, csv.WriteOptions(include_header=False))
    return Case(name, told, rows, memoryview(sink.getvalue()))

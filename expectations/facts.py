"""What the gate must be told beside the rows: how the batch was read, and what the house is like today."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class PropertyFacts(NamedTuple):
    """One property as the rules see it.

    `currencies`: what it sells in, its own first. `business_on`: its business date now, None where it is not known.
    `high_price_minor`: the 99th percentile of its night prices in its own currency, if somebody keeps it.
    """

    currencies: tuple[str, ...]
    business_on: date | None = None
    high_price_minor: int | None = None


class HouseFacts(NamedTuple):
    """The house on the day of the verdict: `today` is the latest calendar date in any of its zones."""

    today: date
    properties: Mapping[str, PropertyFacts]


class BatchFacts(NamedTuple):
    """How a batch came in, told of all of it, not only of the rows that are judged.

    `rows_read`: rows the source sent. `expected_count`: how many it said it has. `is_complete`: the last page was seen.
    `refused_count`: rows the mapping refused already. `due_count`: rows handed to the gate, 0 where nothing changed;
    None: not stated, then a batch of which nothing is judged is blocked.
    `recent_counts`: rows read by the last comparable loads (same source, property, dataset, kind of day).
    `stated_totals` and `counted_totals`: control totals by name (`rows`, `nights`, a currency in minor units).
    `warn_only`: codes that this source may break: they warn and do not hold.
    `is_one_dataset` False: messages that only came in together, each stands for itself; their share of bad ones is no
    sign of anything.
    """

    rows_read: int
    expected_count: int | None = None
    is_complete: bool = True
    refused_count: int = 0
    due_count: int | None = None
    recent_counts: tuple[int, ...] = ()
    missing_columns: tuple[str, ...] = ()
    extra_columns: tuple[str, ...] = ()
    stated_totals: Mapping[str, int] = {}
    counted_totals: Mapping[str, int] = {}
    warn_only: frozenset[str] = frozenset()
    is_one_dataset: bool = True

"""Rows that could not be read or did not pass, as the quarantine keeps them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from hotel.incoming import Incoming, Reason, Refused
from hotel.passed import Held
from hotel.reservations import Reservation, Withheld, withheld
from storage.frames import TABLES

_PLACE: Final = ("source", "property_id")
_LARGEST: Final = 2**63
CARD_PRESENT: Final = "card_number_present"


class BadRow(NamedTuple):
    """One row to hold. `source_version` None: its source has none, so the row is the same whenever it comes.

    `row` is what it says, as JSON can hold it; `withheld` what it keeps out of the reports.
    """

    dataset: str
    source: str
    property_id: str
    source_ref: str
    raw_ref: str
    reasons: tuple[Reason, ...]
    row: dict[str, Any]
    source_version: int | None
    received_seq: int
    withheld: Withheld
    severity: str = "quarantine"


def refused(row: Refused, received_seq: int) -> BadRow:
    """Make the row to hold of one that its mapping could not read; numbers that no column holds are left out."""
    night_count, amount_minor = _whole(row.room_night_count) or 0, _whole(row.amount_minor) or 0
    return BadRow(
        dataset=row.dataset,
        source=row.source,
        property_id=row.property_id,
        source_ref=row.source_ref,
        raw_ref=row.raw_ref,
        reasons=row.reasons,
        row=_document(row.row),
        source_version=_whole(row.source_version),
        received_seq=received_seq,
        withheld=Withheld(night_count, amount_minor, row.currency),
    )


def _whole(number: int | None) -> int | None:
    """Give a number that a column holds, None for any other: what is refused must find its place whatever it says."""
    return number if type(number) is int and -_LARGEST <= number < _LARGEST else None


def held(dataset: str, incoming: Incoming, verdict: Held, received_seq: int) -> BadRow:
    """Make the row to hold of one that the gate holds back; of one with a card number only its key is kept (law 11)."""
    said: dict[str, Any] = _document(incoming.row)
    has_card = any(reason.code == CARD_PRESENT for reason in verdict.reasons)
    kept = {name: said[name] for name in (*_PLACE, *_ref_columns(dataset))} if has_card else said
    return BadRow(
        dataset=dataset,
        source=said["source"],
        property_id=said["property_id"],
        source_ref=_ref(said[name] for name in _ref_columns(dataset)),
        raw_ref=incoming.raw_ref,
        reasons=verdict.reasons,
        row=kept,
        source_version=incoming.source_version,
        received_seq=received_seq,
        withheld=withheld(incoming.row) if isinstance(incoming.row, Reservation) else Withheld(0, 0, None),
        severity=verdict.severity,
    )


def source_refs(dataset: str, parent: pa.Table) -> pa.Array:
    """Give each row of a frame the text that names it within source and property, as `held` writes it."""
    columns = [parent[name].cast(pa.string()) for name in _ref_columns(dataset)]
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "/")


def _ref_columns(dataset: str) -> list[str]:
    return [column.name for column in TABLES[dataset].primary_key.columns if column.name not in _PLACE]


def _ref(parts: Iterable[Any]) -> str:
    return "/".join(map(str, parts))


def keepable(value: str) -> str:
    """Make a text that PostgreSQL can keep, also of one that is why a row is bad: no NUL, no half a character."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _document(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {keepable(name): _document(told) for name, told in value.items()}
    if isinstance(value, tuple | list):
        return [_document(each) for each in value]
    if isinstance(value, str):
        return keepable(value)
    return value.isoformat() if isinstance(value, date | datetime) else value

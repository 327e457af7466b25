"""The one way into `core`: newest version, what differs, verdict, write, quarantine, record - in the caller's transaction.

Batches and webhook micro-batches go through the same function; only a batch takes the lock of its property.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from expectations.facts import BatchFacts, HouseFacts
from expectations.gate import judge
from hotel.incoming import Incoming, Reason, Refused
from hotel.loads import PropertyLoad, Window
from hotel.passed import PassedBatch, Verdict
from hotel.reservations import Reservation
from hotel.status import EARNING
from storage.bad_rows import BadRow, held, refused
from storage.classify import WRITTEN, Fates
from storage.codebooks import Unmapped, note_unmapped
from storage.frames import Frames, UnfitValueError, frames
from storage.links import Links
from storage.loader import Counts, advance_versions, classify, lock, write
from storage.loads import Load, record_load, reserve_load
from storage.quarantine import hold, supersede

NOTHING_WRITTEN: Final = Counts(0, 0, 0, 0, 0, 0, Links(0, 0, 0))


class Rows(NamedTuple):
    """Mapped rows on their way in. `received_seq`: the batch's id, or of messages one for each of `incoming`.

    `source` and `property_id` are `*` where the rows are of several; `batch_id` None: messages, no batch.
    """

    dataset: str
    source: str
    property_id: str
    incoming: Sequence[Incoming]
    refused: Sequence[tuple[Refused, int]]
    received_seq: int | Sequence[int]
    batch_id: int | None = None

    def sequence(self, position: int) -> int:
        """Give the place of one row in the order of everything received."""
        return self.received_seq if isinstance(self.received_seq, int) else self.received_seq[position]

    def without(self, unfit: UnfitValueError) -> "Rows":
        """Give the rows with the one that cannot be stored among the refused."""
        at = unfit.row_number
        odd = self.incoming[at]
        refusal = Refused(
            self.dataset, getattr(odd.row, "source", self.source), odd.row.property_id, getattr(odd.row, "source_ref", ""),
            odd.raw_ref, (Reason("value_unfit", f"{unfit.table}.{unfit.column}"),), {}, odd.source_version,
        )  # fmt: skip
        rest = [*self.incoming[:at], *self.incoming[at + 1 :]]
        received = self.received_seq
        if not isinstance(received, int):
            received = [*received[:at], *received[at + 1 :]]
        return self._replace(
            incoming=rest, received_seq=received, refused=[*self.refused, (refusal, self.sequence(at))]
        )


class Circumstances(NamedTuple):
    """How the rows came: what the gate and the record of the load are told beside them."""

    facts: BatchFacts
    house: HouseFacts
    started_at: datetime
    window: Window | None = None
    business_on: date | None = None
    flow_run_id: str | None = None


class Loaded(NamedTuple):
    """What became of the rows: the summary for people, the rest for whoever must answer row by row.

    `rows` as they were judged, those that no column can hold among the refused; the row numbers of `fates` and
    `held_rows` are places in `rows.incoming`.
    """

    part: PropertyLoad
    rows: Rows
    fates: Fates
    held_rows: frozenset[int]


def load_rows(connection: Connection, rows: Rows, given: Circumstances) -> Loaded:
    """Load rows: what passes is written, what does not waits in quarantine, a blocked batch writes nothing but its record."""
    if rows.batch_id is not None:
        lock(connection, rows.dataset, rows.property_id)
    rows, read = _frames(rows)
    fates = classify(connection, read)
    verdict = judge(
        rows.dataset,
        fates.to_judge(),
        batch_id=rows.batch_id or 0,
        facts=given.facts._replace(refused_count=len(rows.refused), due_count=fates.count(*WRITTEN)),
        house=given.house,
    )
    load_id = reserve_load(connection)
    bad = [
        *(refused(row, sequence) for row, sequence in rows.refused),
        *(held(rows.dataset, rows.incoming[one.position], one, rows.sequence(one.position)) for one in verdict.held),
    ]
    counts = NOTHING_WRITTEN
    if verdict.passed is not None:
        counts = _write(connection, rows, fates, verdict.passed, load_id)
        hold(connection, bad, load_id=load_id, suite_version=verdict.suite_version)
        supersede(connection, fates, held={one.position for one in verdict.held})
    load = _record(rows, given, verdict, counts, bad, load_id)
    record_load(connection, load)
    return Loaded(_summary(load, bad, verdict, counts), rows, fates, frozenset(one.position for one in verdict.held))


def _frames(rows: Rows) -> tuple[Rows, Frames]:
    """Make frames; a row with a value no column can hold joins the refused, the others go on."""
    while True:
        try:
            return rows, frames(rows.dataset, rows.incoming, rows.received_seq)
        except UnfitValueError as unfit:
            rows = rows.without(unfit)


def _write(connection: Connection, rows: Rows, fates: Fates, passed: PassedBatch, load_id: int) -> Counts:
    counts = write(connection, passed, fates, load_id=load_id)
    advance_versions(connection, fates, load_id=load_id)
    note_unmapped_codes(connection, rows, passed)
    return counts


def note_unmapped_codes(connection: Connection, rows: Rows, passed: PassedBatch) -> None:
    """Queue the codes of written rows that no mapping knows, by source, with the arrival that makes them urgent."""
    written = passed.frames[rows.dataset]["row_number"].to_pylist()
    by_source: dict[str, list[Unmapped]] = {}
    for number in written:
        incoming = rows.incoming[number]
        for code in incoming.unmapped:
            row = incoming.row
            arrival_on = row.arrival_on if isinstance(row, Reservation) else None
            unmapped = Unmapped(row.property_id, code.field, code.ref, incoming.raw_ref, arrival_on)
            by_source.setdefault(getattr(row, "source", rows.source), []).append(unmapped)
    for source, found in sorted(by_source.items()):
        note_unmapped(connection, source, found)


def _record(
    rows: Rows, given: Circumstances, verdict: Verdict, counts: Counts, bad: Sequence[BadRow], load_id: int
) -> Load:
    read_count = len(rows.incoming) + len(rows.refused)
    return Load(
        load_id=load_id,
        dataset=rows.dataset,
        source=rows.source,
        property_id=rows.property_id,
        verdict="quarantined" if bad and verdict.word == "passed" else verdict.word,
        started_at=given.started_at,
        batch_id=rows.batch_id,
        business_on=given.business_on,
        window_from=given.window.since if given.window else None,
        window_to=given.window.until if given.window else None,
        rows_read_count=read_count,
        rows_passed_count=0 if verdict.blocked_by else read_count - len(bad),
        rows_quarantined_count=len(bad),
        rows_inserted_count=counts.inserted_count,
        rows_updated_count=counts.updated_count,
        rows_unchanged_count=counts.unchanged_count,
        rows_stale_count=counts.stale_count,
        rows_rewritten_count=counts.rewritten_count,
        expected_count=given.facts.expected_count,
        control_minor=_revenue(verdict),
        warnings=dict(verdict.warnings),
        reasons=dict(Counter(code for row in bad for code in {reason.code for reason in row.reasons})),
        blocked_by=tuple(reason.code for reason in verdict.blocked_by),
        suite_name=verdict.suite_name,
        suite_version=verdict.suite_version,
        flow_run_id=given.flow_run_id,
    )


def _summary(load: Load, bad: Sequence[BadRow], verdict: Verdict, counts: Counts) -> PropertyLoad:
    amounts: Counter[str] = Counter()
    for row in bad:
        if row.withheld.currency and row.withheld.amount_minor:
            amounts[row.withheld.currency] += row.withheld.amount_minor
    nights = verdict.passed.frames.get("room_nights") if verdict.passed else None
    return PropertyLoad(
        load_id=load.load_id,
        property_id=load.property_id,
        verdict=load.verdict,
        read_count=load.rows_read_count,
        passed_count=load.rows_passed_count,
        quarantined_count=load.rows_quarantined_count,
        inserted_count=load.rows_inserted_count,
        updated_count=load.rows_updated_count,
        unchanged_count=load.rows_unchanged_count,
        stale_count=load.rows_stale_count,
        warnings=load.warnings,
        top_reasons=load.reasons,
        blocked_by=load.blocked_by,
        withheld_rows_count=sum(row.row.get("status") in EARNING for row in bad),
        withheld_night_count=sum(row.withheld.room_night_count for row in bad),
        withheld_minor=dict(amounts),
        expected_count=load.expected_count,
        room_night_count=nights.num_rows if nights is not None else 0,
        revenue_minor=load.control_minor,
        unmapped_count=verdict.warnings.get("unmapped", 0),
        linked_count=counts.links.linked_count,
        not_linked_count=counts.links.not_linked_count,
        copy_difference_count=counts.links.difference_count,
    )


def _revenue(verdict: Verdict) -> dict[str, int]:
    """Add up the prices of the nights that passed, per currency."""
    nights: pa.Table | None = verdict.passed.frames.get("room_nights") if verdict.passed else None
    if nights is None or nights.num_rows == 0:
        return {}
    sums = nights.group_by("currency").aggregate([("price_minor", "sum")])
    known = sums.filter(pc.is_valid(sums["currency"]))
    return dict(zip(known["currency"].to_pylist(), known["price_minor_sum"].to_pylist(), strict=True))

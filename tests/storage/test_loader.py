"""What the loader promises of any history: one final state, counts that are true, no two loads in each other's way."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from hotel.incoming import Incoming
from hotel.reservations import Extra, NightTax, VirtualCard
from hotel.versions import CHANGED, NEW, STALE, UNCHANGED, VERSION_ONLY, Stored, Version, fate
from storage.classify import classify
from storage.engine import driver
from storage.engine import engine as engine_of
from storage.frames import frames
from storage.inventory import recount_inventory
from storage.loader import ConcurrentLoadError, NotThatBatchError, write
from storage.retrying import in_transaction
from tests.storage.guests import a_guest
from tests.storage.stays import HOUSE, PMS, add_house, booking, cancelled, load, passed, room, rows, told
from tests.storage.waiting import wait_for_a_lock

LETTERS = {NEW: "n", CHANGED: "c", VERSION_ONLY: "v", UNCHANGED: "u", STALE: "s"}
BOOKINGS = (
    "SELECT status, is_inventory_held, is_tombstone, arrival_on, departure_on, total_minor, room_count, cancelled_on,"
    " channel_ref, source_version FROM core.reservations"
)
# A room dropped by a newer message before its own message came leaves no row, so only what counts is compared.
LIVE_ROOMS = "SELECT room_ref, status, arrival_on, departure_on, total_minor FROM core.reservation_rooms WHERE status <> 'cancelled' ORDER BY 1"
LIVE_NIGHTS = (
    "SELECT room_ref, stay_on, price_minor FROM core.room_nights JOIN core.reservation_rooms"
    " USING (source, property_id, source_ref, room_ref) WHERE status <> 'cancelled' ORDER BY 1, 2"
)
CELLS = "SELECT stay_on, sold_count FROM core.inventory WHERE sold_count <> 0 ORDER BY 1"
DETAILS = (
    "SELECT cancellation_fee_minor, no_show_fee_minor, is_fee_waived, comment FROM core.reservations",
    "SELECT extra_ref, total_minor FROM core.reservation_extras ORDER BY 1",
    "SELECT card_ref, limit_minor FROM core.virtual_cards ORDER BY 1",
    (
        "SELECT room_ref, stay_on, tax_code, amount_minor FROM core.room_night_taxes JOIN core.reservation_rooms"
        " USING (source, property_id, source_ref, room_ref) WHERE status <> 'cancelled' ORDER BY 1, 2, 3"
    ),
)
BOOKS = "SELECT sum(room_night_delta_count), sum(revenue_delta_minor) FROM core.reservation_changes"
DATABASE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

rooms = st.dictionaries(
    st.sampled_from(["1", "2", "3"]), st.tuples(st.sets(st.integers(0, 3), min_size=1), st.integers(1, 3)), min_size=1
).map(
    lambda told: tuple(room(ref, sorted(nights), price=price * 1_000) for ref, (nights, price) in sorted(told.items()))
)


amounts = st.sampled_from([None, 0, 500])


class Said(NamedTuple):
    """One message of a history before it has a version: rooms, or None for a cancel; what it says beside them."""

    rooms: tuple[Any, ...] | None
    amounts: tuple[int | None, int | None, int | None] = (None, None, None)

    def at(self, version: int | None) -> Incoming:
        first, second, third = self.amounts
        if self.rooms is None:
            fees = {"cancellation_fee_minor": first, "no_show_fee_minor": second, "is_fee_waived": third == 0}
            return cancelled("R1", version, **fees)
        extras = () if first is None else (Extra("1", "breakfast", "EUR", first),)
        cards = () if second is None else (VirtualCard("C", "EUR", second, None, None),)
        taxed = tuple(self._taxed(one) for one in self.rooms) if third is not None else self.rooms
        row = booking("R1", *taxed, extras=extras, virtual_cards=cards, comment=f"{first} {second} {third}")
        return told(row, version)

    def _taxed(self, one: Any) -> Any:
        tax = NightTax("vat", is_included=True, amount_minor=self.amounts[2] or 0, currency="EUR")
        return one._replace(nights=tuple(night._replace(taxes=(tax,)) for night in one.nights))


beside = st.tuples(amounts, amounts, amounts)
histories = st.lists(st.builds(Said, st.one_of(st.none(), rooms), beside), min_size=1, max_size=6)


def state(connection: Connection) -> list[list[tuple[Any, ...]]]:
    return [rows(connection, query) for query in (BOOKINGS, LIVE_ROOMS, LIVE_NIGHTS, CELLS, BOOKS, *DETAILS)]


def play(connection: Connection, batches: Sequence[Sequence[Incoming]]) -> list[list[tuple[Any, ...]]]:
    """Load batch after batch and give the state they end in, then forget all of it."""
    with connection.begin_nested() as savepoint:
        add_house(connection)
        for seq, batch in enumerate(batches, start=1):
            load(connection, batch, seq)
        ended = state(connection)
        assert recount_inventory(driver(connection).cursor(), HOUSE, load_id=0) == 0
        savepoint.rollback()
    return ended


@DATABASE
@given(histories, st.data())
def test_any_order_and_repetition_of_messages_ends_as_the_ordered_sequence(
    connection: Connection, history: list[Said], data: st.DataObject
) -> None:
    ordered = [said.at(version) for version, said in enumerate(history, start=1)]
    repeated = ordered + data.draw(st.lists(st.sampled_from(ordered), max_size=3))
    shuffled = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(shuffled)))) | {len(shuffled)})
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], cuts, strict=False)]
    assert play(connection, batches) == play(connection, [[message] for message in ordered])


@DATABASE
@given(histories, st.data())
def test_sources_without_versions_end_as_they_were_received(
    connection: Connection, history: list[Said], data: st.DataObject
) -> None:
    told_so = [said.at(None) for said in history]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(told_so)))) | {len(told_so)})
    unversioned = play(connection, [told_so[start:end] for start, end in zip([0, *cuts], cuts, strict=False)])
    versioned = play(connection, [[said.at(version)] for version, said in enumerate(history, start=1)])
    # The same content again moves no version where there is none of the source's own.
    assert [row[:-1] for row in unversioned[0]] == [row[:-1] for row in versioned[0]]
    assert unversioned[1:] == versioned[1:]


contents = st.sampled_from(["Ana", "Bea"])
versions = st.one_of(st.none(), st.integers(1, 4))


@DATABASE
@given(
    st.lists(st.tuples(contents, st.integers(1, 4)), max_size=4),
    contents,
    st.integers(1, 4),
    st.sampled_from(["own", "none"]),
)
def test_the_statement_agrees_with_the_reference(
    connection: Connection, stored: list[tuple[str, int]], name: str, version: int, kind: str
) -> None:
    known: Stored | None = None
    has_versions = kind == "own"
    with connection.begin_nested() as savepoint:
        for seq, (first_name, own) in enumerate([*stored, (name, version)], start=1):
            incoming = told(a_guest("G1", first_name=first_name), own if has_versions else None)
            read = frames("guests", [incoming], seq)
            at = Version(own if has_versions else seq, seq)
            row_hash = read.parent["row_hash"][0].as_py()
            expected = fate(known, at, row_hash, source_has_versions=has_versions)
            letter = classify(connection, read).letters[0].decode()
            assert letter.replace("r", "c") == LETTERS[expected]
            load(connection, [incoming], seq, "guests")
            if expected in (NEW, CHANGED, VERSION_ONLY):
                known = Stored(at, row_hash)
        savepoint.rollback()


@pytest.mark.parametrize("version", [None, 7], ids=["no versions", "the same version"])
def test_a_second_load_of_the_same_rows_writes_nothing(connection: Connection, version: int | None) -> None:
    add_house(connection)
    batch = [told(booking(f"R{n}"), version) for n in range(50)]
    assert load(connection, batch, 1).inserted_count == 50
    before = rows(connection, "SELECT xmin::text, * FROM core.reservations ORDER BY source_ref")
    counts = load(connection, batch, 2)
    assert counts[:4] == (0, 0, 50, 0)
    assert rows(connection, "SELECT xmin::text, * FROM core.reservations ORDER BY source_ref") == before
    assert rows(connection, "SELECT DISTINCT load_id FROM core.room_nights") == [(1,)]


def test_counts_say_what_became_of_each_row(connection: Connection) -> None:
    add_house(connection)
    load(connection, [told(booking(ref), 5) for ref in ("A", "B", "C", "D")])
    other = room(price=1_000)
    batch = [
        told(booking("A", other), 6), told(booking("B"), 6), told(booking("C", other), 4),
        told(booking("D", other), 5), told(booking("E"), 1), told(booking("E"), 1),
    ]  # fmt: skip
    assert load(connection, batch, 2)[:6] == (1, 2, 1, 1, 1, 1)


def test_a_version_told_twice_in_one_batch_with_other_content_is_counted_rewritten(connection: Connection) -> None:
    add_house(connection)
    counts = load(connection, [told(booking("A"), 5), told(booking("A", room(price=1)), 5)])
    assert (counts.inserted_count, counts.rewritten_count, counts.repeated_count) == (1, 1, 1)
    assert rows(connection, "SELECT price_minor FROM core.room_nights") == [(1,), (1,)]


def test_a_key_with_blanks_quotes_and_other_scripts_is_told_from_its_neighbours(connection: Connection) -> None:
    add_house(connection)
    refs = [
        "",
        " ",
        '"',
        "\\",
        "\\.",
        "a\nb",
        "a\r\nb",
        "客室",
        "غرفة",
        "🛏",
        "NULL",
        "null",
        "{}",
        ",",
        "\t",
        "é",
        "e\u0301",
    ]
    load(connection, [told(booking(ref), 1) for ref in refs])
    assert sorted(ref for (ref,) in rows(connection, "SELECT source_ref FROM core.reservations")) == sorted(refs)
    assert load(connection, [told(booking(ref), 1) for ref in refs], 2)[:4] == (0, 0, len(refs), 0)


def test_what_was_not_judged_is_not_written(connection: Connection) -> None:
    read = frames("guests", [told(a_guest("G1")), told(a_guest("G2"))], 1)
    fates = classify(connection, read)
    verdict = passed(read, fates.to_judge())
    with pytest.raises(NotThatBatchError, match="verdict"):
        write(connection, verdict._replace(row_count=1), fates, load_id=1)
    write(connection, verdict, fates, load_id=1)
    again = classify(connection, read)
    with pytest.raises(NotThatBatchError, match="to_judge"):
        write(connection, verdict, again, load_id=2)


def test_rows_the_gate_holds_are_not_written(connection: Connection) -> None:
    add_house(connection)
    read = frames("reservations", [told(booking("A"), 1), told(booking("B"), 1), told(booking("C"), 1)], 1)
    fates = classify(connection, read)
    without_b = {
        name: table.filter(pa.array([number != 1 for number in table["row_number"].to_pylist()], pa.bool_()))
        for name, table in read.tables.items()
    }
    assert write(connection, passed(read, without_b), fates, load_id=1).inserted_count == 2
    assert rows(connection, "SELECT DISTINCT source_ref FROM core.room_nights ORDER BY 1") == [("A",), ("C",)]


@pytest.fixture
def many(clean_database: str) -> Engine:
    """An engine for as many connections as there are threads."""
    return engine_of(clean_database)


def test_a_writer_that_slips_in_between_is_noticed_and_the_load_is_done_again(many: Engine) -> None:
    attempts: list[int] = []

    def work(connection: Connection) -> tuple[int, ...]:
        attempts.append(1)
        read = frames("guests", [told(a_guest("G1", first_name="Late"), 2)], 2)
        fates = classify(connection, read)
        if len(attempts) == 1:
            with many.begin() as other:
                load(other, [told(a_guest("G1", first_name="Quick"), 1)], 1, "guests")
        return write(connection, passed(read, fates.to_judge()), fates, load_id=2)[:2]

    assert in_transaction(many, work) == (0, 1)
    assert len(attempts) == 2
    with many.connect() as connection:
        assert rows(connection, "SELECT first_name, source_version FROM core.guests") == [("Late", 2)]


def test_what_cannot_pass_by_itself_is_not_tried_again(many: Engine) -> None:
    attempts: list[int] = []

    def work(_: Connection) -> None:
        attempts.append(1)
        raise ConcurrentLoadError if len(attempts) < 9 else KeyError

    with pytest.raises(ConcurrentLoadError):
        in_transaction(many, work)
    assert len(attempts) == 4
    attempts.extend([1] * 9)
    with pytest.raises(KeyError):
        in_transaction(many, work)
    assert len(attempts) == 14


def test_loads_of_the_same_keys_from_many_threads_end_with_the_newest(many: Engine) -> None:
    thread_count, key_count = 5, 30
    start = threading.Barrier(thread_count)
    with many.begin() as connection:
        add_house(connection)

    def one(thread: int) -> None:
        start.wait()
        for turn in range(4):
            version = turn * thread_count + thread + 1
            shape = [0] if version % 2 else [0, 1]
            refs = range(key_count) if thread % 2 else range(key_count - 1, -1, -1)
            batch = [
                cancelled(f"R{n}", version)
                if (n + version) % 7 == 0
                else told(booking(f"R{n}", room("1", shape)), version)
                for n in refs
            ]
            in_transaction(many, lambda connection: load(connection, batch, 100 * turn + thread + 1))  # noqa: B023 runs at once

    with ThreadPoolExecutor(thread_count) as pool:
        list(pool.map(one, range(thread_count)))
    newest = 4 * thread_count
    with many.begin() as connection:
        stored = rows(connection, "SELECT source_ref, source_version, status FROM core.reservations")
        assert len(stored) == key_count
        for ref, version, status in stored:
            assert version == newest
            assert status == ("cancelled" if (int(ref[1:]) + newest) % 7 == 0 else "confirmed")
        assert recount_inventory(driver(connection).cursor(), HOUSE, load_id=0) == 0
        assert rows(connection, BOOKS) == rows(
            connection,
            "SELECT count(*), sum(room_revenue_minor) FROM core.room_nights JOIN core.reservations"
            " USING (source, property_id, source_ref) WHERE status = 'confirmed'",
        )


def test_the_two_copies_of_a_stay_written_at_once_are_linked(many: Engine) -> None:
    with many.begin() as connection:
        add_house(connection)
    copies = {
        PMS: [told(booking(f"P{n}", channel_ref=f"C{n}"), 1) for n in range(20)],
        "expedia": [told(booking(f"C{n}", source="expedia", channel_ref=f"C{n}"), 1) for n in range(20)],
    }
    start = threading.Barrier(2)

    def one(source: str) -> None:
        start.wait()
        for message in copies[source]:
            in_transaction(many, lambda connection: load(connection, [message], 1))  # noqa: B023 runs at once

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, copies))
    with many.connect() as connection:
        assert rows(connection, "SELECT count(*) FROM core.reservation_links") == [(20,)]
        assert rows(connection, "SELECT DISTINCT source FROM core.reservations WHERE is_of_record") == [(PMS,)]
        assert rows(connection, "SELECT DISTINCT sold_count FROM core.inventory") == [(20,)]


HOLD = "SELECT FROM core.reservations WHERE source = 'expedia' FOR NO KEY UPDATE"
COUNTED = "SELECT source, count(*) FROM core.reservations WHERE is_of_record GROUP BY source ORDER BY source"


def copies_of_a_channel(many: Engine, count: int) -> list[Incoming]:
    """Store the channel's copies of stays; gives the property's."""
    with many.begin() as connection:
        add_house(connection)
        load(connection, [told(booking(f"C{n}", source="expedia", channel_ref=f"C{n}"), 1) for n in range(count)], 1)
    return [told(booking(f"P{n}", channel_ref=f"C{n}"), 1) for n in range(count)]


def test_a_copy_that_another_is_writing_who_then_gives_up_does_not_go_on_counting(many: Engine) -> None:
    (record,) = copies_of_a_channel(many, 1)
    with many.connect() as other:
        rows(other, HOLD)
        with pytest.raises(ConcurrentLoadError), many.begin() as connection:
            load(connection, [record], 2)
        assert rows(other, COUNTED) == [("expedia", 1)]
        other.rollback()
    in_transaction(many, lambda connection: load(connection, [record], 2))

    with many.connect() as connection:
        assert rows(connection, COUNTED) == [(PMS, 1)]
        assert rows(connection, "SELECT DISTINCT sold_count FROM core.inventory") == [(1,)]


def test_a_large_batch_waits_for_whoever_is_writing_a_copy(many: Engine) -> None:
    records = copies_of_a_channel(many, 250)
    with ThreadPoolExecutor(1) as pool, many.connect() as other:
        rows(other, HOLD)
        loading = pool.submit(in_transaction, many, lambda connection: load(connection, records, 2))
        wait_for_a_lock(many)
        other.rollback()
        assert loading.result().links.linked_count == 250

    with many.connect() as connection:
        assert rows(connection, COUNTED) == [(PMS, 250)]

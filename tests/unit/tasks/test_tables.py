"""What operators read in the artifacts."""

from datetime import UTC, date, datetime

from hotel.loads import (
    ChannelShift,
    FigureLine,
    LoadSummary,
    PropertyLoad,
    ReplayedRow,
    ReplaySummary,
    ReportSummary,
    ShiftSummary,
    SnapshotSummary,
)
from tasks import tables

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLEAN = PropertyLoad(
    load_id=1, property_id="city-hotel", verdict="passed", read_count=10, passed_count=10, quarantined_count=0,
    inserted_count=7, updated_count=1, unchanged_count=2, stale_count=0, warnings={"no_nights": 2}, top_reasons={},
)  # fmt: skip
HELD = CLEAN._replace(
    property_id="resort-hotel", verdict="quarantined", passed_count=7, quarantined_count=3,
    top_reasons={"no_guests": 2, "negative_price": 1, "long_stay": 1, "currency_unknown": 1},
    withheld_rows_count=2, withheld_night_count=12, withheld_minor={"EUR": 928438},
)  # fmt: skip
BLOCKED = HELD._replace(verdict="blocked", passed_count=0, blocked_by=("quarantined_share",))


def load(*parts: PropertyLoad, dataset: str = "reservations") -> LoadSummary:
    return LoadSummary(batch_id=17, dataset=dataset, source="file_drop", properties=parts)


def test_a_clean_load_says_that_nothing_is_to_be_done() -> None:
    (row,) = tables.load_rows(load(CLEAN))

    assert row["next step"] == "nothing"
    assert tables.load_sentence(load(CLEAN)) == "10 of 10 reservations are in or were already."


def test_a_load_with_held_rows_names_the_top_three_reasons_and_what_is_withheld() -> None:
    (row,) = tables.load_rows(load(HELD))

    assert row["top reasons"] == "no_guests 2, currency_unknown 1, long_stay 1"
    assert row["withheld"] == "2 rows, 12 nights, 9,284.38 EUR"
    assert "ops.quarantine" in str(row["next step"])
    assert "3 wait in quarantine" in tables.load_sentence(load(HELD))


def test_a_blocked_load_names_the_property_and_what_to_mend() -> None:
    (row,) = tables.load_rows(load(BLOCKED))

    assert tables.load_sentence(load(BLOCKED, CLEAN)).startswith("Blocked: nothing of resort-hotel")
    assert "quarantined_share" in str(row["next step"])


def test_unmapped_codes_are_the_next_step_when_nothing_is_held() -> None:
    assert "ops.unmapped_codes" in tables.next_step(CLEAN._replace(unmapped_count=4))


def test_only_reservations_have_the_columns_of_reservations() -> None:
    (guests,) = tables.load_rows(load(CLEAN, dataset="guests"))

    assert "withheld" not in guests
    assert "watermark" in guests


def test_the_slowest_channel_stands_first() -> None:
    quick = ChannelShift("a", 10, 10, 0, 0, 0, 0, 0, 0, 20, 90, 5)
    slow = quick._replace(source="b", p95_ms=400, quarantined_count=1)
    shift = ShiftSummary(NOON, NOON, (quick, slow), 0, None)

    assert [row["channel"] for row in tables.shift_rows(shift)] == ["b", "a"]
    assert tables.shift_sentence(shift) == "20 booking messages were brought to an end; nothing waits."
    assert tables.shift_rows(shift)[0]["next step"] != "nothing"


def test_a_gap_in_the_snapshots_asks_for_reconstruction() -> None:
    whole = SnapshotSummary(
        property_id="city-hotel", snapshot_on=date(2016, 8, 15), version=1, kind="captured", is_new=True, room_night_count=10,
        total_minor={"EUR": 100, "JPY": 3}, change_count=0, gap_day_count=0, sha256="f" * 64,
    )  # fmt: skip

    assert tables.snapshot_rows(whole)[0]["revenue"] == "1.00 EUR + 3 JPY"
    assert tables.snapshot_rows(whole)[0]["next step"] == "nothing"
    assert "reconstructed" in str(tables.snapshot_rows(whole._replace(gap_day_count=2))[0]["next step"])


def test_every_figure_of_a_report_carries_its_id_basis_and_what_is_withheld() -> None:
    line = FigureLine("K-01", "Occupied rooms", "212", "3,100", "n/a", "records of record")
    report = ReportSummary(
        property_id="city-hotel", business_on=date(2016, 8, 15), status="final v1", is_new=True, lines=(line,),
        withheld="nothing", files=(),
    )  # fmt: skip

    (row,) = tables.report_rows(report)

    assert row == {
        "id": "K-01", "figure": "Occupied rooms", "today": "212", "month to date": "3,100", "last year": "n/a",
        "basis": "records of record", "status": "final v1", "withheld": "nothing",
    }  # fmt: skip


def test_rows_that_fail_again_stand_before_those_that_loaded_and_at_most_ten_are_shown() -> None:
    loaded = [ReplayedRow(n, str(n), ("no_guests",), "loaded") for n in range(12)]
    failed = ReplayedRow(99, "99", ("no_guests",), "open", ("no_guests",))

    rows = tables.replay_rows(ReplaySummary((*loaded, failed), 1))

    assert [row["quarantine id"] for row in rows] == [99, *range(9)]
    assert rows[0]["next step"] != "nothing"

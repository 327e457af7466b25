"""What the artifacts say, as plain rows: ids and counts only, money with its currency, the last column what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from expectations.advice import what_to_do
from hotel.loads import (
    ChannelShift,
    LoadSummary,
    PropertyLoad,
    ReplaySummary,
    ReportSummary,
    ShiftSummary,
    SnapshotSummary,
    Window,
)
from hotel.money import Money

Rows = list[dict[str, str | int | None]]
WORST: Final = 10
INSTANT: Final = "%Y-%m-%d %H:%MZ"
EPOCH: Final = datetime.fromtimestamp(0, UTC)

_CONFLICT_STEPS: Final = {
    "overbooking": "move, upgrade or walk a guest, then close the date at every channel",
    "copy_differs": "ask the PMS: it has another stay than the channel",
    "price_differs": "ask the PMS: it has another price than the channel",
}


def load_sentence(load: LoadSummary) -> str:
    """Say in one sentence how a load went."""
    passed = sum(part.passed_count for part in load.properties)
    held = sum(part.quarantined_count for part in load.properties)
    blocked = [part.property_id for part in load.properties if part.verdict == "blocked"]
    if blocked:
        return f"Blocked: nothing of {', '.join(blocked)} was loaded from batch {load.batch_id}."
    rest = f", {held} wait in quarantine" if held else ""
    return (
        f"{passed} of {sum(part.read_count for part in load.properties)} {load.dataset} are in or were already{rest}."
    )


def load_rows(load: LoadSummary) -> Rows:
    """One row per property: the counts of the load and what to do next."""
    rows = [
        _load_row(part, load.window) | (_reservation_columns(part) if load.dataset == "reservations" else {})
        for part in load.properties
    ]
    return [row | {"next step": next_step(part)} for row, part in zip(rows, load.properties, strict=True)]


def next_step(part: PropertyLoad) -> str:
    """Say what an operator should do about one property's load."""
    if part.verdict == "blocked":
        return " ".join(f"{code}: {what_to_do(code)}" for code in part.blocked_by)
    if part.quarantined_count:
        return "read the reasons in ops.quarantine; mend the mapping, then replay-quarantine, or release with a reason"
    if part.unmapped_count:
        return "add the codes waiting in ops.unmapped_codes to ops.code_mappings"
    return "nothing"


def shift_sentence(shift: ShiftSummary) -> str:
    """Say in one sentence how a shift went."""
    waiting = f"{shift.waiting_count} still wait" if shift.waiting_count else "nothing waits"
    return f"{shift.message_count} booking messages were brought to an end; {waiting}."


def shift_rows(shift: ShiftSummary) -> Rows:
    """One row per channel, the slowest first."""
    oldest = shift.oldest_waiting_at
    waiting = {"oldest waiting": f"{oldest:{INSTANT}}" if oldest else "none"}
    slowest_first = sorted(shift.channels, key=lambda each: (-each.p95_ms, each.source))
    return [_shift_row(channel) | waiting | {"next step": _shift_step(channel)} for channel in slowest_first]


def conflict_rows(shift: ShiftSummary) -> Rows:
    """One row per open conflict, the date that comes first first."""
    return [
        {
            "property": each.property_id,
            "date": each.stay_on.isoformat() if each.stay_on else None,
            "room type": each.room_type_code or "house",
            "conflict": each.kind,
            "rooms over": each.over_count,
            "booking": f"{each.source or '?'} {each.source_ref or '?'}",
            "since": f"{each.opened_at:{INSTANT}}",
            "next step": _CONFLICT_STEPS[each.kind],
        }
        for each in shift.conflicts
    ]


def snapshot_rows(snapshot: SnapshotSummary) -> Rows:
    """The snapshot's one row."""
    return [
        {
            "property": snapshot.property_id,
            "snapshot date": snapshot.snapshot_on.isoformat(),
            "version": snapshot.version,
            "kind": snapshot.kind,
            "room nights": snapshot.room_night_count,
            "revenue": money_text(snapshot.total_minor),
            "change to previous": snapshot.change_count,
            "gap days": snapshot.gap_day_count,
            "sha256": snapshot.sha256[:16],
            "next step": "take the missing days as reconstructed snapshots" if snapshot.gap_day_count else "nothing",
        }
    ]


def report_rows(report: ReportSummary) -> Rows:
    """One row per figure, each with its K id and basis."""
    return [
        {
            "id": line.metric_id,
            "figure": line.name,
            "today": line.today,
            "month to date": line.month_to_date,
            "last year": line.last_year,
            "basis": line.basis,
            "status": report.status,
            "withheld": report.withheld,
        }
        for line in report.lines
    ]


def replay_rows(replay: ReplaySummary) -> Rows:
    """The rows that fail again first, at most ten."""
    ordered = sorted(replay.rows, key=lambda row: (row.result == "loaded", row.quarantine_id))
    return [
        {
            "quarantine id": row.quarantine_id,
            "booking ref": row.source_ref,
            "reason before": ", ".join(row.reasons_before),
            "result": row.result,
            "reason now": ", ".join(row.reasons_now),
            "next step": "nothing"
            if row.result in {"loaded", "released"}
            else "mend the source, the mapping, or release",
        }
        for row in ordered[:WORST]
    ]


def money_text(amounts: Mapping[str, int]) -> str:
    """Write amounts per currency: `26,958.56 EUR + 120,000 JPY`; no amount is `nothing`."""
    return " + ".join(Money(minor, currency).display() for currency, minor in sorted(amounts.items())) or "nothing"


def _load_row(part: PropertyLoad, window: Window | None) -> dict[str, str | int | None]:
    return {
        "property": part.property_id,
        "window": _window(window),
        "verdict": part.verdict,
        "expected": part.expected_count,
        "read": part.read_count,
        "passed": part.passed_count,
        "quarantined": part.quarantined_count,
        "top reasons": _top(part.top_reasons),
        "warnings": _top(part.warnings),
        "inserted": part.inserted_count,
        "updated": part.updated_count,
        "unchanged": part.unchanged_count,
        "stale": part.stale_count,
        "watermark": f"{part.watermark_before or 'none'} → {part.watermark_after or 'none'}",
    }


def _window(window: Window | None) -> str:
    if window is None:
        return "everything"
    since = f"{window.since:{INSTANT}} → " if window.since > EPOCH else "everything → "
    return f"{since}{window.until:{INSTANT}}"


def _reservation_columns(part: PropertyLoad) -> dict[str, str | int | None]:
    withheld = f"{part.withheld_rows_count} rows, {part.withheld_night_count} nights, {money_text(part.withheld_minor)}"
    return {
        "room nights in": part.room_night_count,
        "revenue in": money_text(part.revenue_minor),
        "unmapped codes": part.unmapped_count,
        "linked to channel copies": part.linked_count,
        "not linked": part.not_linked_count,
        "differences to copies": part.copy_difference_count,
        "withheld": withheld,
    }


def _shift_row(channel: ChannelShift) -> dict[str, str | int | None]:
    return {
        "channel": channel.source,
        "messages": channel.message_count,
        "new": channel.new_count,
        "modified": channel.modified_count,
        "cancelled": channel.cancelled_count,
        "stale": channel.stale_count,
        "duplicate": channel.duplicate_count,
        "quarantined": channel.quarantined_count,
        "waiting": channel.waiting_count,
        "waiting for mapping": channel.unmapped_count,
        "overbooked": channel.overbooked_count,
        "p50 ms": channel.p50_ms,
        "p95 ms": channel.p95_ms,
        "slowest message": channel.slowest_message_id,
    }


def _shift_step(channel: ChannelShift) -> str:
    steps = {
        "move or upgrade: see the conflicts": channel.overbooked_count,
        "map the codes in ops.unmapped_codes": channel.unmapped_count,
        "replay-quarantine after mending the mapping": channel.quarantined_count,
    }
    return "; ".join(step for step, count in steps.items() if count) or "nothing"


def _top(counts: dict[str, int], most: int = 3) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return ", ".join(f"{code} {count}" for code, count in ordered)

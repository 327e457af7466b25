"""Publish what happened where operators look: a table artifact per (flow, source, property), links to the files."""

import re
from urllib.parse import quote

from prefect import runtime, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from hotel.loads import (
    LoadSummary,
    MessageReplaySummary,
    PullShiftSummary,
    ReplaySummary,
    ReportSummary,
    ResyncSummary,
    ShiftSummary,
    SnapshotSummary,
)
from hotel.pushes import PushSummary
from operations.errors import BatchBlockedError
from operations.house import report_address
from tasks import pull_tables, push_tables, replay_tables, tables


@task(task_run_name="publish verdict", cache_policy=NO_CACHE)
def publish_load(load: LoadSummary) -> None:
    """Show a load's verdict; a blocked load ends the run with a message that says what to mend."""
    sentence = tables.load_sentence(load)
    _publish(tables.load_rows(load), sentence, load.source, runtime.flow_run.parameters["property_id"])
    if load.is_blocked:
        steps = {part.property_id: tables.next_step(part) for part in load.properties if part.verdict == "blocked"}
        raise BatchBlockedError(sentence, steps)


@task(task_run_name="publish shift", cache_policy=NO_CACHE)
def publish_shift(shift: ShiftSummary) -> None:
    """Show what each channel sent in the shift, how fast it was in, and what waits."""
    if shift.channels:  # the sweeper looks every minute, and mostly nothing has come
        _publish(tables.shift_rows(shift), tables.shift_sentence(shift))
    for channel in shift.channels:
        if channel.overbooked_count:
            _alert("overbooked", channel.source, {"count": channel.overbooked_count})
    if shift.conflicts:
        _publish(tables.conflict_rows(shift), "Conflicts that are open; the nearest date first.", "conflicts")


@task(task_run_name="publish pulls", cache_policy=NO_CACHE)
def publish_pulls(pulls: PullShiftSummary) -> None:
    """Show how every account stands that is pulled; whoever fails or is near its deadline is told of."""
    if pulls.accounts:
        _publish(pull_tables.pull_rows(pulls), pull_tables.pull_sentence(pulls))
    for account in filter(pull_tables.is_urgent, pulls.accounts):
        _alert("pull-urgent", account.source, {"unacknowledged_count": account.unacknowledged_count})


@task(task_run_name="publish push", cache_policy=NO_CACHE)
def publish_push(push: PushSummary) -> None:
    """Show what each channel was told and what it said; nothing where nothing was told and nothing waits."""
    if not push.is_idle:
        given = runtime.flow_run.parameters
        about = [given[name] for name in ("channel", "property_id") if given[name] != "*"]
        _publish(push_tables.push_rows(push), push_tables.push_sentence(push), *about)


@task(task_run_name="publish snapshot", cache_policy=NO_CACHE)
def publish_snapshot(snapshot: SnapshotSummary) -> None:
    """Show the snapshot and whether the history has gaps."""
    word = "taken" if snapshot.is_new else "already there, unchanged"
    _publish(tables.snapshot_rows(snapshot), f"Snapshot {snapshot.snapshot_on} is {word}.", snapshot.property_id)


@task(task_run_name="publish report", cache_policy=NO_CACHE)
def publish_report(report: ReportSummary) -> None:
    """Show the report's figures and link its files."""
    sentence = f"{report.property_id} {report.business_on}: {report.status}; withheld: {report.withheld}."
    _publish(tables.report_rows(report), sentence, report.property_id)
    for file in report.files:
        create_link_artifact(
            link=report_address() + quote(file.path),
            link_text=file.path,
            key=_key(report.property_id, file.format),
            description=f"{sentence} sha256 {file.sha256[:16]}, {file.bytes_count} bytes.",
        )


@task(task_run_name="publish replay", cache_policy=NO_CACHE)
def publish_replay(replay: ReplaySummary) -> None:
    """Show the rows that failed again first."""
    loaded = sum(row.result in {"loaded", "released"} for row in replay.rows)
    sentence = f"{loaded} of {len(replay.rows)} rows loaded; {replay.still_open_count} stay in quarantine."
    _publish(tables.replay_rows(replay), sentence)


@task(task_run_name="publish replayed messages", cache_policy=NO_CACHE)
def publish_message_replay(replay: MessageReplaySummary) -> None:
    """Show what became of each message, those that are stuck again first."""
    _publish(replay_tables.message_rows(replay), replay_tables.message_sentence(replay))


@task(task_run_name="publish resync", cache_policy=NO_CACHE)
def publish_resync(resync: ResyncSummary) -> None:
    """Show whether anything was missed in the window."""
    sentence = replay_tables.resync_sentence(resync)
    _publish(replay_tables.resync_rows(resync), sentence, resync.source, resync.property_id)


def _publish(rows: tables.Rows, sentence: str, *about: str) -> None:
    create_table_artifact(table=rows, key=_key(*about), description=sentence)


def _alert(what: str, about: str, payload: dict[str, int]) -> None:
    """Emit an event that automations answer with a message to people; ids and counts only."""
    emit_event(event=f"night-audit.{what}", resource={"prefect.resource.id": f"night-audit.{about}"}, payload=payload)


def _key(*about: str) -> str:
    """Give the artifact key of this flow about something: stable, so that its history is one page."""
    words = "-".join((str(runtime.flow_run.flow_name), *about)).lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")

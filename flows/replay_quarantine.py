"""Read quarantined rows again with today's mapping and suite, or release them by a person's decision."""

from prefect import flow

from hotel.loads import ReplaySummary
from tasks.names import replay_run_name
from tasks.parameters import QuarantineChoice, Release
from tasks.publish import publish_replay
from tasks.replay import replay_rows


@flow(flow_run_name=replay_run_name, timeout_seconds=1800)
def replay_quarantine(choice: QuarantineChoice = QuarantineChoice(), release: Release | None = None) -> ReplaySummary:  # noqa: B008 frozen model
    """Let held rows in whose mapping, suite or mind has changed since; what fails again keeps waiting.

    Args:
        choice: Which rows; left empty: all open ones.
        release: Load them although the gate holds them: who decides and why, for the audit log.
    """
    replay = replay_rows(choice, release)
    publish_replay(replay)
    return replay

"""Read quarantined rows again."""

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from hotel.loads import ReplaySummary
from operations import replay_quarantine as operation
from operations.house import open_house
from tasks.parameters import QuarantineChoice, Release


@task(task_run_name="replay rows", cache_policy=NO_CACHE)
def replay_rows(choice: QuarantineChoice, release: Release | None) -> ReplaySummary:
    """Replay or release the chosen rows; see `operations.replay_quarantine`."""
    return operation.replay_quarantine(
        open_house(),
        operation.Choice(**choice.model_dump()),
        release=operation.Release(**release.model_dump()) if release else None,
        flow_run_id=runtime.flow_run.id,
    )

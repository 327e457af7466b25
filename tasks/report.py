"""Render and register the daily report."""

from datetime import date

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from hotel.loads import ReportSummary
from operations import daily_report as operation
from operations.house import open_house
from tasks.retries import ATTEMPTS, BACKOFF, JITTER, worth_retrying


@task(
    task_run_name="daily report {property_id}",
    retries=ATTEMPTS,
    retry_delay_seconds=BACKOFF,
    retry_jitter_factor=JITTER,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)
def render_daily_report(property_id: str, business_on: date | None) -> ReportSummary:
    """Compute, render and register one report; see `operations.daily_report`."""
    return operation.publish_daily_report(
        open_house(), property_id, business_on, run_name=runtime.flow_run.name or "unnamed"
    )

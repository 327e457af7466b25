"""Render and register the daily report."""

from datetime import date

from prefect import runtime

from hotel.loads import ReportSummary
from operations import daily_report as operation
from operations.house import open_house
from tasks.retries import retried_task


@retried_task("daily report {property_id}")
def render_daily_report(property_id: str, business_on: date | None) -> ReportSummary:
    """Compute, render and register one report; see `operations.daily_report`."""
    return operation.publish_daily_report(
        open_house(), property_id, business_on, run_name=runtime.flow_run.name or "unnamed"
    )

"""Say how yesterday was: the end-of-day report of one property and business date."""

from datetime import date

from prefect import flow

from hotel.loads import ReportSummary
from tasks.names import property_day_run_name
from tasks.parameters import Slug
from tasks.publish import publish_report
from tasks.report import render_daily_report


@flow(flow_run_name=property_day_run_name, timeout_seconds=900)
def publish_daily_report(property_id: Slug, business_on: date | None = None) -> ReportSummary:
    """Render the daily report (XLSX, HTML, JSON), preliminary before the day is closed, final v1, v2 … after.

    Args:
        property_id: The property.
        business_on: The business date; left out: the last closed one.
    """
    report = render_daily_report(property_id, business_on)
    publish_report(report)
    return report
